"""The id of the state lock that a terraform of ours took, known from a file that outlives both of us.

Terraform has no way to choose or print the id of its lock. Its S3 backend writes it into the core log at level INFO, as
`Attempting to lock remote state` with `tf_backend.lock.id=…`, before it asks for the lock. The log goes to a
file, not to a pipe: what stands there is there, even when Gaia and terraform are killed together.

At INFO the core log also holds warnings about providers, and those quote planned values. So the file is made 0600, and
is cut down to its lines about locks and begun changes when the command has ended.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from gaia.kit.files import write_atomic, write_failed

if TYPE_CHECKING:
    from pathlib import Path

_ID = r"tf_backend\.lock\.id=([0-9a-fA-F-]{36})"
_LOCKING = re.compile(rf"Attempting to lock remote state.*?{_ID}")
_UNLOCKED = re.compile(rf"Unlocked remote state.*?{_ID}")
_STARTED = re.compile(r"\[INFO\]\s+Starting apply for \S.*$")


def begin_log(path: Path) -> dict[str, str]:
    """Make the log file ready, readable by its owner only, and return the variables that make terraform append to it.

    What an earlier, killed command wrote about locks is kept.
    """
    end_log(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise write_failed(path, error) from error
    return {"TF_LOG_CORE": "info", "TF_LOG_PROVIDER": "off", "TF_LOG_PATH": str(path)}


def read_lock_ids(path: Path) -> tuple[str, ...]:
    """The ids of the locks that our commands asked for and did not give back, oldest first.

    Asking is not getting: an id here may belong to a lock that was refused. A lock that *is* there is ours exactly when
    its id is among these.
    """
    waiting: list[str] = []
    for line in _lines(path):
        if asked := _LOCKING.search(line):
            waiting.append(asked[1])
        elif back := _UNLOCKED.search(line):
            waiting = [entry for entry in waiting if entry != back[1]]
    return tuple(waiting)


def read_lock_id(path: Path) -> str | None:
    """The newest of `read_lock_ids`; None when there is none, or no file."""
    ids = read_lock_ids(path)
    return ids[-1] if ids else None


def forget(path: Path) -> None:
    """Empty the log, once its locks are known to be gone."""
    if path.exists():
        write_atomic(path, b"")


def end_log(path: Path) -> None:
    """Keep only locks that are not given back, which `read_lock_ids` reads, and the addresses of begun changes.

    A recovery needs those: what was begun when a command was stopped may exist and stand in no event and no state.
    """
    kept = [f"Attempting to lock remote state: tf_backend.lock.id={entry}\n" for entry in read_lock_ids(path)]
    kept += [f"{found[0]}\n" for line in _lines(path) if (found := _STARTED.search(line))]
    if path.exists():
        write_atomic(path, "".join(kept).encode())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
