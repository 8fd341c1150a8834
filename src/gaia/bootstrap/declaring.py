"""What budgets and quotas are held against: the places that a repository has, and the rules that judge by them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.errors import GaiaError

if TYPE_CHECKING:
    from pathlib import Path

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
