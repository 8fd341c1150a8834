"""Judging documents, and failing closed."""

from __future__ import annotations

import copy
import signal
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Invalid, Unavailable
from gaia.policy.judge import PolicySet, auto_approved, judge, judge_each
from gaia.policy.model import EFFECTS, Answer, Problem
from gaia.policy.opa import Opa
from gaia.policy.regorus import Regorus, _ending
from gaia.policy.regorus_child import _problem, _together

from .conftest import METADATA, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.policy.model import Module

HEAD = METADATA + "package gaia.plan.a\n\n"


def _policies(folder: Path, body: str) -> PolicySet:
    return PolicySet.load(write(folder, {"plan/a.rego": HEAD + body}))


def _change(plan: dict[str, Any], address: str) -> dict[str, Any]:
    return next(item["change"] for item in plan["resource_changes"] if item["address"] == address)


@pytest.mark.usefixtures("child")
def test_the_preview_of_an_object_store_is_undecided_about_its_identity_only(
    shipped: PolicySet, plan: dict[str, Any]
) -> None:
    """The identity's policy names a bucket that does not exist yet: rules about it cannot decide, and none denies."""
    findings = judge(shipped, "plan", plan, engine=Regorus())
    assert {one.rule for one in findings} == {"plan.no_wildcard_grant", "plan.privilege_escalation"}
    assert {one.effect for one in findings} == {"undecided"}
    finding = next(one for one in findings if one.rule == "plan.no_wildcard_grant")
    assert finding.address == "module.orders-identity.aws_iam_role_policy.this"
    assert finding.as_json()["severity"] == "high"


def test_the_identity_is_decided_when_its_policy_is_known(shipped: PolicySet, plan: dict[str, Any]) -> None:
    """With the policy known the same rule allows a narrow grant and denies a wide one."""
    change = _change(plan, "module.orders-identity.aws_iam_role_policy.this")
    change["after_unknown"].pop("policy")
    policy = '{{"Statement":[{{"Effect":"Allow","Action":"{}","Resource":"arn:aws:s3:::acme-use1-dev-orders"}}]}}'
    change["after"]["policy"] = policy.format("s3:ListBucket")
    assert judge(shipped, "plan", plan, engine=Regorus()) == ()
    change["after"]["policy"] = policy.format("s3:*")
    (finding,) = judge(shipped, "plan", plan, engine=Regorus())
    assert (finding.effect, finding.message) == ("deny", "the policy allows the action s3:*")


def test_findings_are_sorted_by_weight(shipped: PolicySet, plan: dict[str, Any]) -> None:
    """Denials come first, the severest of them on top; warnings come last."""
    bucket = _change(plan, "module.orders-bucket.aws_s3_bucket.this")
    for tags in ("tags", "tags_all"):
        bucket["after"][tags] = {}
    _change(plan, "module.orders-bucket.aws_s3_bucket_public_access_block.this")["after"]["block_public_acls"] = False
    asked = {**plan, "gaia": {**plan.get("gaia", {}), "service": "orders"}}
    findings = judge(shipped, "plan", asked, engine=Regorus())
    effects = [finding.effect for finding in findings]
    assert effects == ["deny"] * 6 + ["undecided"] * 2 + ["warn"]
    assert findings[0].severity == "critical"


def test_a_subject_without_rules_has_no_findings(tmp_path: Path) -> None:
    """Nobody has written a rule for manifests; that is known, so it is no error."""
    assert judge(_policies(tmp_path, "deny contains 1 if false\n"), "manifest", {}, engine=Regorus()) == ()


def test_a_manifest_is_judged_by_its_backend(shipped: PolicySet) -> None:
    """The manifest subject is decided by the rules in manifest/."""
    assert judge(shipped, "manifest", {"backend_type": "s3", "backend": {"encrypt": True}}, engine=Regorus()) == ()
    (finding,) = judge(shipped, "manifest", {"backend_type": "s3", "backend": {}}, engine=Regorus())
    assert (finding.effect, finding.rule) == ("deny", "manifest.encrypted_state")


def test_a_request_is_judged_by_its_name(shipped: PolicySet) -> None:
    """The request subject is decided by the rules in request/."""
    (finding,) = judge(shipped, "request", {"gaia": {"kind": "provision", "service": "gaia"}}, engine=Regorus())
    assert finding.address is None
    assert judge(shipped, "request", {"gaia": {"kind": "provision", "service": "orders"}}, engine=Regorus()) == ()


def test_auto_approval(shipped: PolicySet) -> None:
    """Somebody's own development service may go without a second person; anything less clear waits."""
    document: dict[str, Any] = {
        "gaia": {"kind": "retire", "stage": "dev", "requester": "ann", "owner": "ann"},
        "findings": [],
    }
    assert auto_approved(shipped, document, engine=Regorus())
    assert not auto_approved(shipped, {**document, "findings": [{"effect": "deny"}]}, engine=Regorus())
    assert not auto_approved(shipped, {}, engine=Regorus())


