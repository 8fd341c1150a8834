"""Writes the estimate as Infracost's JSON, output version 0.2: every number a string that holds an exact decimal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.cost.model import ZERO
from gaia.cost.priced import Amount, Item, Line, add

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

VERSION = "0.2"
TOTALS = ("totalHourlyCost", "totalMonthlyCost", "totalMonthlyUsageCost")


def number(amount: Decimal) -> str:
    """No exponent, no trailing zeros, no minus zero: `5`, `0.065`."""
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0", "-") else text


def optional(amount: Amount) -> str | None:
    """As `number`; None stays None."""
    return None if amount is None else number(amount)


def breakdown(items: Iterable[Item], *, unsupported: bool = False) -> dict[str, Any]:
    """Resources with their totals: the dearest first, those without a cost last, then by name.

    `unsupported`: there are more, of types that cannot be priced yet.
    """
    ordered = sorted(items, key=lambda item: (item.monthly_cost is None, -(item.monthly_cost or ZERO), item.name))
    return {
        "resources": [_item(item) for item in ordered],
        "totalHourlyCost": _total(ordered, (item.hourly_cost for item in ordered), more=unsupported),
        "totalMonthlyCost": _total(ordered, (item.monthly_cost for item in ordered), more=unsupported),
        "totalMonthlyUsageCost": _total(ordered, (item.usage_cost for item in ordered), usage=True, more=unsupported),
    }


def _total(items: Sequence[Item], amounts: Iterable[Amount], *, usage: bool = False, more: bool) -> str | None:
    """The sum of what is known: zero where there is nothing to pay for, null where there is and nothing is known."""
    known = add(amounts)
    there = more or any(line.usage_based or not usage for item in items for _, line in item.all_lines())
    return number(ZERO) if known is None and not there else optional(known)


def document(
    *,
    project: str,
    past: Sequence[Item],
    current: Sequence[Item],
    changes: Sequence[Item],
    unsupported: tuple[bool, bool],
    summary: Mapping[str, Any],
    errors: Sequence[Mapping[str, Any]],
    warnings: Sequence[Mapping[str, Any]],
    generated: str,
    range_: Mapping[str, Any] | None = None,
    capacity: Mapping[str, Any] | None = None,
    changing: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The root object with one project. `unsupported`: whether there were and are types that cannot be priced yet.

    `changing`: how many resources change of types that cannot be priced. It, `range_` and `capacity` are ours, as
    sources of prices are, and stand where readers of the format look at nothing.
    """
    metadata: dict[str, Any] = {"path": project, "type": "terraform_plan_json", "terraformWorkspace": "default"}
    if errors:
        metadata["errors"] = list(errors)
    if warnings:
        metadata["warnings"] = list(warnings)
    if range_ is not None:
        metadata["range"] = dict(range_)
    if capacity is not None:
        metadata["capacity"] = dict(capacity)
    if changing is not None:
        metadata["changing"] = dict(changing)
    parts = {
        "pastBreakdown": breakdown(past, unsupported=unsupported[0]),
        "breakdown": breakdown(current, unsupported=unsupported[1]),
        "diff": breakdown(changes, unsupported=any(unsupported)),
    }
    root = {
        "version": VERSION,
        "metadata": _metadata(),
        "currency": "USD",
        "projects": [
            {"name": project, "displayName": "", "metadata": metadata, **parts, "summary": dict(summary)},
        ],
        "timeGenerated": generated,
        "summary": dict(summary),
    }
    for prefix, part in (("", "breakdown"), ("past", "pastBreakdown"), ("diff", "diff")):
        for name in TOTALS:
            root[prefix + (name[0].upper() + name[1:] if prefix else name)] = parts[part][name]
    return root


def _metadata() -> dict[str, str]:
    """The fields that readers insist on. The estimate is of a plan, not of a commit, so they say nothing."""
    names = ("vcsBranch", "vcsCommitSha", "vcsCommitAuthorName", "vcsCommitAuthorEmail", "vcsCommitMessage")
    nothing = dict.fromkeys(names, "")
    return {"infracostCommand": "breakdown", **nothing, "vcsCommitTimestamp": "0001-01-01T00:00:00Z"}


def _item(item: Item) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": item.name}
    if item.type:
        shown["resourceType"] = item.type
    if item.tags is not None:
        shown["tags"] = dict(item.tags)
    shown["metadata"] = dict(item.metadata)
    for name, amount in (
        ("hourlyCost", item.hourly_cost),
        ("monthlyCost", item.monthly_cost),
        ("monthlyUsageCost", item.usage_cost),
    ):
        if amount is not None:
            shown[name] = number(amount)
    if item.lines:
        shown["costComponents"] = [_line(line) for line in item.lines]
    if item.groups:
        shown["subresources"] = [_item(group) for group in item.groups]
    return shown


def _line(line: Line) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": line.name,
        "unit": line.unit,
        "hourlyQuantity": optional(line.hourly_quantity),
        "monthlyQuantity": optional(line.monthly_quantity),
        "price": number(line.price),
        "hourlyCost": optional(line.hourly_cost),
        "monthlyCost": optional(line.monthly_cost),
        "priceNotFound": line.missing,
    }
    if line.usage_based:
        shown["usageBased"] = True
    return shown
