"""How far usage may take the cost a month: the same resources billed at the least, the expected and the most.

A quantity that a usage file says is what it says at all three points, or its own range; one that nobody has said is
what `usage_defaults.csv` assumes. A line of which nothing is assumed is in none of the three, as it is in no total.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gaia.cost.assumed import POINTS
from gaia.cost.document import optional
from gaia.cost.priced import Amount, add, priced
from gaia.cost.resources import builder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gaia.cost.assumed import Point
    from gaia.cost.book import PriceBook
    from gaia.cost.model import CostResource
    from gaia.cost.priced import Item


def cost_range(pairs: Iterable[tuple[CostResource, Item]], book: PriceBook) -> dict[str, Any]:
    """`{low, expected, high, assumed}` of resources with what they are priced as by what was said.

    The figures are texts as in the document, null where nothing is known. `assumed`: `ADDRESS: COMPONENT` of each line
    that has a quantity here and none there.
    """
    costs: dict[Point, list[Amount]] = {point: [] for point in POINTS}
    lines: list[str] = []
    for resource, item in pairs:
        if resource.usage.varies:
            at = {point: _at(point, resource, book) for point in POINTS}
            lines += _assumed(item, at["expected"])
        else:
            at = dict.fromkeys(POINTS, item)
        known = [one.monthly_cost for one in at.values() if one.monthly_cost is not None]
        # More of a thing may cost less, as of what is saved: the ends are those of the cost.
        costs["low"].append(min(known, default=None))
        costs["expected"].append(at["expected"].monthly_cost)
        costs["high"].append(max(known, default=None))
    return {**{point: optional(add(amounts)) for point, amounts in costs.items()}, "assumed": lines}


def _at(point: Point, resource: CostResource, book: PriceBook) -> Item:
    there = replace(resource, usage=resource.usage.at(point), doubts=set(), unusable=set())
    made = builder(there.type)
    if made is None:
        raise ValueError(f"{there.type} has a bill and no builder")
    return priced(there, there.billed(made), book)


def _assumed(said: Item, there: Item) -> Iterator[str]:
    unsaid = {(path, line.name) for path, line in said.all_lines() if line.monthly_quantity is None}
    for path, line in there.all_lines():
        if line.monthly_quantity is not None and (path, line.name) in unsaid:
            yield f"{said.name}: {' / '.join((*path, line.name))}"