def test_without_an_auto_approval_rule_everything_waits(tmp_path: Path) -> None:
    """An undefined answer is no."""
    assert not auto_approved(_policies(tmp_path, "deny contains 1 if false\n"), {}, engine=Regorus())


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("deny contains x if {\n  x :=\n}\n", "policies/plan/a.rego:10:5"),
        ('deny contains {"message": nosuch(1)} if true\n', "policies/plan/a.rego:9:27"),
        ('deny contains {"message": "x"} if to_number("q") == 1\n', "policies/plan/a.rego:9:46"),
        ("deny contains 1 if deny\n", "policies/plan/a.rego:9:1"),
    ],
)
def test_a_broken_rule_is_an_error_at_its_place(tmp_path: Path, body: str, place: str) -> None:
    """Syntax errors, unknown functions, failing builtins and cycles are never "no findings"."""
    with pytest.raises(Invalid) as caught:
        judge(_policies(tmp_path, body), "plan", {}, engine=Regorus())
    assert (caught.value.code, str(caught.value.at)) == ("policy-broken", place)


def test_several_plans_are_judged_as_one_by_one(shipped: PolicySet, plan: dict[str, Any]) -> None:
    """In one question, and each finding with the value of its own plan."""
    about = {"stage": "prod", "kind": "provision"}
    other = {
        **plan,
        "resource_changes": [{**one, "change": {**one["change"], "after": {}}} for one in plan["resource_changes"]],
    }
    plans = [{**one, "gaia": about} for one in (plan, other)]
    engine = Counting()
    said = judge_each(shipped, "plan", plans, engine=engine)
    assert engine.asked == 1
    assert said == tuple(judge(shipped, "plan", one, engine=Regorus()) for one in plans)
    assert any(one.value for one in said[1])


@pytest.mark.parametrize("item", ["1", '{"msg": "x"}', '{"message": "x", "address": 1}', '{"message": "x", "why": 1}'])
def test_a_finding_of_another_shape_is_an_error(tmp_path: Path, item: str) -> None:
    """A rule that speaks another dialect is refused instead of overheard."""
    with pytest.raises(Invalid) as caught:
        judge(_policies(tmp_path, f"deny contains {item} if true\n"), "plan", {}, engine=Regorus())
    assert (caught.value.code, caught.value.facts["file"]) == ("policy-bad-result", "plan/a.rego")


class Counting(Regorus):
    """The embedded engine, and how often it was asked."""

    asked = 0

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """As it answers."""
        self.asked += 1
        return super().evaluate(modules, document, references)


class Says:
    """An engine that gives one answer to everything, whatever the rules are."""

    name = "says"

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """The answer, once for each reference."""
        del modules, document
        return (self._answer,) * len(references)


def test_an_answer_that_is_no_set_decides_nothing(tmp_path: Path) -> None:
    """A set may be empty and is never undefined: an engine that has lost its rules says so, and so does one that makes
    answers up. Equal members are one finding."""
    policies = _policies(tmp_path, 'deny contains {"message": "x"} if true\n')
    one = {"message": "m"}
    assert len(judge(policies, "plan", {}, engine=Says(Answer(True, [one, one])))) == 1
    assert judge_each(policies, "plan", [{}, {}], engine=Says(Answer(True, [[[[]]], [[[one]]]])))[1][0].message == "m"
    for answer in (Answer(False), Answer(True, None), Answer(True, one), Answer(True, 5)):
        with pytest.raises(Unavailable) as lost:
            judge(policies, "plan", {}, engine=Says(answer))
        assert (lost.value.code, "plan.a" in lost.value.message) == ("policy-engine-crashed", True)
    values: list[Any] = [None, [], [[]], [[[]]], [[[[]], [[]]]], [[[[], []]]], {"0": 1}, [[[None]]], 7]
    for value in values:
        with pytest.raises(Unavailable) as lost:
            judge_each(policies, "plan", [{}], engine=Says(Answer(value is not None, value)))
        assert lost.value.code == "policy-engine-crashed"
    broken = Says(Answer(False, problem=Problem("why", None)))
    for ask in (
        lambda: judge(policies, "plan", {}, engine=broken),
        lambda: judge_each(policies, "plan", [{}], engine=broken),
    ):
        with pytest.raises(Invalid) as caught:
            ask()
        assert (caught.value.code, caught.value.at) == ("policy-broken", None)
    assert not auto_approved(policies, {}, engine=Says(Answer(False, True)))


