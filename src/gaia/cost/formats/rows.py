"""What tables of an estimate hold, whatever they are written in: a row a resource, a part or a project."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from gaia.cost.summary import errors_of, of_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.cost.summary import CostSummary

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
    resource: str = ""
    """The address of what is paid for."""
    price: Decimal | None = None
    """Of one unit; None where there is none."""
    source: str | None = None
    """Where the price is from, and `as_of` its age; None where it is said by a usage file, or changes."""
    as_of: str | None = None


def rows(document: Mapping[str, Any], view: View) -> Iterator[CostRow]:
    """The resources of every project, each with its parts."""
    for project in projects(document):
        yield from project.rows(view)


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with its costs a month; None where they are not known."""

    name: str
    figures: CostSummary
    error: str | None
    """Why it has no estimate; None where it has one."""
    content: Mapping[str, Any]

    def rows(self, view: View) -> Iterator[CostRow]:
        """Its resources, each with its parts."""
        for item in (self.content.get(view) or {}).get("resources", ()):
            yield from _of_item(item)


def projects(document: Mapping[str, Any]) -> Iterator[ProjectRow]:
    """Each project."""
    for project in document["projects"]:
        found = of_project(document, project)
        yield ProjectRow(str(project.get("name", "")), found, next(errors_of(project), None), project)


def _of_item(item: Mapping[str, Any]) -> Iterator[CostRow]:
    prices = {price["component"]: price for price in (item.get("metadata") or {}).get("prices", ())}
    yield from _parts(item, 0, str(item["name"]), prices, ())


def _parts(
    item: Mapping[str, Any], depth: int, resource: str, prices: Mapping[str, Mapping[str, Any]], path: tuple[str, ...]
) -> Iterator[CostRow]:
    name, monthly = str(item["name"]), _decimal(item, "monthlyCost")
    yield CostRow(depth, name, is_part=False, quantity=None, unit="", monthly=monthly, resource=resource)
    for part in item.get("costComponents") or ():
        unpriced = bool(part.get("priceNotFound"))
        source = prices.get(" / ".join((*path, str(part["name"]))), {})
        yield CostRow(
            depth + 1,
            str(part["name"]),
            is_part=True,
            quantity=_decimal(part, "monthlyQuantity"),
            unit=str(part["unit"]),
            monthly=None if unpriced else _decimal(part, "monthlyCost"),
            unpriced=unpriced,
            resource=resource,
            price=None if unpriced else _decimal(part, "price"),
            source=source.get("source"),
            as_of=source.get("asOf"),
        )
    for group in item.get("subresources") or ():
        yield from _parts(group, depth + 1, resource, prices, (*path, str(group["name"])))


def _decimal(item: Mapping[str, Any], name: str) -> Decimal | None:
    value = item.get(name)
    return None if value is None else Decimal(value)
