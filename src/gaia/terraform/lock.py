"""The id of the state lock that a terraform of ours took, known from a file that outlives both of us.

Terraform has no way to choose or print the id of its lock. Its S3 backend writes it into the core log at level INFO, as
`Attempting to lock remote state` with `tf_backend.lock.id=…`, before it asks for the lock. The log goes to a
file, not to a pipe: what stands there is there, even when Gaia and terraform are killed together.

At INFO the core log also holds warnings about providers, and those quote planned values. So the file is made 0600, and
is cut down to its lines about locks and begun changes when the command has ended.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from gaia.kit.files import write_atomic, write_failed
from gaia.terraform.diagnostics import unanswered

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ID = r"tf_backend\.lock\.id=([0-9a-fA-F-]{36})"
_LOCKING = re.compile(rf"Attempting to lock remote state.*?{_ID}")
_UNLOCKED = re.compile(rf"Unlocked remote state.*?{_ID}")
_STARTED = re.compile(r"\[INFO\]\s+Starting apply for \S.*$")
_FAILED = re.compile(r'\[ERROR\]\s+vertex ("(?:[^"\\]|\\.)*") error: (.*)$')


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


def unanswered_changes(lines: Iterable[str]) -> tuple[str, ...]:
    """Addresses in a core log whose change ended without an answer, so that nobody knows what came of it.

    Terraform writes `vertex "ADDRESS" error: …` there as soon as it ends, long before its diagnostics.
    """
    matches = (_FAILED.search(line) for line in lines)
    return tuple(dict.fromkeys(_unquoted(match[1]) for match in matches if match and unanswered(match[2])))


def forget(path: Path) -> None:
    """Empty the log, once its locks are known to be gone."""
    if path.exists():
        write_atomic(path, b"")


def end_log(path: Path) -> None:
    """Keep only locks that are not given back, which `read_lock_ids` reads, and the addresses of begun changes.

    A recovery needs those: what was begun when a command was stopped may exist and stand in no event and no state. Of a
    change that ended without an answer its address is kept, in the same words without the error's text.
    """
    kept = [f"Attempting to lock remote state: tf_backend.lock.id={entry}\n" for entry in read_lock_ids(path)]
    kept += [f"{found[0]}\n" for line in _lines(path) if (found := _STARTED.search(line))]
    kept += [f"[ERROR] vertex {json.dumps(address)} error: EOF\n" for address in unanswered_changes(_lines(path))]
    if path.exists():
        write_atomic(path, "".join(kept).encode())


def _unquoted(quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:  # Go quotes a few control characters in its own way; no address has them
        return quoted


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
