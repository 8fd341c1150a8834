"""What an estimate does not know: said wherever figures are shown, and never a figure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from tests.unit.cli.rendered import text

from gaia.cli.screens.cost import cost_diff_screen, cost_screen, total_text
from gaia.cost.combine import combine
from gaia.cost.estimate import failed
from gaia.cost.formats import Format, rendered
from gaia.cost.formats.figures import figures
from gaia.cost.summary import summary

from .conftest import Estimate, change, lines, plan_of, resources

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET = "m5.24xlarge"
WHY = "it cannot log in. Give it credentials."


def told(document: Mapping[str, Any]) -> list[str]:
    """All that people and programs are shown of an estimate, one text a form."""
    views = ("breakdown", "diff")
    return [
        text(cost_screen(document)),
        text(cost_diff_screen(document)),
        *(rendered(document, form, view) for form in get_args(Format) for view in views),  # type: ignore[arg-type]
        *(json.dumps(figures(document, view)) for view in views),  # type: ignore[arg-type]
    ]


def volume(**more: Any) -> dict[str, Any]:
    """A plan of one new disk."""
    unknown = more.pop("after_unknown", {})
    return plan_of(change("aws_ebs_volume", after={"type": "gp3", **more}, after_unknown=unknown))


def test_what_could_not_be_planned_is_a_project_with_an_error() -> None:
    """Null where others have figures, and why it is so in each form."""
    document = combine([failed("acme-euw1-prod/shop", WHY)])
    assert (document["totalMonthlyCost"], document["pastTotalMonthlyCost"], document["diffTotalMonthlyCost"]) == (
        None, None, None,
    )  # fmt: skip
    found = summary(document)
    assert (found.complete, found.total_complete, found.totals()["monthly"]) == (False, False, None)
    assert total_text(document) == "cost unknown (partial: 1 project has no estimate)"
    for form in told(document):
        assert "$0.00" not in form
        assert "shop" in form
        assert "log in" in form


def test_of_several_the_sum_is_of_those_that_were_planned(price: Estimate) -> None:
    """And at least that much: in the total, before, and where they are no difference."""
    planned = price(plan_of(change("aws_kms_key", before={}, after={})))
    document = combine([planned, failed("acme-euw1-prod/shop", WHY)])
    screen = text(cost_screen(document))
    assert "at least $1.00" in screen
    assert "Difference from at least $1.00 now" in screen
    assert "at least $1.00" in rendered(document, "markdown", "breakdown")
    assert "at least $1.00" in rendered(document, "html", "breakdown")
    assert figures(document, "diff")["projects"][1] == {  # type: ignore[index]
        "name": "acme-euw1-prod/shop", "monthly": None, "past_monthly": None, "difference": None, "partial": True,
        "error": WHY,
    }  # fmt: skip


@pytest.mark.parametrize("code", [101, 302])
def test_an_error_of_infracost_makes_an_estimate_partial(price: Estimate, code: int) -> None:
    """Whatever it is of: it was not priced."""
    document = price(plan_of(change("aws_kms_key", after={})))
    document["projects"][0]["metadata"]["errors"] = [{"code": code, "message": "hm", "data": None, "isError": True}]
    assert not summary(document).complete
    assert "at least $1.00" in total_text(document)


def sensitive(kind: str, after: dict[str, Any], mask: Any) -> dict[str, Any]:
    """A plan of one new resource with values that must not be shown."""
    plan = plan_of(change(kind, after=after))
    plan["resource_changes"][0]["change"] |= {"after_sensitive": mask, "before_sensitive": False}
    return plan


@pytest.mark.parametrize(
    ("kind", "after", "mask"),
    [
        ("aws_instance", {"instance_type": SECRET}, {"instance_type": True}),
        ("aws_instance", {"instance_type": SECRET}, True),
        ("aws_instance", {"instance_type": "m5.large", "tags": {"a": SECRET}}, {"tags": {"a": True}}),
        ("aws_instance", {"instance_type": "m5.large", "tags": {"a": SECRET}}, {"tags": True}),
        ("aws_instance", {"instance_type": "m5.large", "tags_all": {"a": SECRET}}, {"tags": {"a": True}}),
        ("aws_db_instance", {"engine": "mysql", "instance_class": f"db.{SECRET}"}, {"instance_class": True}),
        ("aws_ebs_volume", {"type": "gp3", "size": 424242}, {"size": True}),
        ("aws_instance", {"instance_type": "m5.large", "root_block_device": [{"volume_size": 424242}]},
         {"root_block_device": [{"volume_size": True}]}),
        ("aws_instance", {"instance_type": "m5.large", "root_block_device": [{"volume_size": 424242}]},
         {"root_block_device": True}),
        ("aws_instance", {"instance_type": "m5.large", "region": "eu-west-1"}, {"region": True}),
    ],
)  # fmt: skip
def test_a_sensitive_value_is_in_no_form(price: Estimate, kind: str, after: dict[str, Any], mask: Any) -> None:
    """Neither in names of lines nor as a quantity or a tag; what it costs is still there."""
    document = price(sensitive(kind, after, mask))
    for form in told(document):
        for value in (SECRET, "424242", "424,242", "eu-west-1"):
            assert value not in form
    assert document["totalMonthlyCost"] is not None


def test_what_must_not_be_shown_is_one_line_of_its_cost(price: Estimate) -> None:
    """A month of it, at its price; without quantity where nobody knows what it costs."""
    disk = sensitive("aws_ebs_volume", {"type": "gp3", "size": 100}, {"size": True})
    (line,) = lines(resources(price(disk))["aws_ebs_volume.this"]).values()
    assert (line["monthlyQuantity"], line["price"], line["monthlyCost"]) == ("1", "8", "8")
    assert line["hourlyQuantity"] == "0.0013698630136986"
    bucket = sensitive("aws_s3_bucket", {"bucket": "a", "region": "us-east-1"}, {"region": True})
    (line,) = lines(resources(price(bucket))["aws_s3_bucket.this"]).values()
    assert (line["monthlyQuantity"], line["hourlyQuantity"], line["price"]) == (None, None, "0")


def test_what_refers_to_a_sensitive_value_does_not_tell_it(price: Estimate) -> None:
    """A group of machines whose launch template is secret."""
    group = {"desired_capacity": 2, "launch_template": [{"id": "lt-1"}]}
    template = {"id": "lt-1", "instance_type": SECRET}
    plan = plan_of(change("aws_launch_template", after=template), change("aws_autoscaling_group", after=group))
    plan["resource_changes"][0]["change"]["after_sensitive"] = {"instance_type": True}
    document = price(plan)
    assert SECRET not in json.dumps(document)
    assert document["totalMonthlyCost"] is not None


@pytest.mark.parametrize(
    "kind", ["awscc_ec2_instance", "digitalocean_droplet", "helm_release", "kubernetes_service_v1"]
)
def test_a_type_of_any_provider_is_unknown(price: Estimate, kind: str) -> None:
    """Only what costs nothing by nature is left out."""
    found = summary(price(plan_of(change(kind, after={}), change("random_id", after={}), change("null_x", after={}))))
    assert (found.unsupported, found.complete, found.monthly) == ({kind: 1}, False, None)


def test_a_quantity_that_is_unknown_until_apply_is_said(price: Estimate) -> None:
    """A default is priced in its place: at least that, and partial, in each form."""
    plan = volume(after_unknown={"size": True})
    plan["configuration"]["root_module"]["resources"][0]["expressions"] = {"size": {"references": ["var.x"]}}
    document = price(plan)
    found = summary(document)
    assert found.doubtful == ("aws_ebs_volume.this: size",)
    assert (found.complete, found.total_complete, found.not_priced) == (False, False, 1)
    for form in told(document):
        assert "aws_ebs_volume.this" in form.replace("\\", "")
    assert "at least $0.64" in total_text(document)


def test_what_is_referred_to_may_be_unknown(price: Estimate) -> None:
    """The estimate of a group says which attribute of its template is."""
    group = {"desired_capacity": 2, "launch_template": [{"id": "lt-1"}]}
    template = change("aws_launch_template", after={"id": "lt-1"}, after_unknown={"instance_type": True})
    plan = plan_of(template, change("aws_autoscaling_group", after=group))
    plan["configuration"]["root_module"]["resources"][0]["expressions"] = {"instance_type": {"references": ["var.x"]}}
    assert "aws_autoscaling_group.this: aws_launch_template.this.instance_type" in summary(price(plan)).doubtful


@pytest.mark.parametrize("size", [-100000, "-1", "1e70", 10**30, "Infinity", "NaN", 1e300])
def test_what_is_no_quantity_has_no_price(price: Estimate, size: object) -> None:
    """It is neither a saving nor a default; why it has none is said."""
    document = price(volume(size=size))
    line = lines(resources(document)["aws_ebs_volume.this"])["Storage (general purpose SSD, gp3)"]
    assert (line["monthlyQuantity"], line["monthlyCost"], line["priceNotFound"]) == (None, None, True)
    found = summary(document)
    assert (found.monthly, found.complete) == (None, False)
    assert "size is no quantity" in found.unpriced[0]
    assert "size is no quantity" in document["projects"][0]["metadata"]["errors"][0]["message"]


def test_an_empty_block_is_known_to_say_nothing(price: Estimate) -> None:
    """Terraform leaves the expressions of it out; what its provider decides is not configured then."""
    plan = plan_of(
        change("aws_efs_file_system", after={}, after_unknown={"availability_zone_name": True}),
    )
    del plan["configuration"]["root_module"]["resources"][0]["expressions"]
    assert list(lines(resources(price(plan))["aws_efs_file_system.this"])) == ["Storage (standard)"]


UNKNOWN_TYPE = {"size": "large"}


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [(UNKNOWN_TYPE, UNKNOWN_TYPE, True), (UNKNOWN_TYPE, {"size": "small"}, False), (None, UNKNOWN_TYPE, False)],
)
def test_a_type_without_prices_is_a_difference_where_it_changes(
    price: Estimate, before: dict[str, Any] | None, after: dict[str, Any], *, whole: bool
) -> None:
    """Where it stays as it is, the difference is exact, and nothing is said to change the bill."""
    document = price(
        plan_of(change("aws_gizmo", before=before, after=after), change("aws_kms_key", before={}, after={}))
    )
    assert summary(document).difference_complete is whole
    screen = text(cost_diff_screen(document))
    assert ("Nothing changes the bill." in screen) is whole
    assert ("Nothing that has a price changes." in screen) is not whole


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [("m5.large", "m5.large", True), ("x9.large", "x9.large", True), ("x9.large", "x9.small", False)],
)
def test_a_missing_price_is_a_difference_where_the_product_changes(
    price: Estimate, before: str, after: str, *, whole: bool
) -> None:
    """Two products without a price need not cost the same, though there is as much of both."""
    machine = change("aws_instance", before={"instance_type": before}, after={"instance_type": after})
    assert summary(price(plan_of(machine))).difference_complete is whole


def test_the_past_may_be_a_part_too(price: Estimate) -> None:
    """What goes has no price: it was at least what is known, not from so much to nothing."""
    gone = change("aws_instance", before={"instance_type": "x9.large"})
    screen = text(cost_diff_screen(price(plan_of(gone))))
    assert "from at least $0.80 to $0.00" in screen


def test_what_terraform_forgets_goes_on_costing(price: Estimate) -> None:
    """It is no saving, and that is said."""
    plan = plan_of(change("aws_kms_key", before={"arn": "arn:aws:kms:us-east-1:1:key/x"}))
    plan["resource_changes"][0]["change"]["actions"] = ["forget"]
    document = price(plan)
    assert (document["totalMonthlyCost"], document["diffTotalMonthlyCost"]) == ("1", "0")
    assert "aws_kms_key.this is forgotten, not destroyed" in text(cost_diff_screen(document))


def test_lines_without_a_price_are_told_by_resource_with_the_way_out(price: Estimate) -> None:
    """One line a resource, and once how prices are fetched."""
    screen = text(cost_screen(price(plan_of(change("aws_s3_bucket", after={}), region="ap-south-2"))))
    assert screen.count("No price for aws_s3_bucket.this") == 1
    assert " ".join(screen.split()).count("`gaia prices refresh --region ap-south-2`") == 1


def test_none_of_what_has_no_price_costs_nothing(price: Estimate) -> None:
    """Zero is zero at any price."""
    plan = plan_of(change("aws_s3_bucket", after={}), region="ap-south-2")
    document = price(plan, {"aws_s3_bucket.this": {"standard": {"storage_gb": 0}}})
    assert lines(resources(document)["aws_s3_bucket.this"])["Standard / Storage"]["monthlyCost"] == "0"
    assert summary(document).complete


def test_an_assumed_region_is_said(price: Estimate) -> None:
    """It decides every price."""
    screen = text(cost_screen(price(plan_of(change("aws_kms_key", after={}), region=None))))
    assert "does not say the region of 1 resource: taken for us-east-1" in " ".join(screen.split())
