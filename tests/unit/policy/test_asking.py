"""What an engine is asked for a judgement and what its answers become; the answers are given by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Invalid, Position
from gaia.policy.judge import auto_approved, judge, texts
from gaia.policy.model import SUBJECTS, Answer, Finding, Module, Problem, Rule
from gaia.policy.rules import PolicySet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.policy.model import Effect, Severity

NOTHING = Answer(defined=False)
EMPTY = Answer(defined=True, value=[])
BROKEN = Answer(defined=False, problem=Problem("mistake", Position("plan/a.rego", 3, 4)))


@dataclass
class Said:
    """An engine that says what it was told to say, reference by reference, and remembers what it was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    document: object = None
    otherwise: Answer = NOTHING
    name: str = "said"

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """See `ports.PolicyEngine`."""
        assert [module.path for module in modules] == ["plan/a.rego"]
        self.asked, self.document = list(references), json.loads(document)
        return tuple(self.answers.get(reference, self.otherwise) for reference in references)


def _rule(name: str, *effects: Effect, severity: Severity = "low") -> Rule:
    path = f"{name.replace('.', '/')}.rego"
    subject = next(one for one in SUBJECTS if name.startswith(one))
    return Rule(name, f"gaia.{name}", path, effects or ("deny",), f"T {name}", severity, ("C1",), "R", subject)


def _set(*rules: Rule) -> PolicySet:
    return PolicySet((Module("plan/a.rego", ""),), (), rules)


def _said(**answers: object) -> Said:
    return Said({name.replace("__", "."): Answer(defined=True, value=value) for name, value in answers.items()})


def test_only_the_rules_of_the_subject_are_asked_each_for_its_sets() -> None:
    """In one question; where no rule is about it, nothing is asked."""
    engine = Said(otherwise=EMPTY)
    policies = _set(_rule("plan.b", "deny", "warn"), _rule("plan.a", "undecided"), _rule("request.c"))
    assert judge(policies, "plan", {"x": 1}, engine=engine) == ()
    assert engine.asked == ["data.gaia.plan.a.undecided", "data.gaia.plan.b.deny", "data.gaia.plan.b.warn"]
    assert engine.document == {"x": 1}
    untouched = Said()
    assert judge(policies, "manifest", {}, engine=untouched) == ()
    assert untouched.document is None


def test_a_finding_bears_all_that_its_rule_says() -> None:
    """And what was found, where."""
    policies = _set(_rule("plan.a", severity="high"))
    engine = _said(data__gaia__plan__a__deny=[{"message": "no", "address": "x.y"}])
    (found,) = judge(policies, "plan", {}, engine=engine)
    assert found.value.startswith("sha256:")  # what a waiver of it has to name
    assert found == Finding("plan.a", "deny", "T plan.a", "high", "no", "x.y", ("C1",), "R", value=found.value)
    assert found.as_json() == {
        "rule": "plan.a", "effect": "deny", "title": "T plan.a", "severity": "high", "message": "no",
        "address": "x.y", "controls": ["C1"], "remediation": "R", "value": found.value,
    }  # fmt: skip


def test_findings_are_sorted_by_effect_severity_rule_address_and_message_each_once() -> None:
    """A denial before what is undecided before a warning; the severest first; then by name."""
    policies = _set(
        _rule("plan.b", "deny", "warn", "undecided", severity="critical"), _rule("plan.a", severity="low"),
        _rule("plan.c", severity="critical"),
    )  # fmt: skip
    engine = _said(
        data__gaia__plan__b__warn=[{"message": "w"}],
        data__gaia__plan__b__undecided=[{"message": "u"}],
        data__gaia__plan__b__deny=[
            {"message": "2"},
            {"message": "1"},
            {"message": "1"},
            {"message": "0", "address": "z"},
        ],
        data__gaia__plan__a__deny=[{"message": "0"}],
        data__gaia__plan__c__deny=[{"message": "0"}],
    )
    found = [(one.effect, one.rule, one.address, one.message) for one in judge(policies, "plan", {}, engine=engine)]
    assert found == [
        ("deny", "plan.b", None, "1"), ("deny", "plan.b", None, "2"), ("deny", "plan.b", "z", "0"),
        ("deny", "plan.c", None, "0"), ("deny", "plan.a", None, "0"), ("undecided", "plan.b", None, "u"),
        ("warn", "plan.b", None, "w"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "item", [1, "x", None, {}, {"message": 1}, {"message": "x", "address": 1}, {"message": "x", "more": 1}, []]
)
def test_a_member_of_another_shape_is_an_error_that_names_the_rule(item: Any) -> None:
    """And its file; a long one is cut."""
    engine = _said(data__gaia__plan__a__deny=[item])
    with pytest.raises(Invalid) as caught:
        judge(_set(_rule("plan.a")), "plan", {}, engine=engine)
    assert caught.value.code == "policy-bad-result"
    assert caught.value.facts == {"file": "plan/a.rego"}
    assert "plan.a put" in caught.value.message
    assert "into deny" in caught.value.message


def test_a_problem_is_an_error_at_its_place_whatever_is_asked() -> None:
    """Nothing is decided."""
    for folder, ask in (
        ("policies/", lambda: judge(_set(_rule("plan.a")), "plan", {}, engine=Said({"data.gaia.plan.a.deny": BROKEN}))),
        ("policies/", lambda: auto_approved(_set(), {}, engine=Said({"data.gaia.request.auto_approve": BROKEN}))),
        ("", lambda: texts([Module("plan/a.rego", "")], {}, "data.x", engine=Said({"data.x": BROKEN}))),
    ):
        with pytest.raises(Invalid) as caught:
            ask()
        assert (caught.value.code, str(caught.value.at)) == ("policy-broken", f"{folder}plan/a.rego:3:4")
        assert "mistake" in caught.value.message


@pytest.mark.parametrize(
    ("value", "approved"), [(True, True), (False, False), (1, False), ("true", False), ([True], False)]
)
def test_only_true_approves(value: object, approved: bool) -> None:
    """Nothing else, and not what is undefined."""
    assert auto_approved(_set(), {}, engine=_said(data__gaia__request__auto_approve=value)) is approved
    undefined = Said({"data.gaia.request.auto_approve": Answer(defined=False, value=True)})
    assert not auto_approved(_set(), {}, engine=undefined)


def test_texts_are_a_sorted_set_or_one() -> None:
    """Undefined is none; null is no text."""
    modules = [Module("plan/a.rego", "")]
    assert texts(modules, {}, "data.x", engine=_said(data__x=["b", "a"])) == ("a", "b")
    assert texts(modules, {}, "data.x", engine=_said(data__x="a")) == ("a",)
    assert texts(modules, {}, "data.x", engine=Said()) == ()
    for other in (None, ["a", 1], {"a": 1}):
        with pytest.raises(Invalid) as caught:
            texts(modules, {}, "data.x", engine=_said(data__x=other))
        assert caught.value.code == "policy-bad-result"
