"""What `/proc` tells about processes: which one a pid is, whether it lives, what is below it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_FIRST_NAMESPACE = "pid:[4026531836]"
"""Of the machine itself: the kernel's PROC_PID_INIT_INO. Processes of every other one are seen in it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which process this is, surely: a pid is reused, a pid with its boot and start time is not."""

    pid: int
    started: int
    """Clock ticks since boot, field 22 of `/proc/PID/stat`; 0 where there is no `/proc`."""
    boot: str

    @classmethod
    def of(cls, pid: int) -> Identity:
        """The identity of a process that runs now."""
        return cls(pid, _start_time(pid), _boot_id())

    def alive(self) -> bool:
        """Whether exactly this process still runs here (a zombie does not)."""
        if self.boot != _boot_id() or _state(self.pid) in ("Z", "X", ""):
            return False
        return _start_time(self.pid) == self.started


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _state(pid: int) -> str:
    fields = _stat(pid)
    return fields[0] if fields else ""


def _start_time(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[19]) if fields else 0


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def descendants(pid: int) -> tuple[int, ...]:
    """The process, its children, their children…, parents first, as `/proc` shows them now."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    below, waiting = [], [pid]
    while waiting:
        below.append(waiting.pop())
        waiting += parents.get(below[-1], [])
    return tuple(below)


def kill_tree(pid: int) -> tuple[int, ...]:
    """SIGKILL a process and everything below it at once, as a power cut would; returns the pids."""
    doomed = descendants(pid)
    for one in doomed:
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return doomed


def namespace() -> str:
    """The PID namespace that this process is in, `pid:[4026531836]`; empty where that is not known."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def boot() -> str:
    """Since which start of the machine it runs."""
    return _boot_id()


def sees_all() -> bool:
    """Whether `/proc` shows every process of this machine: not in a container, nor where it hides others' processes."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text()
    except OSError:
        return False
    return namespace() == _FIRST_NAMESPACE and not hides(mounts)


def hides(mounts: str) -> bool:
    """Whether a `mountinfo` has a `/proc` that shows nobody the processes of others. Pure."""
    of_proc = [line.split() for line in mounts.splitlines() if " - proc " in line]
    return any(
        word.startswith("hidepid=") and word not in ("hidepid=0", "hidepid=off")
        for words in of_proc
        if words[4] == "/proc"
        for word in ",".join((words[5], words[-1])).split(",")
    )


@dataclass(frozen=True, slots=True)
class Running:
    """A process of this machine, whoever started it."""

    pid: int
    command: str
    since: datetime


def named(beginnings: Sequence[str]) -> tuple[Running, ...]:
    """The processes of this machine whose program's name begins so, by pid; those that one may look at."""
    found = []
    for entry in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
        with suppress(OSError):  # it ended meanwhile
            if (entry / "comm").read_text().startswith(tuple(beginnings)) and _state(int(entry.name)) not in "ZX":
                found.append(Running(int(entry.name), _command_line(entry), _since(int(entry.name))))
    return tuple(found)


def _since(pid: int) -> datetime:
    """When it was started, as far as the kernel's ticks tell."""
    lines = Path("/proc/stat").read_text().splitlines()
    boot = next((int(line.split()[1]) for line in lines if line.startswith("btime ")), 0)
    return datetime.fromtimestamp(boot + _start_time(pid) / os.sysconf("SC_CLK_TCK"), UTC)


def openers(path: Path) -> tuple[tuple[int, str], ...]:
    """The other processes that have a file open, each with its command line; only those that the caller may look at."""
    wanted = str(path.resolve())
    others = [entry for entry in Path("/proc").glob("[0-9]*") if entry.name != str(os.getpid())]
    return tuple(sorted((int(one.name), _command_line(one)) for one in others if wanted in _open_files(one)))


def _open_files(process: Path) -> set[str]:
    names = set()
    with suppress(OSError):
        for link in (process / "fd").iterdir():
            with suppress(OSError):  # it was closed meanwhile
                names.add(str(link.readlink()))
    return names


def _command_line(process: Path) -> str:
    try:
        return " ".join((process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")).strip()
    except OSError:
        return ""
