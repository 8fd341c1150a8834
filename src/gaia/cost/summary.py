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


PRICE_MISSING = 1001
"""The code of a project's error that a line has no price."""
UNSUPPORTED_BEFORE = 1003
"""The code of a project's warning that a type which cannot be priced is there before."""
NOT_ESTIMATED = 1005
"""The code of the error of a project that could not be planned."""


_SIDES = ("pastBreakdown", "breakdown")


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
    unpriced: tuple[str, ...]
    """`ADDRESS: COMPONENT (REGION)` without a price, now or before."""
    unsupported: Mapping[str, int]
    """Types that cannot be priced yet, now or before, with how many there are."""
    failed: tuple[str, ...]
    """`PROJECT: WHY` of projects without an estimate."""
    doubtful: tuple[str, ...]
    """`ADDRESS: ATTRIBUTE` that is unknown until apply, so that a default was priced in its place."""
    regions: tuple[str, ...]
    """`ADDRESS: REGION` of resources of which the plan does not say the region."""
    pending: tuple[str, ...]
    """`ADDRESS: COMPONENT` whose quantity nobody has said."""
    warnings: tuple[str, ...]
    prices_as_of: str | None
    """The age of the oldest price that was used."""
    resources: int
    """Those that cost something, now or before."""
    not_priced: int
    """Those of them of which a price is missing, or a quantity."""
    total_complete: bool
    """Whether `monthly` holds everything that has a price in principle; it may where `past_monthly` does not."""
    past_complete: bool
    """The same of `past_monthly`."""
    difference_complete: bool
    """The same of `diff_monthly`: it does where what has no price stays as it is."""
    range: CostRange
    """`monthly` is what was said; this holds what is assumed of the rest as well."""

    @property
    def complete(self) -> bool:
        """Whether the figures hold everything that has a price in principle. Gates must fail on False.

        Usage that nobody has said does not count: it is no price that is missing, and Infracost leaves it out too.
        """
        return not self.not_priced and not self.failed

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
    said = [entry for project in projects for entry in _metadata(project).get("warnings") or ()]
    missing, lacking = _missing(projects), _missing(projects, counted=True)
    failed = tuple(f"{one.get('name', '')}: {why}" for one in projects for why in errors_of(one))
    doubts = _doubts(projects)
    regions = {f"{owner[1]}: {region or 'none'}" for _, owner, name, region in doubts if name == "region"}
    doubtful = {(part, owner) for part, owner, name, _ in doubts if name != "region"}
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
        unpriced=tuple(sorted({shown for _, _, shown in missing})),
        unsupported=unsupported,
        failed=failed,
        doubtful=tuple(sorted({f"{owner[1]}: {name}" for _, owner, name, _ in doubts if name != "region"})),
        regions=tuple(sorted(regions)),
        pending=tuple(
            f"{address}: {name}"
            for address, name, line in components
            if line["monthlyQuantity"] is None and (line.get("usageBased") or not line.get("priceNotFound"))
        ),
        warnings=tuple(str(entry["message"]) for entry in said if entry.get("code") != UNSUPPORTED_BEFORE),
        prices_as_of=_oldest(resources),
        resources=len(_supported(projects)) + sum(unsupported.values()),
        not_priced=len({owner for _, owner, *_ in (*lacking, *doubtful)}) + sum(unsupported.values()),
        total_complete=not (now or failed or _among("breakdown", lacking, doubtful)),
        past_complete=not (before or failed or _among("pastBreakdown", lacking, doubtful)),
        difference_complete=not (failed or doubtful or _among("diff", lacking) or _changing(projects, unsupported)),
        range=_range(projects),
    )


def of_project(doc: Mapping[str, Any], project: Mapping[str, Any]) -> CostSummary:
    """The figures of one project of a document."""
    names = {"totalMonthlyCost": "breakdown", "pastTotalMonthlyCost": "pastBreakdown", "diffTotalMonthlyCost": "diff"}
    totals = {name: (project.get(part) or {}).get("totalMonthlyCost") for name, part in names.items()}
    alone = len(doc["projects"]) == 1
    counts = project.get("summary") or (doc["summary"] if alone else {})
    return summary({"currency": doc["currency"], "projects": [project], "summary": counts, **totals})


def _metadata(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node.get("metadata") or {}


def errors_of(project: Mapping[str, Any]) -> Iterator[str]:
    """Errors of a project, but for those of a line without a price: it was not planned, or infracost has its own."""
    for entry in _metadata(project).get("errors") or ():
        if entry.get("code") != PRICE_MISSING and entry.get("isError", True):
            yield str(entry.get("message", "it has an error"))


def _doubts(projects: list[Mapping[str, Any]]) -> list[tuple[str, tuple[str, str], str, str]]:
    """Moment, resource, attribute and region of what was assumed."""
    return [
        (part, owner, name, _metadata(item).get("region", ""))
        for part, owner, item in _moments(projects, "pastBreakdown", "breakdown")
        for name in _metadata(item).get("assumed", ())
    ]


def _among(moment: str, *found: Iterable[tuple[Any, ...]]) -> bool:
    return any(one[0] == moment for each in found for one in each)


def _changing(projects: list[Mapping[str, Any]], unsupported: Mapping[str, int]) -> bool:
    """Whether something changes that cannot be priced; where a document does not say, all of that may."""
    said = [_metadata(project).get("changing") for project in projects]
    return bool(unsupported) and any(one is None or one for one in said)


def _range(projects: list[Mapping[str, Any]]) -> CostRange:
    """Of all projects. One without a range, as the program infracost makes, costs what it costs."""
    found: list[Mapping[str, Any]] = [_metadata(project).get("range") or {} for project in projects]
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


def _moments(
    projects: list[Mapping[str, Any]], *parts: str
) -> Iterator[tuple[str, tuple[str, str], Mapping[str, Any]]]:
    """Every resource that is there now, that was before, or that changes: which, its project and name, itself."""
    for project in projects:
        for part in parts:
            for item in (project.get(part) or {}).get("resources", ()):
                yield part, (project.get("name", ""), item["name"]), item


def _supported(projects: list[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {owner for _, owner, _ in _moments(projects, *_SIDES)}


def _missing(projects: list[Mapping[str, Any]], *, counted: bool = False) -> set[tuple[str, tuple[str, str], str]]:
    """Components without a price: moment, resource, and how it is shown.

    `counted`: only those that a total or the difference lacks. One whose quantity nobody has said is in no total with
    a price either, and none of it costs nothing.
    """
    return {
        (part, owner, f"{item['name']}: {name} ({_place(item)})")
        for part, owner, item in _moments(projects, *_SIDES, *(("diff",) if counted else ()))
        for name, line in _components(item)
        if line.get("priceNotFound") and not (counted and _costs_nothing(line, part))
    }


def _place(item: Mapping[str, Any]) -> str:
    """Its region, and why it has no price where that is not for the book."""
    said = _metadata(item)
    why = f"; {', '.join(said['unusable'])} is no quantity" if said.get("unusable") else ""
    return f"{said.get('region') or 'unknown region'}{why}"


def _costs_nothing(line: Mapping[str, Any], part: str) -> bool:
    """As much as before of another product is a difference of no quantity, and not of no cost."""
    quantity = _decimal(line["monthlyQuantity"])
    return (quantity == 0 and part != "diff") or (quantity is None and bool(line.get("usageBased")))


def _oldest(resources: list[Mapping[str, Any]]) -> str | None:
    return min((price["asOf"] for item in resources for price in _metadata(item).get("prices", ())), default=None)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
