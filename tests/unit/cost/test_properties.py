"""What holds for every plan and usage file: tried on Infracost's own plans."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .test_corpus import CASES, estimate_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.cost.book import PriceBook

every_case = pytest.mark.parametrize("case", sorted(CASES))


@every_case
def test_the_sum_of_the_parts_is_the_total(case: str, book: PriceBook) -> None:
    """Of a resource, of its groups and of the whole plan, exactly; what is unknown counts nothing."""
    for parity in (True, False):
        document = estimate_of(CASES[case], book, parity=parity)
        breakdown = document["projects"][0]["breakdown"]
        costs = [_checked(resource) for resource in breakdown["resources"]]
        assert Decimal(document["totalMonthlyCost"] or 0) == sum(costs)
        assert breakdown["totalMonthlyCost"] == document["totalMonthlyCost"]


@every_case
def test_a_plan_that_changes_nothing_differs_by_nothing(case: str, book: PriceBook) -> None:
    """Everything is there before as it is afterwards: no resource is in the difference."""
    content = deepcopy(CASES[case])
    for item in content["plan"]["resource_changes"]:
        item["change"]["before"] = item["change"]["after"]
        item["change"]["after_unknown"] = {}
    document = estimate_of(content, book)
    assert document["projects"][0]["diff"]["resources"] == []
    assert Decimal(document["diffTotalMonthlyCost"] or 0) == 0
    assert document["pastTotalMonthlyCost"] == document["totalMonthlyCost"]


@given(case=st.sampled_from(sorted(CASES)), times=st.integers(min_value=2, max_value=1000))
def test_more_usage_never_costs_less(case: str, times: int, book: PriceBook) -> None:
    """Each quantity of the usage file so many times as large: no line costs less."""
    once, more = (dict(_costs(case, factor, book)) for factor in (1, times))
    assert set(once) <= set(more)
    assert [name for name, cost in once.items() if more[name] < cost] == []


def _costs(case: str, times: int, book: PriceBook) -> Iterator[tuple[str, Decimal]]:
    content = {**CASES[case], "usage": _times(CASES[case]["usage"], times)}
    for resource in estimate_of(content, book)["projects"][0]["breakdown"]["resources"]:
        yield resource["name"], Decimal(resource.get("monthlyCost") or 0)


def _times(node: Any, times: int) -> Any:
    """Every number; texts such as `0.1` and words stay."""
    if isinstance(node, dict):
        return {key: _times(value, times) for key, value in node.items()}
    return node * times if isinstance(node, int | float) and not isinstance(node, bool) else node


def _checked(resource: Mapping[str, Any]) -> Decimal:
    lines = [Decimal(line["monthlyCost"] or 0) for line in resource.get("costComponents", ())]
    groups = [_checked(group) for group in resource.get("subresources", ())]
    assert Decimal(resource.get("monthlyCost") or 0) == sum([*lines, *groups]), resource["name"]
    return Decimal(resource.get("monthlyCost") or 0)
