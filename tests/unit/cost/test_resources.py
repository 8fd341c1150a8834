"""Builders, one service at a time, and the lists that they are found by."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gaia.cost import resources as catalog
from gaia.cost.resources import MODULES, builder, builders, free_types

from .conftest import Estimate, change, lines, plan_of, resources

REPOSITORY = Path(__file__).parents[3]
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"


def _groups(document: dict[str, Any], address: str = "aws_s3_bucket.this") -> list[str]:
    return [group["name"] for group in resources(document)[address]["subresources"]]


def test_the_index_and_the_classes_agree() -> None:
    """Each file's line in `MODULES` holds the types of its classes, sorted, so that no class is forgotten."""
    files = sorted(path.stem for path in Path(catalog.__file__).parent.glob("*.py") if path.stem != "__init__")
    classes = {file: tuple(sorted(kind for one in builders(file) for kind in one.types)) for file in files}
    assert classes == MODULES


def test_no_type_is_priced_twice_or_both_priced_and_free() -> None:
    """A type is in one file, and not on the list of those that cost nothing."""
    kinds = [kind for kinds in MODULES.values() for kind in kinds]
    assert len(kinds) == len(set(kinds))
    assert not set(kinds) & free_types()
    assert all(builder(kind) for kind in kinds)


def test_whatever_the_blueprint_makes_is_priced_or_known_to_be_free() -> None:
    """Nobody who starts with it reads that an estimate is partial because of a type that Gaia does not know."""
    made = {
        kind
        for file in (REPOSITORY / "blueprint").rglob("*.tf")
        for kind in re.findall(r'^resource "(aws_\w+)"', file.read_text(), re.MULTILINE)
    }
    assert len(made) > 80
    assert [kind for kind in sorted(made) if not builder(kind) and kind not in free_types()] == []


def test_a_separate_lifecycle_configuration_shows_its_classes(price: Estimate) -> None:
    """The configuration belongs to the bucket that it names."""
    rule = {
        "transition": [{"storage_class": "STANDARD_IA"}],
        "noncurrent_version_transition": [{"storage_class": "DEEP_ARCHIVE"}],
    }
    plan = plan_of(
        change("aws_s3_bucket", after={"bucket": "orders"}),
        change("aws_s3_bucket", "other", after={"bucket": "other"}),
        change(LIFECYCLE, after={"bucket": "orders", "rule": [rule]}),
    )
    document = price(plan)
    assert _groups(document) == ["Standard", "Standard - infrequent access", "Glacier deep archive"]
    assert _groups(document, "aws_s3_bucket.other") == ["Standard"]


def test_a_lifecycle_configuration_of_a_new_bucket_is_found_by_reference(price: Estimate) -> None:
    """The bucket's id is unknown, so the configuration's expression ties the two, index by index."""
    plan = plan_of(
        *(change("aws_s3_bucket", after={}, index=index, address=f"aws_s3_bucket.this[{index}]") for index in (0, 1)),
        change(LIFECYCLE, after={"rule": [{"transition": [{"storage_class": "GLACIER"}]}]}, index=1),
    )
    configured = plan["configuration"]["root_module"]["resources"][2]
    configured["expressions"] = {"bucket": {"references": ["aws_s3_bucket.this", "each.key"]}}
    document = price(plan)
    assert _groups(document, "aws_s3_bucket.this[0]") == ["Standard"]
    assert _groups(document, "aws_s3_bucket.this[1]") == ["Standard", "Glacier flexible retrieval"]


def test_the_buckets_own_deprecated_rules_count_too(price: Estimate) -> None:
    """With a filter by tag, tags are billed."""
    rule = {"transition": [{"storage_class": "ONEZONE_IA"}], "tags": {"a": "b"}}
    document = price(plan_of(change("aws_s3_bucket", after={"lifecycle_rule": [rule]})))
    assert _groups(document) == ["Standard", "One zone - infrequent access"]
    assert lines(resources(document)["aws_s3_bucket.this"])["Object tagging"]["unit"] == "10k tags"


@pytest.mark.parametrize("item", [{"tag": [{"key": "a"}]}, {"and": [{"tags": {"a": "b"}}]}])
def test_a_filter_by_tag_bills_tags(item: dict[str, Any], price: Estimate) -> None:
    """Both forms of the newer resource."""
    lifecycle = change(LIFECYCLE, after={"bucket": "orders", "rule": [{"filter": [item]}]})
    document = price(plan_of(change("aws_s3_bucket", after={"bucket": "orders"}), lifecycle))
    assert "Object tagging" in lines(resources(document)["aws_s3_bucket.this"])


def test_expiration_alone_adds_nothing(price: Estimate) -> None:
    """Rules that only delete cost nothing."""
    lifecycle = change(LIFECYCLE, after={"bucket": "orders", "rule": [{"filter": [{"prefix": ""}]}]})
    document = price(plan_of(change("aws_s3_bucket", after={"bucket": "orders"}), lifecycle))
    assert _groups(document) == ["Standard"]


