"""The run that looks whether an instance still is as it should be, and what the engine queues of them by itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import KEY, STACK, STORE
from tests.unit.platform.played import refused

from gaia.errors import Invalid
from gaia.kit import clock
from gaia.operations.drift.schedule import next_after
from gaia.platform.drift.due import queue, queue_due
from gaia.platform.serving import workflows
from gaia.records import audit, leases, looks, resources, runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

    from gaia.records.drift_model import Look
    from gaia.records.model import Run, RunKind

DRIFT: tuple[RunKind] = ("drift",)


@pytest.fixture
def live(loop_at: Callable[[str], Loop]) -> Loop:
    """A service that was applied and published."""
    return loop_at("done")


def looked(loop: Loop, key: str = KEY, *, until: str = "") -> Run:
    """A look at an instance, carried out as the engine would; killed when it comes to the step `until`."""
    with loop.platform.database.begin() as tx:
        [one] = [each for each in resources.living(tx, "platform") if each.key == key]
        run = queue(tx, loop.platform, one, at=clock.now())
    return carried(loop, run, until=until)


def carried(loop: Loop, run: Run, *, until: str = "") -> Run:
    """Go on with a run."""
    kept = loop.results.setdefault(run.id, {})

    def call(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if name == until:
            raise KeyboardInterrupt
        if name not in kept:
            kept[name] = json.loads(json.dumps(work()))
        return kept[name]

    if until:
        with pytest.raises(KeyboardInterrupt):
            workflows.run(loop.platform, run.id, call)
    else:
        workflows.run(loop.platform, run.id, call)
    with loop.platform.database.read() as tx:
        return runs.get(tx, run.id)


def check(loop: Loop, key: str = KEY) -> Look:
    """The last look at an instance."""
    with loop.platform.database.read() as tx:
        found = looks.newest(tx, "platform", *key.split("/"))
    assert found is not None
    return found


def told(loop: Loop, key: str = KEY) -> list[str]:
    """What the audit log says of its drift."""
    with loop.platform.database.read() as tx:
        return [one.action for one in audit.entries(tx, subject=key) if one.action.startswith("drift.")]


def held(loop: Loop) -> frozenset[str]:
    """What is leased."""
    with loop.platform.database.read() as tx:
        return leases.held(tx, "platform")


def test_an_instance_that_is_as_it_should_be(live: Loop) -> None:
    """Is clean at the published commit; nothing is told, no lock is taken, no lease is left."""
    run = looked(live)
    found = check(live)
    assert (run.status, found.result, found.causes, found.document, found.run) == ("done", "clean", 0, "", run.id)
    assert (found.commit, told(live), held(live)) == (live.clone.head, [], frozenset())
    assert live.world.unlocked == [KEY]


def test_what_is_found_is_kept_and_told_once(live: Loop) -> None:
    """As long as it is the same; something else is told, and so is its end."""
    live.world.states[KEY]["text"] = "by hand"
    looked(live)
    first = check(live)
    assert (first.result, first.causes, told(live)) == ("drifted", 1, ["drift.found"])
    document = json.loads(live.platform.documents.get("drift", first.document))
    assert document["scan"]["status"] == "drift"
    assert document["findings"][0]["places"][0]["instance"] == KEY
    looked(live)
    again = check(live)
    assert (again.since, again.found, told(live)) == (first.since, first.found, ["drift.found"])
    live.world.states[KEY]["text"] = "hello"
    looked(live)
    assert (check(live).result, told(live)) == ("clean", ["drift.found", "drift.ended"])


def test_what_cannot_be_looked_at_is_told_once_and_ends_nothing(live: Loop) -> None:
    """Drift that was known before is found again without another word."""
    live.world.states[KEY]["text"] = "by hand"
    looked(live)
    live.world.breaks[KEY] = refused("no credentials")
    looked(live)
    looked(live)
    found = check(live)
    assert (found.result, found.code) == ("not-checked", "terraform-failed")
    assert "no credentials" in found.reason
    live.world.breaks.clear()
    looked(live)
    assert told(live) == ["drift.found", "drift.failed"]


def test_killed_anywhere_it_looks_again(live: Loop) -> None:
    """Before and after terraform: one look is written down."""
    for step in ("begin", "look", "settle"):
        with live.platform.database.begin() as tx:
            [one] = [each for each in resources.living(tx, "platform") if each.key == KEY]
            run = queue(tx, live.platform, one, at=clock.now())
        carried(live, run, until=step)
        assert carried(live, run).status == "done"
    with live.platform.database.read() as tx:
        assert len(looks.history(tx, "platform", *KEY.split("/"), limit=10)) == 3


def test_an_instance_that_is_leased_is_put_off(live: Loop) -> None:
    """Nothing is written down of it, so it is due as before."""
    with live.platform.database.begin() as tx:
        leases.acquire(tx, "platform", KEY, run=live.run(live.request).id, request=live.request, at=clock.now())
    run = looked(live)
    assert (run.status, run.code) == ("failed", "instance-leased")
    with live.platform.database.read() as tx:
        assert looks.newest(tx, "platform", *KEY.split("/")) is None


def test_who_changes_an_instance_waits_for_no_look(live: Loop) -> None:
    """The lease is taken over; what was seen meanwhile counts for nothing."""

    def change(_: str) -> None:
        with live.platform.database.begin() as tx:
            leases.acquire(tx, "platform", KEY, run=live.run(live.request).id, request=live.request, at=clock.now())

    live.world.states[KEY]["text"] = "half way"
    live.world.planning = change
    run = looked(live)
    assert (run.status, run.code, told(live)) == ("failed", "lease-lost", [])
    assert held(live) == {KEY}


def test_a_look_that_is_cancelled(live: Loop) -> None:
    """Is not repeated before its time."""
    with live.platform.database.begin() as tx:
        [one] = [each for each in resources.living(tx, "platform") if each.key == KEY]
        run = queue(tx, live.platform, one, at=clock.now())
        runs.cancel(tx, run.id, 1)
    assert (carried(live, run).code, check(live).result, check(live).code) == ("cancelled", "not-checked", "cancelled")


def test_an_instance_that_is_not_published_any_more(live: Loop) -> None:
    """Has resources all the same, which somebody has to know."""
    live.clone.head = live.clone.commit(live.clone.head, {"stacks/photos.yaml": None})
    looked(live)
    assert (check(live).result, check(live).code) == ("not-checked", "instance-unpublished")


# --- what is due ---------------------------------------------------------------------------------------------------


def queued(loop: Loop) -> list[str]:
    """What is looked at, or will be."""
    with loop.platform.database.read() as tx:
        return [run.subject.removeprefix("drift ") for run in runs.live(tx, "platform", kinds=DRIFT)]


def later(monkeypatch: pytest.MonkeyPatch, **span: float) -> None:
    """So long from now."""
    moment = clock.now() + timedelta(**span)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_each_is_looked_at_in_its_time_one_after_the_other(live: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is due when it was just made; a day later everything was, and only one at once is queued."""
    queue_due(live.platform)
    later(monkeypatch, days=1, minutes=1)
    seen = []
    for _ in range(3):
        queue_due(live.platform)
        queue_due(live.platform)
        for key in queued(live):
            seen.append(key)
            with live.platform.database.read() as tx:
                [run] = runs.live(tx, "platform", kinds=DRIFT)
            carried(live, run)
    assert sorted(seen) == [KEY, STORE]


