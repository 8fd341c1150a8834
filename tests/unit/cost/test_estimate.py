"""Estimates of whole plans: figures, sums, order, what changes, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.combine import combine
from gaia.cost.estimate import summary
from gaia.errors import Invalid

from .conftest import BUCKET, Estimate, change, lines, plan_of, resources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.cost.book import PriceBook

USAGE: Mapping[str, Any] = {
    BUCKET: {"standard": {"storage_gb": 100, "monthly_tier_1_requests": 1000000, "monthly_tier_2_requests": "1e6"}}
}


def test_an_object_store_with_expected_usage(preview: dict[str, Any], price: Estimate) -> None:
    """100 GB, a million writes, a million reads and one key: 2.30 + 5.00 + 0.40 + 1.00 a month."""
    document = price(preview, USAGE, now=datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert document["totalMonthlyCost"] == "8.7"
    assert document["totalMonthlyUsageCost"] == "7.7"
    assert document["timeGenerated"] == "2026-11-23T12:00:00.000Z"
    found = resources(document)
    assert list(found) == [BUCKET, "module.orders-key.aws_kms_key.this"]
    writes = lines(found[BUCKET])["Standard / PUT, COPY, POST, LIST requests"]
    assert writes == {
        "name": "PUT, COPY, POST, LIST requests",
        "unit": "1k requests",
        "hourlyQuantity": "1.3698630136986301",
        "monthlyQuantity": "1000",
        "price": "0.005",
        "hourlyCost": "0.006849315068493150685",
        "monthlyCost": "5",
        "priceNotFound": False,
        "usageBased": True,
    }
    assert found[BUCKET]["tags"]["owner"] == "ann"
    assert found[BUCKET]["metadata"]["region"] == "us-east-1"


def test_unknown_usage_is_no_cost_and_no_zero(preview: dict[str, Any], price: Estimate) -> None:
    """Nobody said how much: the prices are shown, quantities and costs are null, and the summary lists what waits."""
    document = price(preview)
    storage = lines(resources(document)[BUCKET])["Standard / Storage"]
    assert (storage["monthlyQuantity"], storage["monthlyCost"], storage["price"]) == (None, None, "0.023")
    assert "monthlyCost" not in resources(document)[BUCKET]
    assert document["totalMonthlyCost"] == "1"
    figures = summary(document)
    assert f"{BUCKET}: Standard / Storage" in figures.pending
    assert figures.complete


def test_zero_usage_is_zero(preview: dict[str, Any], price: Estimate) -> None:
    """Somebody said none: that costs nothing, and is kept."""
    storage = lines(resources(price(preview, {BUCKET: {"standard": {"storage_gb": 0}}}))[BUCKET])["Standard / Storage"]
    assert (storage["monthlyQuantity"], storage["monthlyCost"], storage["hourlyCost"]) == ("0", "0", "0")


def test_counts_of_the_summary(preview: dict[str, Any], price: Estimate) -> None:
    """Priced, free and unsupported types are told apart; other providers' types are not counted."""
    preview["resource_changes"] += [
        change("aws_gizmo", after={}),
        change("aws_gizmo", "other", after={}),
        change("random_id", after={}),
    ]
    counts = price(preview)["summary"]
    assert counts["totalDetectedResources"] == 13
    assert (counts["totalSupportedResources"], counts["totalUsageBasedResources"]) == (2, 1)
    assert counts["totalNoPriceResources"] == 9
    assert counts["unsupportedResourceCounts"] == {"aws_gizmo": 2}
    figures = summary(price(preview))
    assert figures.unsupported == {"aws_gizmo": 2}
    assert not figures.complete


def test_a_missing_price_is_an_error_and_never_silently_zero(price: Estimate) -> None:
    """The component says so, the project has an error that names it, and the summary is not complete."""
    document = price(plan_of(change("aws_kms_key", after={}), region="ap-south-2"))
    line = lines(resources(document)["aws_kms_key.this"])["Customer master key"]
    assert (line["price"], line["monthlyCost"], line["priceNotFound"]) == ("0", None, True)
    assert document["totalMonthlyCost"] is None
    assert document["diffTotalMonthlyCost"] is None
    errors = document["projects"][0]["metadata"]["errors"]
    assert errors[0] == {
        "code": 1001,
        "message": "no price for Customer master key of aws_kms_key.this in ap-south-2: the total is too low",
        "data": {"resource": "aws_kms_key.this", "component": "Customer master key", "region": "ap-south-2"},
        "isError": True,
    }
    figures = summary(document)
    assert not figures.complete
    assert "aws_kms_key.this: Customer master key (ap-south-2)" in figures.unpriced
    assert all(line.price is None and line.monthly is None for line in figures.lines)


