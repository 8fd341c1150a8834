"""What a destruction asks a flag for: production, and what is protected against deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import STACK

from gaia.checkout.protection import PROTECTIONS, check_production, check_protected, protected
from gaia.errors import Refused
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from tests.unit.checkout.conftest import Ground


def plan(actions: list[str], before: dict[str, Any] | None) -> Plan:
    """Of one resource."""
    change = {"actions": actions, "before": before, "after": None}
    entry = {"address": "aws_db_instance.this", "mode": "managed", "type": "aws_db_instance", "name": "this"}
    return Plan.parse({"format_version": "1.2", "resource_changes": [{**entry, "change": change}]})


@pytest.mark.parametrize("stage", ["prod", "production", "prd", "Live", "PROD"])
def test_production_has_a_flag_of_its_own(ground: Ground, stage: str) -> None:
    """All of its stacks are named; others are not held up."""
    checkout = ground.checkout()
    check_production(checkout, [ground.instance(checkout)])
    defaults = (ground.root / "stacks/_defaults.yaml").read_text()
    ground.write(**{"stacks/_defaults.yaml": defaults.replace("stage: dev", f"stage: {stage}")})
    checkout = ground.checkout()
    (instance,) = checkout.files.repository.built(checkout.files.repository.instances)
    with pytest.raises(Refused) as caught:
        check_production(checkout, [instance])
    assert (caught.value.code, caught.value.facts) == ("production-unflagged", {"stacks": [f"acme-use1-{stage}"]})
    check_production(checkout, [])


@pytest.mark.parametrize("name", PROTECTIONS)
def test_what_is_protected_is_named(name: str) -> None:
    """Where it would be destroyed, also to be made anew."""
    for actions in (["delete"], ["delete", "create"]):
        assert protected(plan(actions, {name: True})) == ("aws_db_instance.this",)
        assert protected(plan(actions, {name: "ACTIVE"})) == ("aws_db_instance.this",)
    assert protected(plan(["update"], {name: True})) == ()
    for value in (False, None, "true"):
        assert protected(plan(["delete"], {name: value})) == ()
    assert protected(plan(["create"], None)) == ()


def test_a_destruction_of_what_is_protected_is_refused(ground: Ground) -> None:
    """With the addresses, a few of many."""
    instance = ground.instance(ground.checkout())
    many = [(instance, plan(["delete"], {"deletion_protection": True}))] * 9
    with pytest.raises(Refused, match=rf"{STACK}/net aws_db_instance.this, .* …") as caught:
        check_protected(many)
    assert caught.value.code == "deletion-protected"
    assert caught.value.facts["resources"] == [f"{STACK}/net aws_db_instance.this"] * 9
    check_protected([(instance, plan(["create"], None))])
