"""Estimates what a plan costs, before and after, from the plan, a usage file and the price book alone."""

from __future__ import annotations

from collections import Counter
from decimal import localcontext
from typing import TYPE_CHECKING, Any

from gaia.cost.capacity import capacity
from gaia.cost.diff import difference
from gaia.cost.document import document
from gaia.cost.plan import PlanReader
from gaia.cost.priced import Item, priced
from gaia.cost.range import cost_range
from gaia.cost.resources import builder, counted, free_types
from gaia.cost.summary import NOT_ESTIMATED, PRICE_MISSING, UNSUPPORTED_BEFORE
from gaia.cost.usage import Usage
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gaia.cost.book import PriceBook
    from gaia.cost.model import Bill, CostResource

    Billed = tuple[CostResource, Bill | None]
    """A resource with its bill, None for a type that has no builder."""

USAGE_IGNORED = 1002
PRICE_STOOD_IN = 1004
FORGOTTEN = 1006
OWN_PRICE_UNUSED = 1007


def estimate(
    plan_json: Mapping[str, Any],
    *,
    usage: Mapping[str, Any],
    book: PriceBook,
    project: str,
    region_default: str,
    now: datetime | None = None,
    parity: bool = False,
) -> dict[str, Any]:
    """The estimate as Infracost JSON 0.2 with one project, named `project`.

    What a value that must not be shown decides is one line: neither names nor quantities of parts tell it.

    `usage` is the content of an Infracost usage file (`{}` when nobody has said anything); its addresses are those of
    the plan, in a preview with `module.NAME.` before them. A price that is missing is shown with `priceNotFound` and is
    an error of the project (`metadata.errors`, code 1001): the totals are then too low, and `summary` says so.
    Usage that fits no resource or no quantity is a warning (1002), and so is a type that cannot be priced and is there
    before (1003): the counts of the format are those of afterwards. So is a price that stands in for another (1004).
    Resources that terraform forgets are there at both moments, with a warning (1006): nobody stops paying for them.
    How far usage may take the cost is in `metadata.range` of the project: see `gaia.cost.range`; what
    its resources take up is in `metadata.capacity`.
    `parity` leaves out what Infracost does not price, and assumes nothing. Prices that depend on a date are those of
    the day of `now`.

    Raises:
        Invalid: `plan-invalid`, `usage-invalid`.
    """
    # Products of prices and quantities must be exact; 28 digits, the default, can be too few.
    with localcontext(prec=80):
        quantities, now = Usage(usage, assume=not parity), now or clock.now()
        reader = PlanReader(plan_json, region_default, now.date(), parity=parity)
        before, after = (_billed(reader.resources(moment, quantities)) for moment in ("before", "after"))
        past, current = _priced(before, book), _priced(after, book)
        return document(
            project=project,
            past=past,
            current=current,
            changes=difference(past, current),
            unsupported=(_unsupported(before), _unsupported(after)),
            summary=counts(after),
            errors=_errors([*past, *current]),
            warnings=[
                *_warnings(quantities, current),
                *_left(before),
                *_stood_in(current),
                *_forgotten(reader.forgotten()),
                *_for_nothing(book),
            ],
            changing=_changing(reader.changing()),
            generated=clock.rfc3339(now),
            range_=cost_range(zip((one for one, bill in after if bill and not bill.free), current, strict=True), book),
            capacity=capacity(after, book, unsupported=_unsupported(after)).as_json(),
        )


def _billed(resources: Sequence[CostResource]) -> list[Billed]:
    return [(item, item.billed(one) if (one := builder(item.type)) else None) for item in resources]


def _priced(billed: Sequence[Billed], book: PriceBook) -> list[Item]:
    return [priced(item, bill, book) for item, bill in billed if bill and not bill.free]


def counts(billed: Sequence[Billed]) -> dict[str, Any]:
    """The format's `summary`: how many resources there are, and which of their types have a price."""
    found = [(item.type, bill) for item, bill in billed if counted(item.type)]
    supported = [kind for kind, bill in found if bill and not bill.free]
    free = Counter(kind for kind, bill in found if (bill.free if bill else kind in free_types()))
    unsupported = Counter(kind for kind, bill in found if not bill and kind not in free_types())
    return {
        "totalDetectedResources": len(found),
        "totalSupportedResources": len(supported),
        "totalUnsupportedResources": unsupported.total(),
        "totalUsageBasedResources": sum((one := builder(kind)) is not None and one.usage_based for kind in supported),
        "totalNoPriceResources": free.total(),
        "unsupportedResourceCounts": dict(sorted(unsupported.items())),
        "noPriceResourceCounts": dict(sorted(free.items())),
    }


