"""A wish to end reaches whoever watches, at once, as often as it is uttered."""

from __future__ import annotations

import signal
import threading
from queue import SimpleQueue

import pytest

from gaia.kit.interrupt import Interrupt


def test_watchers_hear_each_wish() -> None:
    """Those that watch, while they watch, with the number of times so far."""
    interrupt, heard, late = Interrupt(), list[int](), list[int]()
    with interrupt.watched(heard.append):
        assert (interrupt.times, heard) == (0, [])
        interrupt.ask()
        interrupt.ask()
    interrupt.ask()
    assert (interrupt.times, heard) == (3, [1, 2])
    with interrupt.watched(late.append):
        assert late == [3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_wishes(number: signal.Signals) -> None:
    """Within the block a signal breaks nothing off, it is heard; afterwards the handlers of before are back."""
    interrupt, heard = Interrupt(), SimpleQueue[int]()
    before = signal.getsignal(number)
    with interrupt.by_signals(), interrupt.watched(heard.put):
        signal.raise_signal(number)
        assert heard.get(timeout=10) == 1
        signal.raise_signal(number)
        assert heard.get(timeout=10) == 2
    assert signal.getsignal(number) == before


def test_a_wish_uttered_at_the_end_of_the_block_is_heard() -> None:
    """Whoever looks at the number of times after the block misses none."""
    interrupt = Interrupt()
    with interrupt.by_signals():
        signal.raise_signal(signal.SIGINT)
    assert interrupt.times == 1


def test_the_third_signal_breaks_off() -> None:
    """Two mean something; whoever sends another wants out of what hangs."""
    interrupt = Interrupt()
    with interrupt.by_signals():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert interrupt.times == 2


def test_an_ignored_signal_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under nohup a closed terminal ends nothing."""
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_IGN)
    monkeypatch.setattr(signal, "signal", lambda *_: pytest.fail("a handler was set"))
    with Interrupt().by_signals():
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_another_thread_changes_no_handler() -> None:
    """Only the main thread may; elsewhere the block just runs."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with Interrupt().by_signals():
                pass
        except BaseException as error:  # noqa: BLE001 - reported by the test
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert failed == []


def test_a_part_of_the_work_is_ended_with_the_whole_and_alone() -> None:
    """What is asked of the whole is asked of each part; what is asked of a part is the part's own."""
    whole = Interrupt()
    with whole.inner() as one, whole.inner() as other:
        one.ask()
        assert (whole.times, one.times, other.times) == (0, 1, 0)
        whole.ask()
        whole.ask()
        assert (whole.times, one.times, other.times) == (2, 2, 2)
    whole.ask()
    assert one.times == 2
    with whole.inner() as late:
        assert late.times == 3


def test_a_part_is_reached_by_its_name() -> None:
    """Asked so often in all; one that has ended, or never was, hears nothing."""
    whole = Interrupt()
    with whole.inner("run_1") as one, whole.inner("run_2") as other:
        whole.ask_inner("run_1", 1)
        whole.ask_inner("run_1", 1)
        assert (whole.times, one.times, other.times) == (0, 1, 0)
        whole.ask_inner("run_1", 2)
        assert one.times == 2
    whole.ask_inner("run_1", 3)
    assert one.times == 2
