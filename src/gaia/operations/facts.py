"""What a journal says, summed up: the ground that a recovery decides on. Pure.

Kinds of entries, in the order in which an operation writes them (`…` marks what repeats):
`begin` {operation, instance} · `child`… {what, pid, started, boot, namespace} · `lock`… {id} ·
`applying` {digest, changes: [[address, actions]]} · `start`… {address, type, action, id} ·
`complete`… {address, type, action, id} · `failed`… {address, type, action} · `unanswered`… {address} · `saved` {} ·
`recovered`… {did} · `outcome` {status, …}. A `start` whose action is `unknown` comes from terraform's own log.
`applying` also names the hash of the plan file (`plan`) and the `folder` it runs in.
`unbegun` {} says that the apply just announced never began.
What terraform only reads is no fact: journals of earlier versions hold entries about data sources, passed over here.
`unanswered` follows a `failed` whose reason was that no answer came: nobody knows what it did.
A second `begin` is of the other operation, in the place of the first: of that only processes and locks still count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.kit.procfs import Identity
from gaia.terraform.addresses import only_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.operations.journal import Entry

FINISHED = frozenset({"applied", "unchanged"})


@dataclass(frozen=True, slots=True)
class Touched:
    """One resource that a change was begun on."""

    address: str
    type: str
    action: str
    """`create`, `update`, `delete`; `unknown` when only terraform's own log saw it begin."""
    id: str = ""
    """What the provider reported at the end, or that it updates; empty while a creation is unfinished."""
    done: bool = False
    failed: bool = False
    """It ended with an answer, and the answer was no."""
    cut_off: bool = False
    """It ended so because terraform was told to end."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The journal of one instance operation, read."""

    operation: str = ""
    """`apply` or `destroy`; empty for a new journal."""
    instance: str = ""
    processes: tuple[Identity, ...] = ()
    locks: frozenset[str] = frozenset()
    applying: bool = False
    """A change was begun and its state was not seen to be saved."""
    touched: Mapping[str, Touched] = field(default_factory=dict)
    outcome: Mapping[str, object] | None = None
    instead: bool = False
    """Whether it was begun in the place of another operation that did not end."""
    namespaces: frozenset[str] = frozenset()
    """The PID namespaces that the processes were started from; empty texts of earlier versions, which noted none."""
    meant: tuple[str, ...] = ()
    """Addresses of what the last application was to change."""
    folder: str = ""
    """Where it ran; empty in journals of earlier versions."""
    unbegun: bool = False
    """Whether terraform refused the last application before it did anything."""

    @property
    def begun(self) -> bool:
        """Whether an operation of this journal was started and has no outcome that ends it."""
        return bool(self.operation) and not self.finished

    @property
    def did_nothing(self) -> bool:
        """Whether terraform would not even begin to apply, as with a stale plan: there is nothing to go on with."""
        return self.unbegun and self.outcome is not None and not self.applying and not self.touched

    def seen_from(self, boot: str, namespace: str) -> bool:
        """Whether its processes would be seen from a PID namespace of a machine that has run since `boot`."""
        return bool(namespace and self.processes) and (
            self.namespaces == {namespace} and all(one.boot == boot for one in self.processes)
        )

    @property
    def finished(self) -> bool:
        """Whether the last outcome ends the operation."""
        return self.outcome is not None and self.outcome.get("status") in FINISHED


def read_facts(entries: Iterable[Entry]) -> Facts:
    """Sum up a journal."""
    operation = instance = ""
    processes: list[Identity] = []
    locks: set[str] = set()
    namespaces: set[str] = set()
    touched: dict[str, Touched] = {}
    applying = before = instead = unbegun = False
    meant: tuple[str, ...] = ()
    folder = ""
    outcome: Mapping[str, object] | None = None
    for entry in entries:
        facts = entry.facts
        if entry.kind == "begin":
            if operation:
                instead, applying, before, touched, outcome = True, False, False, {}, None
            operation, instance = str(facts["operation"]), str(facts["instance"])
        elif entry.kind == "child":
            processes.append(Identity(_int(facts["pid"]), _int(facts["started"]), str(facts["boot"])))
            namespaces.add(str(facts.get("namespace") or ""))
        elif entry.kind == "lock":
            locks.add(str(facts["id"]))
        elif entry.kind == "applying":
            before, applying, outcome, unbegun = applying, True, None, False
            meant, folder = _addresses(facts), str(facts.get("folder") or "")
        elif entry.kind == "unbegun":
            applying, unbegun = before, True
        elif entry.kind == "saved":
            applying = False
        elif entry.kind == "outcome":
            outcome, touched = facts, _ended(touched, facts)
        elif entry.kind in ("start", "complete", "failed") and is_change(facts):
            item = _touched(entry.kind, facts)
            touched[item.address] = _merged(touched.get(item.address), item)
        elif entry.kind == "unanswered" and (known := touched.get(str(facts["address"]))) is not None:
            touched[known.address] = replace(known, failed=False)
    return Facts(
        operation,
        instance,
        tuple(processes),
        frozenset(locks),
        applying,
        touched,
        outcome,
        instead,
        frozenset(namespaces),
        meant,
        folder,
        unbegun,
    )


def is_change(facts: Mapping[str, object]) -> bool:
    """Whether an entry about an address (`start`, `complete`, `failed`) is about something that is made or changed."""
    return facts.get("action") not in ("read", "no-op") and not only_read(str(facts["address"]))


def _ended(touched: dict[str, Touched], outcome: Mapping[str, object]) -> dict[str, Touched]:
    """What failed where terraform was told to end was cut off by that."""
    if outcome.get("code") != "interrupted":
        return touched
    return {address: replace(one, cut_off=one.failed) for address, one in touched.items()}


def _touched(kind: str, facts: Mapping[str, object]) -> Touched:
    action = str(facts.get("action") or "unknown")
    tells = kind == "complete" or (kind == "start" and action == "update")  # what is updated exists under this id
    return Touched(
        str(facts["address"]),
        str(facts.get("type") or ""),
        action,
        str(facts.get("id") or "") if tells and action != "delete" else "",
        done=kind == "complete",
        failed=kind == "failed",
    )


def _merged(before: Touched | None, now: Touched) -> Touched:
    """The newest event of an address counts, but the id of what was made there is kept until it is deleted."""
    if before is not None and now.action == "unknown":  # terraform's own log tells less than an event
        return before
    if before is None or now.id or not before.id or now.action == "delete":
        return now
    return Touched(now.address, now.type or before.type, now.action, before.id, now.done, now.failed)


def _addresses(facts: Mapping[str, object]) -> tuple[str, ...]:
    changes = facts.get("changes")
    return tuple(str(address) for address, _ in changes) if isinstance(changes, list) else ()


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
