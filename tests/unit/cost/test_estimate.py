"""Estimates of whole plans: figures, sums, order, what changes, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.combine import combine
from gaia.cost.estimate import failed
from gaia.cost.summary import CostSummary, summary
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
    assert list(counts["noPriceResourceCounts"]) == sorted(counts["noPriceResourceCounts"])
    assert "errors" not in price(preview)["projects"][0]["metadata"]
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


def test_what_goes_and_cannot_be_priced_makes_the_difference_partial(price: Estimate) -> None:
    """A warning of the project names the type, because the format counts those of afterwards; the total is known."""
    key = change("aws_kms_key", before={})
    document = price(plan_of(key, change("aws_gizmo", before={}), change("aws_gizmo", "two", before={})))
    assert document["projects"][0]["metadata"]["warnings"] == [
        {
            "code": 1003,
            "message": "no prices yet for aws_gizmo (2), which is there now: the difference is partial",
            "data": {"resourceType": "aws_gizmo", "count": 2},
            "isError": False,
        }
    ]
    figures = summary(document)
    assert (figures.complete, figures.total_complete) == (False, True)
    assert (figures.not_priced, figures.resources, figures.unsupported) == (2, 3, {"aws_gizmo": 2})
    assert figures.warnings == ()


def test_changes_without_a_price_are_counted_by_type(price: Estimate) -> None:
    """Not those of what has a price or costs nothing, nor what stays as it is; a value nobody knows yet is a change."""
    later = change("aws_gizmo", "later", before={}, after={})
    later["change"]["after_unknown"] = {"size": True}
    read = change("aws_gadget", before={}, after={})
    read["change"] |= {"after_unknown": {"size": True}, "actions": ["no-op"]}
    changes = [change("aws_gizmo", after={}), later, read, change("aws_gadget", "same", before={}, after={})]
    changes += [change("aws_kms_key", after={}), change("aws_iam_role", after={})]
    (project,) = price(plan_of(*changes))["projects"]
    assert project["metadata"]["changing"] == {"aws_gizmo": 2}


def test_what_could_not_be_planned_is_a_project_with_an_error() -> None:
    """With Gaia's code of it, the reason, and null for every figure."""
    made = failed("dev/db", "no such variable")
    (project,) = made["projects"]
    (error,) = project["metadata"]["errors"]
    assert error == {"code": 1005, "message": "no such variable", "data": {"project": "dev/db"}, "isError": True}
    assert (project["metadata"]["type"], project["breakdown"], made["totalMonthlyCost"]) == ("error", None, None)


def test_what_stays_is_counted_once(price: Estimate) -> None:
    """Resources that are there before and afterwards, priced or not."""
    stays = [change("aws_gizmo", before={}, after={}), change("aws_kms_key", before={}, after={})]
    figures = summary(price(plan_of(*stays, change("aws_gadget", before={})), region_default="us-east-1"))
    assert (figures.not_priced, figures.resources) == (2, 3)
    assert figures.unsupported == {"aws_gadget": 1, "aws_gizmo": 1}
    assert not figures.total_complete


def test_resources_of_equal_names_in_two_projects_are_two(price: Estimate) -> None:
    """Each instance has its own `aws_kms_key.this`."""
    unpriced = plan_of(change("aws_kms_key", after={}), region="ap-south-2")
    both = combine([price(unpriced), price(unpriced, project="acme-use1-dev/other")])
    assert (summary(both).not_priced, summary(both).resources) == (2, 2)


def test_each_unpriced_resource_of_a_project_counts(price: Estimate) -> None:
    """However many of its lines have no price; they are named in order, each once, also where it was there before."""
    keys = [change("aws_kms_key", name, before={}, after={}) for name in ("b", "a")]
    figures = summary(price(plan_of(*keys, change("aws_kms_key", "c", before={}), region="ap-south-2")))
    assert (figures.not_priced, figures.resources) == (3, 3)
    assert list(figures.unpriced) == sorted(set(figures.unpriced))
    assert len(figures.unpriced) == 12
    assert {line.partition(":")[0] for line in figures.unpriced} == {f"aws_kms_key.{name}" for name in "abc"}


def test_totals_for_programs_say_whether_they_are_partial(price: Estimate) -> None:
    """Figures as texts, null where nothing is known; how many resources are not priced, how many lines are by use."""
    known = summary(price(plan_of(change("aws_kms_key", after={})))).totals()
    assert known == {
        "currency": "USD", "monthly": "1", "past_monthly": "0", "difference": "1", "partial": False,
        "low": "1", "expected": "1", "high": "1", "resources": 1, "not_priced": 0, "by_use": 3, "assumed": 0,
    }  # fmt: skip
    partial = summary(price(plan_of(change("aws_kms_key", after={}), change("aws_gizmo", after={})))).totals()
    assert (partial["monthly"], partial["partial"], partial["not_priced"], partial["resources"]) == ("1", True, 1, 2)
    nothing = summary(price(plan_of(change("aws_kms_key", after={}), region="ap-south-2"))).totals()
    assert (nothing["monthly"], nothing["difference"], nothing["partial"]) == (None, None, True)


def test_figures_that_are_not_wholly_known_cannot_be_compared(price: Estimate) -> None:
    """They are not there: null is less than every number in Rego. What is known is a number."""
    gone = summary(price(plan_of(change("aws_kms_key", before={})))).comparable()
    assert (gone["monthly"], gone["past_monthly"], gone["difference"], gone["partial"]) == (0.0, 1.0, -1.0, False)
    partial = summary(price(plan_of(change("aws_kms_key", after={}), change("aws_gizmo", after={})))).comparable()
    by_use = summary(price(plan_of(change("aws_s3_bucket", after={})))).comparable()
    assert not {"monthly", "past_monthly", "difference"} & set(partial)
    assert partial["partial"] is True
    assert (by_use["past_monthly"], by_use["partial"]) == (0.0, False)
    assert not {"monthly", "difference"} & set(by_use)


