"""Reading what terraform writes down by itself: its core log at level INFO, and what it could not import.

Terraform writes the log line with a lock's id before it takes the lock, and `Starting apply for ADDRESS` before it asks
the provider for the change, straight into a file. So after a SIGKILL of everything this file knows about the last
moment what the pipe to Gaia has lost. (Measured with terraform 1.11.4; OpenTofu does not log the lock.)
The file is private and deleted after reading: warnings in it may quote attributes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_LOCK = re.compile(r"Attempting to lock remote state\b.*?\btf_backend\.lock\.id=\"?([0-9A-Za-z-]+)")
_START = re.compile(r"\[INFO\]\s+Starting apply for (\S.*?)\s*$")


@dataclass(frozen=True, slots=True)
class CoreLog:
    """What one terraform process did, by its own log."""

    locks: tuple[str, ...] = ()
    """Ids of the locks that it set out to take."""
    started: tuple[str, ...] = ()
    """Addresses whose change it had asked, or was about to ask, the provider for."""


def parse_core_log(text: str) -> CoreLog:
    """Read a core log; a torn last line and lines of other kinds are passed over."""
    locks: dict[str, None] = {}
    started: dict[str, None] = {}
    for line in text.splitlines():
        if lock := _LOCK.search(line):
            locks[lock.group(1)] = None
        elif start := _START.search(line):
            started[start.group(1)] = None
    return CoreLog(tuple(locks), tuple(started))


def missing_imports(text: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Which of `addresses` terraform says it cannot import because they do not exist."""
    if "Cannot import non-existent remote object" not in text and "no object exists with the given id" not in text:
        return ()
    return tuple(address for address in addresses if f"object to {json.dumps(address, ensure_ascii=False)}" in text)
