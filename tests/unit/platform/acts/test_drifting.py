"""Drift in somebody's name, here and over HTTP: what is listed and shown, a look now, and putting a service back."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of
from tests.unit.platform.drift.test_run import carried, check, later, looked, queued, told
from tests.unit.platform.loop import KEY, STACK, STORE
from tests.unit.platform.test_lists import statements

from gaia.access.callers import authenticate
from gaia.api.app import make_api
from gaia.bootstrap.remote_drift import RemoteDrifting
from gaia.client import Client
from gaia.errors import Conflict, GaiaError, NotFound, Refused
from gaia.kit import clock
from gaia.platform.acts.drifting import Drifting
from gaia.platform.drift.due import queue_due
from gaia.platform.serving.retention import Retention, clean
from gaia.records import leases, looks, requests, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.platform.loop import Loop

    Doors = Callable[[Loop, str], Drifting]

COMPONENT = "photos-key"


@pytest.fixture
def live(loop_at: Callable[[str], Loop]) -> Loop:
    """A service that was applied and published."""
    return loop_at("done")


@pytest.fixture(params=["here", "remote"])
def door(request: pytest.FixtureRequest) -> Iterator[Doors]:
    """Drift in somebody's name."""
    with ExitStack() as stack:

        def of(loop: Loop, who: str) -> Drifting:
            if request.param == "here":
                with loop.platform.database.read() as tx:
                    return Drifting(loop.platform, authenticate(tx, loop.tokens.get(who), clock.now()))
            http = stack.enter_context(TestClient(make_api(served_of(loop)), raise_server_exceptions=False))
            return RemoteDrifting(Client("http://testserver", loop.tokens.get(who), http=http, pause=lambda _: None))

        yield of


def changed(loop: Loop, key: str = KEY) -> None:
    """Somebody changes it by hand, which a look finds."""
    loop.world.states[key]["text" if key == KEY else "bucket"] = "by hand"
    looked(loop, key)


def refusal(call: Callable[[], object]) -> GaiaError:
    """What it raises."""
    with pytest.raises(GaiaError) as caught:
        call()
    return caught.value


def test_what_is_listed(live: Loop, door: Doors) -> None:
    """The last look at each instance, by stack, component, state and since when."""
    looked(live, STORE)
    looked(live)
    changed(live)
    drifts = door(live, "vic")
    assert [(one.instance, one.state) for one in drifts.list()] == [(KEY, "drifted"), (STORE, "clean")]
    assert [one.instance for one in drifts.list(state="drifted", stack=STACK)] == [KEY]
    assert [one.instance for one in drifts.list(component="photos-store", limit=1)] == [STORE]
    assert drifts.list(since=clock.now() + timedelta(hours=1)) == []
    assert drifts.list(state="gone") == []
    assert door(live, "bob").list() == []


def test_lists_are_one_statement(live: Loop) -> None:
    """However many there are."""
    looked(live)
    looked(live, STORE)
    with live.platform.database.read() as tx:
        drifts = Drifting(live.platform, authenticate(tx, live.tokens["vic"], clock.now()))
    with statements(live) as asked:
        assert len(drifts.list()) == 2
    assert len([one for one in asked if "drift_checks" in one]) == 1


def test_what_is_shown_of_an_instance(live: Loop, door: Doors) -> None:
    """What the last look found, the looks before, page by page, and when the next one comes."""
    looked(live)
    changed(live)
    drifts = door(live, "vic")
    shown = drifts.show(STACK, COMPONENT)
    assert shown.newest is not None
    assert (shown.newest.state, shown.findings_kept, shown.looking, shown.every) == ("drifted", True, None, "1d")
    assert [one.state for one in shown.looks] == ["drifted", "clean"]
    assert shown.findings[0]["places"][0]["instance"] == KEY  # type: ignore[index]
    assert shown.next_at is not None
    first = drifts.show(STACK, COMPONENT, limit=1)
    assert [one.state for one in drifts.show(STACK, COMPONENT, limit=1, after=first.next).looks] == ["clean"]