def test_a_class_without_prices_is_an_error(price: Estimate) -> None:
    """Instant retrieval in Europe is not in the book, and is not taken for free."""
    rule = {"transition": [{"storage_class": "GLACIER_IR"}]}
    document = price(plan_of(change("aws_s3_bucket", after={"lifecycle_rule": [rule]}), region="eu-west-2"))
    line = lines(resources(document)["aws_s3_bucket.this"])["Glacier instant retrieval / Storage"]
    assert line["priceNotFound"]
    assert document["projects"][0]["metadata"]["errors"]


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        (None, ["Requests", "ECC GenerateDataKeyPair requests", "RSA GenerateDataKeyPair requests"]),
        ("RSA_2048", ["Requests (RSA 2048)"]),
        ("ECC_NIST_P256", ["Requests (asymmetric)"]),
    ],
)
def test_requests_of_a_key_depend_on_its_kind(spec: str | None, names: list[str], price: Estimate) -> None:
    """Symmetric, RSA 2048 and other keys have prices of their own."""
    document = price(plan_of(change("aws_kms_key", after={"customer_master_key_spec": spec})))
    assert list(lines(resources(document)["aws_kms_key.this"])) == ["Customer master key", *names]


def test_an_unknown_kind_of_key_is_an_assumption(price: Estimate) -> None:
    """The default is priced, and the estimate says that it was assumed where the configuration sets it."""
    unknown = {"customer_master_key_spec": True}
    plan = plan_of(change("aws_kms_key", after={}, after_unknown=unknown))
    assert "assumed" not in resources(price(plan))["aws_kms_key.this"]["metadata"], "the provider decides it"
    (key,) = plan["configuration"]["root_module"]["resources"]
    key["expressions"] = {"customer_master_key_spec": {"references": ["local.spec"]}}
    document = price(plan)
    assert resources(document)["aws_kms_key.this"]["metadata"]["assumed"] == ["customer_master_key_spec"]


def test_what_belongs_to_a_bucket_is_told_by_module_and_index(price: Estimate) -> None:
    """A configuration of another module, or of another bucket, adds nothing; one of all of them adds to each."""
    rule = {"transition": [{"storage_class": "GLACIER"}]}
    buckets = [
        change("aws_s3_bucket", after={}, index=index, address=f"aws_s3_bucket.this[{index}]") for index in (0, 1)
    ]

    def shown(referred: str = "aws_s3_bucket.this", **more: Any) -> list[list[str]]:
        plan = plan_of(*buckets, change(LIFECYCLE, after={"rule": [rule]}, **more))
        configured = plan["configuration"]["root_module"]["resources"][2]
        configured["expressions"] = {"bucket": {"references": [referred]}}
        document = price(plan)
        return [_groups(document, bucket["address"])[1:] for bucket in buckets]

    assert shown(index=0) == [["Glacier flexible retrieval"], []]
    assert shown() == [["Glacier flexible retrieval"], ["Glacier flexible retrieval"]]
    assert shown(module_address="module.other") == [[], []]
    assert shown("aws_s3_bucket.other") == [[], []]
    named = plan_of(change("aws_s3_bucket", after={"bucket": "a"}), change(LIFECYCLE, after={"rule": [rule]}))
    named["configuration"]["root_module"]["resources"][1]["expressions"] = {"bucket": {"references": ["var.bucket"]}}
    assert _groups(price(named)) == ["Standard"]


def test_a_price_that_the_usage_file_says_is_taken_instead_of_the_books(price: Estimate) -> None:
    """What a text message costs differs by the country that it goes to: no book can know it."""
    said = {"monthly_requests": 300, "sms_subscriptions": 1, "sms_notification_price": 0.05}
    topic = plan_of(change("aws_sns_topic", after={"name": "alarms"}))
    document = price(topic, usage={"aws_sns_topic.this": said})
    resource = resources(document)["aws_sns_topic.this"]
    line = lines(resource)["SMS notifications (over 100)"]
    assert (line["price"], line["monthlyCost"], line["priceNotFound"]) == ("5", "10", False)
    assert "SMS notifications (over 100)" not in {source["component"] for source in resource["metadata"]["prices"]}


@pytest.mark.parametrize(("stored", "said"), [(51_200, False), (51_201, True)])
def test_storage_beyond_the_first_tier_is_said_to_have_its_price(price: Estimate, stored: int, *, said: bool) -> None:
    """The book has no price of the next 450 TB."""
    plan = plan_of(change("aws_s3_bucket", after={}))
    document = price(plan, {"aws_s3_bucket.this": {"standard": {"storage_gb": stored}}})
    warnings = [one["message"] for one in document["projects"][0]["metadata"].get("warnings", ())]
    text = "aws_s3_bucket.this has no price of its own beyond 51,200 GB: that of the first 51,200 GB was taken"
    assert warnings == ([f"Standard / Storage of {text}"] if said else [])


def test_a_gateway_load_balancer_is_none_of_the_others(price: Estimate) -> None:
    """Its price is not in the book: that of a network one stands in, and that is said; Infracost says nothing."""
    plan = plan_of(change("aws_lb", after={"load_balancer_type": "gateway"}))
    document = price(plan)
    assert next(iter(lines(resources(document)["aws_lb.this"]))) == "Gateway load balancer"
    warnings = [one["message"] for one in document["projects"][0]["metadata"]["warnings"]]
    assert "Gateway load balancer of aws_lb.this has no price of its own: that of the nearest was taken" in warnings
    assert "warnings" not in price(plan, parity=True)["projects"][0]["metadata"]
