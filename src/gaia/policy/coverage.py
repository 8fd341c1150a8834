"""Which sets of which rules the tests have seen a member of: one that no test has filled may be empty always.

A statement is seen when its head was come to, which the embedded engine tells line by line; so heads are given lines of
their own first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Position
from gaia.policy.rego import heads, tokens
from gaia.policy.rules import placed
from gaia.policy.test import tests_of

if TYPE_CHECKING:
    from gaia.policy.model import Effect, Module, Rule
    from gaia.policy.regorus import Regorus
    from gaia.policy.rules import PolicySet


@dataclass(frozen=True, slots=True)
class Coverage:
    """One set of one rule."""

    rule: str
    effect: Effect
    statements: int
    unseen: tuple[Position, ...]
    """Where the statements begin that put nothing into it in any test."""

    @property
    def seen(self) -> bool:
        """Whether some test has seen a member."""
        return len(self.unseen) < self.statements


def coverage(policies: PolicySet, *, engine: Regorus) -> tuple[Coverage, ...]:
    """Of each set of each rule, by the rule's name.

    Raises:
        Unavailable: the engine crashed or took too long.
    """
    opened = {module.path: _opened(module) for module in policies.modules}
    modules = [replace(module, text=opened[module.path][0]) for module in policies.modules]
    tests = [name for name, _ in tests_of(policies)]
    covered = engine.covered([*modules, *policies.tests], b"{}", tests) if tests else {}
    found = []
    for rule in sorted(policies.rules, key=lambda one: one.name):
        _, lines = opened[rule.path]
        seen = covered.get(rule.path, frozenset())
        found += [_of(policies, rule, effect, lines, seen) for effect in rule.effects]
    return tuple(found)


def _of(
    policies: PolicySet, rule: Rule, effect: Effect, lines: list[tuple[str, int, int]], seen: frozenset[int]
) -> Coverage:
    name = rule.rule_set or effect
    mine = [(before, after) for each, before, after in lines if each == name]
    unseen = tuple(placed(Position(rule.path, before), policies.shown) for before, after in mine if after not in seen)
    return Coverage(rule.name, effect, len(mine), unseen)


def _opened(module: Module) -> tuple[str, list[tuple[str, int, int]]]:
    """The text with a new line behind the head of each set's statement, and each head's line before and after that."""
    text = module.text
    cuts: list[int] = []
    found: list[tuple[str, int, int]] = []
    starts = [(head.name, head.start) for head in heads(text) if head.form == "set"]
    for number, (name, start) in enumerate(starts):
        end = starts[number + 1][1] if number + 1 < len(starts) else len(text)
        found.append((name, text.count("\n", 0, start) + 1, text.count("\n", 0, start) + 1 + len(cuts)))
        if (cut := _behind_head(text, start, end)) is not None:
            cuts.append(cut)
    pieces, last = [], 0
    for cut in cuts:
        pieces.append(text[last:cut])
        last = cut
    return "\n".join([*pieces, text[last:]]), found


def _behind_head(text: str, start: int, end: int) -> int | None:
    """Behind the `if`, or the brace that follows it or stands in its place, where more stands on that line."""
    held = [token for token in tokens(text) if start <= token.start < end]
    depth = 0
    for number, token in enumerate(held):
        if depth == 0 and (token.text == "if" or (token.text == "{" and number and held[number - 1].text == "]")):
            brace = token.text == "if" and number + 1 < len(held) and held[number + 1].text == "{"
            last = held[number + 1] if brace else token
            cut = last.start + len(last.text)
            return None if text[cut:end].lstrip(" \t").startswith("\n") else cut
        depth += (token.text in "([{") - (token.text in ")]}")
    return None
