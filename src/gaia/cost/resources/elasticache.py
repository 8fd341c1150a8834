"""Amazon ElastiCache: nodes of Redis, Valkey or Memcached by the hour, and their backups."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import FREE, HOURS_A_MONTH, ONE, ZERO, Bill, Builder, Component, PriceKey
from gaia.cost.resources.appautoscaling import scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import CostResource

_SERVICE = "AmazonElastiCache"
_SERVERLESS = ("GB-Hours", "ElastiCacheProcessingUnit")
_TERMS = {"1_year": "yrTerm1Standard", "3_year": "yrTerm3Standard"}
_OPTIONS = {"no_upfront": "noUpfront", "partial_upfront": "partialUpfront", "all_upfront": "allUpfront"}


class Cluster(Builder):
    """Nodes without replication; a member of a replication group is billed with the group."""

    types = ("aws_elasticache_cluster",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The nodes, and backups of Redis."""
        grouped = resource.refers("replication_group_id", "aws_elasticache_replication_group")
        if grouped or resource.has("replication_group_id"):
            return FREE
        engine = resource.text("engine") or "memcached"
        nodes = _nodes(resource, engine, resource.number("num_cache_nodes"))
        return Bill((nodes, *_backup(resource, engine)))


class ReplicationGroup(Builder):
    """Primary nodes with replicas, in one shard or in several."""

    types = ("aws_elasticache_replication_group",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The nodes of all shards, and backups."""
        engine, mode = resource.text("engine") or "redis", resource.block("cluster_mode")
        shards = resource.number("num_node_groups") or mode.number("num_node_groups") or ZERO
        replicas = resource.number("replicas_per_node_group") or mode.number("replicas_per_node_group") or ZERO
        scaled_shards = scaled(resource, "elasticache:replication-group:NodeGroups")
        scaled_replicas = scaled(resource, "elasticache:replication-group:Replicas")
        shards = shards if scaled_shards is None else scaled_shards
        replicas = replicas if scaled_replicas is None else scaled_replicas
        single = resource.number("num_cache_clusters") or resource.number("number_cache_clusters") or ONE
        count = shards * (replicas + 1) if shards else single
        scales = scaled_shards is not None or scaled_replicas is not None
        return Bill((_nodes(resource, engine, count, scales=scales), *_backup(resource, engine)))


class ServerlessCache(Builder):
    """A cache that scales by itself; ours, Infracost does not know it."""

    types = ("aws_elasticache_serverless_cache",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """What it holds, and what it does: both as the usage file says."""
        engine = (resource.text("engine") or "").capitalize()
        stored, units = (PriceKey(_SERVICE, "Serverless", key).having(engine=engine) for key in _SERVERLESS)
        size, done = resource.usage.number("storage_gb"), resource.usage.number("monthly_processing_units")
        return Bill(
            (
                Component("Data storage", "GB", stored, hourly=size, multiplier=HOURS_A_MONTH, usage_based=True),
                used("Processing units", "1M ECPUs", units, done, Decimal(1_000_000)),
            )
        )


def _nodes(resource: CostResource, engine: str, count: Decimal | None, *, scales: bool = False) -> Component:
    node = resource.text("node_type") or ""
    price = PriceKey(_SERVICE, "Cache Instance", node).having(engine=engine.capitalize())
    term = resource.usage.text("reserved_instance_term")
    option = resource.usage.text("reserved_instance_payment_option")
    if term is not None:
        price = price.having(term=f"{_TERMS.get(term, term)}.{_OPTIONS.get(option or '', option or '')}")
    words = ["on-demand" if term is None else "reserved", node, *(["autoscaling"] if scales else [])]
    return Component(f"ElastiCache ({', '.join(words)})", "hours", price, hourly=count, usage_based=scales)


def _backup(resource: CostResource, engine: str) -> Iterator[Component]:
    """Of the backups that are kept, one is free."""
    size = resource.usage.number("snapshot_storage_size_gb")
    kept = resource.number("snapshot_retention_limit") or ZERO
    if engine.lower() in (("redis",) if resource.parity else ("redis", "valkey")) and kept > 1:
        quantity = None if size is None else size * (kept - 1)
        yield used("Backup storage", "GB", PriceKey(_SERVICE, "Storage Snapshot", "backup"), quantity)
