"""Amazon MSK: Kafka brokers by the hour, with their disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.model import Bill, Builder, Component, PriceKey
from gaia.cost.resources.appautoscaling import scaled

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE, _FAMILY = "AmazonMSK", "Managed Streaming for Apache Kafka"


class Cluster(Builder):
    """A cluster of brokers that are provisioned."""

    types = ("aws_msk_cluster",)

    def bill(self, resource: CostResource) -> Bill:
        """Brokers, and the disks of all of them."""
        brokers, group = resource.number("number_of_broker_nodes"), resource.block("broker_node_group_info")
        kind = group.text("instance_type") or ""
        disk = group.block("storage_info").block("ebs_storage_info")
        size = group.number("ebs_volume_size") or disk.number("volume_size")
        grown = scaled(resource, "kafka:broker-storage:VolumeSize")
        each = size if grown is None else grown
        price = PriceKey(_SERVICE, _FAMILY, kind.replace("kafka.", "Kafka.", 1))
        return Bill(
            (
                Component(f"Instance ({kind})", "hours", price, hourly=brokers),
                Component(
                    "Storage" if grown is None else "Storage (autoscaling)",
                    "GB",
                    PriceKey(_SERVICE, _FAMILY, "storage"),
                    monthly=None if brokers is None or each is None else brokers * each,
                    usage_based=grown is not None,
                ),
            )
        )
