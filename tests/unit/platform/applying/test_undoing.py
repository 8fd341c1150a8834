"""What cannot be finished is undone where that was asked for and signed: exactly what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import KEY, MANIFEST, STACK, STORE
from tests.unit.platform.played import made, refused

from gaia.errors import Conflict, Unavailable
from gaia.platform.applying import after
from gaia.platform.applying.after import After
from gaia.platform.engine import steps
from gaia.platform.engine.steps import Stop
from gaia.platform.requests import previewing
from gaia.platform.services import live_services

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

    from gaia.platform.context import RunContext

pytestmark = pytest.mark.hypothesis
BROKEN = refused("it does not work")


def approved(loop: Loop) -> str:
    """A request that is to be undone where it fails; its application is queued."""
    request = loop.as_("ann").submit("pair", "photos", STACK, {"text": "hello"}, on_failure="undo").id
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    return request


def test_what_was_made_is_destroyed_again(loop: Loop) -> None:
    """In reverse; the service is not there, its name is free, and everybody can read what happened."""
    request = approved(loop)
    loop.world.fails[STORE] = BROKEN
    view = loop.carry_out(request)
    assert view.status == "failed"
    assert "destroyed again" in view.reason
    assert not loop.world.states
    assert MANIFEST not in loop.clone.commits[loop.clone.head]
    with loop.platform.database.read() as tx:
        assert not live_services.by_name(tx, "platform")
    assert "request.undone" in loop.audited(request)
    assert loop.audited(KEY) == ["instance.undone"]
    names = [step for step, _ in view.runs[-1].steps]
    assert names.index(f"undo apply {STORE}") < names.index(f"undo apply {KEY}")
    loop.world.fails.clear()
    assert loop.done()


def test_without_the_word_it_is_parked(loop: Loop) -> None:
    """With what is left."""
    request = loop.approved()
    loop.world.fails[STORE] = BROKEN
    assert loop.carry_out(request).status == "parked"
    assert set(loop.world.states) == {KEY}


def test_the_word_is_signed(loop: Loop) -> None:
    """It is another digest than that of the same preview without it."""
    request = approved(loop)
    digest = str(loop.row(request).preview)
    _, kept = previewing.load(loop.platform, digest)
    assert previewing.digest_of(kept) == digest
    assert previewing.digest_of({name: each for name, each in kept.items() if name != "on_failure"}) != digest
    view = loop.view(request)
    assert view.on_failure == "undo"


@pytest.mark.parametrize("step", [f"undo apply {STORE}", f"undo apply {KEY}", "settle"])
def test_an_undo_that_is_killed_goes_on(loop: Loop, step: str) -> None:
    """At every step."""
    request = approved(loop)
    loop.world.fails[STORE] = BROKEN
    loop.carry_out(request, until=step)
    assert loop.carry_out(request).status == "failed"
    assert not loop.world.states


def test_what_cannot_be_undone_is_left_and_listed(loop: Loop) -> None:
    """And undone when it is resumed: nothing is made any more."""
    request = approved(loop)
    loop.world.fails[STORE] = BROKEN

    loop.carry_out(request, until=f"undo apply {KEY}")
    loop.world.fails[KEY] = BROKEN
    view = loop.carry_out(request)
    assert view.status == "parked"
    assert view.runs[-1].left
    assert set(loop.world.states) == {KEY}
    loop.world.fails.clear()
    loop.as_("ann").resume(request)
    assert loop.carry_out(request).status == "failed"
    assert not loop.world.states


def test_what_may_exist_outside_of_the_state_is_not_left_behind(loop: Loop) -> None:
    """Terraform was cut off: only finishing the application tells what it made. It is parked, with the list."""
    request = approved(loop)
    loop.world.fails[STORE] = Conflict("cut-off", "it was cut off", next_step="Resume it.")
    view = loop.carry_out(request)
    assert view.status == "parked"
    assert view.runs[-1].left == (f"{STORE}: aws_s3_bucket.this",)


def test_what_somebody_else_made_is_not_destroyed(loop: Loop) -> None:
    """An instance that was changed, and not made, is left: nobody can make it as it was."""
    made(loop.world, KEY, {"text": "theirs", "password": "hunter-two"})
    request = loop.as_("ann").submit("pair", "photos", STACK, {"text": "hello"}, on_failure="undo").id
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    loop.world.fails[STORE] = BROKEN
    view = loop.carry_out(request)
    assert view.status == "parked"
    assert "was there before" in view.reason
    assert set(loop.world.states) == {KEY}


def test_what_was_cancelled_is_parked(loop: Loop) -> None:
    """Who ended it decides what becomes of it."""
    request = approved(loop)

    def ends(_: str) -> None:
        loop.as_("ann").cancel(request)

    loop.world.during = ends
    loop.carry_out(request)
    assert loop.row(request).status == "parked"
    assert loop.world.states


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two more steps after publishing, the last of which fails; what they did."""
    did: list[str] = []

    def doing(word: str) -> Callable[[RunContext], dict[str, Any]]:
        def work(_: RunContext) -> dict[str, Any]:
            did.append(word)
            return {}

        return work

    def fails(_: RunContext) -> Stop:
        did.append("monitor")
        return Stop("stopped", "no", "there is no monitoring")

    more = {"catalog": After(doing("catalog"), doing("undo catalog")), "monitor": After(fails, doing("undo monitor"))}
    monkeypatch.setattr(after, "WORK", {**after.WORK, **more})
    monkeypatch.setattr(steps, "AFTER", (*steps.AFTER, *more))
    return did


def test_steps_after_the_instances_are_undone_in_reverse(loop: Loop, told: list[str]) -> None:
    """Of those that were done: publishing too, and then the instances."""
    request = approved(loop)
    assert loop.carry_out(request).status == "failed"
    assert told == ["catalog", "monitor", "undo catalog"]
    assert MANIFEST not in loop.clone.commits[loop.clone.head]
    assert not loop.world.states


@pytest.mark.parametrize("step", ["undo catalog", "undo publish", f"undo apply {STORE}", f"undo apply {KEY}"])
def test_they_are_undone_once_wherever_it_is_killed(loop: Loop, told: list[str], step: str) -> None:
    """At every step."""
    request = approved(loop)
    loop.carry_out(request, until=step)
    assert loop.carry_out(request).status == "failed"
    assert told.count("undo catalog") == 1
    assert MANIFEST not in loop.clone.commits[loop.clone.head]
    assert not loop.world.states


def test_a_failed_step_without_the_word_parks(loop: Loop, told: list[str]) -> None:
    """What is left is the step."""
    request = loop.approved()
    view = loop.carry_out(request)
    assert view.status == "parked"
    assert view.runs[-1].left == ("monitor",)
    assert told == ["catalog", "monitor"]


def test_every_step_after_the_instances_has_its_work() -> None:
    """Two lists that must agree."""
    assert tuple(after.WORK) == steps.AFTER


def test_what_may_have_been_published_is_not_undone(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The branch has moved, and the answer of the remote was lost: nothing is destroyed, and it goes on."""
    request = approved(loop)
    publish = loop.clone.publish

    def lost(branch: str) -> str:
        publish(branch)
        raise Unavailable("repository-unreachable", "the answer was lost", next_step="Try again.")

    monkeypatch.setattr(loop.clone, "publish", lost)
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("parked", "repository-unreachable")
    assert set(loop.world.states) == {KEY, STORE}
    monkeypatch.setattr(loop.clone, "publish", publish)
    loop.as_("gus").resume(request)
    assert loop.carry_out(request).status == "done"
