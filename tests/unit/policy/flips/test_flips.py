"""Flips of the blueprint, each denied by the rule that is meant; and the blueprint itself, denied by none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..conftest import POLICIES
from .flipping import Judge, denied_at, flipped, flips, unflipped, whole

if TYPE_CHECKING:
    from gaia.policy.rules import PolicySet

FLIPS = flips()


@pytest.fixture(scope="module")
def judged() -> Judge:
    """The shipped rules."""
    return Judge()


def test_the_blueprint_is_not_denied(judged: Judge) -> None:
    """Everything in a stack of development and of production passes; what is undecided there is a role or policy that
    names what this plan makes."""
    for stage in ("dev", "prod"):
        said = judged(whole(stage))
        assert {(rule, address) for rule, effect, address in said if effect == "deny"} == set(), stage
        undecided = {address for _, effect, address in said if effect == "undecided"}
        assert all("aws_iam_role" in address or "aws_s3_bucket_policy" in address for address in undecided)


def test_there_are_enough_flips(shipped: PolicySet) -> None:
    """At least 200, and some for every rule about plans."""
    assert len(FLIPS) >= 200
    assert {f"plan.{flip.rule}" for flip in FLIPS} == {rule.name for rule in shipped.about("plan")}


@pytest.mark.slow
def test_each_flip_is_denied_by_its_rule(judged: Judge) -> None:
    """By that rule and no other, at the resource that changed and no other."""
    wrong = {}
    for flip in FLIPS:
        denied = {(rule, address) for rule, effect, address in judged(flipped(flip)) if effect == "deny"}
        if denied != {(f"plan.{flip.rule}", denied_at(flip))}:
            wrong[flip.name] = denied
    assert wrong == {}


@pytest.mark.slow
def test_a_stage_that_nobody_says_is_not_taken_for_a_lenient_one(judged: Judge) -> None:
    """What a rule that asks for the stage denies in one is denied or undecided where the plan says none."""
    asking = {path.stem for path in (POLICIES / "plan").glob("*.rego") if "lib.stage" in path.read_text("utf-8")}
    silent = []
    for flip in (one for one in FLIPS if one.rule in asking):
        document = flipped(flip)
        del document["gaia"]["stage"]
        said = {effect for rule, effect, _ in judged(document) if rule == f"plan.{flip.rule}"}
        if not said & {"deny", "undecided"}:
            silent.append(flip.name)
    assert silent == []
    assert {flip.rule for flip in FLIPS} >= asking


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_clock_changes_nothing_of_a_preview(judged: Judge, stage: str) -> None:
    """What is signed says the same by day, by night and on a Sunday; what is about to be applied does not."""

    def at(now: str, step: str) -> set[tuple[str, str, str]]:
        document = whole(stage)
        document["gaia"] |= {"now": now, "step": step}
        return judged(document)

    by_day, by_night = "2026-11-30T10:00:00Z", "2026-11-29T03:00:00Z"
    assert at(by_day, "preview") == at(by_night, "preview")
    said = {(rule, effect) for rule, effect, _ in at(by_night, "apply") - at(by_day, "apply")}
    assert said == ({("plan.change_windows", "deny")} if stage == "prod" else set())


@pytest.mark.slow
def test_no_instance_is_denied_without_a_flip(judged: Judge) -> None:
    """Also alone, without what other instances of its stack bring."""
    alone = {str(document["resource_changes"]): document for document in map(unflipped, FLIPS)}
    denied = [one for document in alone.values() for one in judged(document) if one[1] == "deny"]
    assert denied == []


@pytest.mark.slow
def test_an_unknown_value_is_not_taken_for_a_good_one(judged: Judge) -> None:
    """Where a flip would be denied, the same attribute known only after apply is undecided (or denied for the rest)."""
    silent = []
    for flip in FLIPS:
        for name in () if flip.lose else set(flip.set) - set(flip.silent):
            said = {effect for rule, effect, _ in judged(flipped(flip, unknown=name)) if rule == f"plan.{flip.rule}"}
            if not said & {"deny", "undecided"}:
                silent.append(f"{flip.name} … {name}")
    assert silent == []
