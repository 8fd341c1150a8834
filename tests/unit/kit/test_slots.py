"""gaia.kit.slots: so many at once on a machine, in the order in which they came, and nobody waits for the dead."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.kit.slots import Slots, of_this_machine

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 30.0


class Stopped(Exception):
    """Raised by a test in place of a wish to end."""


def never() -> None:
    """What is called where nobody should wait."""
    raise AssertionError("there was a free slot")


def stop() -> None:
    """End the wait."""
    raise Stopped


def test_as_many_as_there_are_slots_go_on_at_once(tmp_path: Path) -> None:
    """Two of two are taken without a wait; the third waits, and is told so once."""
    slots, told = Slots(tmp_path, 2, pause=lambda: None), list[str]()
    with ExitStack() as held:
        held.enter_context(slots.take(never))
        held.enter_context(slots.take(never))
        with pytest.raises(Stopped), slots.take(lambda: told.append("waits"), stop):
            pass
    assert told == ["waits"]
    with slots.take(never):
        pass


def test_a_slot_is_given_back_whatever_ends_the_block(tmp_path: Path) -> None:
    """An error in the block frees it."""
    slots = Slots(tmp_path, 1)
    with pytest.raises(Stopped), slots.take(never):
        raise Stopped
    with slots.take(never):
        pass


def test_who_came_first_is_next(tmp_path: Path) -> None:
    """Three wait for one slot and get it in the order in which they drew their tickets."""
    order: list[int] = []
    slots = Slots(tmp_path, 1)

    def work(number: int, waits: threading.Event) -> None:
        with slots.take(waits.set):
            order.append(number)

    with slots.take(never):
        threads = []
        for number in range(3):
            waits = threading.Event()
            threads.append(threading.Thread(target=work, args=(number, waits)))
            threads[-1].start()
            assert waits.wait(SECONDS)
    for each in threads:
        each.join(SECONDS)
    assert order == [0, 1, 2]


def test_the_ticket_of_one_that_died_holds_up_nobody(tmp_path: Path) -> None:
    """Its file is there, but nobody keeps it locked: it is taken away."""
    dead = tmp_path / "ticket-00000000000000000001-1-1"
    dead.touch()
    with Slots(tmp_path, 1).take(never):
        pass
    assert not dead.exists()


def test_whoever_drew_a_ticket_before_is_waited_for(tmp_path: Path) -> None:
    """There is a free slot, but somebody who lives is next; their ticket stays theirs."""
    older = tmp_path / "ticket-00000000000000000001-1-1"
    with older.open("wb") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        told: list[str] = []
        with pytest.raises(Stopped), Slots(tmp_path, 1).take(lambda: told.append("waits"), stop):
            pass
        assert (told, older.exists()) == (["waits"], True)


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    """A file stands where the folder would be."""
    (tmp_path / "slots").touch()
    with pytest.raises(Unavailable), Slots(tmp_path / "slots", 1).take(never):
        pass


def test_there_is_always_a_slot_and_never_more_than_fit() -> None:
    """Whatever a machine has: one at least, and no more where each needs more memory."""
    assert of_this_machine(each=1 << 60) == 1
    assert 1 <= of_this_machine() <= of_this_machine(each=1, spare=0)


def test_as_many_fit_as_memory_and_cores_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be spared comes first; each core has one at most."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 10}.__getitem__)
    assert of_this_machine(each=1000, spare=4000) == 6
    assert of_this_machine(each=1001, spare=4000) == 5
    assert of_this_machine(each=1000, spare=0) == 8
    assert of_this_machine(each=1000, spare=9999) == 1
    assert of_this_machine() == 1
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 5, "SC_PAGE_SIZE": (1 << 30) + 2}.__getitem__)
    assert of_this_machine() == 3


def test_where_the_system_tells_nothing_there_is_one_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one where not even these are known."""

    def unknown(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", unknown)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert of_this_machine() == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert of_this_machine() == 1


def test_who_waits_pauses_and_may_stop_each_time(tmp_path: Path) -> None:
    """It looks again after each pause; its ticket is gone when it has given up, and its folder is its user's alone."""
    paused: list[int] = []
    asked: list[int] = []

    def third() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise Stopped

    slots = Slots(tmp_path / "a" / "slots", 1, pause=lambda: paused.append(1))
    with slots.take(never):
        with pytest.raises(Stopped), slots.take(lambda: None, third):
            pass
        assert (len(asked), len(paused)) == (3, 2)
        assert not list(slots.folder.glob("ticket-*"))
    assert slots.folder.stat().st_mode & 0o777 == 0o700


def test_a_slot_that_comes_free_is_taken(tmp_path: Path) -> None:
    """Whoever waits goes on as soon as one is given back."""
    held = ExitStack()
    slots = Slots(tmp_path, 1, pause=held.close)
    held.enter_context(slots.take(never))
    told: list[str] = []
    with slots.take(lambda: told.append("waits")):
        assert told == ["waits"]
