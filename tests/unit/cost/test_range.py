"""How far usage may take the cost: least, expected and most, of what is said and of what is assumed."""

from __future__ import annotations

from csv import DictReader
from datetime import date
from decimal import Decimal
from importlib import resources as files
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost import range as ranges
from gaia.cost.assumed import POINTS
from gaia.cost.combine import combine
from gaia.cost.formats import rendered
from gaia.cost.formats.figures import figures
from gaia.cost.plan import PlanReader
from gaia.cost.resources import builder
from gaia.cost.summary import summary
from gaia.cost.usage import Usage, expected
from gaia.cost.wording import range_of
from gaia.errors import Invalid

from .conftest import change, plan_of, resources

if TYPE_CHECKING:
    from gaia.cost.book import PriceBook

    from .conftest import Estimate

DEFAULTS = list(DictReader((files.files("gaia.cost") / "usage_defaults.csv").read_text("utf-8").splitlines()))
BUCKET, QUEUE = change("aws_s3_bucket", after={}), change("aws_sqs_queue", after={})
BILLED: dict[str, dict[str, Any]] = {
    "aws_apigatewayv2_api": {"protocol_type": "HTTP"},
    "aws_codebuild_project": {"environment": [{"type": "LINUX_CONTAINER", "compute_type": "BUILD_GENERAL1_SMALL"}]},
    "aws_dynamodb_table": {"billing_mode": "PAY_PER_REQUEST", "region": "eu-west-1"},
    "aws_rds_cluster": {"engine": "aurora-mysql"},
    "aws_vpc_endpoint": {"vpc_endpoint_type": "Interface"},
    "aws_lb": {"load_balancer_type": "application"},
    "aws_alb": {"load_balancer_type": "application"},
}
"""What of a type has the lines that the defaults are of."""


def range_in(document: dict[str, Any]) -> dict[str, Any]:
    """Of the only project."""
    found: dict[str, Any] = document["projects"][0]["metadata"]["range"]
    return found


def test_what_nobody_has_said_is_assumed_in_the_range_alone(price: Estimate) -> None:
    """The total stays what is known: a queue has no figure, and its range is that of the defaults."""
    document = price(plan_of(QUEUE))
    assert document["totalMonthlyCost"] is None
    assert range_in(document) == {
        "low": "0.004", "expected": "0.4", "high": "4", "assumed": ["aws_sqs_queue.this: Requests"],
    }  # fmt: skip


def test_a_quantity_that_was_said_is_all_three(price: Estimate) -> None:
    """And is not assumed."""
    found = range_in(price(plan_of(QUEUE), {"aws_sqs_queue.this": {"monthly_requests": 2_000_000}}))
    assert found == {"low": "0.8", "expected": "0.8", "high": "0.8", "assumed": []}


def test_a_range_may_be_said(price: Estimate) -> None:
    """What is expected is the figure; an end that is not said is as expected."""
    said = {"aws_sqs_queue.this": {"monthly_requests": {"expected": 2_000_000, "high": 3_000_000}}}
    document = price(plan_of(QUEUE), said)
    assert document["totalMonthlyCost"] == "0.8"
    assert "ignoredUsage" not in resources(document)["aws_sqs_queue.this"]["metadata"]
    assert range_in(document) == {"low": "0.8", "expected": "0.8", "high": "1.2", "assumed": []}


def test_a_nearer_range_takes_the_place_of_another() -> None:
    """As a whole: its ends are not mixed with those of the type."""
    usage = {
        "resource_type_default_usage": {"aws_sqs_queue": {"monthly_requests": {"low": 9, "expected": 10, "high": 11}}},
        "resource_usage": {"aws_sqs_queue.this": {"monthly_requests": {"expected": 2_000_000}}},
    }
    found = Usage(usage).of("aws_sqs_queue.this", "aws_sqs_queue")
    assert [found.at(point).number("monthly_requests") for point in POINTS] == [2_000_000] * 3


@pytest.mark.parametrize(
    "wrong",
    [{"low": 2, "expected": 1}, {"expected": 2, "high": 1}, {"low": 1}, {"expected": -1}, {"expected": "much"}],
)
def test_a_range_out_of_order_is_refused(price: Estimate, wrong: dict[str, object]) -> None:
    """So is one that does not say what is expected, or says no quantity."""
    with pytest.raises(Invalid) as caught:
        price(plan_of(QUEUE), {"aws_sqs_queue.this": {"monthly_requests": wrong}})
    assert caught.value.code == "usage-invalid"
    assert "monthly_requests" in caught.value.message


def test_more_of_what_saves_costs_less(price: Estimate) -> None:
    """The ends of the range are those of the cost: a higher capacity unit count than the floor, and less of it."""
    table = change("aws_secretsmanager_secret", after={})
    said = {"aws_secretsmanager_secret.this": {"monthly_requests": {"low": 0, "expected": 5, "high": 10**6}}}
    found = range_in(price(plan_of(table), said))
    assert Decimal(found["low"]) <= Decimal(found["expected"]) <= Decimal(found["high"])


def test_a_line_of_which_nothing_is_assumed_stays_out(price: Estimate) -> None:
    """Requests of a key: it is by use, in no figure of the range, and the text says how many are assumed."""
    document = price(plan_of(QUEUE, change("aws_kms_key", after={})))
    found = summary(document)
    assert (len(found.pending), len(found.range.assumed), found.range.low) == (4, 1, Decimal("1.004"))
    assert range_of(found) == "$1.40 a month expected, $1.00 to $5.00; 1 of 4 lines by use is assumed"


