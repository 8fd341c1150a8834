"""What is not destroyed by the way: stacks of production, and resources that are protected against it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import Refused
from gaia.platform.scope import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gaia.checkout.checkout import Checkout
    from gaia.platform.snapshot import StackScope
    from gaia.stacks.model import Instance
    from gaia.terraform.plan import Plan

PRODUCTION = frozenset(("prod", "production", "prd", "live"))
"""Stages that are production, in any case of letters. `settings.gaia.scope` of a stack gives it a stage where its
variables have another; where nothing says a stage, its environment and the parts of its name count."""
PROTECTIONS = (
    "deletion_protection", "deletion_protection_enabled", "delete_protection", "enable_deletion_protection",
    "disable_api_termination", "termination_protection",
)  # fmt: skip
"""Attributes of the AWS provider's resources (and others') that are on where nobody is to destroy them."""
_ON = (True, "ACTIVE")


def check_production(checkout: Checkout, instances: Iterable[Instance]) -> None:
    """Refuse to destroy anything of production, for what does not say that it means to.

    Raises:
        Refused: `production-unflagged`. Invalid: `scope-invalid`.
    """
    stacks = sorted({one.key.stack for one in instances})
    found = [name for name in stacks if _is_production(name, checkout.files.scope(name))]
    if found:
        raise Refused(
            "production-unflagged",
            f"this is production: {', '.join(found)}",
            next_step="Add --production where you mean to destroy in it.",
            facts={"stacks": found},
        )


def _is_production(stack: str, scope: StackScope) -> bool:
    said = [scope.stage] if scope.stage != ALL else [scope.environment, *re.split(r"[^A-Za-z0-9]+", stack)]
    return not PRODUCTION.isdisjoint(one.casefold() for one in said)


def protected(plan: Plan) -> tuple[str, ...]:
    """Addresses that a plan destroys or replaces although they are protected against deletion. Pure."""
    return tuple(
        one.address
        for one in plan.changes
        if one.action in ("delete", "replace")
        and isinstance(one.before, dict)
        and any(one.before.get(name) in _ON for name in PROTECTIONS)
    )


def check_protected(plans: Sequence[tuple[Instance, Plan]]) -> None:
    """Refuse to destroy what is protected against deletion, for what does not say that it means to.

    Raises:
        Refused: `deletion-protected`.
    """
    found = [f"{one.key} {address}" for one, plan in plans for address in protected(plan)]
    if found:
        raise Refused(
            "deletion-protected",
            f"protected against deletion: {', '.join(found[:8])}{' …' if len(found) > 8 else ''}",
            next_step="Apply it without the protection first, or add --protected and see what the provider says.",
            facts={"resources": found},
        )