def test_what_is_leased_waits_and_others_do_not_wait_for_it(live: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is due still when it is free."""
    later(monkeypatch, days=1, minutes=1)
    with live.platform.database.begin() as tx:
        leases.acquire(tx, "platform", KEY, run=live.run(live.request).id, request=live.request, at=clock.now())
    queue_due(live.platform)
    assert queued(live) == [STORE]


@pytest.mark.parametrize(("every", "length"), [("off", None), ("4w", 28 * 24), ("15m", 0.25), ("never", 24)])
def test_how_often_is_said_by_the_stacks(
    live: Loop, monkeypatch: pytest.MonkeyPatch, every: str, length: float | None
) -> None:
    """By `settings.gaia.drift.every`; what is no length of time is as if nothing were said."""
    text = live.clone.commits[live.clone.head]["stacks/photos.yaml"].decode()
    live.clone.moved(**{"stacks/photos.yaml": f"settings: {{gaia: {{drift: {{every: {every}}}}}}}\n{text}"})
    with live.platform.database.begin() as tx:
        [key, _] = resources.living(tx, "platform")
        leases.acquire(tx, "platform", STORE, run="x", request=live.request, at=clock.now())
    if length is None:
        later(monkeypatch, days=100)
        queue_due(live.platform)
        assert queued(live) == []
        return
    moment = next_after(KEY, timedelta(hours=length), key.made_at)
    for seconds, due in ((-1, []), (1, [KEY])):
        now = moment + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        queue_due(live.platform)
        assert queued(live) == due


def test_what_was_put_back_is_looked_at_at_once(live: Loop) -> None:
    """An instance that had drifted, and was changed since."""
    live.world.states[KEY]["text"] = "by hand"
    looked(live)
    queue_due(live.platform)
    assert queued(live) == []
    with live.platform.database.begin() as tx:
        looks.look_again(tx, "platform", *KEY.split("/"))
    queue_due(live.platform)
    assert queued(live) == [KEY]


def test_what_exists_no_more_has_no_drift(live: Loop) -> None:
    """That is told of one that had, and the list leaves it out."""
    live.world.states[KEY]["text"] = "by hand"
    looked(live)
    with live.platform.database.begin() as tx:
        resources.record(tx, live.run(live.request), STACK, "photos-key", [], at=clock.now())
    queue_due(live.platform)
    queue_due(live.platform)
    assert (check(live).result, told(live)) == ("gone", ["drift.found", "drift.ended"])
    with live.platform.database.read() as tx:
        assert looks.find(tx, "platform", places={("*", "*")}) == ()


def test_a_broken_number_is_an_error_with_its_words(live: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the configuration, told by the engine; nothing is queued."""
    text = live.clone.commits[live.clone.head]["atmos.yaml"].decode()
    live.clone.moved(**{"atmos.yaml": text + "gaia: {drift: {at_once: many}}\n"})
    later(monkeypatch, days=1, minutes=1)
    with pytest.raises(Invalid, match="at_once"):
        queue_due(live.platform)
    assert queued(live) == []
