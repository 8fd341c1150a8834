"""A virtual machine of Amazon EC2, alone or as a member of a group: what its price depends on, and its lines."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly
from gaia.cost.model import HOURS_A_MONTH, ZERO, Component, PriceKey
from gaia.cost.shapes import vcpus

if TYPE_CHECKING:
    from gaia.cost.usage import ResourceUsage

SPOT = "spot"
UNKNOWN = "unknown"
"""The type of a machine that the plan does not tell: no price is found for it, and the estimate says so."""
_SYSTEMS = {"windows": "Windows", "rhel": "RHEL", "suse": "SUSE"}
_TERMS = {"1_year": "1yr", "3_year": "3yr"}
_PAYMENTS = {"no_upfront": "No Upfront", "partial_upfront": "Partial Upfront", "all_upfront": "All Upfront"}
_METRICS = Decimal(7)
"""Metrics of an instance with detailed monitoring."""
_BURSTABLE = ("t2", "t3", "t3a", "t4g")
_UNLIMITED = ("t3", "t3a", "t4g")
"""Families that may use more than their credits, and are billed for it, unless told otherwise."""
_OPTIMIZED_FOR_A_FEE = {
    "c1": ("xlarge",),
    "c3": ("xlarge", "2xlarge", "4xlarge"),
    "g2": ("2xlarge",),
    "i2": ("xlarge", "2xlarge", "4xlarge"),
    "m1": ("large", "xlarge"),
    "m2": ("2xlarge", "4xlarge"),
    "m3": ("xlarge", "2xlarge"),
    "r3": ("xlarge", "2xlarge", "4xlarge"),
}
"""Types of earlier generations: with all others it is free, or cannot be had."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine; quantities that depend on usage are those of the resource that it belongs to."""

    kind: str
    usage: ResourceUsage
    tenancy: str | None = None
    optimized: bool = False
    monitored: bool = False
    credit: str | None = None
    accelerator: str | None = None

    @property
    def hours(self) -> Decimal:
        """Hours a month that it runs: all, unless the usage file says otherwise."""
        hours = self.usage.number("monthly_hrs")
        return HOURS_A_MONTH if hours is None else hours

    @property
    def on_host(self) -> bool:
        """Whether it runs on a dedicated host, which is billed instead of it."""
        return (self.tenancy or "").casefold() == "host"

    def running(self, hours: Decimal, *, spot: bool = False) -> Component:
        """The line of the machine itself."""
        system = (self.usage.text("operating_system") or "linux").casefold()
        label, market = _SYSTEMS.get(system, "Linux/UNIX"), SPOT if spot else "on-demand"
        key = PriceKey("AmazonEC2", _family(self.kind), self.kind).having(
            os=_SYSTEMS.get(system, "Linux"), tenancy="Dedicated" if self._dedicated else "Shared"
        )
        dearer = None
        reserved = self._reservation()
        if reserved:
            market, key = "reserved", key.having(**reserved)
        elif spot:
            # Spot prices change by the hour: where the book has none, the one on demand is what it costs at most.
            dearer, key = key, key.having(market=SPOT)
        name = f"Instance usage ({label}, {market}, {self.kind})"
        return Component(name, "hours", key, hours, fallback=dearer)

    @property
    def _dedicated(self) -> bool:
        return (self.tenancy or "").casefold() == "dedicated"

    def besides(self, *, parity: bool) -> tuple[Component, ...]:
        """The lines of what goes with a running machine."""
        lines: list[Component] = []
        if self.optimized:
            key = PriceKey("AmazonEC2", "EBS Optimized", self.kind)
            family, _, size = self.kind.partition(".")
            free = size not in _OPTIMIZED_FOR_A_FEE.get(family, ())
            lines.append(Component("EBS-optimized usage", "hours", key, self.hours, optional=free))
        if self.monitored:
            key = PriceKey("AmazonCloudWatch", "Metric", "first-10k")
            lines.append(Component("EC2 detailed monitoring", "metrics", key, _METRICS))
        if self.accelerator:
            key = PriceKey("AmazonEI", "Elastic Inference", self.accelerator)
            lines.append(hourly(f"Inference accelerator ({self.accelerator})", key))
        credit = self._credits(parity=parity)
        return (*lines, credit) if credit else tuple(lines)

    def _credits(self, *, parity: bool) -> Component | None:
        family = self.kind.partition(".")[0]
        # Infracost takes t3a to be limited, as it is not.
        unlimited = "unlimited" if family in _UNLIMITED and not (parity and family == "t3a") else None
        hours, cores = self.usage.number("monthly_cpu_credit_hrs"), self.usage.number("vcpu_count")
        if family not in _BURSTABLE or (self.credit or unlimited) != "unlimited":
            return None
        if cores is None and not parity:
            cores = vcpus(self.kind)
        quantity = (hours or ZERO) * (cores or ZERO)
        return Component(
            "CPU credits",
            "vCPU-hours",
            PriceKey("AmazonEC2", "CPU Credits", family),
            quantity,
            fallback=None if family in ("t3", "t4g") else PriceKey("AmazonEC2", "CPU Credits", "t3"),
            optional=not quantity,
        )

    def _reservation(self) -> dict[str, str] | None:
        offering = self.usage.text("reserved_instance_type")
        term = _TERMS.get(self.usage.text("reserved_instance_term") or "")
        payment = _PAYMENTS.get(self.usage.text("reserved_instance_payment_option") or "")
        if offering not in ("standard", "convertible") or not term or not payment:
            return None
        return {"offering_class": offering, "term": term, "payment": payment}


def _family(kind: str) -> str:
    return "Compute Instance (bare metal)" if "metal" in kind else "Compute Instance"
