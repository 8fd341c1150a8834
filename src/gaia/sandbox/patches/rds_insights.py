"""Performance Insights of database instances and clusters. Upstream: they are forgotten."""

from __future__ import annotations

from typing import Any

from moto.rds.models import DBCluster, DBInstance, RDSBackend

from gaia.sandbox.patches.fitting import wrap

_GIVEN = {
    "enable_performance_insights": "performance_insights_enabled",
    "performance_insights_kms_key_id": "performance_insights_kms_key_id",
    "performance_insights_retention_period": "performance_insights_retention_period",
    "database_insights_mode": "database_insights_mode",
}
"""As a request names them, to how an instance does."""


def apply() -> None:
    """Keep them, from the beginning and when they are changed."""
    wrap(DBInstance, "__init__", _init)
    wrap(DBInstance, "update", _update)
    wrap(DBCluster, "__init__", _init)
    wrap(RDSBackend, "modify_db_cluster", _modify_db_cluster)


def _init(plain: Any, self: Any, *arguments: Any, **named: Any) -> None:
    self.database_insights_mode, self.performance_insights_enabled = "standard", False
    plain(self, *arguments, **named)
    _keep(self, named)


def _update(plain: Any, self: Any, **named: Any) -> None:
    plain(self, **named)
    _keep(self, named)


def _modify_db_cluster(plain: Any, self: Any, given: dict[str, Any]) -> Any:
    cluster = plain(self, dict(given))
    _keep(self.clusters[cluster.db_cluster_identifier], given)
    return cluster


def _keep(database: Any, given: Any) -> None:
    for name, attribute in _GIVEN.items():
        if (value := given.get(name)) is not None:
            setattr(database, attribute, value)
