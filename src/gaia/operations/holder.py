"""Whether the process that holds a state lock lives. Pure: what is known is handed in.

A lock says who took it and when, not which process. A journal of ours does; for others there is the machine's name, and
the processes of this one. "Cannot be known" is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.kit.procfs import Running
    from gaia.terraform.diagnostics import LockInfo

Life = Literal["alive", "dead", "unknown"]
PROGRAMS = ("terraform", "tofu")
"""How the names of programs begin that take such a lock."""
_APART = "this is a container, or /proc hides others' processes"
_SLACK = timedelta(seconds=2)
"""Clocks of the lock and of the kernel do not agree to the tick."""


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine."""

    name: str
    running: Sequence[Running] = ()
    """Its processes that may hold a lock; those that one may see."""
    whole: bool = False
    """Whether all processes of the machine can be seen: not in a container."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What Gaia itself knows of a lock that it had terraform take."""

    alive: Sequence[int] = ()
    """Pids of the journalled processes that still run."""
    used: bool = False
    """Whether another process of Gaia's works in the instance's folder now."""
    seen: bool = False
    """Whether every process that its journal names would be seen here if it ran: same boot, same PID namespace."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The answer, and why."""

    life: Life
    why: str
    pids: tuple[int, ...] = ()


def holder_of(lock: LockInfo, machine: Machine, ours: Ours | None, held: bool | None = None) -> Holder:
    """Whether the holder lives.

    Args:
        lock: as terraform wrote it.
        machine: where this is asked.
        ours: None for a lock that nothing of Gaia's here took.
        held: of a local state, whether the system says that a process holds it; None where no system can.
    """
    if held is not None:
        return _of_a_file(held)
    if ours is not None and (ours.alive or ours.used):
        pids = tuple(ours.alive)
        named = f"process {', '.join(map(str, pids))}" if pids else "another gaia"
        return Holder("alive", f"{named} works on this instance here", pids)
    here = bool(lock.host) and lock.host == machine.name
    if ours is not None and (here or not lock.host):
        if not (machine.whole or ours.seen):
            return Holder("unknown", f"what took it may run where it cannot be seen from here: {_APART}")
        return Holder("dead", "Gaia's journal names the processes that took it, and none of them runs any more")
    if not here:
        return Holder("unknown", f"it was taken on {lock.host or 'a machine that it does not name'}, not here")
    if likely := _likely(lock, machine):
        named = "; ".join(f"process {one.pid}, {one.command}" for one in likely)
        why = f"it was taken on this machine, where this has run since before: {named}"
        return Holder("alive", why, tuple(one.pid for one in likely))
    if not machine.whole:
        why = f"it was taken on a machine of this name, of whose processes not all can be seen from here: {_APART}"
        return Holder("unknown", why)
    return Holder("dead", "it was taken on this machine, and no terraform or tofu that runs here is as old as the lock")


def _of_a_file(held: bool) -> Holder:
    if held:
        return Holder("alive", "a process of this machine has the state's file locked")
    return Holder("dead", "no process has the state's file locked: a killed one left the note")


def _likely(lock: LockInfo, machine: Machine) -> list[Running]:
    """What may have taken it: without a time that can be read, anything that runs."""
    try:
        taken = datetime.fromisoformat(_without_nanoseconds(lock.created))
    except ValueError:
        return list(machine.running)
    if taken.tzinfo is None:
        return list(machine.running)
    return [one for one in machine.running if one.since <= taken + _SLACK]


def _without_nanoseconds(text: str) -> str:
    """Go writes nine digits, or `2026-11-29 19:00:01.123456789 +0000 UTC` for people."""
    date, _, rest = text.replace(" +0000 UTC", "Z").replace("T", " ", 1).partition(" ")
    seconds, dot, fraction = rest.partition(".")
    zone = fraction.lstrip("0123456789")
    return f"{date} {seconds}{zone}" if dot else f"{date} {rest}"