def test_findings_that_are_gone(live: Loop, door: Doors) -> None:
    """Are said to be gone, and nothing else is lost."""
    changed(live)
    live.platform.documents.delete("drift", check(live).document)
    shown = door(live, "vic").show(STACK, COMPONENT)
    assert (shown.findings, shown.findings_kept) == ((), False)


def test_what_the_caller_may_not_see_is_not_there(live: Loop, door: Doors) -> None:
    """The same words as of what is nowhere; a look is no less."""
    changed(live)
    drifts = door(live, "bob")
    for call in (drifts.show, drifts.look):
        theirs, nothing = (refusal(lambda call=call, name=name: call(STACK, name)) for name in (COMPONENT, "x"))  # type: ignore[misc]
        assert type(theirs) is type(nothing) is NotFound
        assert theirs.message.replace(COMPONENT, "x") == nothing.message


def test_a_look_now(live: Loop, door: Doors) -> None:
    """By who may ask for services there; it is queued, and shown while it waits."""
    assert isinstance(refusal(lambda: door(live, "vic").look(STACK, COMPONENT)), Refused)
    look = door(live, "ann").look(STACK, COMPONENT)
    assert (look.instance, look.status) == (KEY, "queued")
    assert queued(live) == [KEY]
    shown = door(live, "vic").show(STACK, COMPONENT)
    assert (shown.newest, shown.looking) == (None, look)
    assert refusal(lambda: door(live, "ann").look(STACK, COMPONENT)).code == "run-live"
    with live.platform.database.read() as tx:
        carried(live, runs.get(tx, look.id))
    assert door(live, "ann").work(look).status == "done"
    assert "drift.asked" in told(live)


def test_a_look_at_what_is_being_changed(live: Loop, door: Doors) -> None:
    """Is in conflict with that."""
    with live.platform.database.begin() as tx:
        leases.acquire(tx, "platform", KEY, run=live.run(live.request).id, request=live.request, at=clock.now())
    assert refusal(lambda: door(live, "ann").look(STACK, COMPONENT)).code == "instance-leased"


def test_a_look_is_ended(live: Loop, door: Doors) -> None:
    """By who may ask for one. What has ended, and a run of a request, are none."""
    look = door(live, "ann").look(STACK, COMPONENT)
    assert isinstance(refusal(lambda: door(live, "vic").cancel(look.id)), Refused)
    assert refusal(lambda: door(live, "bob").cancel(look.id)).code == "run-unknown"
    assert door(live, "ann").cancel(look.id, now=True).id == look.id
    with live.platform.database.read() as tx:
        row = runs.get(tx, look.id)
    assert (row.cancelled, carried(live, row).code) == (2, "cancelled")
    assert refusal(lambda: door(live, "ann").cancel(look.id)).code == "run-ended"
    for run in (live.run(live.request).id, "run_" + "0" * 32, "x" * 2000):
        assert refusal(lambda run=run: door(live, "ann").cancel(run)).code == "run-unknown"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * 5000, "é\x1b[31m", "%2e%2e"])
def test_names_that_are_none(live: Loop, door: Doors, name: str) -> None:
    """Are not found."""
    for call in (door(live, "ann").show, door(live, "ann").look):
        assert refusal(lambda call=call: call(STACK, name)).code in ("instance-unknown", "answers-invalid")  # type: ignore[misc]
        assert refusal(lambda call=call: call(name, COMPONENT)).code == "instance-unknown"  # type: ignore[misc]


