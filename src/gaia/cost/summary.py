"""The estimate for people: figures and lines of an Infracost document, ours or Infracost's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gaia.cost.assumed import POINTS
from gaia.cost.document import optional

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


UNSUPPORTED_BEFORE = 1003
"""The code of a project's warning that a type which cannot be priced is there before."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """One component of one resource, in shown units."""

    address: str
    component: str
    """With the groups that it is in: `Standard / Storage`."""
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    """For one unit; None when the book has none."""
    monthly: Decimal | None


@dataclass(frozen=True, slots=True)
class CostRange:
    """What it costs a month, as far as usage goes: see `gaia.cost.range`. None where nothing is known."""

    low: Decimal | None
    expected: Decimal | None
    high: Decimal | None
    assumed: tuple[str, ...]
    """`ADDRESS: COMPONENT` of lines whose quantity nobody has said and Gaia assumes."""


@dataclass(frozen=True, slots=True)
class CostSummary:
    """Figures a month, in `currency`."""

    currency: str
    monthly: Decimal | None
    """What is known of the cost; None when something is there to pay for and none of it has a figure."""
    past_monthly: Decimal | None
    diff_monthly: Decimal | None
    usage_monthly: Decimal
    """The part of `monthly` that depends on usage."""
    unpriced: tuple[str, ...]
    """`ADDRESS: COMPONENT (REGION)` without a price, now or before."""
    unsupported: Mapping[str, int]
    """Types that cannot be priced yet, now or before, with how many there are."""
    pending: tuple[str, ...]
    """`ADDRESS: COMPONENT` whose quantity nobody has said."""
    warnings: tuple[str, ...]
    lines: tuple[CostLine, ...]
    """Everything with a quantity that is not zero, or without a price, in the document's order."""
    prices_as_of: str | None
    """The age of the oldest price that was used."""
    resources: int
    """Those that cost something, now or before."""
    not_priced: int
    """Those of them of which a price is missing."""
    total_complete: bool
    """Whether `monthly` holds everything that has a price in principle; it may where `past_monthly` does not."""
    range: CostRange
    """`monthly` is what was said; this holds what is assumed of the rest as well."""

    @property
    def complete(self) -> bool:
        """Whether the figures hold everything that has a price in principle. Gates must fail on False.

        Usage that nobody has said does not count: it is no price that is missing, and Infracost leaves it out too.
        """
        return not self.not_priced

    def totals(self) -> dict[str, object]:
        """For programs: the figures as texts, null where nothing is known, and whether they are all (`partial`)."""
        return {
            "currency": self.currency,
            "monthly": optional(self.monthly),
            "past_monthly": optional(self.past_monthly),
            "difference": optional(self.diff_monthly),
            "low": optional(self.range.low),
            "expected": optional(self.range.expected),
            "high": optional(self.range.high),
            "partial": not self.complete,
            "resources": self.resources,
            "not_priced": self.not_priced,
            "by_use": len(self.pending),
            "assumed": len(self.range.assumed),
        }

    def comparable(self) -> dict[str, object]:
        """For rules: as `totals`, with the figures as numbers, and only such as may be compared.

        A figure that is not wholly known is not there, for in Rego null is less than every number.
        """
        figures = {
            "monthly": self.monthly,
            "past_monthly": self.past_monthly,
            "difference": self.diff_monthly,
            "low": self.range.low,
            "expected": self.range.expected,
            "high": self.range.high,
        }
        known = {name: float(figure) for name, figure in figures.items() if self.complete and figure is not None}
        return {**{name: said for name, said in self.totals().items() if name not in figures}, **known}


