"""Processes of an earlier attempt that outlived it: found, ended, and proved gone.

A SIGKILLed terraform leaves its provider behind (measured: for as long as one cares to wait, 600 MB). A pid alone
proves nothing, since it is given out again. So a process counts as ours when it stands in the process group of a
journalled terraform, or is terraform or a provider by name, *and* runs inside this operation's working folder: the
folder is locked by us, so nothing of anybody else's runs there.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Unavailable
from gaia.kit.procfs import Identity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_NAMES = ("terraform", "tofu")
_GRACE = 20.0
"""Seconds for a living terraform to save its state after SIGINT."""
_PATIENCE = 10.0
"""Seconds for the kernel to take away what was killed."""


def survivors(journalled: Iterable[Identity], folder: Path) -> tuple[Identity, ...]:
    """The processes of earlier attempts in `folder` that still run, by pid."""
    known = tuple(journalled)
    alive = {identity.pid: identity for identity in known if identity.alive()}
    groups = {identity.pid for identity in known}
    for pid in _pids():
        if pid == os.getpid() or not _stands_in(pid, folder):
            continue
        if _group(pid) in groups or _name(pid).startswith(_NAMES):
            identity = Identity.of(pid)
            if identity.alive():
                alive[pid] = identity
    return tuple(alive[pid] for pid in sorted(alive))


def end_survivors(folder: Path, journalled: Iterable[Identity] = (), *, grace: float = _GRACE) -> tuple[Identity, ...]:
    """End what still runs in `folder`, and in what is below it, of an earlier attempt; returns what that was.

    The caller alone may use the folder, and has started nothing there yet: what runs there by terraform's or a
    provider's name is nobody's any more.

    Raises:
        Unavailable: `survivors-alive` when one cannot be ended.
    """
    alive = survivors(journalled, folder)
    end(alive, grace=grace)
    return alive


def end(processes: Collection[Identity], *, grace: float = _GRACE, patience: float = _PATIENCE) -> None:
    """End processes: SIGINT to a terraform, which then saves its state, later SIGKILL to all.

    Raises:
        Unavailable: `survivors-alive` when one cannot be ended.
    """
    leaders = [identity for identity in processes if _name(identity.pid) in _NAMES]
    for identity in leaders:
        _signal(identity, signal.SIGINT)
    _await_end(leaders, grace)
    for identity in processes:
        _signal(identity, signal.SIGKILL)
    left = _await_end(processes, patience)
    if left:
        raise Unavailable(
            "survivors-alive",
            f"processes {', '.join(str(identity.pid) for identity in left)} of an earlier attempt cannot be ended",
            next_step="End them by hand, then resume.",
        )


def _signal(identity: Identity, number: int) -> None:
    if not identity.alive():
        return
    try:
        os.kill(identity.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _await_end(processes: Collection[Identity], seconds: float) -> tuple[Identity, ...]:
    deadline = time.monotonic() + seconds
    while True:
        left = tuple(identity for identity in processes if identity.alive())
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.02)


def _pids() -> tuple[int, ...]:
    try:
        return tuple(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    except OSError:  # no /proc here: only the journalled processes themselves can be found
        return ()


def _stands_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder.resolve())
    except OSError:
        return False


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0
