"""How much processor, memory and disk the resources of a plan take, by the lines that they are billed for.

What is billed by the hour of a machine has the machine's size, as the price list tells it; tasks and disks are billed
by their size. What grows by use (buckets, clusters of Aurora) takes none beforehand. A size that nobody knows is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gaia.cost.document import optional
from gaia.cost.model import HOURS_A_MONTH, ZERO, attributes_of, attributes_text
from gaia.cost.shapes import memory_gib, vcpus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gaia.cost.book import PriceBook
    from gaia.cost.model import Bill, Component, CostResource, PriceKey

MACHINES = (
    "Compute Instance",
    "Compute Instance (bare metal)",
    "Database Instance",
    "Cache Instance",
    "Amazon OpenSearch Service Instance",
    "Broker Instances",
    "Managed Streaming for Apache Kafka",
    "Lightsail Instance",
    "Replication Instance",
    "Managed Workflows",
    "Dedicated Host",
)
"""Families of prices of which an hour is one of a machine."""
_TASKS = {"fargate-gb": "memory_gib", "fargate-vcpu": "vcpu", "fargate-ephemeral": "storage_gib"}
_SCALED = "ServerlessV2"
"""The family of what is as large as its load asks for."""
_FOR_PODS = "AmazonEKS"
"""Of its tasks a plan does not tell how many there will be, nor how large."""
_TERMS = ("offering_class", "payment", "term", "market")
"""Attributes of how a machine is paid, which say nothing of its size."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Processors, and GiB of memory and of disk; None where it is not wholly known."""

    vcpu: Decimal | None = ZERO
    memory_gib: Decimal | None = ZERO
    storage_gib: Decimal | None = ZERO

    def __add__(self, other: Capacity) -> Capacity:
        """Both; what is unknown of one is unknown of both."""
        return Capacity(
            _sum(self.vcpu, other.vcpu),
            _sum(self.memory_gib, other.memory_gib),
            _sum(self.storage_gib, other.storage_gib),
        )

    def as_json(self) -> dict[str, str | None]:
        """Figures as texts, null where they are not known."""
        return {
            "vcpu": optional(self.vcpu),
            "memory_gib": optional(self.memory_gib),
            "storage_gib": optional(self.storage_gib),
        }


UNKNOWN = Capacity(None, None, None)


def capacity(billed: Iterable[tuple[CostResource, Bill | None]], book: PriceBook, *, unsupported: bool) -> Capacity:
    """Of resources with their bills. `unsupported`: there are more, of types of which Gaia knows nothing."""
    total = UNKNOWN if unsupported else Capacity()
    for resource, bill in billed:
        for component in _components(bill) if bill else ():
            total += _of(resource, component, book)
    return total


def capacity_of(document: Mapping[str, Any]) -> Capacity:
    """Of an estimate: of all its projects. One that was made elsewhere does not say, and is unknown."""
    total = Capacity()
    for project in document.get("projects", ()):
        said = project["metadata"].get("capacity")
        total += Capacity(**{name: _decimal(said.get(name)) for name in Capacity.__slots__}) if said else UNKNOWN
    return total


def _components(bill: Bill) -> Iterator[Component]:
    yield from bill.components
    yield from bill.unbilled
    for _, inner in bill.groups:
        yield from _components(inner)


def _of(resource: CostResource, component: Component, book: PriceBook) -> Capacity:
    price = component.price
    # A default that was priced because the plan does not tell is no size; one that must not be shown is in no sum.
    doubtful = bool(resource.doubts - {"region"} or resource.unusable or resource.hidden)
    measure = next((name for prefix, name in _TASKS.items() if price.key.startswith(prefix)), None)
    if measure and price.service in ("AmazonECS", _FOR_PODS):
        return Capacity(**{measure: None if doubtful or price.service == _FOR_PODS else component.hourly})
    if price.family == _SCALED:
        return Capacity(None, None, ZERO)
    if component.unit == "hours" and price.family in MACHINES:
        return _of_machines(resource, component, book, doubtful=doubtful)
    if component.usage_based or component.unit != "GB" or price.service == "AmazonECS":
        return Capacity()
    size = component.monthly
    return Capacity(storage_gib=None if doubtful or size is None else size * component.copies)


def _of_machines(resource: CostResource, component: Component, book: PriceBook, *, doubtful: bool) -> Capacity:
    price = component.price
    count = None if doubtful else _count(resource, component)
    size = _size(component.region or resource.region, price, book)
    count = None if count is None else count * component.copies
    return Capacity(*(None if count is None or one is None else count * one for one in size))


def _count(resource: CostResource, component: Component) -> Decimal | None:
    """How many machines run at a time. One that runs for some hours a month is one."""
    if component.hourly is not None or component.monthly is None:
        return component.hourly
    said = resource.usage.number("monthly_hrs")
    hours = HOURS_A_MONTH if said is None else said
    return component.monthly / hours if hours else ZERO


def _size(region: str, key: PriceKey, book: PriceBook) -> tuple[Decimal | None, Decimal | None]:
    """Processors and memory, as the price list tells them, else as the name does."""
    attributes = {name: value for name, value in attributes_of(key.attrs).items() if name not in _TERMS}
    plain = type(key)(key.service, key.family, key.key, attributes_text(attributes))
    found = book.price(region, plain)
    facts = attributes_of(found.facts) if found else {}
    vcpu, memory = _decimal(facts.get("vcpu")), _decimal(facts.get("memory_gib"))
    return vcpu or vcpus(key.key), memory or memory_gib(key.key)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
