"""Runs the rules' own tests: every `test_…` rule of every `*_test.rego`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.policy.model import TestResult
from gaia.policy.rules import check_pure, package_of, placed

if TYPE_CHECKING:
    from gaia.policy.model import Answer
    from gaia.policy.ports import PolicyEngine
    from gaia.policy.rules import PolicySet

READ = "true"
"""A term that every engine answers once it has read and compiled all modules."""
_TEST = re.compile(r"^(test_\w+)\b")


def run_tests(policies: PolicySet, *, engine: PolicyEngine) -> tuple[TestResult, ...]:
    """One result a test, in the order of files and lines. A test passes when it is exactly true.

    Raises:
        Invalid: `policy-broken`, when a file keeps every test from being run.
        Unavailable: the engine crashed or took too long.
    """
    tests = tests_of(policies)
    modules = (*policies.modules, *policies.tests)
    check_pure(policies.tests)
    check_readable(policies, engine=engine, tests=True)
    if not tests:
        return ()
    answers = engine.evaluate(modules, b"{}", [name for name, _ in tests])
    return tuple(
        TestResult(name.removeprefix("data."), at, answer.value is True, _message(answer, policies.shown))
        for (name, at), answer in zip(tests, answers, strict=True)
    )


def check_readable(policies: PolicySet, *, engine: PolicyEngine, tests: bool = False) -> None:
    """Refuse what the engine cannot read or compile: no rule of such a set would judge.

    Raises:
        Invalid: `policy-broken`, with its place. Unavailable: the engine crashed or took too long.
    """
    modules = (*policies.modules, *(policies.tests if tests else ()))
    (read,) = engine.evaluate(modules, b"{}", [READ])
    if broken := read.problem:
        at = placed(broken.at, policies.shown) if broken.at else None
        message = f"a rule file cannot be used: {broken.message}"
        raise Invalid("policy-broken", message, at=at, next_step="Repair the rule, then test again.")


def tests_of(policies: PolicySet) -> list[tuple[str, Position]]:
    """What each test is called for an engine, and where it is."""
    return [
        (f"data.{package_of(module)}.{match[1]}", placed(Position(module.path, number), policies.shown))
        for module in policies.tests
        for number, line in enumerate(module.text.splitlines(), 1)
        if (match := _TEST.match(line))
    ]


def _message(answer: Answer, shown: str) -> str:
    if problem := answer.problem:
        return f"{placed(problem.at, shown)}: {problem.message}" if problem.at else problem.message
    if answer.value is True:
        return ""
    return f"it is {answer.value!r}" if answer.defined else "it is undefined: one of its expressions did not hold"
