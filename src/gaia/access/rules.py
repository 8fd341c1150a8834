"""What a caller may do, and where. Nothing is allowed that nothing here allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Refused
from gaia.records.model import ANY, PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.access.callers import Caller
    from gaia.errors import GaiaError
    from gaia.records.model import Permission, Role

ROLES: Mapping[Role, frozenset[Permission]] = {
    "viewer": frozenset({"see"}),
    "developer": frozenset({"see", "request"}),
    "approver": frozenset({"see", "approve"}),
    "admin": PERMISSIONS,
}
"""What each role may do."""


def allows(caller: Caller, action: Permission, tenant: str, stage: str) -> bool:
    """Whether a grant of the caller, within the token's scopes, allows the action there. Nothing else does."""
    return any(there in (ANY, tenant) and at in (ANY, stage) for there, at in places(caller, action))


def places(caller: Caller, action: Permission) -> frozenset[tuple[str, str]]:
    """Where the caller may do it, as (tenant, stage), each of which may be `*`: `allows` for many at once."""
    if action not in caller.scopes:
        return frozenset()
    fits = (given for given in caller.grants if action in ROLES.get(given.role, frozenset()))
    return frozenset((given.tenant, given.stage) for given in fits)


def is_admin(caller: Caller) -> bool:
    """Whether the caller may administer everything."""
    return allows(caller, "administer", ANY, ANY)


def permit(caller: Caller, action: Permission, tenant: str, stage: str, *, missing: GaiaError) -> None:
    """Pass when allowed. A caller who may not even see the object gets `missing`, as if it did not exist.

    Raises:
        Refused: `not-permitted`.
    """
    if allows(caller, action, tenant, stage):
        return
    if not allows(caller, "see", tenant, stage):
        raise missing
    raise Refused(
        "not-permitted",
        f"{caller.name} may not {action} in {tenant}/{stage}",
        next_step="Ask an admin for a role that may, or use a token with that scope.",
    )


def permit_approval(caller: Caller, requester: str) -> None:
    """Pass when the caller did not ask for it. `requester` is a person's id.

    Raises:
        Refused: `approver-is-requester`; the requester may still reject.
    """
    if caller.id == requester:
        raise Refused(
            "approver-is-requester",
            "who asks for something cannot approve it",
            next_step="Let somebody else with the role approver decide.",
        )
