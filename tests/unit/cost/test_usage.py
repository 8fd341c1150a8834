"""Usage files: addresses, wildcards, defaults, and mistakes that are not swallowed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.estimate import estimate
from gaia.cost.usage import Usage, merged
from gaia.errors import Invalid

from .conftest import BUCKET, Estimate, change, plan_of, resources

if TYPE_CHECKING:
    from gaia.cost.book import PriceBook

INDEXED = 'module.b["x.y"].aws_s3_bucket.this[0]'


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("aws_s3_bucket.this", "aws_s3_bucket.this"),
        (BUCKET, BUCKET),
        (INDEXED, INDEXED),
        (INDEXED, 'module.b["x.y"].aws_s3_bucket.this[*]'),
        (INDEXED, "module.b[*].aws_s3_bucket.this[*]"),
    ],
)
def test_an_address_is_found(address: str, key: str) -> None:
    """Exactly, or with `[*]` for any index."""
    usage = Usage({"resource_usage": {key: {"object_tags": 1}}})
    assert usage.of(address, "aws_s3_bucket").number("object_tags") == 1
    assert usage.unmatched() == ()


@pytest.mark.parametrize("key", ["aws_s3_bucket.this", "module.b.aws_s3_bucket.this[*]", "module.b[*].aws_s3_bucket.x"])
def test_another_address_is_not_found(key: str) -> None:
    """`[*]` stands for an index, not for anything; what fits nothing is named."""
    usage = Usage({"resource_usage": {key: {"object_tags": 1}}})
    assert usage.of(INDEXED, "aws_s3_bucket").number("object_tags") is None
    assert usage.unmatched() == (key,)


def test_the_nearest_wins_key_by_key() -> None:
    """Exact address over wildcard over type, each quantity for itself."""
    usage = Usage(
        {
            "resource_type_default_usage": {"aws_s3_bucket": {"object_tags": 1, "standard": {"storage_gb": 1, "a": 1}}},
            "resource_usage": {
                "aws_s3_bucket.this[0]": {"standard": {"storage_gb": 3}},
                "aws_s3_bucket.this[*]": {"standard": {"storage_gb": 2, "a": 2}},
            },
        }
    ).of("aws_s3_bucket.this[0]", "aws_s3_bucket")
    assert usage.number("standard", "storage_gb") == 3
    assert usage.number("standard", "a") == 2
    assert usage.number("object_tags") == 1


def test_a_wildcard_for_fewer_indices_is_nearer() -> None:
    """However the keys are sorted as texts."""
    near, far = 'module.b["x.y"].aws_s3_bucket.this[*]', "module.b[*].aws_s3_bucket.this[*]"
    for keys in ((near, far), (far, near)):
        usage = Usage({"resource_usage": {key: {"object_tags": int(key == near)} for key in keys}})
        assert usage.of(INDEXED, "aws_s3_bucket").number("object_tags") == 1


def test_a_number_may_be_written_in_several_ways() -> None:
    """A float is taken as it is written."""
    usage = Usage({"resource_usage": {"a.b": {"x": 0.1, "y": "1e3", "z": None}}}).of("a.b", "a")
    assert [usage.number(key) for key in "xyz"] == [Decimal("0.1"), Decimal(1000), None]


@pytest.mark.parametrize("wrong", ["much", -1, True, [], "NaN", float("inf")])
def test_something_else_than_a_quantity_is_refused(wrong: object) -> None:
    """The error names the resource and the key."""
    usage = Usage({"resource_usage": {"a.b": {"standard": {"storage_gb": wrong}}}}).of("a.b", "a")
    with pytest.raises(Invalid) as caught:
        usage.number("standard", "storage_gb")
    assert caught.value.code == "usage-invalid"
    assert "standard.storage_gb of a.b" in caught.value.message


@pytest.mark.parametrize("content", [{"resource_usage": []}, {"resource_usage": {"a.b": 1}}])
def test_a_file_of_another_shape_is_refused(content: dict[str, Any]) -> None:
    """Quantities are given by resource."""
    with pytest.raises(Invalid) as caught:
        Usage(content)
    assert caught.value.code == "usage-invalid"


def test_usage_that_counts_for_nothing_is_a_warning(preview: dict[str, Any], price: Estimate) -> None:
    """A misspelled address or key is named in the estimate instead of being dropped."""
    document = price(preview, {"aws_s3_bucket.this": {}, BUCKET: {"standard": {"storage_gib": 1}}})
    warnings = document["projects"][0]["metadata"]["warnings"]
    assert [(item["code"], item["isError"], item["message"]) for item in warnings] == [
        (1002, False, "usage of aws_s3_bucket.this is not counted: no resource of the plan has this address"),
        (1002, False, f"usage of {BUCKET} is not counted: standard.storage_gib is no quantity of this resource"),
    ]
    assert [item["data"] for item in warnings] == [{"resource": "aws_s3_bucket.this"}, {"resource": BUCKET}]


def test_a_part_has_quantities_of_its_own() -> None:
    """What is misspelled in it is named with it, and a part that is asked for twice is the same."""
    usage = Usage({"resource_usage": {"aws_x.a": {"db": {"gb": 2, "bg": 3}, "regions": {"b": 1, "a": 2}, "lb": 5}}})
    said = usage.of("aws_x.a", "aws_x")
    assert said.within("db").number("gb") == 2
    assert said.within("lb").number("gb") is None
    assert said.within("db") is said.within("db")
    assert said.names("regions") == ("a", "b")
    assert said.names("nothing") == ()
    assert said.ignored() == ("db.bg", "regions.a", "regions.b")


def test_a_usage_file_declares_what_is_no_resource(price: Estimate) -> None:
    """Data transfer is in the estimate where its file has it, once there is something that sends."""
    usage = {"aws_data_transfer.here": {"monthly_outbound_internet_gb": 100, "region": "eu-west-1"}}
    plan = plan_of(change("aws_kms_key", before={}, after={}))
    document = price(plan, usage)
    assert document["pastTotalMonthlyCost"] == document["totalMonthlyCost"] == "10"
    assert list(resources(document)) == ["aws_data_transfer.here", "aws_kms_key.this"]
    created = price(plan_of(change("aws_kms_key", after={})), usage)
    assert created["diffTotalMonthlyCost"] == "10"
    assert created["summary"]["totalDetectedResources"] == 2


def test_two_files_are_merged_key_by_key() -> None:
    """What one does not say stays as the other has it; a range is one thing."""
    settings = {"resource_usage": {"aws_x.a": {"standard": {"gb": 1, "gets": {"low": 1, "expected": 2}}, "tags": 3}}}
    file = {"version": 0.1, "resource_usage": {"aws_x.a": {"standard": {"gets": {"expected": 5}}}, "aws_x.b": {"n": 1}}}
    both = merged(settings, file)
    assert both["resource_usage"]["aws_x.a"] == {"standard": {"gb": 1, "gets": {"expected": 5}}, "tags": 3}
    assert both["resource_usage"]["aws_x.b"] == {"n": 1}
    assert merged(settings, {"resource_usage": None}) == settings
    assert merged(settings, {"resource_usage": {"aws_x.a": None}}) == settings


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"resources_usage": {}}, "resources_usage is no section of a usage file: it is not counted"),
        ({"resource_usages": {}}, "resource_usages is no section of a usage file: it is not counted"),
        ({"version": 7}, "version 7 of usage files is not known: it is not counted"),
    ],
)
def test_a_misspelled_top_level_is_said(book: PriceBook, content: dict[str, Any], said: str) -> None:
    """All below it would be ignored without a word."""
    plan = plan_of(change("aws_s3_bucket", after={}))
    document = estimate(plan, usage=content, book=book, project="x", region_default="us-east-1")
    assert [one["message"] for one in document["projects"][0]["metadata"]["warnings"]] == [said]
    document = estimate(plan, usage={"version": 0.1}, book=book, project="x", region_default="us-east-1")
    assert "warnings" not in document["projects"][0]["metadata"]