def test_findings_of_equal_weight_are_sorted_by_rule_address_and_message(tmp_path: Path) -> None:
    """Severity before the rule's name; no address comes first."""
    bodies = {"b": "critical", "a": "low"}
    rules = {
        f"plan/{name}.rego": METADATA.replace("severity: low", f"severity: {severity}")
        + f'package gaia.plan.{name}\n\ndeny contains {{"message": "x"}} if true\n'
        for name, severity in bodies.items()
    }
    said = [{"message": "z"}, {"message": "b", "address": "y"}, {"message": "a", "address": "y"}]
    found = judge(PolicySet.load(write(tmp_path, rules)), "plan", {}, engine=Says(Answer(True, said)))
    assert [(one.rule, one.address, one.message) for one in found] == [
        (f"plan.{rule}", address, message)
        for rule in ("b", "a")
        for address, message in ((None, "z"), ("y", "a"), ("y", "b"))
    ]


@pytest.mark.usefixtures("child")
def test_a_crash_of_the_engine_is_an_error(tmp_path: Path) -> None:
    """Endless recursion through functions ends the child, not Gaia, and nothing is decided."""
    policies = _policies(tmp_path, 'f(x) := f(x + 1)\n\ndeny contains {"message": "x"} if f(1)\n')
    with pytest.raises(Unavailable) as caught:
        judge(policies, "plan", {}, engine=Regorus())
    assert caught.value.code == "policy-engine-crashed"


@pytest.mark.slow
@pytest.mark.usefixtures("child")
def test_endless_work_is_stopped(tmp_path: Path) -> None:
    """A rule that does not come back within the limit is stopped, and nothing is decided."""
    body = 'deny contains {"message": "x"} if {\n  some a in numbers.range(1, 5000)\n'
    body += "  some b in numbers.range(1, 5000)\n  some c in numbers.range(1, 5000)\n  a + b + c < 0\n}\n"
    with pytest.raises(Unavailable) as caught:
        judge(_policies(tmp_path, body), "plan", {}, engine=Regorus(time_limit=0.5))
    assert caught.value.code == "policy-engine-timeout"


def test_an_opa_that_says_nothing_is_an_error(tmp_path: Path) -> None:
    """A program that is no opa has decided nothing."""
    program = tmp_path / "opa"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    with pytest.raises(Unavailable) as caught:
        judge(_policies(tmp_path, "deny contains 1 if false\n"), "plan", {}, engine=Opa(program))
    assert caught.value.code == "policy-engine-crashed"


def test_the_document_is_not_changed(shipped: PolicySet, plan: dict[str, Any]) -> None:
    """Judging is pure."""
    before = copy.deepcopy(plan)
    judge(shipped, "plan", plan, engine=Regorus())
    assert plan == before


def test_many_rules_are_one_query() -> None:
    """Fifty rules are more than one line of a query holds; asked one by one they would be slow, so they are not."""
    import regorus

    engine = regorus.Engine()
    for n in range(50):
        engine.add_policy(f"{n}.rego", f"package gaia.plan.rule_number_{n}\n\ndeny contains {n} if true\n")
    engine.set_input_json("{}")
    found = _together(engine, [f"data.gaia.plan.rule_number_{n}.deny" for n in range(50)])
    assert found == [{"value": [n]} for n in range(50)]


def test_how_an_engine_ended_is_told_in_words() -> None:
    """By its status, or by the name of the signal."""
    assert [_ending(code) for code in (0, 3, -signal.SIGABRT)] == ["status 0", "status 3", "signal SIGABRT"]


@pytest.mark.parametrize(
    ("text", "problem", "at"),
    [
        ("--> plan/a.rego:3:4\n  |\nerror:  no such\nStack backtrace:\n x", "no such", ["plan/a.rego", 3, 4]),
        ("something else\nStack backtrace:\n x", "something else", None),
        ("error: nowhere", "nowhere", None),
    ],
)
def test_a_mistake_is_told_without_the_engines_own_words(text: str, problem: str, at: list[object] | None) -> None:
    """The message and the place; neither the drawing of the line nor the engine's stack."""
    assert _problem(RuntimeError(text)) == {"problem": problem, "at": at}


def test_a_plan_that_no_rule_looks_at_is_said_to_be_unjudged() -> None:
    """A warning where it is planned or approved; about other subjects there may be no rules."""
    none, engine = PolicySet((), (), ()), Says(Answer(defined=True, value=[]))
    (said,) = judge(none, "plan", {}, engine=engine)
    assert (said.rule, said.effect) == ("plan.unjudged", "warn")
    assert judge_each(none, "plan", [{}, {}], engine=engine) == ((said,), (said,))
    assert judge(none, "plan", {}, engine=engine, effects=EFFECTS[:1]) == ()
    assert judge(none, "manifest", {}, engine=engine) == ()
