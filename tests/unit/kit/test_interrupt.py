"""A wish to end reaches whoever watches, at once, as often as it is uttered."""

from __future__ import annotations

import signal
import threading

import pytest

from gaia.kit.interrupt import Interrupt, ended_like_ctrl_c


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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ending_signals_are_like_ctrl_c(number: signal.Signals) -> None:
    """Within the block they raise KeyboardInterrupt; afterwards the handlers of before are back."""
    before = signal.getsignal(number)
    with ended_like_ctrl_c(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    assert signal.getsignal(number) == before


def test_an_ignored_signal_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under nohup a closed terminal ends nothing."""
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_IGN)
    monkeypatch.setattr(signal, "signal", lambda *_: pytest.fail("a handler was set"))
    with ended_like_ctrl_c():
        pass


def test_another_thread_changes_no_handler() -> None:
    """Only the main thread may; elsewhere the block just runs."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with ended_like_ctrl_c():
                pass
        except BaseException as error:  # noqa: BLE001 - reported by the test
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert failed == []
