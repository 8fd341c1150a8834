"""Asks the rules about manifests for resolved instances."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.policy.judge import judge_each
from gaia.policy.model import EFFECTS
from gaia.policy.waivers import waive
from gaia.stacks.model import HOLDERS, RESOLVED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from gaia.policy.model import Effect, Finding
    from gaia.policy.ports import PolicyEngine
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waivers
    from gaia.stacks.model import Instance

    Excused = Callable[[Instance, tuple[Finding, ...]], tuple[Finding, ...]]

_UNRESOLVED = {"$unknown": True}
AT_ONCE = 2000
"""Instances in one question: an engine takes longer to start than to judge them by one rule, and has a time limit."""


def manifest_input(instance: Instance) -> dict[str, object]:
    """The instance as `gaia describe component` shows it; a value that is not resolved is `{"$unknown": true}`."""
    resolved = {name: _plain(getattr(instance, name)) for name in RESOLVED}
    return {**instance.listing(), **resolved}


def manifest_findings(
    policies: PolicySet,
    instances: Iterable[Instance],
    engine: PolicyEngine,
    effects: Collection[Effect] = EFFECTS,
    excused: Excused = lambda _, findings: findings,
) -> tuple[tuple[Instance, Finding], ...]:
    """What the rules for `manifest` say of each instance, in the order given; a deny is a no to the whole.

    Only the rule sets in `effects` are asked. `excused` is what waivers make of the findings about an instance.

    Raises:
        Invalid, Unavailable: as `judge`.
    """
    return tuple(_asked(policies, iter(instances), engine, effects, excused))


def excuse(waivers: Callable[[], Waivers]) -> Excused:
    """What waivers make of findings about instances; they are read where there is something to judge."""
    read = cache(waivers)

    def excused(instance: Instance, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return waive(findings, read(), str(instance.key), {}, clock.now().date(), "manifest")

    return excused


def _asked(
    policies: PolicySet,
    instances: Iterator[Instance],
    engine: PolicyEngine,
    effects: Collection[Effect],
    excused: Excused,
) -> Iterator[tuple[Instance, Finding]]:
    while some := tuple(islice(instances, AT_ONCE)):
        documents = [manifest_input(one) for one in some]
        answers = judge_each(policies, "manifest", documents, engine=engine, effects=effects)
        for instance, findings in zip(some, answers, strict=True):
            yield from ((instance, finding) for finding in excused(instance, findings))


def _plain(value: object) -> object:
    if isinstance(value, HOLDERS):
        return _UNRESOLVED
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
