"""Runs the rules' own tests: every `test_…` rule of every `*_test.rego`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.policy.model import TestResult
from gaia.policy.rules import package_of, placed

if TYPE_CHECKING:
    from gaia.policy.model import Answer
    from gaia.policy.ports import PolicyEngine
    from gaia.policy.rules import PolicySet

_TEST = re.compile(r"^(test_\w+)\b")


def run_tests(policies: PolicySet, *, engine: PolicyEngine) -> tuple[TestResult, ...]:
    """One result a test, in the order of files and lines. A test passes when it is exactly true.

    Raises:
        Invalid: `policy-broken`, when a file keeps every test from being run.
        Unavailable: the engine crashed or took too long.
    """
    tests = tests_of(policies)
    if not tests:
        return ()
    modules = (*policies.modules, *policies.tests)
    answers = engine.evaluate(modules, b"{}", [name for name, _ in tests])
    problems = {answer.problem for answer in answers}
    if len(tests) > 1 and len(problems) == 1 and (broken := problems.pop()) is not None:
        # a file that cannot be read fails every test: once is enough
        at = placed(broken.at) if broken.at else None
        raise Invalid("policy-broken", broken.message, at=at, next_step="Repair the rule, then test again.")
    return tuple(
        TestResult(name.removeprefix("data."), at, answer.value is True, _message(answer))
        for (name, at), answer in zip(tests, answers, strict=True)
    )


def tests_of(policies: PolicySet) -> list[tuple[str, Position]]:
    """What each test is called for an engine, and where it is."""
    return [
        (f"data.{package_of(module)}.{match[1]}", placed(Position(module.path, number), policies.shown))
        for module in policies.tests
        for number, line in enumerate(module.text.splitlines(), 1)
        if (match := _TEST.match(line))
    ]


def _message(answer: Answer) -> str:
    if answer.problem:
        return f"{placed(answer.problem.at)}: {answer.problem.message}" if answer.problem.at else answer.problem.message
    if answer.value is True:
        return ""
    return f"it is {answer.value!r}" if answer.defined else "it is undefined: one of its expressions did not hold"
