"""AWS DMS: replication instances by the hour, with storage beyond what they bring along."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.model import FREE, ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE = "AWSDatabaseMigrationSvc"
_INCLUDED = {"c4": 100, "r4": 100, "r5": 100, "t2": 50, "t3": 50}
_NEWER = {"c5": 100, "c6i": 100, "r6i": 100}
"""Classes that Infracost does not know."""


class ReplicationInstance(Builder):
    """A replication instance."""

    types = ("aws_dms_replication_instance",)

    def bill(self, resource: CostResource) -> Bill:
        """The instance and its storage, in one zone or in two."""
        _, _, kind = (resource.text("replication_instance_class") or "").partition(".")
        family, dot, _ = kind.partition(".")
        if not dot:
            return FREE
        zones = "Multiple" if resource.flag("multi_az") else "Single"
        included = Decimal((_INCLUDED if resource.parity else {**_INCLUDED, **_NEWER}).get(family, 0))
        copies = Decimal(2) if zones == "Multiple" else ONE
        size = max((resource.number("allocated_storage") or ZERO) - included, ZERO)
        price, storage = PriceKey(_SERVICE, "Replication Instance", kind), PriceKey(_SERVICE, "Storage", "SSD")
        return Bill(
            (
                Component(f"Instance ({kind})", "hours", price.having(zones=zones), hourly=ONE, copies=copies),
                Component(
                    "Storage (general purpose SSD, gp2)",
                    "GB",
                    storage.having(zones=zones),
                    monthly=size,
                    copies=copies,
                ),
            )
        )
