"""Judges objects of Kubernetes, with the line that each finding is about."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import clock
from gaia.kit.shapes import as_map
from gaia.policy.judge import judge_each, weight
from gaia.policy.paths import path_of
from gaia.policy.rego import words
from gaia.policy.report import Checked, Placed
from gaia.policy.waivers import waive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gaia.policy.model import Finding
    from gaia.policy.object_files import Object
    from gaia.policy.ports import PolicyEngine
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waivers
AT_ONCE = 1000
"""Objects in one question: an engine has a time limit."""


def for_objects(policies: PolicySet) -> PolicySet:
    """The same, where rules that were written for conftest judge objects.

    Raises:
        Invalid: `policies-without-objects`: nobody would look.
    """
    rules = tuple(replace(one, subject="kubernetes") if one.foreign else one for one in policies.rules)
    found = replace(policies, rules=rules)
    if not found.about("kubernetes"):
        raise Invalid(
            "policies-without-objects",
            f"no rule of {policies.shown} is about objects of Kubernetes, so nothing could be found",
            next_step="Add rules to policies/kubernetes, or give a folder of rules with --policies.",
        )
    return found


def check_objects(
    policies: PolicySet,
    objects: Sequence[Object],
    *,
    subject: str,
    engine: PolicyEngine,
    waivers: Waivers,
) -> Checked:
    """The judgement of objects by the rules about them. The address of a finding begins with the object's name.

    Raises:
        Invalid, Unavailable: as `judge`.
    """
    today = clock.now().date()
    placed: list[Placed] = []
    for one, found in _said(policies, objects, engine):
        for finding in waive(found, waivers, one.name, {}, today, "kubernetes"):
            address = " ".join(filter(None, (one.name, finding.address)))
            at = one.place(path_of(one.value, finding.address or ""))
            placed.append(Placed(replace(finding, address=address), at))
    placed.sort(key=lambda each: weight(each.finding))
    rules = policies.about("kubernetes")
    return Checked(
        subject,
        len(objects),
        policies.shown,
        policies.digest,
        engine.name,
        rules,
        tuple(placed),
        unit="object",
        whose=policies.whose,
        unknown_kinds=_unknown_kinds(policies, objects),
    )


def _said(
    policies: PolicySet, objects: Sequence[Object], engine: PolicyEngine
) -> Iterator[tuple[Object, tuple[Finding, ...]]]:
    left = iter(objects)
    while some := tuple(islice(left, AT_ONCE)):
        answers = judge_each(policies, "kubernetes", [one.value for one in some], engine=engine)
        yield from zip(some, answers, strict=True)


def _unknown_kinds(policies: PolicySet, objects: Sequence[Object]) -> dict[str, int]:
    """How many objects there are of each kind that no rule names: nothing was found in them because nobody looked.

    What has a template of pods is looked at whatever its kind, where the rules read such templates.
    """
    texts = [one.text for one in policies.modules if one.path.startswith("lib/")]
    texts += [policies.text_of(rule.path) for rule in policies.about("kubernetes")]
    named = frozenset().union(*map(words, texts))
    reads_templates = {"template", "containers"} <= named
    kinds = Counter(
        str(one.value.get("kind"))
        for one in objects
        if one.value.get("kind") not in named and not (reads_templates and _makes_pods(one))
    )
    return dict(sorted(kinds.items()))


def _makes_pods(one: Object) -> bool:
    template = as_map(as_map(one.value.get("spec")).get("template"))
    return isinstance(as_map(template.get("spec")).get("containers"), list)
