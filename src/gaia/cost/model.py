"""What builders are given and what they say: frozen data, money as `Decimal`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Protocol

from gaia.cost.block import Block

if TYPE_CHECKING:
    from datetime import date

    from gaia.cost.usage import ResourceUsage

DEAREST = Decimal(10) ** 9
"""Dollars: no unit of anything costs more, and a price that does is a mistake."""
HOURS_A_MONTH = Decimal(730)
ONE = Decimal(1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PriceKey:
    """What selects one price, besides the region. The words are those of the price book."""

    service: str
    family: str
    key: str
    attrs: str = ""
    """What tells products of one key apart, sorted: `os=Linux;tenancy=Shared`. Written by `having`."""

    def having(self, **attrs: str) -> PriceKey:
        """The key of the product with these attributes, besides those that it has: `having(os="Linux")`."""
        return replace(self, attrs=attributes_text({**attributes_of(self.attrs), **attrs}))


def attributes_of(text: str) -> dict[str, str]:
    """`os=Linux;tenancy=Shared` as a dictionary."""
    return {name: value for name, _, value in (part.partition("=") for part in text.split(";") if part)}


def attributes_text(attributes: Mapping[str, str]) -> str:
    """The reverse of `attributes_of`, sorted by name: the same attributes are always the same text."""
    return ";".join(f"{name}={value}" for name, value in sorted(attributes.items()))


def read_usd(text: object) -> Decimal | None:
    """A price as it is written; None of what can be none: negative, endless, or of more than anything costs."""
    try:
        usd = Decimal(str(text))
    except ArithmeticError:
        return None
    return usd if usd.is_finite() and 0 <= usd <= DEAREST else None


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
    facts: str = ""
    """What the source tells besides: `vcpu=2;memory_gib=8`."""


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
    """Raw units in one shown unit: 1000 for "1k requests", 730 for hourly things shown as monthly, 1/1024."""
    usage_based: bool = False
    optional: bool = False
    """Left out, instead of being an error, in a region that has no such price: the surcharge does not exist there."""
    fallback: PriceKey | None = None
    """The price to take when `price` is not in the book; the estimate says so."""
    most: Decimal | None = None
    """So much has this price, of more the rest has another, which is not in the book: the estimate says so."""
    region: str = ""
    """Where it is billed, when that is not the resource's region."""
    copies: Decimal = ONE
    """How many of it there are behind one quantity: a price may be that of an instance and its standby."""
    said: Decimal | None = None
    """What one costs where a usage file says it, instead of the book's price: a text message, by the country."""

    def times(self, count: Decimal) -> Component:
        """The line of so many things at once; what is unknown stays so."""
        return replace(
            self,
            monthly=None if self.monthly is None else self.monthly * count,
            hourly=None if self.hourly is None else self.hourly * count,
        )


@dataclass(frozen=True, slots=True)
class Bill:
    """What a builder says about a resource: its own lines, and bills of named groups in it, to any depth."""

    components: tuple[Component, ...] = ()
    groups: tuple[tuple[str, Bill], ...] = ()
    unbilled: tuple[Component, ...] = ()
    """What runs and is not billed by itself, though it takes room: a machine on a dedicated host."""
    free: bool = False
    """This one costs nothing, though its type does: a gateway endpoint. It is counted as free and not listed."""

    def times(self, count: Decimal) -> Bill:
        """The bill of so many of these: the instances of a group."""
        return replace(
            self,
            components=tuple(component.times(count) for component in self.components),
            groups=tuple((name, bill.times(count)) for name, bill in self.groups),
            unbilled=tuple(component.times(count) for component in self.unbilled),
        )


FREE = Bill(free=True)


class Links(Protocol):
    """What refers to what among the resources of one moment."""

    def refers(self, resource: CostResource, attribute: str, types: tuple[str, ...]) -> tuple[CostResource, ...]:
        """See `CostResource.refers`."""
        ...

    def referring(self, resource: CostResource, kind: str, attribute: str) -> tuple[CostResource, ...]:
        """See `CostResource.referring`."""
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CostResource(Block):
    """One managed resource at one moment (before or after), with what a builder may ask about it.

    Attributes and blocks are read as those of any `Block`.
    """

    address: str
    type: str
    region: str
    usage: ResourceUsage
    links: Links
    today: date
    """The day that is priced: extended support begins on a date."""
    unusable: set[str] = field(default_factory=set)
    """Attributes that its bill depends on and that are no quantities: it has no price."""
    hidden: set[str] = field(default_factory=set)
    """Whether its bill tells what must not be shown: `region`, or `bill`."""
    parity: bool = False
    """Whether only what Infracost prices is wanted: a builder leaves our own additions out."""

    def refers(self, attribute: str, *types: str) -> tuple[CostResource, ...]:
        """The resources of these types that an attribute refers to, in the plan's order.

        `attribute` may be in blocks: `launch_template.id`, `launch_template[0].id`. Found by equal id, arn or name,
        else by the expressions of the configuration, through variables and outputs of modules, index by index.
        Without types any resource is found, but none by its name: names are unique only in a type.
        """
        self.asked.sensitive |= self.is_sensitive(attribute.partition(".")[0].partition("[")[0])
        return self.links.refers(self, attribute, types)

    def is_sensitive(self, name: str, *within: str) -> bool:
        """Whether an attribute must not be shown; `within`: as a member of any of these attributes."""
        if not isinstance(self.sensitive, Mapping):
            return self.sensitive
        if not within:
            return self.sensitive.get(name) is True
        inner = (self.sensitive.get(one) for one in within)
        return any(isinstance(mask, Mapping) and mask.get(name) is True for mask in inner)

    def billed(self, builder: Builder) -> Bill:
        """Its bill, remembering what that was made of: also of what it refers to."""
        self.asked.empty()
        bill = builder.bill(self)
        for known, found in ((self.doubts, self.asked.unknown), (self.unusable, self.asked.unusable)):
            known.update(one.removeprefix(self.owner) for one in found)
        if self.is_sensitive("region"):
            self.hidden.add("region")
        if self.asked.sensitive or self.hidden:
            self.hidden.add("bill")
        return bill

    def referring(self, kind: str, attribute: str) -> tuple[CostResource, ...]:
        """The resources of a type whose attribute refers to this one: the lifecycle configuration of a bucket."""
        return self.links.referring(self, kind, attribute)


class Builder(ABC):
    """Prices the resources of a type, or of several that are one (`aws_lb`, `aws_alb`). Pure, without a state."""

    types: ClassVar[tuple[str, ...]]
    usage_based: ClassVar[bool] = False
    """Whether the cost depends on a usage file."""

    @abstractmethod
    def bill(self, resource: CostResource) -> Bill:
        """What this resource is billed for, and how much of it."""
