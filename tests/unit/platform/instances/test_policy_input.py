"""What rules and ledgers see of an estimate."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from tests.unit.cost.conftest import change, plan_of

from gaia.cost.book import PriceBook
from gaia.cost.estimate import estimate
from gaia.cost.summary import summary
from gaia.platform.instances.policy_input import cost_input
from gaia.platform.services import spending


@cache
def book() -> PriceBook:
    """Prices, read once."""
    return PriceBook.open()


def cost(*kinds: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The estimate of a plan that makes one of each."""
    plan = plan_of(*(change(kind, after=values) for kind, values in kinds))
    del plan["configuration"]["root_module"]["resources"]
    return estimate(plan, usage={}, book=book(), project="p", region_default="us-east-1")


DISK = ("aws_ebs_volume", {"size": 100, "type": "gp3"})


def test_a_total_that_is_not_whole_is_null() -> None:
    """A threshold would let half a price pass for all of it."""
    assert cost_input(cost(DISK))["totalMonthlyCost"] == "8"
    part = cost_input(cost(DISK, ("aws_instance", {"instance_type": "zz9.plural"})))
    assert (part["totalMonthlyCost"], part["diffTotalMonthlyCost"]) == (None, None)


def test_what_is_by_use_alone_adds_nothing_that_is_known() -> None:
    """As beside what costs something by the month: else a topic would be refused, and with a disk beside it be made."""
    topic: tuple[str, dict[str, Any]] = ("aws_sns_topic", {})
    alone, beside = cost_input(cost(topic)), cost_input(cost(topic, DISK))
    assert (alone["totalMonthlyCost"], alone["diffTotalMonthlyCost"]) == ("0", "0")
    assert (beside["totalMonthlyCost"], beside["diffTotalMonthlyCost"]) == ("8", "8")


def test_a_ledger_holds_what_is_expected_of_use_too() -> None:
    """What nobody has said is assumed; without that a queue would cost nothing."""
    document = cost(DISK, ("aws_sqs_queue", {}))
    found, (monthly, currency) = summary(document), spending._expected(document)
    assert found.monthly == Decimal(8)
    assert (monthly, currency) == (found.range.expected, "USD")
    assert monthly is not None
    assert monthly > Decimal(8)
