"""An instance's own plan against the approval, with a part of it done already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.operations.compare import compare
from gaia.stacks.model import InstanceKey
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from gaia.kit.keys import Key

ME = InstanceKey("acme-use1-dev", "demo-key")
ADDRESS = "aws_kms_key.this"
WANTED = {"description": "a", "custom_key_store_id": None, "enable_key_rotation": True, "tags": {"owner": "ann"}}


def _plan(actions: list[str], before: object, after: object, **more: Any) -> Plan:
    change = {"actions": actions, "before": before, "after": after, "after_unknown": more.pop("unknown", {}), **more}
    entry = {"address": ADDRESS, "mode": "managed", "type": "aws_kms_key", "name": "this", "change": change}
    return Plan.parse({"format_version": "1.2", "resource_changes": [entry]})


def _approved(key: Key) -> NormalForm:
    return NormalForm.of({ME: _plan(["create"], None, WANTED, unknown={"arn": True})}, key)


def _differences(plan: Plan, key: Key, *touched: str) -> tuple[str, ...]:
    return compare(ME, plan, key, _approved(key), touched=touched).differences


def test_without_an_approval_there_is_nothing_to_differ_from(key: Key) -> None:
    """An undo needs none; the digest is still there for the record."""
    compared = compare(ME, _plan(["create"], None, WANTED), key, None, touched=())
    assert compared.differences == ()
    assert compared.digest.startswith("sha256:")


def test_an_import_that_ends_as_approved_is_as_approved(key: Key) -> None:
    """No-op or update: what was unknown may be known, and nothing may have been read back as blank."""
    found = {**WANTED, "arn": "arn:1", "custom_key_store_id": ""}
    assert _differences(_plan(["no-op"], found, found, importing={"id": "abc"}), key, ADDRESS) == ()
    before = {**found, "enable_key_rotation": False}
    assert _differences(_plan(["update"], before, found, importing={"id": "abc"}), key, ADDRESS) == ()


def test_an_import_that_ends_otherwise_voids_the_approval(key: Key) -> None:
    """One tag more is one difference."""
    found = {**WANTED, "arn": "arn:1", "tags": {"owner": "ann", "team": "x"}}
    (difference,) = _differences(_plan(["no-op"], found, found, importing={"id": "abc"}), key, ADDRESS)
    assert "tags.team" in difference


def test_an_import_of_what_this_run_never_began_voids_the_approval(key: Key) -> None:
    """A creation was approved, not taking over what is there."""
    found = {**WANTED, "arn": "arn:1"}
    assert _differences(_plan(["no-op"], found, found, importing={"id": "abc"}), key)


def test_an_import_is_never_a_replacement(key: Key) -> None:
    """Also for an address that this run had begun."""
    found = {**WANTED, "arn": "arn:1"}
    assert _differences(_plan(["delete", "create"], found, WANTED, importing={"id": "abc"}), key, ADDRESS)


def test_the_second_half_of_a_replacement_is_as_approved(key: Key) -> None:
    """The old one is gone, the new one is still to be made, with the approved values."""
    approved = NormalForm.of({ME: _plan(["delete", "create"], {**WANTED, "description": "old"}, WANTED)}, key)
    half = _plan(["create"], None, WANTED)
    assert compare(ME, half, key, approved, touched=[ADDRESS]).differences == ()
    assert compare(ME, half, key, approved, touched=[]).differences
    other = _plan(["create"], None, {**WANTED, "description": "b"})
    assert compare(ME, other, key, approved, touched=[ADDRESS]).differences


def test_in_a_destroy_what_is_gone_is_gone(key: Key) -> None:
    """One resource less to delete needs no new approval; one more does."""
    approved = NormalForm.of({ME: _plan(["delete"], WANTED, None)}, key)
    nothing = Plan.parse({"format_version": "1.2", "resource_changes": []})
    assert compare(ME, nothing, key, approved, touched=(), destroy=True).differences == ()
    empty = NormalForm.of({ME: nothing}, key)
    assert compare(ME, _plan(["delete"], WANTED, None), key, empty, touched=(), destroy=True).differences
