"""The estimate for people: figures and lines of an Infracost document, ours or Infracost's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
    """Types that cannot be priced yet, with how many there are."""
    pending: tuple[str, ...]
    """`ADDRESS: COMPONENT` whose quantity nobody has said."""
    warnings: tuple[str, ...]
    lines: tuple[CostLine, ...]
    """Everything with a quantity that is not zero, or without a price, in the document's order."""
    prices_as_of: str | None
    """The age of the oldest price that was used."""

    @property
    def complete(self) -> bool:
        """Whether the figures hold everything that has a price in principle. Gates must fail on False."""
        return not self.unpriced and not self.unsupported


def summary(doc: Mapping[str, Any]) -> CostSummary:
    """Read an Infracost document (output version 0.2)."""
    projects = doc["projects"]
    resources = [item for project in projects for item in (project.get("breakdown") or {}).get("resources", ())]
    found = [(item["name"], name, line) for item in resources for name, line in _components(item)]
    nothing_known = bool(found) and all(line["monthlyCost"] is None for _, _, line in found)
    said = [entry for project in projects for entry in project["metadata"].get("warnings") or ()]
    return CostSummary(
        currency=doc["currency"],
        monthly=None if nothing_known else _decimal(doc.get("totalMonthlyCost")),
        past_monthly=_decimal(doc.get("pastTotalMonthlyCost")),
        diff_monthly=_decimal(doc.get("diffTotalMonthlyCost")),
        usage_monthly=_decimal(doc.get("totalMonthlyUsageCost")) or Decimal(0),
        unpriced=_unpriced(projects),
        unsupported=dict(doc["summary"].get("unsupportedResourceCounts") or {}),
        pending=tuple(
            f"{address}: {name}"
            for address, name, line in found
            if line["monthlyQuantity"] is None and not line.get("priceNotFound")
        ),
        warnings=tuple(str(entry["message"]) for entry in said),
        lines=tuple(_line(*item) for item in found if _worth_showing(item[2])),
        prices_as_of=_oldest(resources),
    )


def _components(item: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for line in item.get("costComponents") or ():
        yield " / ".join((*path, line["name"])), line
    for group in item.get("subresources") or ():
        yield from _components(group, (*path, group["name"]))


def _unpriced(projects: list[Mapping[str, Any]]) -> tuple[str, ...]:
    found = {
        f"{item['name']}: {name} ({item['metadata'].get('region', 'unknown region')})"
        for project in projects
        for part in ("pastBreakdown", "breakdown")
        for item in (project.get(part) or {}).get("resources", ())
        for name, line in _components(item)
        if line.get("priceNotFound")
    }
    return tuple(sorted(found))


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
