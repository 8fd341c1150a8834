"""What the state has to hold after an application."""

from __future__ import annotations

from typing import Any

from gaia.operations.promise import Promise, promise_of, unkept
from gaia.terraform.normal import NormalChange
from gaia.terraform.plan import Plan
from gaia.terraform.state import State


def _entry(name: str, *actions: str, **more: Any) -> dict[str, Any]:
    importing = {"importing": {"id": more.pop("importing")}} if "importing" in more else {}
    entry = {"address": f"a.{name}", "mode": "managed", "type": "a", "name": name}
    return {**entry, "change": {"actions": list(actions), **importing}, **more}


def _plan(*entries: dict[str, Any]) -> Plan:
    return Plan.parse({"format_version": "1.2", "resource_changes": list(entries)})


def _state(*instances: tuple[str, dict[str, Any]]) -> State:
    resources = [
        {"mode": "managed", "type": "a", "name": name, "instances": [{"attributes": {"id": "x"}, **more}]}
        for name, more in instances
    ]
    return State.parse({"version": 4, "resources": resources})


PLAN = _plan(
    _entry("new", "create"), _entry("old", "no-op"), _entry("found", "no-op", importing="i"), _entry("up", "update"),
    _entry("again", "delete", "create"), _entry("gone", "delete"), _entry("left", "forget"),
    _entry("d", "read", mode="data"), _entry("up", "delete", deposed="k1"),
    _entry("here", "no-op", previous_address="a.there"),
)  # fmt: skip
HELD: tuple[tuple[str, dict[str, Any]], ...] = tuple(
    (name, {}) for name in ("new", "old", "found", "up", "again", "here")
)


def test_a_plan_promises_what_it_makes_keeps_and_takes_away() -> None:
    """Created, changed, imported, replaced, moved and untouched ones are there; deleted and forgotten ones are not."""
    promise = promise_of(PLAN)
    assert promise.kept == {f"a.{name}" for name, _ in HELD}
    assert promise.gone == {"a.gone", "a.left", "a.there"}
    assert promise.deposed == {("a.up", "k1")}
    assert unkept(promise, _state(*HELD)) == ()


def test_each_broken_part_is_named() -> None:
    """Missing, still there, still deposed, or there and not whole; a deposed object is not the thing itself."""
    state = _state(
        *HELD[:-2], ("up", {"deposed": "k1"}), ("again", {"deposed": "k9"}), ("gone", {}), ("there", {}),
        ("here", {"status": "tainted"}),
    )  # fmt: skip
    assert unkept(promise_of(PLAN), state) == (
        "a.again: is not in the state",
        "a.gone: is still in the state",
        "a.here: is in the state, and not whole",
        "a.there: is still in the state",
        "a.up: its old object k1 is still in the state",
    )


def test_no_state_keeps_no_promise() -> None:
    """Where there is none, everything is missing; an empty promise is kept."""
    assert unkept(promise_of(_plan(_entry("new", "create"))), None) == ("a.new: is not in the state",)
    assert unkept(Promise(), None) == ()


def test_what_was_approved_is_promised_where_the_plan_is_silent() -> None:
    """An empty plan after a crash: the creations are to be there, the deletions gone; the plan has the last word."""
    approved = [
        NormalChange("a.new", "a", ("create",), None, {}),
        NormalChange("a.gone", "a", ("delete",), {}, None),
        NormalChange("a.new", "a", ("delete",), {}, None, deposed="k"),
        NormalChange("a.now", "a", ("delete",), {}, None),
    ]
    promise = promise_of(_plan(_entry("now", "no-op")), approved)
    assert promise == Promise(frozenset({"a.new", "a.now"}), frozenset({"a.gone"}))


def test_an_address_that_something_moved_to_another_and_is_made_again_is_kept() -> None:
    """The old address of a move may be taken by something new."""
    promise = promise_of(_plan(_entry("b", "no-op", previous_address="a.a"), _entry("a", "create")))
    assert promise == Promise(frozenset({"a.a", "a.b"}))


def test_what_was_approved_about_an_address_gives_way_to_the_plan() -> None:
    """The plan deletes what was once to be made: it is gone, whatever the approval says of the address."""
    approved = [NormalChange("a.now", "a", ("create",), None, {}), NormalChange("a.up", "a", ("delete",), {}, None)]
    promise = promise_of(_plan(_entry("now", "delete"), _entry("up", "delete", deposed="k1")), approved)
    assert promise == Promise(frozenset(), frozenset({"a.now", "a.up"}), frozenset({("a.up", "k1")}))


def test_a_deposed_object_that_is_taken_away_is_not_its_resource() -> None:
    """Deleting what is left of a replacement says nothing about the thing itself, nor does the thing about it."""
    promise = promise_of(_plan(_entry("up", "delete", deposed="k1")))
    assert promise == Promise(deposed=frozenset({("a.up", "k1")}))
    assert unkept(promise, _state(("up", {}))) == ()
    assert (
        unkept(Promise(kept=frozenset({"a.up"})), _state(("up", {"deposed": "k1", "status": "tainted"}), ("up", {})))
        == ()
    )


def test_a_move_that_was_approved_is_promised_where_the_plan_is_silent() -> None:
    """It was made already: what moved stands at the new address, and no longer at the old one."""
    approved = [NormalChange("a.new", "a", ("no-op",), {}, {}, previous_address="a.old")]
    promise = promise_of(_plan(), approved)
    assert promise == Promise(frozenset({"a.new"}), frozenset({"a.old"}))
    assert unkept(promise, _state(("new", {}), ("old", {}))) == ("a.old: is still in the state",)