def test_what_is_retired_without_a_price_saves_nobody_knows_what(price: Estimate) -> None:
    """A difference with an unknown side is unknown, not minus nothing."""
    document = price(
        plan_of(change("aws_kms_key", before={"arn": "arn:aws:kms:ap-south-2:1:key/x"}), region="ap-south-2")
    )
    assert (document["totalMonthlyCost"], document["pastTotalMonthlyCost"]) == ("0", None)
    assert document["diffTotalMonthlyCost"] is None


def test_types_that_cannot_be_priced_cost_nobody_knows_what(price: Estimate) -> None:
    """Made or retired: the totals and the difference that they are in are null, not zero."""
    made = price(plan_of(change("aws_gizmo", after={})))
    assert (made["totalMonthlyCost"], made["pastTotalMonthlyCost"], made["diffTotalMonthlyCost"]) == (None, "0", None)
    gone = price(plan_of(change("aws_gizmo", before={})))
    assert (gone["totalMonthlyCost"], gone["pastTotalMonthlyCost"], gone["diffTotalMonthlyCost"]) == ("0", None, None)


def test_nothing_to_pay_for_costs_nothing(price: Estimate) -> None:
    """A plan of things that are free is zero, which is known."""
    document = price(plan_of(change("aws_iam_role", after={})))
    assert (document["totalMonthlyCost"], document["diffTotalMonthlyCost"]) == ("0", "0")


def test_several_estimates_keep_what_is_unknown(price: Estimate) -> None:
    """Together: the sum of the totals that are known, null where none is."""
    unpriced = {**price(plan_of(change("aws_kms_key", after={}), region="ap-south-2"))}
    unpriced["projects"] = [{**unpriced["projects"][0], "name": "unpriced"}]
    priced = price(plan_of(change("aws_kms_key", after={})))
    assert combine([unpriced])["totalMonthlyCost"] is None
    assert combine([unpriced, priced])["totalMonthlyCost"] == "1"


def test_resources_are_sorted_by_cost_then_name(price: Estimate) -> None:
    """The dearest first, those without a cost last."""
    buckets = [change("aws_s3_bucket", name, after={}) for name in ("b", "a", "cheap", "dear")]
    usage = {
        "aws_s3_bucket.dear": {"standard": {"storage_gb": 1000}},
        "aws_s3_bucket.cheap": {"standard": {"storage_gb": 1}},
    }
    document = price(plan_of(*buckets), usage)
    assert [name.partition(".")[2] for name in resources(document)] == ["dear", "cheap", "a", "b"]


def test_a_new_resource_is_all_difference(preview: dict[str, Any], price: Estimate) -> None:
    """Nothing was there before: the past is empty and the difference is the estimate."""
    document = price(preview, USAGE)
    assert (document["pastTotalMonthlyCost"], document["diffTotalMonthlyCost"]) == ("0", "8.7")
    assert resources(document, "pastBreakdown") == {}
    assert resources(document, "diff") == resources(document)


def test_a_destroyed_resource_is_negative(price: Estimate) -> None:
    """Retiring shows what is saved."""
    document = price(plan_of(change("aws_kms_key", before={"arn": "arn:aws:kms:us-east-1:1:key/x"})))
    figures = summary(document)
    assert (figures.monthly, figures.past_monthly, figures.diff_monthly) == (Decimal(0), Decimal(1), Decimal(-1))
    key = lines(resources(document, "diff")["aws_kms_key.this"])["Customer master key"]
    assert (key["monthlyQuantity"], key["price"], key["monthlyCost"]) == ("-1", "-1", "-1")


def test_an_unchanged_resource_is_in_both_totals_and_in_no_difference(price: Estimate) -> None:
    """No-ops cost what they cost."""
    document = price(plan_of(change("aws_kms_key", before={}, after={})))
    assert (document["totalMonthlyCost"], document["pastTotalMonthlyCost"]) == ("1", "1")
    assert document["diffTotalMonthlyCost"] == "0"
    assert resources(document, "diff") == {}


def test_a_moved_resource_is_no_difference(price: Estimate) -> None:
    """A new address is not a new cost."""
    moved = change("aws_kms_key", before={}, after={}, previous_address="aws_kms_key.old")
    assert resources(price(plan_of(moved)), "diff") == {}


