"""What tables of an estimate hold, whatever they are written in: a row a resource, a part or a project."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


View = Literal["breakdown", "diff"]
"""What there is to pay for afterwards, or what changes."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """One line of a table. `depth` is 0 for a resource, and one more for each group that it is in."""

    depth: int
    name: str
    is_part: bool
    """Whether it is a component of what stands above it, with a quantity of its own."""
    quantity: Decimal | None
    unit: str
    monthly: Decimal | None
    """What it costs a month, or by how much that changes; None where nobody knows."""
    unpriced: bool = False


def rows(document: Mapping[str, Any], view: View) -> Iterator[CostRow]:
    """The resources of every project, each with its parts."""
    for project in document["projects"]:
        for item in (project.get(view) or {}).get("resources", ()):
            yield from _of_item(item, 0)


def projects(document: Mapping[str, Any]) -> Iterator[tuple[str, Decimal | None, Decimal | None, Decimal | None]]:
    """Of each project: name, cost a month before, after, and the difference; None where it is not known."""
    for project in document["projects"]:
        figures = [(project.get(part) or {}).get("totalMonthlyCost") for part in ("pastBreakdown", "breakdown", "diff")]
        before, after, change = (None if figure is None else Decimal(figure) for figure in figures)
        yield project["name"], before, after, change


def _of_item(item: Mapping[str, Any], depth: int) -> Iterator[CostRow]:
    yield CostRow(
        depth, str(item["name"]), is_part=False, quantity=None, unit="", monthly=_decimal(item, "monthlyCost")
    )
    for part in item.get("costComponents") or ():
        unpriced = bool(part.get("priceNotFound"))
        monthly = None if unpriced else _decimal(part, "monthlyCost")
        quantity = _decimal(part, "monthlyQuantity")
        yield CostRow(
            depth + 1, str(part["name"]), is_part=True, quantity=quantity, unit=str(part["unit"]), monthly=monthly,
            unpriced=unpriced,
        )  # fmt: skip
    for group in item.get("subresources") or ():
        yield from _of_item(group, depth + 1)


def _decimal(item: Mapping[str, Any], name: str) -> Decimal | None:
    value = item.get(name)
    return None if value is None else Decimal(value)