def _left(before: Sequence[Billed]) -> list[dict[str, Any]]:
    return [
        {
            "code": UNSUPPORTED_BEFORE,
            "message": f"no prices yet for {kind} ({number}), which is there now: the difference is partial",
            "data": {"resourceType": kind, "count": number},
            "isError": False,
        }
        for kind, number in counts(before)["unsupportedResourceCounts"].items()
    ]


def _stood_in(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [
        {
            "code": PRICE_STOOD_IN,
            "message": f"{price['component']} of {item.name} has no price of its own{_instead(price)}",
            "data": {"resource": item.name, "component": price["component"]},
            "isError": False,
        }
        for item in items
        for price in item.metadata["prices"]
        if price.get("fallback")
    ]


def _instead(price: Mapping[str, Any]) -> str:
    beyond = price.get("beyond")
    return f" beyond {beyond}: that of the first {beyond} was taken" if beyond else ": that of the nearest was taken"


def _forgotten(addresses: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "code": FORGOTTEN,
            "message": f"{address} is forgotten, not destroyed: it goes on costing what it costs",
            "data": {"resource": address},
            "isError": False,
        }
        for address in addresses
    ]


def _for_nothing(book: PriceBook) -> list[dict[str, Any]]:
    return [
        {
            "code": OWN_PRICE_UNUSED,
            "message": f"{own} fits no product of the price book, and changes nothing: look at its key and attrs",
            "data": {"price": own},
            "isError": False,
        }
        for own in book.private.for_nothing()
    ]


def _changing(kinds: Iterable[str]) -> dict[str, int]:
    """How many resources change of each type that cannot be priced."""
    return dict(sorted(Counter(kind for kind in kinds if _without_price(kind)).items()))


def _without_price(kind: str) -> bool:
    return counted(kind) and builder(kind) is None and kind not in free_types()


def _unsupported(billed: Sequence[Billed]) -> bool:
    return bool(counts(billed)["totalUnsupportedResources"])


def _errors(items: Sequence[Item]) -> list[dict[str, Any]]:
    missing = {
        (item.name, " / ".join((*path, line.name)), line.region or item.metadata["region"], _unusable(item))
        for item in items
        for path, line in item.all_lines()
        if line.missing
    }
    return [
        {
            "code": PRICE_MISSING,
            "message": f"no price for {component} of {address} in {region}{why}: the total is too low",
            "data": {"resource": address, "component": component, "region": region},
            "isError": True,
        }
        for address, component, region, why in sorted(missing)
    ]


def _unusable(item: Item) -> str:
    names = item.metadata.get("unusable")
    return f", for {', '.join(names)} is no quantity" if names else ""


def failed(project: str, why: str) -> dict[str, Any]:
    """The estimate of what could not be planned: a project with an error, and null where others have figures."""
    error = {"code": NOT_ESTIMATED, "message": why, "data": {"project": project}, "isError": True}
    made = document(
        project=project,
        past=(),
        current=(),
        changes=(),
        unsupported=(False, False),
        summary=counts(()),
        errors=[error],
        warnings=(),
        generated=clock.rfc3339(clock.now()),
    )
    [one] = made["projects"]
    metadata = {**one["metadata"], "type": "error"}
    nothing = dict.fromkeys(("pastBreakdown", "breakdown", "diff"))
    totals = dict.fromkeys(name for name in made if name.lower().endswith("cost"))
    return {**made, **totals, "projects": [{**one, **nothing, "metadata": metadata}]}


def _warnings(usage: Usage, items: Sequence[Item]) -> list[dict[str, Any]]:
    said = [(address, "no resource of the plan has this address") for address in usage.unmatched()]
    said += [
        (item.name, f"{key} is no quantity of this resource")
        for item in items
        for key in item.metadata.get("ignoredUsage", ())
    ]
    told = [(address, f"usage of {address} is not counted: {reason}") for address, reason in said]
    told += [("", f"{reason}: it is not counted") for reason in usage.strange()]
    return [
        {"code": USAGE_IGNORED, "message": message, "data": {"resource": address}, "isError": False}
        for address, message in told
    ]
