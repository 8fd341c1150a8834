"""What builders are given and what they say: frozen data, money as `Decimal`."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.cost.usage import ResourceUsage

HOURS_A_MONTH = Decimal(730)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class PriceKey:
    """What selects one price, besides the region. The words are those of the price book."""

    service: str
    family: str
    key: str


@dataclass(frozen=True, slots=True)
class Price:
    """A price in US dollars for one `unit`, and where it is from."""

    usd: Decimal
    unit: str
    source: str
    as_of: str
    """When the source had it: `2026-08` or `2026-09-28`."""
    method: str
    """`list`, `quoted`, `golden-exact`, `golden-2dp` or `golden-derived`; see prices/sources.csv."""


@dataclass(frozen=True, slots=True)
class Component:
    """One line of cost, as a builder declares it. Quantities are raw; `multiplier` scales what is shown."""

    name: str
    unit: str
    price: PriceKey
    monthly: Decimal | None = None
    """Quantity a month; None when usage decides it and nobody has said how much."""
    hourly: Decimal | None = None
    multiplier: Decimal = ONE
    """Raw units in one shown unit: 1000 for "1k requests"."""
    usage_based: bool = False


@dataclass(frozen=True, slots=True)
class Bill:
    """What a builder says about a resource: its own lines, and named groups of lines."""

    components: tuple[Component, ...] = ()
    groups: tuple[tuple[str, tuple[Component, ...]], ...] = ()
    assumed: tuple[str, ...] = ()
    """Attributes that are unknown before apply, so that their default was priced."""


@dataclass(frozen=True, slots=True)
class CostResource:
    """One managed resource at one moment (before or after), with what a builder may ask about it."""

    address: str
    type: str
    region: str
    values: Mapping[str, Any]
    """Known attributes; what is unknown before apply is absent."""
    unknown: Mapping[str, Any]
    """Terraform's `after_unknown`: true where a value is not known yet."""
    usage: ResourceUsage
    related: Mapping[str, Sequence[CostResource]] = field(default_factory=dict)
    """Resources that belong to this one, by type: the lifecycle configuration of a bucket."""
    assumed: tuple[str, ...] = ()
    """What had to be assumed, because the plan does not say it."""
