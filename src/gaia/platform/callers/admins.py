"""That somebody stays who may administer everything, and can still call: nobody else could put it right."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.errors import Conflict
from gaia.kit import clock
from gaia.records import identities, people

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gaia.access.callers import Caller
    from gaia.records.database import Transaction


@contextmanager
def staying(tx: Transaction, caller: Caller, name: str) -> Iterator[None]:
    """Within it something is taken from somebody of this name, but not from the last one who could put it right.

    Who is an admin by their groups at a provider may take it from everybody: they call without it.

    Raises:
        Conflict: `admin-last`.
    """
    before = reachable(tx)
    yield
    by_groups = rules.is_admin(replace(caller, grants=caller.by_groups))
    if before and not by_groups and not reachable(tx):
        raise last(name)


def last(name: str) -> Conflict:
    """The error for what would leave nobody who administers."""
    return Conflict(
        "admin-last",
        f"{name} is the last one who may administer everything",
        next_step="Give somebody else the role admin everywhere and a token first; who needs another token makes that.",
    )


def reachable(tx: Transaction, *, by_provider: bool = True, at: datetime | None = None) -> frozenset[str]:
    """The ids of those who may administer everything and can call: with a token that holds, or by a provider.

    Their roles are locked, as by `people.administrators`: two who take it from each other take turns.
    """
    admins, now = people.administrators(tx), at or clock.now()
    holding = {
        one.person
        for one in people.list_tokens(tx)
        if one.revoked_at is None and one.expires_at > now and "administer" in one.scopes
    }
    return admins & (holding | (identities.of_people(tx, admins) if by_provider else frozenset()))
