"""Amazon MQ: brokers by the hour, and what they keep."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE = "AmazonMQ"
_SEVERAL = ("active_standby_multi_az", "cluster_multi_az")
_IN_A_CLUSTER, _WITH_STANDBY = Decimal(3), Decimal(2)


class Broker(Builder):
    """A broker: one, one with a standby, or a cluster of three."""

    types = ("aws_mq_broker",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The broker, whose price is that of all its instances, and storage, which each instance of a cluster has."""
        engine, kind = resource.text("engine_type") or "", resource.text("host_instance_type") or ""
        mode = (resource.text("deployment_mode") or "single_instance").lower()
        rabbit, several = engine.lower() == "rabbitmq", mode in _SEVERAL
        name = "RabbitMQ" if rabbit else "ActiveMQ"
        price = PriceKey(_SERVICE, "Broker Instances", kind.lower())
        price = price.having(deployment="Active Standby" if several else "Single Instance", engine=name)
        storage = (resource.text("storage_type") or ("ebs" if rabbit else "efs")).lower()
        size = resource.usage.number("storage_size_gb")
        kept = None if size is None else size * (_IN_A_CLUSTER if rabbit and several else ONE)
        key = "GB Mo" if storage == "efs" and not rabbit else "Single AZ GB-Mo"
        stored = used(f"Storage ({engine}, {storage.upper()})", "GB", PriceKey(_SERVICE, "Broker Storage", key), kept)
        machines = (_IN_A_CLUSTER if rabbit else _WITH_STANDBY) if several else ONE
        name = f"Instance usage ({engine}, {kind}, {mode})"
        return Bill((Component(name, "hours", price, hourly=ONE, copies=machines), stored))