def test_nothing_to_pay_for_costs_nothing(price: Estimate) -> None:
    """A plan of things that are free is zero, which is known."""
    document = price(plan_of(change("aws_iam_role", after={})))
    assert (document["totalMonthlyCost"], document["diffTotalMonthlyCost"]) == ("0", "0")


def test_the_part_that_depends_on_usage_is_zero_unknown_or_a_sum(price: Estimate) -> None:
    """Zero where nothing depends on it, null where nobody has said how much."""
    fixed = change("aws_kms_external_key", after={})
    bucket = change("aws_s3_bucket", after={})
    said = {"aws_s3_bucket.this": {"standard": {"storage_gb": 100}}}
    assert price(plan_of(fixed))["totalMonthlyUsageCost"] == "0"
    assert price(plan_of(fixed, bucket))["totalMonthlyUsageCost"] is None
    assert price(plan_of(fixed, bucket), said)["totalMonthlyUsageCost"] == "2.3"


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


def test_a_document_of_infracost_itself_is_read() -> None:
    """It may lack what is optional, and have no breakdown; its total of nothing known is "0", which is not known."""

    def line(name: str, cost: str | None, **more: Any) -> dict[str, Any]:
        return {"name": name, "unit": "GB", "monthlyQuantity": None, "price": "0", "monthlyCost": cost, **more}

    def read(*lines: dict[str, Any], **totals: Any) -> CostSummary:
        breakdown = {"resources": [{"name": "thing", "metadata": {}, "costComponents": list(lines)}]}
        projects = [
            {"name": "a", "metadata": {"warnings": None}, "pastBreakdown": None, "breakdown": breakdown},
            {"name": "b", "metadata": {"warnings": [{"code": 101, "message": "hm"}]}, "breakdown": None},
        ]
        return summary({"currency": "EUR", "projects": projects, "summary": {}, **totals})

    unknown = read(line("Use", None), totalMonthlyCost="0")
    assert (unknown.currency, unknown.monthly, unknown.past_monthly) == ("EUR", None, None)
    assert (unknown.pending, unknown.warnings) == (("thing: Use",), ("hm",))
    assert (unknown.complete, unknown.total_complete, unknown.prices_as_of) == (True, True, None)
    known = read(line("Use", None), line("Key", "1"), totalMonthlyCost="1")
    assert known.monthly == Decimal(1)
    missing = read(line("Lost", "0", priceNotFound=True), totalMonthlyCost="0")
    assert (missing.unpriced, missing.pending) == (("thing: Lost (unknown region)",), ())
    assert (missing.total_complete, missing.not_priced, missing.resources) == (False, 1, 1)


def test_something_else_than_a_plan_is_refused(price: Estimate) -> None:
    """A state or an empty object is not an empty plan."""
    for odd in ({}, {"format_version": 1, "resource_changes": []}, {"format_version": "1.2", "resource_changes": {}}):
        with pytest.raises(Invalid) as caught:
            price(odd)
        assert caught.value.code == "plan-invalid"


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"version": 4, "serial": 3, "resources": []}, "a state"),
        ({"format_version": "1.0", "values": {"root_module": {}}}, "a state"),
        ({"format_version": "2.0", "resource_changes": []}, "format 2.0"),
        ({"format_version": "1", "resource_changes": []}, "format 1 "),
        ({"resource_changes": []}, "not the JSON of a Terraform plan"),
    ],
)
def test_what_was_given_instead_of_a_plan_is_named(odd: dict[str, Any], why: str, price: Estimate) -> None:
    """A state, in either form; a plan of another time."""
    with pytest.raises(Invalid) as caught:
        price(odd)
    assert (caught.value.code, why in caught.value.message) == ("plan-invalid", True)


def test_a_plan_without_changes_costs_nothing(price: Estimate) -> None:
    """Also one of an old Terraform, and one without a configuration."""
    assert price({"format_version": "0.2", "planned_values": {}})["totalMonthlyCost"] == "0"
    key = {"format_version": "1.2", "resource_changes": [change("aws_kms_key", after={})]}
    document = price(key)
    assert document["totalMonthlyCost"] == "1"
    assert resources(document)["aws_kms_key.this"]["metadata"]["assumed"] == ["region"]


def test_the_source_and_age_of_each_price_are_kept(preview: dict[str, Any], price: Estimate, book: PriceBook) -> None:
    """Every component of a resource names a source that the book knows."""
    bucket = resources(price(preview))[BUCKET]
    prices = bucket["metadata"]["prices"]
    assert {item["component"] for item in prices} == set(lines(bucket))
    assert all(item["source"] in book.sources and item["asOf"] for item in prices)


def test_money_is_exact(price: Estimate) -> None:
    """Quantities of many digits lose none in products and sums."""
    usage = {"aws_s3_bucket.this": {"standard": {"storage_gb": "123456789012345678.000000000000001"}}}
    document = price(plan_of(change("aws_s3_bucket", after={})), usage)
    assert document["totalMonthlyCost"] == "2839506147283950.594000000000000023"


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


def test_a_missing_price_is_told_with_the_region_that_it_is_missing_in(price: Estimate) -> None:
    """Data that leaves another region is billed there."""
    usage = {"aws_data_transfer.far": {"region": "xx-far-1", "monthly_outbound_internet_gb": 1}}
    document = price(plan_of(change("aws_kms_key", after={})), usage)
    (error,) = document["projects"][0]["metadata"]["errors"]
    assert error["data"]["region"] == "xx-far-1"
