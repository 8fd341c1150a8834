"""What the value of a finding about a plan covers: a waiver of it excuses nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.policy.judge import judge
from gaia.policy.regorus import Regorus

if TYPE_CHECKING:
    from gaia.policy.rules import PolicySet

ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'


def _value(policies: PolicySet, rule: str, kind: str, **given: Any) -> str:
    """The values of what a rule denies of one resource; of `expressions` a text is a reference."""
    code = given.pop("expressions", {})
    resource = {"address": f"{kind}.this", "mode": "managed", "type": kind, "name": "this"}
    change = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {"id": True}, **given}
    written = {name: {"references": [one]} if isinstance(one, str) else {} for name, one in code.items()}
    plan = {
        "format_version": "1.2",
        "resource_changes": [{**resource, "change": change}],
        "configuration": {"root_module": {"resources": [{**resource, "expressions": written}]}},
        "gaia": {"stage": "prod", "tenant": "acme"},
    }
    found = judge(policies, "plan", plan, engine=Regorus(), effects=["deny"])
    return ", ".join(one.value for one in found if one.rule == f"plan.{rule}") or "nothing is denied"


@pytest.mark.parametrize(
    ("rule", "kind", "target", "after"),
    [
        ("no_wildcard_grant", "aws_iam_role_policy", "role", {"policy": ALL}),
        ("trust_is_named", "aws_s3_bucket_policy", "bucket", {"policy": ALL}),
        ("lambda_callers", "aws_lambda_function_url", "function_name", {"authorization_type": "NONE"}),
        ("lambda_callers", "aws_lambda_permission", "function_name", {"principal": "*", "action": "lambda:*"}),
        ("traffic_is_encrypted", "aws_lb_listener", "load_balancer_arn",
         {"protocol": "HTTP", "default_action": [{"type": "forward"}]}),
    ],
)  # fmt: skip
def test_another_target_is_another_value(
    shipped: PolicySet, rule: str, kind: str, target: str, after: dict[str, Any]
) -> None:
    """By its name, and by what the code refers to where that is known only after the apply."""
    code = dict.fromkeys(after)

    def named(name: str) -> str:
        return _value(shipped, rule, kind, after={**after, target: name}, expressions={**code, target: None})

    def referred(name: str, **more: Any) -> str:
        unknown = {} if more else {target: True}
        return _value(
            shipped, rule, kind, after={**after, **more}, after_unknown=unknown, expressions={**code, target: name}
        )

    assert "sha256:" in named("reports")
    assert named("reports") == named("reports") != named("admin")
    assert referred("aws_x.reports") != referred("aws_x.admin")
    assert referred("aws_x.reports") == referred("aws_x.reports", **{target: "reports"})
    assert referred("var.name", **{target: "reports"}) != referred("var.name", **{target: "admin"})


def test_what_goes_is_in_the_value(shipped: PolicySet) -> None:
    """A scratch database is not the customers' of the same address; what AWS changes by itself is not in it."""

    def value(**before: Any) -> str:
        held = {"identifier": "main", "allocated_storage": 20, "password": "a", **before}
        return _value(
            shipped, "nothing_is_lost", "aws_db_instance", actions=["delete"], before=held, after=None,
            before_sensitive={"password": True},
        )  # fmt: skip

    first = value(latest_restorable_time="2027-01-01T00:00:00Z")
    assert value(latest_restorable_time="2027-01-02T00:00:00Z") == first
    assert len({first, value(allocated_storage=20_000), value(identifier="customers"), value(password="b")}) == 4
