"""What-if over the plans of the corpus: each attribute with a value of its own becomes a variable with another value.

The plan that terraform would make with it is the same plan with that attribute edited in `after`: what the variable
alone decides is all that differs.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.estimate import estimate
from gaia.cost.what_if import NeedsPlan, changed

from .test_corpus import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.cost.book import PriceBook

pytestmark = pytest.mark.no_cover
TODAY = datetime(2025, 6, 1, tzinfo=UTC)
MOST = 20
"""Attributes of one case: some have hundreds."""
Path = tuple[str | int, ...]
NOTHING = object()


def constants(node: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Where in the expressions of a resource a scalar stands."""
    if isinstance(node, dict) and "constant_value" in node:
        if isinstance(node["constant_value"], str | int | float):
            yield path, node["constant_value"]
    elif isinstance(node, dict):
        for name, inner in node.items():
            yield from constants(inner, (*path, name))
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from constants(inner, (*path, number))


def at(node: Any, path: Path) -> Any:
    """What stands there, `NOTHING` where there is no such place."""
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return NOTHING
    return node


def values_of(plans: Mapping[str, Any]) -> dict[tuple[str, Path], list[object]]:
    """What an attribute is in all plans, by type and place: another value for it that makes sense."""
    found: dict[tuple[str, Path], list[object]] = {}
    for case in plans.values():
        for resource in case["plan"]["configuration"]["root_module"].get("resources", ()):
            for path, value in constants(resource.get("expressions") or {}):
                place = tuple("*" if isinstance(step, int) else step for step in path)
                found.setdefault((resource["type"], place), []).append(value)
    return found


VALUES = values_of(CASES)


def another(kind: str, path: Path, value: object) -> object:
    """Another value of that attribute; NOTHING where the corpus has none."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value * 2 + 1
    place = tuple("*" if isinstance(step, int) else step for step in path)
    return next((one for one in VALUES[kind, place] if one != value), NOTHING)


def variants(case: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any], object]]:
    """The plan with one attribute as the variable `wanted`, the same edited by hand, and the other value."""
    for number, resource in enumerate(case["plan"]["configuration"]["root_module"].get("resources", ())):
        for path, value in constants(resource.get("expressions") or {}):
            other = another(resource["type"], path, value)
            instances = [
                item
                for item in case["plan"]["resource_changes"]
                if "module_address" not in item and f"{item['type']}.{item['name']}" == resource["address"]
            ]
            told = instances and all(at(item["change"].get("after"), path) == value for item in instances)
            if other is NOTHING or not told or resource.get("mode") != "managed":
                continue
            plan = deepcopy(case["plan"])
            root = plan["configuration"]["root_module"]
            holder = at(root["resources"][number]["expressions"], path[:-1])
            holder[path[-1]] = {"references": ["var.wanted"]}
            root["variables"] = {"wanted": {}}
            plan["variables"] = {"wanted": {"value": value}}
            edited = deepcopy(plan)
            for item in edited["resource_changes"]:
                if "module_address" not in item and f"{item['type']}.{item['name']}" == resource["address"]:
                    at(item["change"]["after"], path[:-1])[path[-1]] = other
            yield plan, edited, other


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_if_costs_what_the_plan_with_that_value_costs(name: str, book: PriceBook) -> None:
    """Line by line, now and afterwards; or it says that only a plan tells."""
    case = CASES[name]

    def priced(plan: Mapping[str, Any]) -> dict[str, Any]:
        usage = case["usage"] or {}
        return estimate(plan, usage=usage, book=book, project=name, region_default=case["region"], now=TODAY)

    compared = 0
    for plan, edited, other in variants(case):
        try:
            change = changed(plan, {"wanted": other})
        except NeedsPlan:
            continue
        found, now, then = priced(change), priced(plan), priced(edited)
        assert found["projects"][0]["breakdown"] == then["projects"][0]["breakdown"]
        assert found["projects"][0]["pastBreakdown"] == now["projects"][0]["breakdown"]
        compared += 1
        if compared == MOST:
            break


def test_few_attributes_of_the_corpus_need_a_plan() -> None:
    """Else the property above would say nothing."""
    mapped = refused = 0
    for case in CASES.values():
        for number, (plan, _, other) in enumerate(variants(case)):
            if number == MOST:
                break
            try:
                changed(plan, {"wanted": other})
                mapped += 1
            except NeedsPlan:
                refused += 1
    assert mapped > 220
    assert refused < mapped / 3
