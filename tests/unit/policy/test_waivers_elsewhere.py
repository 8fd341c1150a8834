"""Waivers of what is no plan, and the list of all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Position
from gaia.kit import clock
from gaia.policy.judge import PolicySet, judge
from gaia.policy.paths import followed, path_of
from gaia.policy.regorus import Regorus
from gaia.policy.validation import policy_findings
from gaia.policy.waiver_states import standings
from gaia.policy.waivers import Waiver, Waivers, waive

from .conftest import METADATA, write
from .test_manifests import repository

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.policy.model import Finding, Subject

TODAY = date(2027, 3, 1)
OTHER = f"sha256:{'0' * 16}"
DENIES = 'deny contains {"message": "no", "address": "vars.size"} if input.vars.size > 3\n'


def _rule(folder: Path, subject: Subject, body: str = DENIES) -> PolicySet:
    return PolicySet.load(write(folder, {f"{subject}/a.rego": f"{METADATA}package gaia.{subject}.a\n\n{body}"}))


def _waiver(value: str, rule: str = "manifest.a", **more: Any) -> Waiver:
    fields = {"instance": "dev/web", "expires": TODAY, "resource": "vars.size", **more}
    return Waiver(rule=rule, value=value, reason="tests", owner="ann", at=Position("waivers/a.yaml", 2), **fields)


def _denied(policies: PolicySet, subject: Subject, document: dict[str, Any]) -> tuple[Finding, ...]:
    return judge(policies, subject, document, engine=Regorus())


@pytest.mark.parametrize("subject", ["request", "manifest", "kubernetes"])
def test_a_deny_of_every_subject_is_excused_by_its_value(tmp_path: Path, subject: Subject) -> None:
    """It stays in the report; another value is not excused, and the waiver is void, unused or expired as for plans."""
    policies, document = _rule(tmp_path, subject), {"vars": {"size": 4, "other": 1}}
    denied = _denied(policies, subject, document)
    waivers = Waivers((_waiver(denied[0].value, f"{subject}.a"),))

    def said(findings: tuple[Finding, ...], day: date = TODAY, given: Waivers = waivers) -> list[tuple[str, str]]:
        return [(one.rule, one.effect) for one in waive(findings, given, "dev/web", document, day, subject)]

    assert said(denied) == [(f"{subject}.a", "waived")]
    larger = _denied(policies, subject, {"vars": {"size": 5}})
    assert said(larger) == [(f"{subject}.a", "deny"), ("waiver.void", "warn")]
    assert said(()) == [("waiver.unused", "warn")]
    assert said(denied, date(2027, 3, 2)) == [(f"{subject}.a", "deny"), ("waiver.expired", "warn")]
    pending = Waivers((), waivers.counted)
    assert said(denied, given=pending) == [(f"{subject}.a", "deny"), ("waiver.pending", "warn")]


def test_the_value_is_what_stands_at_the_address(tmp_path: Path) -> None:
    """Whatever else the document holds; a rule that says its value says what counts."""
    policies = _rule(tmp_path, "manifest")
    values = {_denied(policies, "manifest", {"vars": {"size": 4, "other": n}})[0].value for n in range(3)}
    assert len(values) == 1
    own = DENIES.replace('"vars.size"}', '"vars.size", "value": 1}')
    policies = _rule(tmp_path, "manifest", own)
    assert len({_denied(policies, "manifest", {"vars": {"size": n}})[0].value for n in (4, 5)}) == 1


def test_a_waiver_of_a_plan_is_none_of_a_manifest(tmp_path: Path) -> None:
    """Of the same instance: neither is it void there, nor unused."""
    [denied] = _denied(_rule(tmp_path, "manifest"), "manifest", {"vars": {"size": 4}})
    waivers = Waivers((_waiver(denied.value, "plan.a"),), (_waiver(denied.value, "plan.b"),))
    assert waive([denied], waivers, "dev/web", {}, TODAY, "manifest") == (denied,)


def test_the_secret_is_no_part_of_a_value(shipped: PolicySet) -> None:
    """Who reads the value of a finding could guess a short one."""

    def value(secret: str) -> str:
        document = {"kind": "Secret", "stringData": {"pin": secret}}
        said = judge(shipped, "kubernetes", document, engine=Regorus(), effects=["deny"])
        return next(one.value for one in said if one.rule == "kubernetes.no_plain_secrets")

    assert value("1234") == value("9876")


def test_a_checked_repository_says_the_value_and_who_excuses_it(tmp_path: Path) -> None:
    """A deny names what a waiver has to name; an excused one is a warning that says whose word it is."""
    write(tmp_path / "policies", {"manifest/a.rego": f"{METADATA}package gaia.manifest.a\n\n{DENIES}"})
    found = repository(tmp_path, dev="vars: {stage: dev}\ncomponents: {terraform: {web: {vars: {size: 4}}}}\n")
    [denied] = policy_findings(found, Regorus)
    value = denied.message.rpartition("value ")[2].rstrip(")")
    assert (denied.severity, denied.code) == ("error", "policy-denied")
    soon = clock.now().date() + timedelta(days=30)
    waiver = _waiver(value, expires=soon)
    [excused] = policy_findings(found, Regorus, lambda: Waivers((waiver,)))
    assert (excused.severity, excused.code) == ("warning", "policy-waived")
    assert f"waived by ann until {soon}: tests" in excused.message
    denied, pending = policy_findings(found, Regorus, lambda: Waivers((), (waiver,)))
    assert (denied.code, pending.code) == ("policy-denied", "policy-warning")


def test_the_list_says_how_each_stands() -> None:
    """Not yet approved, expired, without anything to excuse, in force; and how many days are left."""
    waivers = Waivers(
        (
            _waiver(OTHER, expires=date(2027, 2, 27)),
            _waiver(OTHER, "plan.b", expires=TODAY + timedelta(days=401)),
            _waiver(OTHER, "plan.a", instance="dev/gone"),
            _waiver(OTHER, "plan.a", instance="d*/web", expires=date(2027, 3, 4)),
            _waiver(OTHER, "kubernetes.a", instance="Deployment/web"),
            _waiver(OTHER, "request.a", instance="dev/shop"),
            _waiver(OTHER, "manifest.b"),
        ),
        (_waiver(OTHER, "plan.c"),),
    )
    found = standings(waivers, TODAY, ["dev/web"], {"dev/web": ()})
    assert [(one.state, one.days, one.waiver.rule) for one in found] == [
        ("pending", 0, "plan.c"), ("expired", -2, "manifest.a"), ("too long", 401, "plan.b"),
        ("unused", 0, "manifest.b"), ("unused", 0, "plan.a"),
        ("in force", 0, "kubernetes.a"), ("in force", 0, "request.a"), ("in force", 3, "plan.a"),
    ]  # fmt: skip
    assert found[1].as_json()["expires"] == "2027-02-27"


def test_a_list_of_waivers_knows_what_is_not_denied(tmp_path: Path) -> None:
    """A warning of the same place and value needs no waiver."""
    [denied] = _denied(_rule(tmp_path, "manifest"), "manifest", {"vars": {"size": 4}})
    [found] = standings(
        Waivers((_waiver(denied.value),)), TODAY, ["dev/web"], {"dev/web": (replace(denied, effect="warn"),)}
    )
    assert found.state == "unused"


def test_a_waiver_that_a_manifest_still_needs_is_in_force(tmp_path: Path) -> None:
    """As long as the rule denies the value that it names."""
    denied = _denied(_rule(tmp_path, "manifest"), "manifest", {"vars": {"size": 4}})
    [found] = standings(Waivers((_waiver(denied[0].value),)), TODAY, ["dev/web"], {"dev/web": denied})
    assert found.state == "in force"
    [found] = standings(Waivers((_waiver(OTHER),)), TODAY, ["dev/web"], {"dev/web": denied})
    assert found.state == "unused"


@pytest.mark.parametrize(
    ("address", "path", "whole"),
    [
        ("spec.containers[1].image", ("spec", "containers", 1, "image"), True),
        ("metadata.labels.app.kubernetes.io/name", ("metadata", "labels", "app.kubernetes.io/name"), True),
        ("spec.containers[0].env.TOKEN", ("spec", "containers", 0, "env", 0), True),
        ("metadata.labels.gone", ("metadata", "labels"), False),
        ("spec.containers[7].image", ("spec", "containers"), False),
        ("", (), True),
    ],
)
def test_an_address_leads_into_the_document(address: str, path: tuple[str | int, ...], whole: bool) -> None:
    """By keys that may hold dots, by indices and by names of members, as far as there is something."""
    document = {
        "metadata": {"labels": {"app.kubernetes.io/name": "x", "app": 1}},
        "spec": {"containers": [{"env": [{"name": "TOKEN"}]}, {"image": "y"}]},
    }
    assert path_of(document, address) == path
    assert followed(document, address) == (path, whole)
