"""gaia.platform.engine.beside: steps that are carried out side by side and asked for one after the other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from gaia.platform.engine.beside import Beside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECONDS = 30.0


def beside(
    needs: Mapping[str, list[str]], work: Callable[[str], dict[str, Any]], stopped: Callable[[], bool] = lambda: False
) -> Beside:
    """Two at once."""
    return Beside(
        lambda: needs,
        work,
        skipped=lambda name, because: {"stop": f"{name} needs {because}"},
        left=lambda name: {"stop": f"{name} was left"},
        parallel=2,
        stopped=stopped,
    )


def test_the_first_that_is_asked_for_begins_all() -> None:
    """Each result is that of its name, in whatever order they end."""
    both = threading.Barrier(2)

    def work(name: str) -> dict[str, Any]:
        if name != "c":
            both.wait(SECONDS)
        return {"name": name}

    together = beside({"a": [], "b": [], "c": ["a"]}, work)
    assert [together.result(name) for name in ("a", "b", "c")] == [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    together.close()


def test_a_stop_stops_what_needs_it_and_the_others_end() -> None:
    """Whoever asks no further waits for those under way."""
    done: list[str] = []

    def work(name: str) -> dict[str, Any]:
        done.append(name)
        return {"stop": "it failed"} if name == "bad" else {}

    together = beside({"bad": [], "on-it": ["bad"], "free": []}, work)
    assert together.result("bad") == {"stop": "it failed"}
    together.close()
    assert sorted(done) == ["bad", "free"]
    assert together.result("on-it") == {"stop": "on-it needs bad"}


def test_what_work_raises_is_raised_where_it_is_asked_for() -> None:
    """A database that is locked breaks the run off; what needs it is not begun."""

    def work(name: str) -> dict[str, Any]:
        raise OSError(name)

    together = beside({"a": [], "b": ["a"]}, work)
    with pytest.raises(OSError, match="a"):
        together.result("a")
    assert together.result("b") == {"stop": "b needs a"}
    together.close()


def test_after_a_wish_to_end_nothing_begins() -> None:
    """What is left says so."""
    asked: list[str] = []

    def work(name: str) -> dict[str, Any]:
        asked.append(name)
        return {}

    together = beside({"a": [], "b": ["a"]}, work, stopped=lambda: bool(asked))
    assert together.result("a") == {}
    assert together.result("b") == {"stop": "b was left"}
    together.close()


def test_closing_what_never_began_waits_for_nothing() -> None:
    """A run that stopped before."""
    beside({"a": []}, lambda _: {}).close()
