"""Automatic snapshots of a database cluster. Upstream: they stay when the cluster is deleted, unlike an instance's."""

from __future__ import annotations

from typing import Any

from moto.rds.responses import RDSResponse

from gaia.sandbox.patches.fitting import wrap


def apply() -> None:
    """They go with it, unless the request says otherwise."""
    wrap(RDSResponse, "delete_db_cluster", _delete_db_cluster)


def _delete_db_cluster(plain: Any, self: Any) -> Any:
    answer = plain(self)
    if self.params.get("DeleteAutomatedBackups", True):
        name = self.params["DBClusterIdentifier"]
        for one in self.backend.describe_db_cluster_snapshots(name, None, "automated"):
            self.backend.delete_db_cluster_snapshot(one.db_cluster_snapshot_identifier)
    return answer
