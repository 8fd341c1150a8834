"""gaia.operations.batch: who begins when, and what a failure stops."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from gaia.operations.batch import side_by_side
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 30.0


def key(name: str) -> InstanceKey:
    """Of an instance in `dev`."""
    return InstanceKey("dev", name)


def graph(**needs: str) -> Mapping[InstanceKey, list[InstanceKey]]:
    """`a="b c"`: a needs b and c."""
    return {key(name): [key(one) for one in needed.split()] for name, needed in needs.items()}


def test_each_begins_when_what_it_needs_has_ended() -> None:
    """Of those that may begin the first one does; what is no member does not count."""
    order: list[str] = []

    def work(one: InstanceKey) -> bool:
        order.append(one.component)
        return True

    left = side_by_side(graph(c="a b", a="", b="a elsewhere", d=""), work, parallel=1)
    assert order == ["a", "b", "c", "d"]
    assert left == ()


def test_as_many_at_once_as_there_is_room_for() -> None:
    """Two that need nothing of each other are under way at the same time; a third waits for its turn."""
    both, inside, most = threading.Barrier(2), [0], [0]
    lock = threading.Lock()

    def work(one: InstanceKey) -> bool:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        if one.component in ("a", "b"):
            both.wait(SECONDS)
        with lock:
            inside[0] -= 1
        return True

    side_by_side(graph(a="", b="", c=""), work, parallel=2)
    assert most == [2]


def test_a_failure_stops_what_depends_on_it_and_nothing_else() -> None:
    """Each of those is told with the one that it needs; through others too."""
    done: list[str] = []
    skipped: dict[str, str] = {}

    def work(one: InstanceKey) -> bool:
        done.append(one.component)
        return one.component != "bad"

    def skip(one: InstanceKey, because: InstanceKey) -> None:
        skipped[one.component] = because.component

    side_by_side(graph(bad="", on_it="bad", deep="on_it", other="", free="other"), work, parallel=1, skip=skip)
    assert sorted(done) == ["bad", "free", "other"]
    assert skipped == {"on_it": "bad", "deep": "bad"}


def test_nothing_begins_after_a_stop() -> None:
    """What is under way ends; the others are given back."""
    done: list[str] = []

    def work(one: InstanceKey) -> bool:
        done.append(one.component)
        return True

    left = side_by_side(graph(a="", b="a", c="b"), work, parallel=4, stopped=lambda: len(done) == 1)
    assert done == ["a"]
    assert left == (key("b"), key("c"))


def test_what_work_raises_is_raised_when_all_have_ended() -> None:
    """Nothing is lost: the others end first."""
    began, done = threading.Event(), []

    def work(one: InstanceKey) -> bool:
        if one.component == "broken":
            began.wait(SECONDS)
            raise KeyboardInterrupt
        began.set()
        done.append(one.component)
        return True

    with pytest.raises(KeyboardInterrupt):
        side_by_side(graph(broken="", other="", later="other"), work, parallel=2)
    assert done[0] == "other"
