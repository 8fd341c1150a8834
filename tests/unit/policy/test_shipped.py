"""The shipped rules: their own tests, and the two engines against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.policy.coverage import coverage
from gaia.policy.examples import example_of
from gaia.policy.judge import judge
from gaia.policy.opa import Opa
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet
from gaia.policy.test import run_tests

from .conftest import METADATA, write
from .flips.flipping import together

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_the_rules_own_tests_pass(shipped: PolicySet) -> None:
    """Every test_ rule of the blueprint holds on the embedded engine, and each rule allows, denies and is undecided."""
    results = run_tests(shipped, engine=Regorus())
    assert [result for result in results if not result.passed] == []
    for rule in shipped.rules:
        names = " ".join(result.name for result in results if result.name.startswith(f"{rule.package}_test."))
        for ending in ("allowed", "denied", "undecided"):
            assert f"_{ending}" in names, f"{rule.name} has no test for {ending}"


@pytest.mark.slow
def test_every_statement_is_seen_by_a_test(shipped: PolicySet) -> None:
    """Each `deny`, `warn` and `undecided` holds in some test, not only one of each set."""
    unseen = [str(place) for one in coverage(shipped, engine=Regorus()) for place in one.unseen]
    assert unseen == []


def test_each_rule_says_who_answers_for_it(shipped: PolicySet) -> None:
    """Repositories of before need not: they go on."""
    assert [rule.name for rule in shipped.rules if not rule.owner] == []


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("count(a.deny) == 1 with input as 2", True),
        ("count(a.deny) > 0 with input as 2", True),
        ("count(a.deny) == 0 with input as 2", False),
        ("count(a.warn) == 1 with input as 2", False),
    ],
)
def test_an_example_is_of_a_test_that_finds_something(tmp_path: Path, found: str, shown: bool) -> None:
    """One that finds nothing shows what the rule has nothing against."""
    rule = (
        'package gaia.plan.a\n\ndeny contains {"message": "no"} if input > 1\n\n'
        'warn contains {"message": "m"} if input > 0\n'
    )
    first = "test_nothing if {\n\tcount(a.deny) == 0 with input as 0\n}\n\n"
    tests = f"package gaia.plan.a_test\n\nimport data.gaia.plan.a\n\n{first}test_it if {{\n\t{found}\n}}\n"
    policies = PolicySet.load(write(tmp_path, {"plan/a.rego": METADATA + rule, "plan/a_test.rego": tests}))
    assert (found in example_of(policies, policies.rules[0])) is shown


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
def test_both_engines_say_the_same(shipped: PolicySet, opa: Path) -> None:
    """Every shipped rule gives equal findings on the embedded engine and on opa, also where values are unknown."""
    engine = Opa(opa)
    for document in together():
        findings = judge(shipped, "plan", document, engine=Regorus())
        assert judge(shipped, "plan", document, engine=engine) == findings
        assert {finding.effect for finding in findings} == {"deny", "undecided", "warn"}
    assert [result for result in run_tests(shipped, engine=engine) if not result.passed] == []


def test_opa_reports_a_broken_rule_at_its_place(tmp_path: Path, opa: Path) -> None:
    """The other engine fails closed too."""
    from gaia.errors import Invalid

    text = METADATA + "package gaia.plan.a\n\ndeny contains {} if nosuch(1)\n"
    with pytest.raises(Invalid) as caught:
        judge(PolicySet.load(write(tmp_path, {"plan/a.rego": text})), "plan", {}, engine=Opa(opa))
    assert caught.value.code == "policy-broken"
    assert caught.value.at is not None
    assert (caught.value.at.file, caught.value.at.line) == ("policies/plan/a.rego", 9)
