"""What an engine does by itself."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.errors import Unavailable
from gaia.platform.serving.chores import Chore, Chores, do_due

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.platform.context import PlatformContext

DAY = timedelta(days=1)


def test_each_chore_is_done_once_each_time(loop: Loop) -> None:
    """One that fails stops no other, and is not tried again before it is due."""
    done: list[str] = []

    def fail(_: PlatformContext) -> None:
        done.append("fails")
        raise Unavailable("mail-down", "no answer", next_step="Wait.")

    every = [
        Chore("fails", DAY, fail),
        Chore("works", DAY, lambda platform: done.append(platform.repository)),
    ]
    assert set(do_due(loop.platform, every)) == {"fails"}
    assert do_due(loop.platform, every) == {}
    assert done == ["fails", loop.platform.repository]


def test_a_chore_that_is_broken_ends_nothing(loop: Loop) -> None:
    """Whatever it raises is told, and the next one is done."""
    done: list[str] = []

    def fail(_: PlatformContext) -> None:
        raise ValueError("what")

    failed = do_due(loop.platform, [Chore("broken", DAY, fail), Chore("works", DAY, lambda _: done.append("x"))])
    assert (failed["broken"].code, done) == ("defect", ["x"])


def test_a_process_that_is_to_end_begins_none(loop: Loop) -> None:
    """It has been told to."""
    loop.platform.interrupt.ask()
    assert do_due(loop.platform, [Chore("any", DAY, lambda _: pytest_fail())]) == {}


def pytest_fail() -> None:
    """Nothing is to be done."""
    raise AssertionError


def test_they_are_done_in_a_thread_until_the_engine_ends(loop: Loop) -> None:
    """What fails is told."""
    began = threading.Event()
    told: list[str] = []

    def work(_: PlatformContext) -> None:
        began.set()
        raise Unavailable("mail-down", "no answer", next_step="Wait.")

    chores = Chores(loop.platform, told.append, [Chore("mail", DAY, work)])
    chores.start()
    assert began.wait(10)
    chores.end()
    assert told == ["mail: no answer"]
