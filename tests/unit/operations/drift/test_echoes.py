"""What a thing shows of another resource of the instance is no drift, as long as that one has not drifted."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.operations.drift.evidence import TODAY

from gaia.operations.drift.classify import classify
from gaia.operations.drift.model import Evidence, Finding
from gaia.terraform.plan import Plan

VERSIONED = [{"enabled": True, "mfa_delete": False}]
POLICY = {"id": "photos", "bucket": "photos", "policy": "{}"}


def entry(kind: str, before: object, after: object, action: str = "no-op", name: str = "this") -> dict[str, Any]:
    """One resource, as a plan has it."""
    change = {"actions": [action], "before": before, "after": after, "after_unknown": {}}
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "change": change}


def found(
    kind: str, before: dict[str, Any], after: dict[str, Any], *others: dict[str, Any], drifted: object = (), **code: Any
) -> tuple[Finding, ...]:
    """What is found where a thing is not as it was, beside these others."""
    drift = [entry(kind, before, after, "update"), *([drifted] if drifted else [])]
    written = {name: {"constant_value": value} for name, value in code.items()}
    resources = [{"address": f"{kind}.this", "mode": "managed", "type": kind, "name": "this", "expressions": written}]
    document = {
        "format_version": "1.2",
        "resource_drift": drift,
        "resource_changes": [entry(kind, after, after), *others],
    }
    plan = Plan.parse({**document, "configuration": {"root_module": {"resources": resources}}})
    return classify(Evidence("dev/photos", plan, TODAY))


def bucket(**values: object) -> dict[str, Any]:
    """Of a bucket."""
    return {"id": "photos", "versioning": [], "policy": "", "tags": {}, **values}


def counting(findings: tuple[Finding, ...]) -> list[str]:
    """The attributes that somebody has to see to."""
    return [attribute.path for one in findings if one.counts for attribute in one.attributes]


def test_a_bucket_shows_what_its_other_resources_set() -> None:
    """Each for itself: what nothing sets was changed by somebody."""
    set_by = entry("aws_s3_bucket_versioning", {"bucket": "photos"}, {"bucket": "photos"})
    changed = bucket(versioning=VERSIONED, policy="{}")
    findings = found("aws_s3_bucket", bucket(), changed, set_by)
    assert counting(findings) == ["policy"]
    assert [one.kind for one in findings] == ["changed outside", "provider's own"]
    assert (
        counting(found("aws_s3_bucket", bucket(), changed, set_by, entry("aws_s3_bucket_policy", POLICY, POLICY))) == []
    )


@pytest.mark.parametrize(
    "other",
    [
        entry("aws_s3_bucket_policy", {**POLICY, "id": "films", "bucket": "films"}, POLICY),  # another bucket's
        entry("aws_s3_bucket_policy", None, POLICY, "create"),  # it is not there yet
        entry("aws_s3_bucket_policy", POLICY, {**POLICY, "policy": "{ }"}, "update"),  # it would be changed
        entry("aws_s3_bucket_versioning", {"bucket": "photos"}, {"bucket": "photos"}),  # of something else
    ],
)
def test_what_does_not_stand_for_it_excuses_nothing(other: dict[str, Any]) -> None:
    """Somebody has changed the policy."""
    assert counting(found("aws_s3_bucket", bucket(), bucket(policy="{}"), other)) == ["policy"]


def test_where_the_other_one_has_drifted_it_is_drift() -> None:
    """At that one, and the bucket follows."""
    changed = {**POLICY, "policy": '{"a": 1}'}
    drifted = entry("aws_s3_bucket_policy", POLICY, changed, "update")
    after = bucket(policy='{"a": 1}')
    [one] = found(
        "aws_s3_bucket", bucket(policy="{}"), after, entry("aws_s3_bucket_policy", changed, changed), drifted=drifted
    )
    assert (one.counts, one.title) == (True, "aws_s3_bucket_policy photos")


def test_what_the_code_writes_at_the_thing_itself_is_its_own() -> None:
    """Whatever other resources there are."""
    other = entry("aws_s3_bucket_policy", POLICY, POLICY)
    assert counting(found("aws_s3_bucket", bucket(policy="x"), bucket(policy="{}"), other, policy="x")) == ["policy"]


def test_of_many_each_sets_one() -> None:
    """A policy that no resource attached was attached by somebody, and one that is missing was taken away."""
    role = {"id": "app", "managed_policy_arns": []}
    attached = [
        entry("aws_iam_role_policy_attachment", of, of, name=arn)
        for arn in ("a", "b")
        if (of := {"role": "app", "policy_arn": arn})
    ]
    for before, after, drift in (
        ([], ["a", "b"], False),
        (["a"], ["a", "b"], False),
        ([], ["a", "x"], True),
        (["a", "b"], ["a"], True),
    ):
        seen = found(
            "aws_iam_role", {**role, "managed_policy_arns": before}, {**role, "managed_policy_arns": after}, *attached
        )
        assert bool(counting(seen)) is drift
    inline = entry("aws_iam_role_policy", {"role": "app", "name": "own"}, {"role": "app", "name": "own"})
    for name, drift in (("own", False), ("other", True)):
        shown = {**role, "inline_policy": [{"name": name, "policy": "{}"}]}
        assert bool(counting(found("aws_iam_role", {**role, "inline_policy": []}, shown, inline))) is drift
