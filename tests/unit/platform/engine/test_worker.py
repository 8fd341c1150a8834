"""A worker that the database answers, does not answer, and one that was missed."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.errors import Unavailable
from gaia.kit import procfs
from gaia.kit.interrupt import Interrupt
from gaia.kit.procfs import Identity
from gaia.platform.engine.engine import NotTaken
from gaia.platform.engine.worker import ABSENT, KILLED, LOST, Share
from gaia.records import runs, workers

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.records.model import Run
    from gaia.records.worker_model import Worker


@dataclass
class Clock:
    """Goes on when it is told to."""

    now: float = 100.0

    def __call__(self) -> float:
        """The time, seconds."""
        return self.now


@dataclass
class Session:
    """A presence that is held, lost, and taken again as it is told."""

    answers: bool = True
    again: bool = False
    tries: list[str] = field(default_factory=list)

    def held(self) -> bool:
        """As told."""
        return self.answers

    def take_again(self) -> bool:
        """As told."""
        self.tries.append("again")
        return self.again

    def close(self) -> None:
        """Nothing."""


@dataclass
class Place:
    """A worker, its clock and its session, and two runs that are queued."""

    share: Share
    clock: Clock
    session: Session
    queued: tuple[Run, Run]
    loop: Loop

    def add(self, process: Identity, namespace: str = "") -> Worker:
        """Another worker."""
        with self.loop.platform.database.begin() as tx:
            return workers.add(tx, workers.new_presence(), "elsewhere", process, namespace, at=T0)

    def take(self, run: Run, by: Worker) -> None:
        """Another worker has it."""
        with self.loop.platform.database.begin() as tx:
            assert workers.take(tx, run.id, by.id, from_=None)

    def live(self) -> list[Run]:
        """As the records have them."""
        with self.loop.platform.database.read() as tx:
            return list(runs.live(tx))


@pytest.fixture
def place(loop: Loop) -> Place:
    """A worker that has taken nothing yet."""
    for service in ("photos", "films"):
        loop.ask(service)
    database = loop.platform.database
    with database.begin() as tx:
        row = workers.add(tx, 1, "here", Identity.of(os.getpid()), procfs.namespace(), at=T0)
        first, second = runs.live(tx)
    clock, session = Clock(), Session()
    return Place(Share(database, row, session, clock), clock, session, (first, second), loop)


DEAD = Identity(2**22 + 1, 1, procfs.boot())
ELSEWHERE = Identity(7, 7, "another boot")


def test_as_many_runs_are_taken_as_there_is_room_for_and_stay_taken(place: Place) -> None:
    """What it has is given again; a step of another's is not begun."""
    first, second = place.queued
    assert [one.id for one in place.share.take(place.live(), [], 1)] == [first.id]
    assert [one.id for one in place.share.take(place.live(), [first.id], 1)] == [first.id]
    place.share.check(first.id)
    with pytest.raises(NotTaken):
        place.share.check(second.id)


def test_the_run_of_a_worker_that_is_missed_long_enough_is_taken_over(place: Place) -> None:
    """Not before: it may only have lost its way to the database, and still end what it does."""
    first, _ = place.queued
    other = place.add(ELSEWHERE)
    place.take(first, other)
    live = [place.loop.run(str(first.request))]
    assert place.share.take(live, [], 9) == []
    for _ in range(int(ABSENT) - 1):
        place.clock.now += 1
        assert place.share.take(live, [], 9) == []
    place.clock.now += 1
    assert [one.id for one in place.share.take(live, [], 9)] == [first.id]


def test_who_did_not_look_for_a_while_begins_to_wait_again(place: Place) -> None:
    """The other one may have been there meanwhile."""
    first, _ = place.queued
    place.take(first, place.add(ELSEWHERE))
    live = [place.loop.run(str(first.request))]
    assert place.share.take(live, [], 9) == []
    place.clock.now += ABSENT
    assert place.share.take(live, [], 9) == []


def test_one_that_died_on_this_machine_is_not_waited_for(place: Place) -> None:
    """Its pid, start and namespace say so; of another namespace's nothing can be known here."""
    first, second = place.queued
    place.take(first, place.add(DEAD, procfs.namespace()))
    place.take(second, place.add(DEAD, "pid:[1]"))
    assert [one.id for one in place.share.take(place.live(), [], 9)] == [first.id]


def test_of_two_who_take_over_at_once_one_has_the_run(place: Place) -> None:
    """The other reads who has it now."""
    first, _ = place.queued
    with place.loop.platform.database.begin() as tx:
        other = workers.add(tx, 2, "there", ELSEWHERE, "", at=T0)
        assert workers.take(tx, first.id, other.id, from_=None)
        assert not workers.take(tx, first.id, place.share.id, from_=None)


def test_a_worker_that_is_not_answered_begins_nothing(place: Place) -> None:
    """Long before others take its runs."""
    first, _ = place.queued
    place.share.take(place.live(), [], 9)
    place.clock.now += LOST + 0.1
    with pytest.raises(Unavailable) as caught:
        place.share.check(first.id)
    assert caught.value.code == "worker-lost"
    assert LOST < KILLED < ABSENT


def watched(place: Place, until: float) -> Interrupt:
    """What the watch asks for until the clock shows this; each question takes half a second of it."""
    interrupt = Interrupt()

    class Ticking(threading.Event):
        """Waits on the clock of the test."""

        def wait(self, timeout: float | None = None) -> bool:
            """Let it go on."""
            place.clock.now += timeout or 0
            return place.clock.now >= until

    place.share.watch(interrupt, Ticking())
    return interrupt


def test_while_it_is_answered_nothing_ends(place: Place) -> None:
    """However long."""
    assert watched(place, 200.0).times == 0
    place.share.check(place.share.take(place.live(), [], 9)[0].id)


def test_a_database_that_comes_back_in_time_stops_nobody(place: Place) -> None:
    """The session is another one, the lock the same."""
    place.session.answers, place.session.again = False, True
    assert watched(place, 130.0).times == 0
    assert not place.share.lost


def test_a_lost_worker_ends_what_it_does_and_then_kills_it(place: Place) -> None:
    """Asked once after `LOST`, again after `KILLED`, both before anybody takes its runs; it never comes back."""
    place.session.answers = False
    assert watched(place, 100 + LOST + 1).times == 1
    assert place.share.lost
    place.session.answers = True
    assert place.share.take(place.live(), [], 9) == []
    place.clock.now = 100.0
    assert watched(place, 100 + KILLED + 1).times == 2


def test_workers_that_are_gone_and_have_no_run_are_forgotten(place: Place) -> None:
    """One that a run names stays: the run says who carried it out."""
    first, _ = place.queued
    other, idle = place.add(ELSEWHERE), place.add(ELSEWHERE)
    place.take(first, other)
    with place.loop.platform.database.begin() as tx:
        assert workers.forget(tx, {1}) == 1
        assert set(workers.with_runs(tx)) == {other.id}
    assert idle.id != other.id