def summary(doc: Mapping[str, Any]) -> CostSummary:
    """Read an Infracost document (output version 0.2)."""
    projects = doc["projects"]
    resources = [item for project in projects for item in (project.get("breakdown") or {}).get("resources", ())]
    components = [(item["name"], name, line) for item in resources for name, line in _components(item)]
    nothing_known = bool(components) and all(line["monthlyCost"] is None for _, _, line in components)
    said = [entry for project in projects for entry in project["metadata"].get("warnings") or ()]
    missing, lacking = _missing(projects), _missing(projects, counted=True)
    now = Counter(doc["summary"].get("unsupportedResourceCounts") or {})
    before = Counter[str]()
    for entry in said:
        if entry.get("code") == UNSUPPORTED_BEFORE:
            before[entry["data"]["resourceType"]] += entry["data"]["count"]
    unsupported = dict(sorted((now | before).items()))  # what is there at both moments is one resource
    return CostSummary(
        currency=doc["currency"],
        monthly=None if nothing_known else _decimal(doc.get("totalMonthlyCost")),
        past_monthly=_decimal(doc.get("pastTotalMonthlyCost")),
        diff_monthly=_decimal(doc.get("diffTotalMonthlyCost")),
        usage_monthly=_decimal(doc.get("totalMonthlyUsageCost")) or Decimal(0),
        unpriced=tuple(sorted({shown for _, _, shown in missing})),
        unsupported=unsupported,
        pending=tuple(
            f"{address}: {name}"
            for address, name, line in components
            if line["monthlyQuantity"] is None and (line.get("usageBased") or not line.get("priceNotFound"))
        ),
        warnings=tuple(str(entry["message"]) for entry in said if entry.get("code") != UNSUPPORTED_BEFORE),
        lines=tuple(_line(*item) for item in components if _worth_showing(item[2])),
        prices_as_of=_oldest(resources),
        resources=len(_supported(projects)) + sum(unsupported.values()),
        not_priced=len({owner for _, owner, _ in lacking}) + sum(unsupported.values()),
        total_complete=not now and not any(part == "breakdown" for part, _, _ in lacking),
        range=_range(projects),
    )


def _range(projects: list[Mapping[str, Any]]) -> CostRange:
    """Of all projects. One without a range, as the program infracost makes, costs what it costs."""
    found: list[Mapping[str, Any]] = [project["metadata"].get("range") or {} for project in projects]
    totals = [(project.get("breakdown") or {}).get("totalMonthlyCost") for project in projects]
    low, expected, high = (
        _sum(each.get(point) or total for each, total in zip(found, totals, strict=True)) for point in POINTS
    )
    return CostRange(low, expected, high, tuple(line for each in found for line in each.get("assumed", ())))


def _sum(amounts: Iterable[str | None]) -> Decimal | None:
    """Of what is known; None where there is something and nothing is known, zero of nothing."""
    told = list(amounts)
    known = [Decimal(amount) for amount in told if amount is not None]
    return None if told and not known else sum(known, Decimal(0))


def _components(item: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for line in item.get("costComponents") or ():
        yield " / ".join((*path, line["name"])), line
    for group in item.get("subresources") or ():
        yield from _components(group, (*path, group["name"]))


def _moments(projects: list[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[str, str], Mapping[str, Any]]]:
    """Every resource that is there now and that was before: which, its project and name, itself."""
    for project in projects:
        for part in ("pastBreakdown", "breakdown"):
            for item in (project.get(part) or {}).get("resources", ()):
                yield part, (project.get("name", ""), item["name"]), item


def _supported(projects: list[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {owner for _, owner, _ in _moments(projects)}


def _missing(projects: list[Mapping[str, Any]], *, counted: bool = False) -> set[tuple[str, tuple[str, str], str]]:
    """Components without a price: moment, resource, and how it is shown.

    `counted`: only those that a total lacks. One whose quantity nobody has said is in no total with a price either.
    """
    return {
        (part, owner, f"{item['name']}: {name} ({item['metadata'].get('region', 'unknown region')})")
        for part, owner, item in _moments(projects)
        for name, line in _components(item)
        if line.get("priceNotFound") and not (counted and line["monthlyQuantity"] is None and line.get("usageBased"))
    }


def _worth_showing(line: Mapping[str, Any]) -> bool:
    return bool(line.get("priceNotFound")) or bool(_decimal(line["monthlyQuantity"]))


def _line(address: str, name: str, line: Mapping[str, Any]) -> CostLine:
    price = None if line.get("priceNotFound") else _decimal(line["price"])
    monthly = None if line.get("priceNotFound") else _decimal(line["monthlyCost"])
    return CostLine(address, name, _decimal(line["monthlyQuantity"]), line["unit"], price, monthly)


def _oldest(resources: list[Mapping[str, Any]]) -> str | None:
    return min((price["asOf"] for item in resources for price in item["metadata"].get("prices", ())), default=None)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
