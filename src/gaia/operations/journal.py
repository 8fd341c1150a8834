"""The journal of one operation: what was begun, which processes were started, what was made.

A document of JSON lines that only grows, in whatever home it is given. An entry is durable before `append` returns, so
what another process reads after a SIGKILL or a power cut is at most one unfinished line short of the truth; that line
was never acknowledged and is dropped. Entries hold names, ids and process identities, never values of attributes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Unavailable
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.records.ports import LineFile


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when, what, and its facts (JSON data)."""

    at: str
    kind: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Journal:
    """Appends from any thread. One operation at a time writes a journal; `instance.perform` holds the lock for that."""

    document: LineFile

    def append(self, kind: str, **facts: object) -> None:
        """Write one entry and wait until it is durable.

        Raises:
            Unavailable: `disk-full`, `file-not-writable` or the database's; the journal ends with the entry before.
        """
        entry = {"at": clock.rfc3339(clock.now()), "kind": kind, **facts}
        self.document.append(json.dumps(entry, allow_nan=False).encode())


def read(document: LineFile) -> tuple[Entry, ...]:
    """Every whole entry, oldest first; a journal that does not exist is empty.

    Raises:
        Unavailable: `journal-damaged` when a line before the last one is not an entry, or lacks what its kind says.
    """
    return tuple(_entry(document, number, line) for number, line in enumerate(document.read(), 1))


def damaged(document: LineFile, what: str) -> Unavailable:
    """The error of a journal of which `what` is not so. Nothing is guessed: what it lost may exist in the account."""
    return Unavailable(
        "journal-damaged",
        f"{what} of {document.where} is not a journal entry",
        next_step="Restore it from a backup. Where there is none, look at the instance's resources and state by hand, "
        f"then remove {document.where}.",
    )


_TOLD: Mapping[str, Mapping[str, type]] = {
    "begin": {"operation": str, "instance": str},
    "child": {"pid": int, "started": int, "boot": str},
    "lock": {"id": str},
    "start": {"address": str},
    "complete": {"address": str, "action": str},
    "failed": {"address": str},
    "unanswered": {"address": str},
    "outcome": {"status": str},
}
"""Facts that every entry of a kind has had since the first journal; the kinds are those of `facts`."""


def _entry(document: LineFile, number: int, line: bytes) -> Entry:
    try:
        facts = json.loads(line)
        entry = Entry(facts.pop("at"), facts.pop("kind"), facts)
        whole = isinstance(entry.at, str) and isinstance(entry.kind, str) and _is_whole(entry)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise damaged(document, f"line {number}") from error
    if not whole:
        raise damaged(document, f"line {number}")
    return entry


def _is_whole(entry: Entry) -> bool:
    told = _TOLD.get(entry.kind, {})
    if not all(isinstance(entry.facts.get(name), kind) for name, kind in told.items()):
        return False
    changes = entry.facts.get("changes", []) if entry.kind == "applying" else []
    return isinstance(changes, list) and all(_is_change(one) for one in changes)


def _is_change(pair: object) -> bool:
    """Whether it is an address with its actions."""
    return isinstance(pair, list) and [type(each) for each in pair] == [str, list]
