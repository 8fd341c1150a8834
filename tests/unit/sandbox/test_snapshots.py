"""Recordings under a name: kept, gone back to, thrown away."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, Invalid, NotFound
from gaia.sandbox import emulator
from gaia.sandbox.control import Held, Sandbox
from gaia.sandbox.recording import Header, Kept

if TYPE_CHECKING:
    from pathlib import Path

HEADER = Header("seed", "5", 1).line()
ENTRY = b'{"environ":{},"body":"","answer":""}\n'


@pytest.fixture
def box(home: Path) -> Sandbox:
    """With two requests in its recording, and not running."""
    (home / "sandbox").mkdir(parents=True)
    emulator.recording(home).write_bytes(HEADER + ENTRY * 2)
    return Sandbox(home)


def test_one_is_kept_and_gone_back_to(box: Sandbox, home: Path) -> None:
    """As it was, with its count; a line that is just being written is not part of it."""
    recording = emulator.recording(home)
    with recording.open("ab") as file:
        file.write(b'{"environ":')
    saved = box.save("first")
    assert (saved.name, saved.requests, saved.size) == ("first", 2, len(HEADER + ENTRY * 2))
    assert stat.S_IMODE((home / "sandbox/snapshots/first.jsonl").stat().st_mode) == 0o600
    recording.write_bytes(HEADER)
    assert "begins with the snapshot first" in box.restore("first").message
    assert recording.read_bytes() == HEADER + ENTRY * 2
    assert [one.name for one in box.snapshots()] == ["first"]
    box.remove("first")
    assert box.snapshots() == ()


def test_one_that_is_there_is_not_lost_by_a_name(box: Sandbox, home: Path) -> None:
    """It is replaced where that is said."""
    box.save("first")
    emulator.recording(home).write_bytes(HEADER + ENTRY)
    with pytest.raises(Conflict) as caught:
        box.save("first")
    assert caught.value.code == "snapshot-exists"
    assert box.save("first", replace=True).requests == 1


def test_nothing_is_kept_where_nothing_was_recorded(home: Path) -> None:
    """It is not an empty snapshot."""
    with pytest.raises(Conflict) as caught:
        Sandbox(home).save("first")
    assert caught.value.code == "not-recorded"


@pytest.mark.parametrize("name", ["../up", "", "A", "-a", "a b", "a\n", "x" * 64])
def test_a_name_is_no_path(box: Sandbox, name: str) -> None:
    """Neither for one that is made nor for one that is looked for."""
    for ask in (box.save, box.restore, box.remove):
        with pytest.raises(Invalid) as caught:
            ask(name)
        assert caught.value.code == "snapshot-name"


def test_one_that_is_not_there(box: Sandbox) -> None:
    """What there is can be looked at."""
    for ask in (box.restore, box.remove):
        with pytest.raises(NotFound) as caught:
            ask("nothing")
        assert caught.value.code == "snapshot-unknown"


@pytest.mark.usefixtures("stand_in")
def test_one_that_runs_is_started_again_with_it(box: Sandbox, home: Path) -> None:
    """On its port, as another process."""
    before = box.up()
    box.save("first")
    after = box.restore("first")
    assert after.running
    assert (after.url, after.kept) == (before.url, Kept())
    assert after.pid != before.pid
    assert box.status() == after
    assert emulator.recording(home).read_bytes() == HEADER + ENTRY * 2


@pytest.mark.usefixtures("stand_in")
def test_forgetting(box: Sandbox, home: Path) -> None:
    """Where it does not run its recording goes; where it runs it is asked; snapshots stay."""
    box.save("first")
    assert "is forgotten" in box.reset().message
    assert not emulator.recording(home).exists()
    assert box.reset().message == "There was nothing to forget."
    assert not box.up().message
    assert box.reset().running
    assert "comes back" in box.down().message
    box.leave()
    assert [one.name for one in box.snapshots()] == ["first"]


def test_what_is_not_what_it_was_is_said() -> None:
    """A recording that ended, and what answered otherwise."""
    from gaia.sandbox.control import SandboxView

    kept = Kept(2, 2, ("ec2 CreateKeyPair",), "the recording cannot be written: no space")
    lost, other = SandboxView(True, "http://127.0.0.1:1", 1, kept=kept).doubts
    assert "lost when it stops" in lost
    assert "ec2 CreateKeyPair" in other
    assert SandboxView(False, None, None).doubts == ()


def test_how_much_would_be_lost(box: Sandbox, home: Path) -> None:
    """Where it does not run, what it would be told again."""
    assert box.held() == Held(2)
    emulator.recording(home).unlink()
    assert box.held().nothing
    assert not Held(0, 3).nothing