def test_old_looks_go_and_the_last_one_stays(live: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their runs, their logs and what they found; a document that another look needs is kept."""
    looked(live)
    changed(live)
    runs_before = check(live).run
    later(monkeypatch, days=91)
    clean(live.platform, Retention(), actor="engine")
    with live.platform.database.read() as tx:
        [kept] = looks.history(tx, "platform", STACK, COMPONENT, limit=9)
        drift = runs.of_subject(tx, "platform", f"drift {KEY}")
    assert (kept.run, [run.id for run in drift]) == (runs_before, [runs_before])
    assert live.platform.documents.exists("drift", kept.document)


# --- putting back --------------------------------------------------------------------------------------------------


def test_a_service_is_put_back(live: Loop) -> None:
    """By a request as any: judged, approved by somebody else, applied. No file is changed; then the drift is over."""
    changed(live)
    before = live.clone.head
    asked = live.as_("ann").reconcile("photos", STACK)
    assert (asked.kind, asked.status) == ("reconcile", "submitted")
    view = live.carry_out(asked.id)
    assert view.status == "waiting", view.reason
    assert view.preview is not None
    assert [(one.instance, one.action) for one in view.preview.changes] == [(KEY, "update")]
    with pytest.raises(Refused):
        live.as_("ann").approve(asked.id)
    live.as_("gus").approve(asked.id)
    assert live.carry_out(asked.id).status == "done"
    assert (live.world.states[KEY]["text"], live.clone.head) == ("hello", before)
    queue_due(live.platform)
    assert queued(live) == [KEY]
    with live.platform.database.read() as tx:
        [run] = runs.live(tx, "platform", kinds=("drift",))  # type: ignore[arg-type]
    carried(live, run)
    assert (check(live).result, told(live)) == ("clean", ["drift.found", "drift.ended"])
    assert live.as_("ann").retire("photos", STACK).kind == "retire"


def test_what_was_published_meanwhile_does_not_matter(live: Loop) -> None:
    """The branch moved: it is previewed again there, and what was approved holds."""
    changed(live)
    asked = live.as_("ann").reconcile("photos", STACK).id
    live.carry_out(asked)
    live.as_("gus").approve(asked)
    head = live.clone.moved()
    view = live.carry_out(asked)
    assert (view.status, view.reason, live.clone.head) == ("done", "", head)


def test_the_service_still_comes_from_where_it_came_from(live: Loop) -> None:
    """A request that put it back is the origin of nothing, and takes up nothing."""
    from gaia.platform.services import live_services, spending

    changed(live)
    asked = live.as_("ann").reconcile("photos", STACK).id
    live.carry_out(asked)
    live.as_("gus").approve(asked)
    with live.platform.database.read() as tx:
        assert len(spending.footprints(tx, "platform")) == 1
    live.carry_out(asked)
    with live.platform.database.read() as tx:
        [origin] = live_services.by_name(tx, "platform").values()
        assert (origin.id, requests.get(tx, asked).status) == (live.request, "done")


def test_nothing_is_put_back_where_nothing_has_drifted(live: Loop) -> None:
    """As far as looks say; and where the preview finds nothing to do, it ends there."""
    looked(live)
    assert refusal(lambda: live.as_("ann").reconcile("photos", STACK)).code == "nothing-to-put-back"
    changed(live)
    live.world.states[KEY]["text"] = "hello"
    asked = live.as_("ann").reconcile("photos", STACK).id
    view = live.carry_out(asked)
    assert (view.status, view.runs[-1].code) == ("failed", "nothing-to-put-back")
    assert refusal(lambda: live.as_("bob").reconcile("photos", STACK)).code == "service-unknown"
    assert isinstance(refusal(lambda: live.as_("vic").reconcile("photos", STACK)), Refused)


def test_a_service_that_is_not_published(live: Loop) -> None:
    """There is nothing to go by."""
    changed(live)
    live.clone.head = live.clone.commit(live.clone.head, {"stacks/photos.yaml": None})
    asked = live.as_("ann").reconcile("photos", STACK).id
    view = live.carry_out(asked)
    assert (view.status, view.runs[-1].code) == ("failed", "service-unpublished")


def test_one_thing_at_a_time(live: Loop) -> None:
    """A service that is worked on is not put back beside that."""
    changed(live)
    live.as_("ann").retire("photos", STACK)
    with pytest.raises(Conflict, match="not decided or not finished"):
        live.as_("ann").reconcile("photos", STACK)
