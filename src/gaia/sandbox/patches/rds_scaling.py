"""Scaling of database clusters. Upstream: also one that is not serverless says how it scales."""

from __future__ import annotations

from typing import Any, cast

from moto.rds.models import DBCluster


def apply() -> None:
    """Nothing, where nothing scales."""
    plain = cast("property", vars(DBCluster)["scaling_configuration_info"]).fget

    def scaling_configuration_info(self: Any) -> Any:
        return plain(self) if plain and self.scaling_configuration else None

    DBCluster.scaling_configuration_info = property(scaling_configuration_info)  # type: ignore[assignment,method-assign]
