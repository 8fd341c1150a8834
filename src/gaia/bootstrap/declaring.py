"""What budgets and quotas are held against: the places that a repository has, and the rules that judge by them.

A repository's own copies of Gaia's rules stay as they were when they were taken. Those from before services could be
changed look at new ones alone; they are told apart by what they say of a sample, not by their text.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gaia.errors import GaiaError, Position

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.policy.ports import PolicyEngine
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.findings import Finding

_NAMED = 8
"""Places that are listed."""


def places_of(repository: Repository) -> frozenset[tuple[str, str]]:
    """Tenant and stage of each stack, as far as they can be told: what is wrong with one is said elsewhere."""
    from gaia.platform.scope import scope_of

    found = set()
    for stack in repository.stacks:
        with suppress(GaiaError):
            scope = scope_of(repository, stack)
            found.add((scope["tenant"], scope["stage"]))
    return frozenset(found)


def scope_findings(repository: Repository) -> tuple[Finding, ...]:
    """What is wrong with where a stack says it is: nobody can ask for anything there."""
    from gaia.platform.scope import scope_of
    from gaia.stacks.validation.findings import Finding

    found: dict[str, Finding] = {}
    with suppress(GaiaError):  # without the names of stacks there is nothing to ask about; that is said elsewhere
        for stack in repository.stacks:
            try:
                scope_of(repository, stack)
            except GaiaError as error:
                if error.code in ("scope-invalid", "scope-differs"):
                    found.setdefault(error.message, Finding.of(error))
    return tuple(found.values())


def approval_findings(repository: Repository) -> tuple[Finding, ...]:
    """A mistake where a rule of approval cannot be used, and warnings of those that are about no stack."""
    from gaia.access.approval_files import read
    from gaia.stacks.validation.findings import Finding

    try:
        rules = read(repository.root)
        places = places_of(repository) if rules else frozenset()
    except GaiaError as error:
        return (Finding.of(error),)
    known = ", ".join(sorted(f"{tenant}/{stage}" for tenant, stage in places)[:_NAMED])
    return tuple(
        Finding(
            "approval-rule-unused",
            f"no stack is in {one.tenant}/{one.stage}, so this rule of approval asks nobody for anything",
            f"There are {known}: names are written as the stacks have them.",
            one.at,
            "warning",
        )
        for one in rules
        if places and not any(one.holds(*place) for place in places)
    )


def rules_of(root: Path) -> frozenset[str]:
    """Names of the rules that judge requests of a repository; none where they cannot be read."""
    from gaia.policy.rules import PolicySet
    from gaia.scaffold.blueprint import find_blueprint

    with suppress(GaiaError):
        return frozenset(rule.name for rule in PolicySet.of(root, find_blueprint).rules)
    return frozenset()


def blind_rules(root: Path, engine: Callable[[], PolicyEngine]) -> frozenset[str]:
    """Names of the rules about budgets and quotas that refuse a new service and let a change by that takes as much.

    None where they cannot be asked: what is wrong with a rule is said elsewhere.
    """
    from gaia.cost.declared import RULES
    from gaia.platform.instances.policy_input import Asked, request_input
    from gaia.policy.judge import judge
    from gaia.policy.rules import PolicySet
    from gaia.scaffold.blueprint import find_blueprint

    said: dict[str, set[str]] = {}
    with suppress(GaiaError):
        policies = PolicySet.of(root, find_blueprint)
        for kind in ("provision", "change"):
            wish = Asked("sample", "sample", "1.0.0", "sample", "sample", "dev", "sample", {}, kind)
            document = request_input(wish, 1, _beyond_everything())
            found = judge(policies, "request", document, engine=engine())
            said[kind] = {one.rule for one in found if one.effect != "warn"}
        return frozenset(RULES) & (said["provision"] - said["change"])
    return frozenset()


def _beyond_everything() -> dict[str, Any]:
    """Where a budget and a quota stand that something goes beyond, as rules read it."""
    from gaia.cost.budgets import Budget, Commitment, Scope
    from gaia.cost.capacity import UNKNOWN
    from gaia.cost.declared import Declared
    from gaia.cost.quotas import Footprint, Quota
    from gaia.kit import clock
    from gaia.platform.services.spending import input_of

    at, one, two = Position("budgets/sample.yaml", 1), Decimal(1), Decimal(2)
    declared = Declared((Budget(Scope(), one, "USD", (), at),), (Quota(Scope(), {"monthly": one}, at),))
    asked = Commitment("sample", "dev", "sample", "sample", two, "asked")
    return input_of(declared, [Footprint(asked, UNKNOWN)], clock.now())
