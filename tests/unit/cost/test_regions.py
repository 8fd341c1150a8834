"""Which region a resource is priced in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conftest import change, plan_of, resources

if TYPE_CHECKING:
    from .conftest import Estimate

KEY = "aws_kms_key.this"


def _region(document: dict[str, Any], address: str = KEY) -> tuple[str, list[str]]:
    metadata = resources(document)[address]["metadata"]
    return metadata["region"], metadata.get("assumed", [])


def test_the_provider_says_it(price: Estimate) -> None:
    """A constant in the provider configuration."""
    assert _region(price(plan_of(change("aws_kms_key", after={}), region="eu-west-2"))) == ("eu-west-2", [])


def test_the_resources_own_arn_or_region_wins(price: Estimate) -> None:
    """What is known of an existing resource is nearer than the provider."""
    arn = {"arn": "arn:aws:kms:eu-west-2:123456789012:key/x"}
    assert _region(price(plan_of(change("aws_kms_key", after=arn)))) == ("eu-west-2", [])
    assert _region(price(plan_of(change("aws_kms_key", after={"region": "eu-west-2"})))) == ("eu-west-2", [])


def test_an_arn_without_a_region_says_nothing(price: Estimate) -> None:
    """Buckets have none in theirs."""
    bucket = change("aws_s3_bucket", after={"arn": "arn:aws:s3:::orders"})
    assert _region(price(plan_of(bucket)), "aws_s3_bucket.this") == ("us-east-1", [])


def test_a_variable_of_the_root(price: Estimate) -> None:
    """The provider takes the region from a variable, whose value the plan holds."""
    plan = plan_of(change("aws_kms_key", after={}), variables={"region": {"value": "eu-west-2"}})
    plan["configuration"]["provider_config"]["aws"]["expressions"]["region"] = {"references": ["var.region"]}
    assert _region(price(plan)) == ("eu-west-2", [])


def test_a_module_with_a_provider_of_its_own(price: Estimate) -> None:
    """A variable is followed up through the calls: a value handed in wins over the default."""
    item = {**change("aws_kms_key", after={}), "module_address": 'module.a["x.y"].module.b[0]'}
    item["address"] = f"{item['module_address']}.{KEY}"
    provider = {"module_address": "module.a.module.b", "expressions": {"region": {"references": ["var.region"]}}}
    inner = {
        "resources": [{"address": KEY, "provider_config_key": "module.a.module.b:aws"}],
        "variables": {"region": {"default": "us-west-1"}},
    }
    call: dict[str, Any] = {"module": inner, "expressions": {"region": {"references": ["var.place"]}}}
    outer = {"module_calls": {"b": call}, "variables": {"place": {"default": "eu-west-2"}}}
    root = {"module_calls": {"a": {"module": outer, "expressions": {}}}}
    configuration = {"provider_config": {"module.a.module.b:aws": provider}, "root_module": root}
    plan = {"format_version": "1.2", "resource_changes": [item], "configuration": configuration}
    assert _region(price(plan), item["address"]) == ("eu-west-2", [])
    other = {**plan, "variables": {"region": {"value": "eu-north-1"}, "place": {"value": "eu-north-1"}}}
    assert _region(price(other), item["address"]) == ("eu-west-2", []), "variables of the root are not the module's"
    call["expressions"] = {}
    assert _region(price(plan), item["address"]) == ("us-west-1", [])


def test_an_alias_of_the_root(preview: dict[str, Any], price: Estimate) -> None:
    """The combined root of a preview has one alias for each distinct configuration."""
    configuration = preview["configuration"]
    configuration["provider_config"]["aws.london"] = {"expressions": {"region": {"constant_value": "eu-west-2"}}}
    for resource in configuration["root_module"]["module_calls"]["orders-key"]["module"]["resources"]:
        resource["provider_config_key"] = "aws.london"
    document = price(preview)
    assert _region(document, "module.orders-key.aws_kms_key.this") == ("eu-west-2", [])
    assert _region(document, "module.orders-bucket.aws_s3_bucket.this") == ("us-east-1", [])


def test_the_default_is_named_as_an_assumption(price: Estimate) -> None:
    """Where the plan does not say the region, the given one is used and the estimate says that it was assumed."""
    assert _region(price(plan_of(change("aws_kms_key", after={}), region=None))) == ("us-east-1", ["region"])
    local = plan_of(change("aws_kms_key", after={}))
    local["configuration"]["provider_config"]["aws"]["expressions"]["region"] = {"references": ["local.region"]}
    assert _region(price(local)) == ("us-east-1", ["region"])
    local["configuration"]["provider_config"]["aws"]["expressions"]["region"] = {"references": ["data.region"]}
    local["variables"] = {"region": {"value": "eu-west-2"}, "data.region": {"value": "eu-west-2"}}
    assert _region(price(local)) == ("us-east-1", ["region"])
