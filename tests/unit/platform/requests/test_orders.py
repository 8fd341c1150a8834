"""Several services in one request: all are let in or none, approved and applied as one, and each its own when done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import KEY, STACK, STORE
from tests.unit.platform.played import refused

from gaia.errors import GaiaError
from gaia.platform.model import Wish
from gaia.platform.services import live_services
from gaia.records import requests

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.records.model import Request

pytestmark = pytest.mark.hypothesis
WISHES = (Wish("pair", "photos", {"text": "hello"}), Wish("pair", "notes", {"text": "bye", "alone": True}))
NOTES = f"{STACK}/notes-key"


def ordered(loop: Loop, *wishes: Wish) -> str:
    """ann asks for several; previewed."""
    request = loop.as_("ann").order("shop", STACK, wishes or WISHES).id
    loop.carry_out(request)
    return request


def live(loop: Loop) -> dict[str, Request]:
    """The services that stand."""
    with loop.platform.database.read() as tx:
        return {name: one for (_, name), one in live_services.by_name(tx, "platform").items()}


def approved(loop: Loop) -> str:
    """gus approved it."""
    request = ordered(loop)
    loop.as_("gus").approve(request)
    return request


def test_one_preview_one_approval_one_application(loop: Loop) -> None:
    """Then each is a service of its own, and the order is none."""
    request = ordered(loop)
    view = loop.view(request)
    assert (view.status, view.services) == ("waiting", ("photos", "notes"))
    assert view.preview
    assert {one.instance for one in view.preview.changes} == {KEY, STORE, NOTES}
    loop.as_("gus").approve(request)
    assert loop.carry_out(request).status == "done"
    assert set(loop.world.states) == {KEY, STORE, NOTES}
    assert set(live(loop)) == {"photos", "notes"}
    assert {"stacks/photos.yaml", "stacks/notes.yaml"} <= set(loop.clone.commits[loop.clone.head])


def test_each_shows_what_is_its_own(loop: Loop) -> None:
    """Its changes, its part of the estimate, its outputs, and the approval of the order."""
    request = approved(loop)
    loop.carry_out(request)
    whole, mine = loop.view(request), loop.view(live(loop)["photos"].id)
    assert whole.preview
    assert mine.preview
    assert {one.instance for one in mine.preview.changes} == {KEY, STORE}
    projects = mine.preview.cost["projects"]
    assert isinstance(projects, list)
    assert {one["name"] for one in projects} == {KEY, STORE}
    assert set(mine.outputs) == {KEY, STORE}
    assert [one.id for one in mine.approvals] == [one.id for one in whole.approvals]
    lines = [line.text for line in loop.as_("ann").why(KEY).lines]
    assert any(mine.id in line for line in lines)
    assert any(request in line for line in lines)


def test_one_is_changed_and_another_retired(loop: Loop) -> None:
    """As any service."""
    request = approved(loop)
    loop.carry_out(request)
    loop.change_done("other")
    assert loop.world.states[KEY]["text"] == "other"
    gone = loop.as_("ann").retire("notes", STACK).id
    loop.carry_out(gone)
    loop.as_("gus").approve(gone)
    assert loop.carry_out(gone).status == "done"
    assert set(loop.world.states) == {KEY, STORE}
    assert set(live(loop)) == {"photos"}


def test_a_failure_parks_with_what_is_left_and_goes_on(loop: Loop) -> None:
    """Until then the order stands for all."""
    request = approved(loop)
    loop.world.fails[STORE] = refused("no")
    view = loop.carry_out(request)
    assert view.status == "parked"
    assert set(live(loop)) == {"shop"}
    loop.world.fails.clear()
    loop.as_("ann").resume(request)
    assert loop.carry_out(request).status == "done"
    assert set(live(loop)) == {"photos", "notes"}


def test_a_parked_order_is_retired_as_one(loop: Loop) -> None:
    """Nothing is left."""
    request = approved(loop)
    loop.world.fails[STORE] = refused("no")
    loop.carry_out(request)
    loop.world.fails.clear()
    gone = loop.as_("ann").retire("shop", STACK).id
    assert loop.carry_out(gone).status == "waiting"
    loop.as_("gus").approve(gone)
    assert loop.carry_out(gone).status == "done"
    assert not loop.world.states
    assert not live(loop)
    assert loop.row(request).status == "failed"
    with pytest.raises(GaiaError):
        loop.as_("ann").change("shop", STACK, {})


@pytest.mark.parametrize("step", ["rebase", f"apply {STORE}", f"apply {NOTES}", "publish", "settle"])
def test_a_killed_order_goes_on(loop: Loop, step: str) -> None:
    """Each service is there once."""
    request = approved(loop)
    loop.carry_out(request, until=step)
    assert loop.carry_out(request).status == "done"
    with loop.platform.database.read() as tx:
        found = requests.find(tx, "platform", services=["photos", "notes"])
    assert sorted(one.service for one in found) == ["notes", "photos"]


def test_it_is_undone_as_one(loop: Loop) -> None:
    """Where it says so."""
    request = loop.as_("ann").order("shop", STACK, WISHES, on_failure="undo").id
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    loop.world.fails[STORE] = refused("no")
    assert loop.carry_out(request).status == "failed"
    assert not loop.world.states
    assert not live(loop)


def test_each_lives_as_long_as_was_signed(loop: Loop) -> None:
    """And is kept by itself."""
    request = loop.as_("ann").order("shop", STACK, WISHES, ttl=timedelta(days=7)).id
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    loop.carry_out(request)
    ends = {loop.view(one.id).lives_until for one in live(loop).values()}
    assert len(ends) == 1
    assert None not in ends
    loop.as_("ann").keep("photos", STACK)


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ((Wish("pair", "photos", {}), WISHES[1]), "answer-missing"),
        ((Wish("nothing", "photos", {}), WISHES[1]), "template-unknown"),
        ((WISHES[0], WISHES[0]), "order-invalid"),
        ((WISHES[0], Wish("pair", "shop", {"text": "x"})), "order-invalid"),
        ((WISHES[0], Wish("pair", "No Name", {"text": "x"})), "name-invalid"),
        ((), "order-invalid"),
        (tuple(Wish("pair", f"s{number}", {"text": "x"}) for number in range(21)), "order-invalid"),
    ],
)
def test_all_are_let_in_or_none(loop: Loop, wishes: tuple[Wish, ...], code: str) -> None:
    """Whatever is wrong with one of them."""
    with pytest.raises(GaiaError) as wrong:
        loop.as_("ann").order("shop", STACK, wishes)
    assert wrong.value.code == code
    with loop.platform.database.read() as tx:
        assert not requests.find(tx, "platform")


def test_a_name_that_is_taken_or_asked_for(loop: Loop) -> None:
    """Of any of them."""
    loop.ask("notes")
    with pytest.raises(GaiaError) as busy:
        loop.as_("ann").order("shop", STACK, WISHES)
    assert busy.value.code == "service-busy"
    loop.done()
    with pytest.raises(GaiaError) as taken:
        loop.as_("ann").order("shop", STACK, WISHES[:1])
    assert taken.value.code == "name-taken"


def test_a_rule_against_one_denies_all(loop: Loop) -> None:
    """Rules about requests are asked of each service."""
    loop.rules.says["data.gaia.request.quota.deny"] = lambda asked: (
        [{"message": "no notes"}] if asked["gaia"]["service"] == "notes" else []
    )
    assert loop.view(ordered(loop)).status == "denied"
    assert [one["services"] for one in loop.rules.documents("request.quota.deny")] == [0, 1]