def test_parity_with_infracost_assumes_nothing(price: Estimate) -> None:
    """A range that is said counts."""
    assert range_in(price(plan_of(QUEUE), parity=True)) == {
        "low": None, "expected": None, "high": None, "assumed": [],
    }  # fmt: skip
    said = {"aws_sqs_queue.this": {"monthly_requests": {"low": 0, "expected": 10**6}}}
    assert range_in(price(plan_of(QUEUE), said, parity=True))["low"] == "0"


def test_a_missing_price_is_in_no_end_and_is_said(price: Estimate) -> None:
    """The text says that the range is without it."""
    missing = change("aws_instance", after={"instance_type": "m99.large"})
    found = summary(price(plan_of(QUEUE, missing)))
    assert range_of(found).endswith("; without what has no price")
    assert any("m99.large" in line for line in found.unpriced)


def test_nothing_to_pay_for_is_zero(price: Estimate) -> None:
    """At all three points, and no line is written about it."""
    found = summary(price(plan_of()))
    assert (found.range.low, found.range.high) == (Decimal(0), Decimal(0))
    assert not range_of(found)
    assert summary(combine([])).range.high == Decimal(0)


def test_ranges_of_projects_add_up(price: Estimate) -> None:
    """A project that infracost made has none, and costs what it costs at every point."""
    one, other = price(plan_of(QUEUE)), price(plan_of(change("aws_kms_key", after={})), project="b/c")
    del other["projects"][0]["metadata"]["range"]
    found = summary(combine([one, other])).range
    assert (found.low, found.expected, found.high) == (Decimal("1.004"), Decimal("1.4"), Decimal(5))


def test_every_format_shows_it_in_one_line(price: Estimate) -> None:
    """And JSON has the three totals, and which lines are assumed."""
    document = price(plan_of(QUEUE))
    line = "$0.40 a month expected, <$0.01 to $4.00"
    assert f"By use: {line}" in rendered(document, "markdown", "breakdown").replace("\\", "").replace("&lt;", "<")
    assert "$0.40 a month expected, &lt;$0.01 to $4.00" in rendered(document, "html", "breakdown")
    found = figures(document, "breakdown")
    assert {**found["totals"], "low": "0.004", "expected": "0.4", "high": "4", "assumed": 1} == found["totals"]  # type: ignore[dict-item]
    assert found["assumed"] == ["aws_sqs_queue.this: Requests"]


def test_a_row_holds_what_a_bill_is_compared_with(price: Estimate) -> None:
    """Resource, name, unit, quantity, price, and where the price is from and how old it is; also in a group."""
    said = {"aws_s3_bucket.this": {"standard": {"storage_gb": 5}}}
    rows = figures(price(plan_of(BUCKET), said), "breakdown")["rows"]
    (row,) = [one for one in rows if one["name"] == "Storage"]  # type: ignore[attr-defined]
    assert (row["resource"], row["unit"], row["quantity"], row["price"]) == ("aws_s3_bucket.this", "GB", "5", "0.023")
    assert row["source"]
    assert row["as_of"]


@pytest.mark.parametrize("row", DEFAULTS, ids=lambda row: f"{row['type']}.{row['key']}")
def test_each_default_is_a_quantity_that_a_builder_asks_for(row: dict[str, str], price: Estimate) -> None:
    """In order, once, and it makes a difference."""
    assert Decimal(row["low"]) <= Decimal(row["expected"]) <= Decimal(row["high"])
    assert sum((one["type"], one["key"]) == (row["type"], row["key"]) for one in DEFAULTS) == 1
    assert builder(row["type"])
    found = summary(price(plan_of(change(row["type"], after=BILLED.get(row["type"], {}))))).range
    assert found.assumed
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.high
    usage: dict[str, Any] = {}
    *groups, key = row["key"].split(".")
    inner = usage
    for group in groups:
        inner = inner.setdefault(group, {})
    inner[key] = 1
    document = price(plan_of(change(row["type"], after=BILLED.get(row["type"], {}))), {f"{row['type']}.this": usage})
    assert "ignoredUsage" not in resources(document)[f"{row['type']}.this"]["metadata"]


def test_infracost_reads_what_is_expected() -> None:
    """Its format knows no ranges."""
    said = {"resource_usage": {"a.b": {"x": {"low": 1, "expected": 2}, "y": 3, "z": {"w": {"expected": 4}}}}}
    assert expected(said) == {"resource_usage": {"a.b": {"x": 2, "y": 3, "z": {"w": 4}}}}


def test_what_saves_makes_the_most_use_the_cheapest(book: PriceBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ends of a range are those of the cost, not those of the use."""
    costs = {"low": Decimal(9), "expected": Decimal(7), "high": Decimal(4)}
    items = {point: SimpleNamespace(monthly_cost=cost, all_lines=lambda: ()) for point, cost in costs.items()}
    monkeypatch.setattr(ranges, "_at", lambda point, *_: items[point])
    resource = SimpleNamespace(usage=SimpleNamespace(varies=True))
    found = ranges.cost_range([(resource, items["expected"])], book)  # type: ignore[list-item]
    assert (found["low"], found["expected"], found["high"]) == ("4", "7", "9")


def test_what_other_use_would_be_billed_by_is_no_doubt_of_the_resource(book: PriceBook) -> None:
    """What is asked for at a point of the range stays there."""
    plan = plan_of(change("aws_ebs_volume", after={"type": "gp3", "size": "much"}, after_unknown={"iops": True}))
    del plan["configuration"]["root_module"]["resources"]
    [resource] = PlanReader(plan, "us-east-1", date(2026, 11, 1)).resources("after", Usage({}))
    doubts, unusable = set(resource.doubts), set(resource.unusable)
    ranges._at("low", resource, book)
    assert (resource.doubts, resource.unusable) == (doubts, unusable)