def test_data_sources_and_deposed_objects_cost_nothing(price: Estimate) -> None:
    """Only managed, current objects are billed."""
    read = {**change("aws_kms_key", after={}), "mode": "data"}
    deposed = {**change("aws_kms_key", "old", before={}), "deposed": "abcd1234"}
    document = price(plan_of(read, deposed))
    assert (document["totalMonthlyCost"], document["pastTotalMonthlyCost"]) == ("0", "0")


def test_a_type_with_nothing_to_pay_for_is_zero(price: Estimate) -> None:
    """An empty plan costs nothing, which is known."""
    assert summary(price(plan_of())).monthly == Decimal(0)


def test_a_plan_without_any_figure_has_no_total(price: Estimate) -> None:
    """A bucket of unknown size does not cost 0.00."""
    assert summary(price(plan_of(change("aws_s3_bucket", after={})))).monthly is None


def test_lines_for_tables(preview: dict[str, Any], price: Estimate) -> None:
    """Zero and unknown quantities are left out of tables; shown units stay."""
    figures = summary(price(preview, USAGE))
    assert [(line.component, line.monthly) for line in figures.lines] == [
        ("Standard / Storage", Decimal("2.3")),
        ("Standard / PUT, COPY, POST, LIST requests", Decimal(5)),
        ("Standard / GET, SELECT, and all other requests", Decimal("0.4")),
        ("Customer master key", Decimal(1)),
    ]
    assert figures.usage_monthly == Decimal("7.7")
    assert figures.prices_as_of == "2026-08"


def test_something_else_than_a_plan_is_refused(price: Estimate) -> None:
    """A state or an empty object is not an empty plan, and neither is one whose changes are no list."""
    others: list[dict[str, Any]] = [{}, {"format_version": "1.2", "resource_changes": {}}, {"format_version": 1}]
    for other in others:
        with pytest.raises(Invalid) as caught:
            price(other)
        assert caught.value.code == "plan-invalid"


def test_the_source_and_age_of_each_price_are_kept(preview: dict[str, Any], price: Estimate, book: PriceBook) -> None:
    """Every component of a resource names a source that the book knows."""
    bucket = resources(price(preview))[BUCKET]
    prices = bucket["metadata"]["prices"]
    assert {item["component"] for item in prices} == set(lines(bucket))
    assert all(item["source"] in book.sources and item["asOf"] for item in prices)


def test_money_is_exact(price: Estimate) -> None:
    """Quantities of many digits lose none in products and sums."""
    usage = {"aws_s3_bucket.this": {"standard": {"storage_gb": "123456789012345678901234.000000001"}}}
    document = price(plan_of(change("aws_s3_bucket", after={})), usage)
    assert document["totalMonthlyCost"] == "2839506147283950614728.382000000023"


def test_a_missing_price_and_an_ignored_quantity_are_named_with_their_place(price: Estimate) -> None:
    """The component with its group, the resource and the region, for programs too; each once."""
    bucket = change("aws_s3_bucket", before={}, after={})
    document = price(plan_of(bucket, region="ap-south-2"), {"aws_s3_bucket.this": {"typo": 1}, "aws_x.gone": {}})
    metadata = document["projects"][0]["metadata"]
    places = [entry["data"] for entry in metadata["errors"]]
    assert {"resource": "aws_s3_bucket.this", "component": "Standard / Storage", "region": "ap-south-2"} in places
    assert len({tuple(place.values()) for place in places}) == len(places)
    assert [entry["data"] for entry in metadata["warnings"]] == [
        {"resource": "aws_x.gone"}, {"resource": "aws_s3_bucket.this"},
    ]  # fmt: skip
    assert summary(document).warnings[0] == (
        "usage of aws_x.gone is not counted: no resource of the plan has this address"
    )


def test_counts_by_type_are_sorted(price: Estimate) -> None:
    """So that two runs of one plan print the same."""
    kinds = ["aws_widget", "aws_iam_role", "aws_gizmo", "aws_iam_policy", "aws_gizmo"]
    plan = plan_of(*(change(kind, f"n{number}", after={}) for number, kind in enumerate(kinds)))
    counts = price(plan)["summary"]
    assert list(counts["unsupportedResourceCounts"].items()) == [("aws_gizmo", 2), ("aws_widget", 1)]
    assert list(counts["noPriceResourceCounts"].items()) == [("aws_iam_policy", 1), ("aws_iam_role", 1)]
    assert (counts["totalUnsupportedResources"], counts["totalNoPriceResources"]) == (3, 2)
