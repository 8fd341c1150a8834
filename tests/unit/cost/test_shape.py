"""Plan JSON of a form that terraform does not write: refused, or priced as far as it goes, and never a defect."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.estimate import estimate
from gaia.errors import Invalid
from gaia.terraform.given_plan import given_plan

from .conftest import Estimate, change, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.book import PriceBook

PAIRS = sorted((Path(__file__).parent / "pairs").glob("*.json"))
ODD: tuple[Any, ...] = (
    [], {}, 5, True, "x", -1, [1, None, "x"], {"a": 1}, "1e70", [[]], [{}], "", 1e300, [{"a": [{}]}], None,
)  # fmt: skip
SAMPLE = 600


@pytest.mark.parametrize(
    "part",
    [
        {"resource_changes": [1]},
        {"resource_changes": [{**change("aws_kms_key", after={}), "mode": None}]},
        {"resource_changes": [{**change("aws_kms_key", after={}), "mode": "Managed"}]},
        {"resource_changes": [{**change("aws_kms_key", after={}), "name": []}]},
        {"resource_changes": [{**change("aws_kms_key", after={}), "module_address": 7}]},
        {"resource_changes": [{**change("aws_kms_key", after={}), "change": {"after": [1]}}]},
        {"configuration": [1]},
        {"configuration": {"root_module": {"resources": [1, None]}}},
        {"configuration": {"root_module": {"resources": [{"address": 5}]}}},
        {"configuration": {"root_module": {"module_calls": [1]}}},
        {"configuration": {"root_module": {"module_calls": {"a": {"module": {"resources": {"a": 1}}}}}}},
        {"configuration": {"provider_config": [3]}},
        {"variables": {"a": 1}},
    ],
)
def test_what_terraform_does_not_write_is_refused(price: Estimate, part: dict[str, Any]) -> None:
    """With what to give; a resource of an unknown mode is not left out as if it cost nothing."""
    with pytest.raises(Invalid) as caught:
        price({**plan_of(change("aws_kms_key", after={})), **part})
    assert caught.value.code == "plan-invalid"
    assert "terraform show -json" in caught.value.next_step


def test_resources_without_changes_are_no_plan_without_changes(price: Estimate) -> None:
    """They would cost nothing."""
    plan = plan_of()
    del plan["resource_changes"]
    assert price(plan)["totalMonthlyCost"] == "0"
    with pytest.raises(Invalid):
        price({**plan, "planned_values": {"root_module": {"resources": [{"address": "aws_kms_key.a"}]}}})


def test_a_number_of_thousands_of_digits_is_no_plan() -> None:
    """Python reads none."""
    with pytest.raises(Invalid) as caught:
        given_plan(b'{"format_version": "1.2", "a": ' + b"9" * 5000 + b"}", "plan.json")
    assert caught.value.code == "plan-not-json"


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in members:
        yield (*path, step)
        yield from _places(inner, (*path, step))


def test_no_value_of_an_attribute_breaks_an_estimate(book: PriceBook) -> None:
    """A sample of all attributes of all pairs, each as something that it is not."""
    resources = [(path, pair, address) for path in PAIRS for pair in [json.loads(path.read_text())]
                 for address in pair["resources"]]  # fmt: skip
    places = [(*one, place) for one in resources for place in _places(one[1]["resources"][one[2]])]
    chance = random.Random(16)  # noqa: S311 - to be repeated
    for _, pair, address, place in chance.sample(places, min(SAMPLE, len(places))):
        values = copy.deepcopy(pair["resources"])
        holder: Any = values[address]
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = copy.deepcopy(chance.choice(ODD))
        changes = [{**change(*one.partition(".")[::2], after=after), "address": one} for one, after in values.items()]
        plan = {"format_version": "1.2", "resource_changes": changes}
        usage = {"resource_usage": pair.get("usage") or {}}
        assert estimate(plan, usage=usage, book=book, project="x", region_default="us-east-1")["projects"]
