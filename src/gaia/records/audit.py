"""The audit log: everything that somebody did or was refused, in a chain that shows tampering.

Each entry's hash is an HMAC, with the repository key, over the entry and the hash before it; a signed head says which
entry is the last. A change, loss, insertion or new order of rows made without the key is found by `verify`; who has
the key, or puts a whole older copy of the database back, is not.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import false, func, insert, or_, select, update

from gaia.errors import Unavailable
from gaia.kit import canonical
from gaia.kit.clock import parse_rfc3339
from gaia.kit.visible import visible
from gaia.records import audit_wanted
from gaia.records.model import ANY, AuditOutcome, Entry
from gaia.records.places import within
from gaia.records.ports import RESTORE
from gaia.records.tables import audit, audit_head

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction

ROTATED = "key.rotated"
"""The first entry with another key: about the one before it, which signs nothing any more."""
_GENESIS = ""
_LONGEST_SUBJECT = 300
"""Characters: a name that was asked for and refused may be any text."""
_ONLY = 1
"""The head is one row, made by the migration."""


def append(
    tx: Transaction,
    key: SecretKey,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    outcome: AuditOutcome = "done",
    repository: str = "",
    tenant: str = "",
    stage: str = "",
    facts: Mapping[str, object] | None = None,
) -> Entry:
    """Add an entry. Refusals are entries too: commit them in a transaction of their own before raising.

    `actor` is a person's id, `policy` or `engine`; `subject` the id of what it was done to; `facts` is JSON data
    without secrets.
    """
    # the lock makes writers queue up on PostgreSQL; on SQLite a writing transaction is alone anyway
    head = tx.connection.execute(select(audit_head).where(audit_head.c.number == _ONLY).with_for_update())
    last = head.mappings().first()
    if last is None:
        raise _damaged("the audit log has lost its head")
    if last["seq"] and last["key_id"] != key.id and action != ROTATED:
        _replace(tx, key, last["key_id"], at=at, repository=repository)
        return append(
            tx, key, at=at, actor=actor, action=action, subject=subject, outcome=outcome, repository=repository,
            tenant=tenant, stage=stage, facts=facts,
        )  # fmt: skip
    body = {
        "seq": last["seq"] + 1,
        "at": at.astimezone(UTC).isoformat(),
        "actor": actor,
        "action": action,
        "subject": visible(subject)[:_LONGEST_SUBJECT],
        "outcome": outcome,
        "repository": repository,
        "tenant": tenant,
        "stage": stage,
        "facts": canonical.dumps(dict(facts or {})).decode(),
        "key_id": key.id,
        "previous": last["hash"],
    }
    seal = _seal(body, key)
    tx.change(insert(audit).values(**body, hash=seal))
    tx.change(
        update(audit_head)
        .where(audit_head.c.number == _ONLY)
        .values(seq=body["seq"], hash=seal, key_id=key.id, signature=_seal_head(last["seq"] + 1, seal, key))
    )
    return entry({**body, "hash": seal})


def _replace(tx: Transaction, key: SecretKey, before: str, *, at: datetime, repository: str) -> None:
    """Tell that another key signs from now on: whoever replaced it was killed before they did.

    Raises:
        Unavailable: `key-rotated` for the key that was replaced: who still has it writes nothing.
    """
    if key.named(before) is None:
        raise Unavailable(
            "key-rotated",
            f"the records are signed with {before} by now, and this process has {key.id}",
            next_step="Begin it again; on another machine copy the keys of the home there first.",
        )
    append(
        tx, key, at=at, actor="engine", action=ROTATED, subject=before, repository=repository,
        facts={"key": key.fingerprint},
    )  # fmt: skip


def signed_by(tx: Transaction) -> str | None:
    """The id of the key that the newest entry was signed with; None where there is none."""
    row = tx.first(select(audit_head.c.key_id).where(audit_head.c.number == _ONLY, audit_head.c.seq > 0))
    return None if row is None else str(row["key_id"])


def entries(
    tx: Transaction,
    *,
    after: int = 0,
    limit: int = 100,
    subject: str | None = None,
    outcome: AuditOutcome | None = None,
    repository: str | None = None,
    places: Collection[tuple[str, str]] | None = None,
    families: Collection[str] | None = None,
    newest: bool = False,
    between: tuple[datetime, datetime] | None = None,
    where: Sequence[ColumnElement[bool]] = (),
) -> tuple[Entry, ...]:
    """Entries after a sequence number, oldest first, about one subject or all; with `newest` the last so many.

    `places` are (tenant, stage), each of which may be `*`: what happened there; what has no place is only everywhere.
    `families` are first words of actions: `request` of `request.approved`. `between`: from when, until before when.
    `where` is what `audit_wanted.conditions` makes.

    Raises:
        Unavailable: `database-row-damaged` for one that cannot be read; `verify` says where the chain breaks.
    """
    order = audit.c.seq.desc() if newest else audit.c.seq
    statement = select(audit).where(audit.c.seq > after, *where).order_by(order).limit(limit)
    if subject is not None:
        statement = statement.where(audit.c.subject == subject)
    if outcome is not None:
        statement = statement.where(audit.c.outcome == outcome)
    if repository is not None:
        statement = statement.where(audit.c.repository == repository)
    if between is not None:
        statement = statement.where(*audit_wanted.between(*between))
    if places is not None:
        statement = statement.where(within(audit, places))
        if (ANY, ANY) not in places:
            statement = statement.where(audit.c.tenant != "", audit.c.stage != "")
    if families is not None:
        statement = statement.where(or_(false(), *(audit.c.action.startswith(f"{one}.") for one in sorted(families))))
    rows = tx.all(statement)
    return tuple(entry(row) for row in (reversed(rows) if newest else rows))


def numbered(tx: Transaction, numbers: Collection[int]) -> tuple[Entry, ...]:
    """Those with these sequence numbers, oldest first."""
    return tuple(entry(row) for row in tx.all(select(audit).where(audit.c.seq.in_(numbers)).order_by(audit.c.seq)))


def told(tx: Transaction, actions: Collection[str]) -> Iterator[Entry]:
    """Every entry of these acts that were done, oldest first."""
    mine = (audit.c.action.in_(sorted(actions)), audit.c.outcome == "done")
    return (entry(row) for row in tx.stream(select(audit).where(*mine).order_by(audit.c.seq)))


def last(tx: Transaction) -> int:
    """The sequence number of the last entry; 0 where there is none."""
    row = tx.first(select(audit_head.c.seq).where(audit_head.c.number == _ONLY))
    return 0 if row is None else int(row["seq"])


def count(tx: Transaction) -> int:
    """How many entries there are, whether they can be read or not."""
    return int(tx.all(select(func.count().label("number")).select_from(audit))[0]["number"])


def verify(tx: Transaction, key: SecretKey) -> int | None:
    """The sequence number where the chain first breaks, or None.

    A key that this one replaced vouches for entries made with it before another signed one.
    """
    keys = {each.id: each for each in key.every}
    previous, expected = _GENESIS, 1
    now, replaced = "", set[str]()
    for row in _rows(tx):
        if row is None:
            return expected
        body = dict(row)
        seal = body.pop("hash")
        signer = keys.get(body["key_id"])
        if body["key_id"] != now:
            replaced.add(now)
            now = body["key_id"]
        intact = body["seq"] == expected and body["previous"] == previous and now not in replaced
        if not intact or signer is None or not matches(body, signer, seal):
            return expected
        previous, expected = seal, expected + 1
    head = tx.first(select(audit_head))
    if head is None or head["seq"] != expected - 1 or head["hash"] != previous:
        return expected
    signer = keys.get(head["key_id"])
    fresh = expected == 1 and head["signature"] == ""
    sealed = signer is not None and head["signature"] == _seal_head(expected - 1, previous, signer)
    return None if fresh or sealed else expected


def _rows(tx: Transaction) -> Iterator[RowMapping | None]:
    """Every row of the log in order; the first one that cannot be read is None, and the last."""
    ordered, last = select(audit).order_by(audit.c.seq), 0
    try:
        for row in tx.stream(ordered):
            yield row
            last = row["seq"]
    except Unavailable as error:
        if error.code != "database-row-damaged":
            raise
        with suppress(Unavailable):  # rows are read many at a time: those before it one by one
            while one := tx.first(ordered.where(audit.c.seq > last).limit(1)):
                yield one
                last = one["seq"]
        yield None


def _seal(body: Mapping[str, Any], key: SecretKey) -> str:
    return canonical.sign({"gaia": "audit entry", **body}, key.secret)


def _seal_head(seq: int, seal: str, key: SecretKey) -> str:
    return canonical.sign({"gaia": "audit head", "seq": seq, "hash": seal}, key.secret)


def is_written_with(tx: Transaction, row: Mapping[str, Any] | RowMapping, key: SecretKey) -> bool:
    """Whether an entry, as its row says it, was written with the key; nothing is said of those before it.

    Or with one that it replaced, before it did: whoever has got that one writes nothing with it any more.
    """
    body = dict(row)
    seal = body.pop("hash")
    signer = key.named(body["key_id"])
    return signer is not None and matches(body, signer, seal) and (signer is key or _before(tx, row, key))


def _before(tx: Transaction, row: Mapping[str, Any] | RowMapping, key: SecretKey) -> bool:
    """Whether an entry with an older key was written before another key came in its place."""
    used = select(audit.c.seq).where(audit.c.key_id == key.id).order_by(audit.c.seq.desc()).limit(1)
    if tx.first(used) is None:  # it was made just now, and nobody has written anything with it
        return True
    about = (audit.c.action == ROTATED, audit.c.subject == row["key_id"], audit.c.seq > row["seq"])
    return any(
        told["key_id"] != row["key_id"] and is_written_with(tx, told, key)
        for told in tx.all(select(audit).where(*about))
    )


def matches(body: Mapping[str, Any], key: SecretKey, seal: str) -> bool:
    """Whether this is the hash of an entry that was written with the key."""
    try:
        return canonical.verify({"gaia": "audit entry", **body}, key.secret, seal)
    except (TypeError, ValueError):  # a value of a type that was never written
        return False


def entry(row: Mapping[str, Any] | RowMapping) -> Entry:
    """What a row of the log says.

    Raises:
        Unavailable: `database-row-damaged`.
    """
    try:
        read = Entry(**{**row, "at": parse_rfc3339(row["at"]), "facts": json.loads(row["facts"])})
    except (ValueError, TypeError) as error:
        raise _damaged(f"entry {row['seq']} of the audit log cannot be read") from error
    if not isinstance(read.facts, dict) or read.outcome not in get_args(AuditOutcome):
        raise _damaged(f"entry {row['seq']} of the audit log cannot be read")
    return read


def _damaged(what: str) -> Unavailable:
    return Unavailable("database-row-damaged", what, next_step=RESTORE, facts={"table": "audit"})
