"""What a caller may do, and where."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.access.callers import Caller
from gaia.access.rules import ROLES, allows, permit, permit_approval
from gaia.errors import GaiaError, NotFound, Refused
from gaia.records.model import PERMISSIONS, Grant, Permission, Role

NAMES = st.sampled_from(["acme", "globex", "*"])
STAGES = st.sampled_from(["dev", "prod", "*"])
GRANTS = st.builds(Grant, st.sampled_from(get_args(Role)), NAMES, STAGES)


def of(*grants: Grant) -> Caller:
    """Somebody with these."""
    return Caller("per_1", "ada", grants)


def test_another_tenants_object_is_not_found() -> None:
    """Who may not see gets the object's own "not found"; who may see but not do is refused."""
    missing = NotFound("request-unknown", "there is no request", next_step="-")
    viewer = of(Grant("viewer", "acme"))
    permit(viewer, "see", "acme", "prod", missing=missing)
    with pytest.raises(Refused) as refused:
        permit(viewer, "approve", "acme", "prod", missing=missing)
    assert refused.value.code == "not-permitted"
    with pytest.raises(GaiaError) as hidden:
        permit(viewer, "approve", "globex", "prod", missing=missing)
    assert hidden.value is missing


@given(st.lists(GRANTS, max_size=4), st.sampled_from(get_args(Permission)), NAMES, STAGES)
def test_nothing_is_allowed_without_a_grant_that_says_so(
    grants: list[Grant], action: Permission, tenant: str, stage: str
) -> None:
    """`allows` is true exactly when one grant covers action, tenant and stage."""
    covering = [
        each
        for each in grants
        if action in ROLES[each.role] and each.tenant in {"*", tenant} and each.stage in {"*", stage}
    ]
    assert allows(of(*grants), action, tenant, stage) == bool(covering)


def test_a_grant_holds_in_its_tenant_and_stage_alone() -> None:
    """Whoever approves in dev approves nothing in prod, nor elsewhere."""
    caller = of(Grant("approver", "acme", "dev"))
    assert allows(caller, "approve", "acme", "dev")
    assert not allows(caller, "approve", "acme", "prod")
    assert not allows(caller, "approve", "other", "dev")
    assert not allows(caller, "administer", "acme", "dev")


def test_every_role_may_see_and_only_admins_administer() -> None:
    """The table of roles, read as rules."""
    assert all("see" in actions for actions in ROLES.values())
    assert [role for role, actions in ROLES.items() if "administer" in actions] == ["admin"]
    assert [role for role, actions in ROLES.items() if "approve" in actions] == ["approver", "admin"]
    assert frozenset(get_args(Permission)) == PERMISSIONS
    assert set(get_args(Role)) == set(ROLES)


def test_nobody_approves_what_they_asked_for() -> None:
    """Four eyes, whatever the role."""
    admin = of(Grant("admin"))
    permit_approval(admin, "per_2")
    with pytest.raises(Refused) as caught:
        permit_approval(admin, "per_1")
    assert caught.value.code == "approver-is-requester"
