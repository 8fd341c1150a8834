"""What an application that was begun and did not end may have made outside of the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.operations.decide import STATE_ONLY
from gaia.operations.facts import read_facts
from gaia.operations.journal import read
from gaia.terraform.addresses import in_module, only_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.operations.facts import Touched
    from gaia.operations.journal import Entry
    from gaia.records.ports import LineFile


def doubtful(journal: LineFile) -> tuple[str, ...]:
    """Addresses that may exist in the account and not in the state, sorted; only finishing the application tells.

    A destruction goes by the state, so it would leave them behind. Nothing of an application that ended is in doubt,
    nor what its provider refused to make.

    Raises:
        Unavailable: `journal-damaged`.
    """
    entries = read(journal)
    facts = read_facts(entries)
    if facts.operation != "apply" or not facts.begun:
        return ()
    begun = {item.address for item in facts.touched.values() if _open(item)}
    if facts.applying:  # the state was not seen to be saved, and terraform may have begun more than it told
        begun |= set(_creations(entries)) | {item.address for item in facts.touched.values() if _creates(item)}
    return tuple(sorted(address for address in begun if not in_module(address).startswith(STATE_ONLY)))


def _creates(item: Touched) -> bool:
    return item.action in ("create", "unknown")


def _open(item: Touched) -> bool:
    return _creates(item) and not item.done and not item.failed


def _creations(entries: tuple[Entry, ...]) -> Iterator[str]:
    """What the last plan that was being applied creates."""
    plans = [entry.facts.get("changes") for entry in entries if entry.kind == "applying"]
    changes = plans[-1] if plans else ()
    for address, actions in changes if isinstance(changes, list) else ():
        if "create" in actions and not only_read(str(address)):
            yield str(address)
