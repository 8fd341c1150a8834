"""The shipped rules: their own tests, unknown against absent, and the two engines against each other."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from gaia.policy.judge import judge
from gaia.policy.opa import Opa
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet
from gaia.policy.test import run_tests

from .conftest import METADATA, write

if TYPE_CHECKING:
    from pathlib import Path

READS = {
    "plan.required_tags": [("module.orders-bucket.aws_s3_bucket.this", ["tags", "tags_all"])],
    "plan.no_public_bucket": [
        ("module.orders-bucket.aws_s3_bucket_public_access_block.this", [switch])
        for switch in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    ],
    "plan.no_wildcard_grant": [
        ("module.orders-identity.aws_iam_role_policy.this", ["policy"]),
        ("aws_iam_role_policy_attachment.extra", ["policy_arn"]),
    ],
    "plan.encrypted_at_rest": [
        ("aws_sns_topic.extra", ["kms_master_key_id"]),
        ("aws_db_instance.extra", ["storage_encrypted"]),
    ],
    "plan.history_is_kept": [
        ("aws_cloudwatch_log_group.extra", ["retention_in_days"]),
        ("aws_eks_cluster.extra", ["enabled_cluster_log_types"]),
    ],
    "plan.instance_metadata": [("aws_instance.extra", ["metadata_options"])],
    "plan.keys_rotate": [("module.orders-key.aws_kms_key.this", ["enable_key_rotation"])],
    "plan.no_open_ingress": [("aws_vpc_security_group_ingress_rule.extra", ["cidr_ipv4"])],
    "plan.no_public_endpoint": [("aws_instance.extra", ["associate_public_ip_address"])],
    "plan.production_survives": [("aws_db_instance.extra", ["multi_az"])],
    "plan.traffic_is_encrypted": [("aws_lb_listener.extra", ["ssl_policy"])],
    "plan.trust_is_named": [("module.orders-key.aws_kms_key.this", ["policy"])],
}
"""Which attributes each rule decides by, in the preview of an object store with some resources more."""
EXTRA: dict[str, dict[str, Any]] = {
    "aws_iam_role_policy_attachment": {"policy_arn": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"},
    "aws_sns_topic": {"kms_master_key_id": "arn:aws:kms:us-east-1:123456789012:key/1"},
    "aws_db_instance": {
        "storage_encrypted": True,
        "multi_az": True,
        "deletion_protection": True,
        "backup_retention_period": 14,
        "tags": dict.fromkeys(("cost-center", "owner", "tenant", "service", "gaia:instance"), "x") | {"stage": "prod"},
    },
    "aws_cloudwatch_log_group": {"kms_key_id": "arn:aws:kms:us-east-1:123456789012:key/1", "retention_in_days": 30},
    "aws_eks_cluster": {
        "encryption_config": [{"resources": ["secrets"]}],
        "enabled_cluster_log_types": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    },
    "aws_instance": {
        "associate_public_ip_address": False,
        "metadata_options": [{"http_tokens": "required", "http_put_response_hop_limit": 1}],
    },
    "aws_vpc_security_group_ingress_rule": {
        "cidr_ipv4": "10.0.0.0/8", "cidr_ipv6": None, "from_port": 22, "to_port": 22, "ip_protocol": "tcp",
    },
    "aws_lb_listener": {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
}  # fmt: skip

CASES = [(rule, address, names) for rule, reads in READS.items() for address, names in reads]


def test_every_plan_rule_says_what_it_reads(shipped: PolicySet) -> None:
    """A new rule for plans must join the comparison of unknown with absent below."""
    assert {rule.name for rule in shipped.about("plan")} == set(READS)


def _with(plan: dict[str, Any], address: str, names: list[str], *, unknown: bool) -> dict[str, Any]:
    plan = copy.deepcopy(plan)
    there = {item["address"] for item in plan["resource_changes"]}
    for kind, after in EXTRA.items():
        if f"{kind}.extra" not in there:
            item = {"address": f"{kind}.extra", "mode": "managed", "type": kind, "name": "extra"}
            made = {"actions": ["create"], "before": None, "after": copy.deepcopy(after), "after_unknown": {}}
            plan["resource_changes"].append(item | {"change": made})
    change = next(item["change"] for item in plan["resource_changes"] if item["address"] == address)
    for name in names:
        change["after"].pop(name, None)
        change["after_unknown"].pop(name, None)
        if unknown:
            change["after_unknown"][name] = True
    return plan


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "address", "names"), CASES)
def test_unknown_is_not_taken_for_absent(
    shipped: PolicySet, plan: dict[str, Any], rule: str, address: str, names: list[str]
) -> None:
    """A rule that gives one answer for an unknown and for an absent value reads the plan wrongly."""
    answers = {}
    for unknown in (True, False):
        findings = judge(shipped, "plan", _with(plan, address, names, unknown=unknown), engine=Regorus())
        answers[unknown] = {(f.effect, f.message) for f in findings if f.rule == rule and f.address == address}
    assert answers[True] != answers[False]
    assert {effect for effect, _ in answers[True]} == {"undecided"}
    assert "undecided" not in {effect for effect, _ in answers[False]}


@pytest.mark.slow
def test_the_rules_own_tests_pass(shipped: PolicySet) -> None:
    """Every test_ rule of the blueprint holds on the embedded engine, and each rule allows, denies and is undecided."""
    results = run_tests(shipped, engine=Regorus())
    assert [result for result in results if not result.passed] == []
    for rule in shipped.rules:
        names = " ".join(result.name for result in results if result.name.startswith(f"{rule.package}_test."))
        for ending in ("allowed", "denied", "undecided"):
            assert f"_{ending}" in names, f"{rule.name} has no test for {ending}"


def test_a_failing_test_is_shown_with_its_place(tmp_path: Path) -> None:
    """Failed, undefined and broken tests are told apart, each with file and line."""
    rule = METADATA + 'package gaia.plan.a\n\ndeny contains {"message": "x"} if input.x\n'
    tests = "package gaia.plan.a_test\n\ntest_good if true\n\ntest_undefined if 1 == 2\n\n"
    tests += 'test_false := false\n\ntest_broken if to_number("q") == 1\n'
    results = run_tests(
        PolicySet.load(write(tmp_path, {"plan/a.rego": rule, "plan/a_test.rego": tests})), engine=Regorus()
    )
    assert [(result.name, str(result.at), result.passed) for result in results] == [
        ("gaia.plan.a_test.test_good", "policies/plan/a_test.rego:3:1", True),
        ("gaia.plan.a_test.test_undefined", "policies/plan/a_test.rego:5:1", False),
        ("gaia.plan.a_test.test_false", "policies/plan/a_test.rego:7:1", False),
        ("gaia.plan.a_test.test_broken", "policies/plan/a_test.rego:9:1", False),
    ]
    assert [result.message for result in results[1:]] == [
        "it is undefined: one of its expressions did not hold",
        "it is False",
        "policies/plan/a_test.rego:9:27: could not parse string as number",
    ]


def test_no_tests_no_results(tmp_path: Path) -> None:
    """A folder without tests is no error."""
    rule = METADATA + "package gaia.plan.a\n\ndeny contains 1 if false\n"
    assert run_tests(PolicySet.load(write(tmp_path, {"plan/a.rego": rule})), engine=Regorus()) == ()


@pytest.mark.slow
@pytest.mark.usefixtures("child")
def test_both_engines_say_the_same(shipped: PolicySet, plan: dict[str, Any], opa: Path) -> None:
    """Every shipped rule gives equal findings on the embedded engine and on opa, also where values are unknown."""
    engine = Opa(opa)
    for unknown in (True, False):
        document = plan
        for _, address, names in CASES:
            document = _with(document, address, names, unknown=unknown)
        findings = judge(shipped, "plan", document, engine=Regorus())
        assert judge(shipped, "plan", document, engine=engine) == findings
        assert {finding.effect for finding in findings} >= {"undecided" if unknown else "deny"}
    assert [result for result in run_tests(shipped, engine=engine) if not result.passed] == []


def test_opa_reports_a_broken_rule_at_its_place(tmp_path: Path, opa: Path) -> None:
    """The other engine fails closed too."""
    from gaia.errors import Invalid

    text = METADATA + "package gaia.plan.a\n\ndeny contains {} if nosuch(1)\n"
    with pytest.raises(Invalid) as caught:
        judge(PolicySet.load(write(tmp_path, {"plan/a.rego": text})), "plan", {}, engine=Opa(opa))
    assert caught.value.code == "policy-broken"
    assert caught.value.at is not None
    assert (caught.value.at.file, caught.value.at.line) == ("policies/plan/a.rego", 8)
