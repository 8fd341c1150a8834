"""Whether the holder of a state lock lives, from what is known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gaia.kit.procfs import Running, hides, named
from gaia.operations.holder import Machine, Ours, holder_of
from gaia.terraform.diagnostics import LockInfo

TAKEN = "2026-11-29T19:00:00.123456789Z"
BEFORE, AFTER = datetime(2026, 11, 29, 18, 59, tzinfo=UTC), datetime(2026, 11, 29, 19, 5, tzinfo=UTC)
HERE, OTHER = LockInfo("1", "ada@here", TAKEN, "apply"), LockInfo("1", "ada@laptop", TAKEN, "apply")
OLD, NEW = Running(7, "terraform apply", BEFORE), Running(8, "terraform plan", AFTER)


@pytest.mark.parametrize(
    ("lock", "ours", "running", "held", "life", "pids"),
    [
        pytest.param(HERE, Ours(alive=(5,)), (), None, "alive", (5,), id="a journalled process runs"),
        pytest.param(HERE, Ours(used=True), (), None, "alive", (), id="another gaia is in the folder"),
        pytest.param(HERE, Ours(), (OLD,), None, "dead", (), id="none of the journalled runs"),
        pytest.param(LockInfo("1"), Ours(), (), None, "dead", (), id="ours, and it does not say where"),
        pytest.param(OTHER, Ours(), (), None, "unknown", (), id="journalled, but taken on another machine"),
        pytest.param(OTHER, None, (OLD,), None, "unknown", (), id="another machine's"),
        pytest.param(LockInfo("1", "ci"), None, (OLD,), None, "unknown", (), id="no machine is named"),
        pytest.param(HERE, None, (OLD, NEW), None, "alive", (7,), id="a terraform here is older than the lock"),
        pytest.param(HERE, None, (NEW,), None, "dead", (), id="every terraform here is younger"),
        pytest.param(HERE, None, (), None, "dead", (), id="no terraform runs here"),
        pytest.param(LockInfo("1", "a@here", "?"), None, (NEW,), None, "alive", (8,), id="its time cannot be read"),
        pytest.param(OTHER, None, (), True, "alive", (), id="a file that the system says is locked"),
        pytest.param(OTHER, Ours(), (), False, "dead", (), id="a note beside a file that nobody has locked"),
    ],
)
def test_what_is_known_decides(
    lock: LockInfo, ours: Ours | None, running: tuple[Running, ...], held: bool | None, life: str, pids: tuple[int, ...]
) -> None:
    """Dead is said only where it is proved; where it cannot be known, that is the answer."""
    found = holder_of(lock, Machine("here", running, whole=True), ours, held)
    assert (found.life, found.pids) == (life, pids)
    assert found.why


@pytest.mark.parametrize(
    ("lock", "ours", "running", "life"),
    [
        pytest.param(HERE, None, (), "unknown", id="somebody else's, of another container perhaps"),
        pytest.param(HERE, None, (OLD,), "alive", id="one is seen that may have taken it"),
        pytest.param(HERE, Ours(), (), "unknown", id="ours, of another container or boot"),
        pytest.param(HERE, Ours(seen=True), (), "dead", id="ours, of this container"),
        pytest.param(HERE, Ours(alive=(5,)), (), "alive", id="ours, and seen"),
    ],
)
def test_where_not_all_processes_can_be_seen_little_is_proved(
    lock: LockInfo, ours: Ours | None, running: tuple[Running, ...], life: str
) -> None:
    """Containers of one machine may all have its name: what cannot be seen is not dead for that."""
    assert holder_of(lock, Machine("here", running), ours).life == life


@pytest.mark.parametrize(
    ("options", "hidden"),
    [
        ("rw,nosuid - proc proc rw", False),
        ("rw - proc proc rw,hidepid=2", True),
        ("rw,hidepid=invisible - proc proc rw", True),
        ("rw - proc proc rw,hidepid=0", False),
        ("rw shared:5 - proc proc rw,gid=4,hidepid=noaccess", True),
    ],
)
def test_proc_may_hide_processes(options: str, hidden: bool) -> None:
    """By an option of its mount; what is mounted elsewhere does not count."""
    elsewhere = "30 27 0:22 / /chroot/proc rw - proc proc rw,hidepid=2\n31 27 0:23 / /tmp rw - tmpfs tmpfs rw\n"
    assert hides(f"{elsewhere}22 27 0:21 / /proc {options}\n") is hidden


@pytest.mark.parametrize("written", [TAKEN, "2026-11-29 19:00:00.123456789 +0000 UTC", "2026-11-29T19:00:00Z"])
def test_times_are_read_as_terraform_writes_them(written: str) -> None:
    """In a lock file, and for people."""
    lock = LockInfo("1", "ada@here", written)
    assert holder_of(lock, Machine("here", (NEW,), whole=True), None).life == "dead"
    assert holder_of(lock, Machine("here", (OLD,), whole=True), None).life == "alive"


def test_processes_are_found_by_the_names_of_their_programs() -> None:
    """With their command and since when they run."""
    import os
    from pathlib import Path

    mine = Path("/proc/self/comm").read_text().strip()
    [found] = [one for one in named([mine]) if one.pid == os.getpid()]
    assert (found.command != "", found.since <= datetime.now(UTC)) == (True, True)
    assert named(["no-program-has-this-name"]) == ()


def test_a_lock_is_read_as_terraform_wrote_it() -> None:
    """What is none says nothing."""
    lock = LockInfo.parse('{"ID": "1", "Who": "ada@here", "Created": "now", "Operation": "apply", "Info": ""}')
    assert (lock.id, lock.who, lock.host, lock.created, lock.operation) == ("1", "ada@here", "here", "now", "apply")
    assert [LockInfo.parse(text) for text in ("", "[]", "{")] == [LockInfo("")] * 3
    assert LockInfo("1", "ci").host == ""
