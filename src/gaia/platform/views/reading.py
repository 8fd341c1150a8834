"""What the branch of a platform repository has now, as far as a caller may see it: stacks, templates, policies."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from gaia.access import rules
from gaia.errors import NotFound
from gaia.platform import refusals
from gaia.platform.views.why import leaves
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.access.approval_rules import Rule
    from gaia.access.callers import Caller
    from gaia.cost.budgets import Budget
    from gaia.cost.quotas import Quota
    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.policy.rules import PolicySet
    from gaia.scaffold.template import Template
    from gaia.stacks.model import Instance

FRESH = 2.0
"""Seconds for which the branch is taken to be where it was: asking git costs more than answering."""
_heads: WeakKeyDictionary[object, tuple[float, str]] = WeakKeyDictionary()
_lock = threading.Lock()


def head(platform: PlatformContext) -> str:
    """The commit that the branch is at, or was a moment ago."""
    with _lock:
        known = _heads.get(platform.clone)
    if known is not None and time.monotonic() - known[0] < FRESH:
        return known[1]
    return head_now(platform)


def head_now(platform: PlatformContext) -> str:
    """The commit that the branch is at: for who was told that something has been published."""
    commit = platform.clone().fetch()
    with _lock:
        _heads[platform.clone] = (time.monotonic(), commit)
    return commit


class Reading:
    """One caller's view of one commit: of the branch's, where none is named."""

    def __init__(self, platform: PlatformContext, caller: Caller, commit: str | None = None) -> None:
        self._platform = platform
        self._caller = caller
        self._snapshot: Snapshot = platform.snapshot(commit or head(platform))

    @property
    def commit(self) -> str:
        """What is read."""
        return self._snapshot.commit

    @property
    def policies(self) -> PolicySet:
        """The rules; those of Gaia's package where the repository has none."""
        return self._snapshot.policies

    def templates(self) -> Sequence[Template]:
        """What can be requested."""
        return self._snapshot.templates

    def template(self, name: str) -> Template:
        """One template, or `NotFound("template-unknown")`."""
        from gaia.scaffold.template import load_template

        return load_template(self._snapshot.tree, name)

    def stacks(self) -> Sequence[Mapping[str, str]]:
        """Stack, tenant, environment, stage and region of each."""
        found = []
        for stack in self._snapshot.repository.stacks:
            scope = self._snapshot.scope(stack)
            if rules.allows(self._caller, "see", scope.tenant, scope.stage):
                found.append(
                    {
                        "stack": stack,
                        "tenant": scope.tenant,
                        "environment": scope.environment,
                        "stage": scope.stage,
                        "region": scope.region,
                    }
                )
        return found

    def approval_rules(self) -> tuple[Rule, ...]:
        """The rules of approval that are about a stack which the caller sees.

        Raises:
            Invalid: `approval-rule-invalid`.
        """
        places = {(one["tenant"], one["stage"]) for one in self.stacks()}
        return tuple(one for one in self._snapshot.approval_rules if any(one.holds(*place) for place in places))

    def instances(self, *, stack: str | None = None, component: str | None = None) -> Sequence[InstanceKey]:
        """Every instance in the stacks that are seen; of one stack or of one component, if that is named."""
        seen = {one["stack"] for one in self.stacks()}
        return [
            key
            for key in self._snapshot.repository.instances
            if key.stack in seen and stack in (None, key.stack) and component in (None, key.component)
        ]

    def instance(self, stack: str, component: str) -> Instance:
        """One instance, resolved without anything that reaches outside, or `NotFound("instance-unknown")`."""
        key = InstanceKey(stack, component)
        if key not in self.instances(stack=stack, component=component):
            raise NotFound(
                "instance-unknown", f"there is no {component!r} in {stack!r}", next_step="List the instances."
            )
        return self._snapshot.repository.instance(component, stack)

    def money(self) -> Mapping[str, Any]:
        """`{known, budgets, quotas}` as of `gaia.cost.formats.budgets`, of those whose whole scope the caller sees."""
        from gaia.cost.budgets import standing
        from gaia.cost.formats.budgets import budgets_json
        from gaia.cost.quotas import taken
        from gaia.kit import clock
        from gaia.platform.services import spending

        def seen(one: Budget | Quota) -> bool:
            return rules.allows(self._caller, "see", one.scope.tenant, one.scope.stage)

        declared = self._snapshot.declared
        budgets, quotas = [*filter(seen, declared.budgets)], [*filter(seen, declared.quotas)]
        if not budgets and not quotas:  # a look at every service's newest judgement, for nothing
            return budgets_json((), (), known=True)
        with self._platform.database.read() as tx:
            ledger = spending.footprints(tx, self._platform.repository)
        stands = standing(budgets, [one.commitment for one in ledger], clock.now())
        return budgets_json(stands, taken(quotas, ledger), known=True)

    def described(self, stack: str, component: str) -> Mapping[str, object]:
        """The values of an instance and their places. What only a state or a store tells is written as its function."""
        from gaia.stacks.model import written

        found = self.instance(stack, component)
        return {
            "stack": stack,
            "component": component,
            "commit": self.commit,
            "folder": found.component_path,
            "enabled": found.enabled,
            "manifest": found.manifest,
            "workspace": found.workspace,
            "vars": written(found.vars),
            "settings": written(found.settings),
            "metadata": written(found.metadata),
            "origins": [
                {"path": ".".join(path), "value": written(origin.value), "at": str(origin.at)}
                for path in leaves(("vars",), found.vars)
                for origin in (found.explain(path),)
            ],
        }

    def graph(self, stack: str) -> Mapping[str, object]:
        """Which instance of a stack needs which: the form of docs/reference/output.md. What is not seen is left out."""
        from dataclasses import replace

        from gaia.graph.analyzer import DependencyAnalyzer
        from gaia.graph.text import document

        seen = {one["stack"] for one in self.stacks()}
        if stack not in seen:
            raise refusals.stack_unknown(stack)
        whole = DependencyAnalyzer(self._snapshot.repository).picture(stack)
        lines = [one for one in whole.lines if {one.source.stack, one.target.stack} <= seen]
        return document(
            replace(whole, nodes=tuple(one for one in whole.nodes if one.key.stack in seen), lines=tuple(lines))
        )
