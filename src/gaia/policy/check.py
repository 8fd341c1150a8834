"""Judges one plan and says where each finding comes from."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from gaia.kit.shapes import as_list, as_map
from gaia.policy.causes import Configuration
from gaia.policy.judge import judge, without_plans
from gaia.policy.model import Finding
from gaia.policy.rego import references
from gaia.policy.report import Cause, Checked, Placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.errors import Position
    from gaia.policy.ports import PolicyEngine
    from gaia.policy.rules import PolicySet

_OF_STAGE = ("stage.of", "data.gaia.lib.stage.of")
"""What gives one value of a table by stage; what gives several says itself what is undecided."""
_NAME = re.compile(r'[\w.\-\[\]"/]+')


class Origins(Protocol):
    """Knows the code and the values that a plan was made of."""

    def block(self, address: str, configuration: Configuration) -> Position | None:
        """Where a resource is written, or the nearest call of a module around it."""

    def local_text(self, modules: tuple[str, ...], name: str) -> str:
        """What a module's local value is made of, as it is written; empty where that is not known."""

    def value(self, cause: Cause) -> Cause:
        """The cause with its place."""


def check_plan(
    policies: PolicySet,
    plan: Mapping[str, object],
    *,
    subject: str,
    engine: PolicyEngine,
    origins: Origins | None = None,
    redact: Callable[[str], str] = str,
    excused: Callable[[tuple[Finding, ...]], tuple[Finding, ...]] = tuple,
) -> Checked:
    """The judgement of a plan JSON, with what its rules see beside it; see `judge`.

    `excused` is what waivers make of the findings.
    `redact` hides secrets in what the rules say: a rule may repeat a value that it read.

    Raises:
        Invalid, Unavailable: as `judge`; `policies-without-plans` where no rule is about plans.
    """
    if not policies.about("plan"):  # who asks for a judgement is not told that there is nothing against it
        raise without_plans(policies)
    said = excused(judge(policies, "plan", plan, engine=engine))
    findings = [replace(one, message=redact(one.message)) for one in said]
    changes = [as_map(one) for one in as_list(plan.get("resource_changes"))]
    stage = str(as_map(plan.get("gaia")).get("stage") or "")
    unsaid = [*_unsaid(plan), *([] if stage else _without_stage(policies))]
    addresses = {str(one.get("address")) for one in changes}
    return Checked(
        subject,
        sum(as_map(one.get("change")).get("actions") not in (["no-op"], ["read"]) for one in changes),
        policies.shown,
        policies.digest,
        engine.name,
        policies.about("plan"),
        placed_findings(policies, plan, [*unsaid, *(_addressed(one, addresses) for one in findings)], origins),
        whose=policies.whose,
        stage=stage,
    )


def _unsaid(plan: Mapping[str, object]) -> Iterator[Finding]:
    """What the plan itself says that it does not say: no rule could see it."""
    deferred = [as_map(as_map(one).get("resource_change")) for one in as_list(plan.get("deferred_changes"))]
    for one in deferred:
        yield _undecided("the change of it is deferred, so no rule could see it", str(one.get("address") or "") or None)
    if plan.get("complete") is False and not deferred:
        yield _undecided("it is of a part of the resources only, so no rule could see the others", None)


def _without_stage(policies: PolicySet) -> Iterator[Finding]:
    """Of each rule that takes one value of the plan's stage: it could not ask."""
    for rule in policies.about("plan"):
        if any(one.name in _OF_STAGE for one in references(policies.text_of(rule.path))):
            why = "the rule depends on the stage, and nobody says of which one this plan is"
            yield Finding(rule.name, "undecided", rule.title, rule.severity, why, None, rule.controls, "Say the stage.")


def _undecided(why: str, address: str | None) -> Finding:
    return Finding(
        "plan.incomplete", "undecided", "The plan is not whole", "medium", why, address, (),
        "Apply it, then plan and check again; plan without -target.",
    )  # fmt: skip


def placed_findings(
    policies: PolicySet, plan: Mapping[str, object], findings: Sequence[Finding], origins: Origins | None
) -> tuple[Placed, ...]:
    """Findings about a plan with their places, as far as `origins` knows them."""
    configuration = Configuration(plan, origins.local_text) if origins else Configuration(plan)
    return tuple(_placed(policies, one, configuration, origins) for one in findings)


def _placed(policies: PolicySet, finding: Finding, configuration: Configuration, origins: Origins | None) -> Placed:
    if finding.address is None:
        return Placed(finding)
    rule = next((rule for rule in policies.rules if rule.name == finding.rule), None)
    text = policies.text_of(rule.path) if rule else ""
    causes = configuration.causes(finding.address, text)
    if origins is None:
        return Placed(finding, None, causes)
    return Placed(finding, origins.block(finding.address, configuration), tuple(map(origins.value, causes)))


def _addressed(finding: Finding, addresses: set[str]) -> Finding:
    """A rule that was written for conftest says what it is about in its message, if at all."""
    if finding.address is not None:
        return finding
    named = [one.strip('."[]') if one not in addresses else one for one in _NAME.findall(finding.message)]
    found = sorted({one for one in named if one in addresses})
    return replace(finding, address=found[0]) if len(found) == 1 else finding
