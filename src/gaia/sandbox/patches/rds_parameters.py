"""Parameters of parameter groups of RDS. Upstream: who set them is not said, so a client takes them for AWS's own."""

from __future__ import annotations

from typing import Any

from moto.rds.models import DBClusterParameterGroup, DBParameterGroup

from gaia.sandbox.patches.fitting import wrap


def apply() -> None:
    """The user has."""
    wrap(DBParameterGroup, "update_parameters", _by_the_user)
    wrap(DBClusterParameterGroup, "update_cluster_parameters", _by_the_user)


def _by_the_user(plain: Any, self: Any, parameters: Any) -> None:
    plain(self, [{**one, "Source": "user"} for one in parameters])
