"""The end of the audit log: who writes to the database alone could cut entries off, and put an older head back.

The chain holds then. So the head is kept outside of the database too, in a signed file of the home, and what only an
act makes is looked for in the log: a request, a delegation or a webhook of which no entry tells.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from gaia.errors import Unavailable
from gaia.kit import canonical
from gaia.kit.files import read_table, write_atomic
from gaia.records.audit import last
from gaia.records.tables import audit, delegations, requests, webhooks

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction

FILE = "audit-head.json"
_MADE_BY_ACTS = (requests, delegations, webhooks)


def keep(tx: Transaction, key: SecretKey, path: Path) -> None:
    """Write down which entry is the last; one that is written down already goes on to be where the log lacks it.

    Raises:
        Unavailable: `audit-head-damaged`, `disk-full`, `file-not-writable`.
    """
    seq = last(tx)
    known = _read(path, key)
    if seq and (known is None or (known[0] < seq and _hash(tx, known[0]) == known[1])):
        said: dict[str, object] = {"seq": seq, "hash": _hash(tx, seq)}
        write_atomic(path, json.dumps({**said, "signature": _sign(said, key)}).encode() + b"\n")


def missing_from(tx: Transaction, key: SecretKey, path: Path | None) -> int | None:
    """The number of the first entry that is missing, or is another one than was kept; None where nothing tells of one.

    Raises:
        Unavailable: `audit-head-damaged`.
    """
    known = _read(path, key) if path is not None else None
    if known is not None and (there := _hash(tx, known[0])) != known[1]:
        return known[0] if there else min(known[0], last(tx) + 1)
    told = select(audit.c.subject)
    lost = any(tx.first(select(one.c.id).where(one.c.id.not_in(told)).limit(1)) for one in _MADE_BY_ACTS)
    return last(tx) + 1 if lost else None


def _hash(tx: Transaction, seq: int) -> str | None:
    row = tx.first(select(audit.c.hash).where(audit.c.seq == seq))
    return None if row is None else str(row["hash"])


def _sign(said: dict[str, object], key: SecretKey) -> str:
    return canonical.sign({"gaia": "kept audit head", **said}, key.secret)


def _read(path: Path, key: SecretKey) -> tuple[int, str] | None:
    found = read_table(path, _damaged)
    if found is None:
        return None
    seq, seal, signature = (found.get(name) for name in ("seq", "hash", "signature"))
    if not isinstance(seq, int) or not isinstance(seal, str) or not isinstance(signature, str):
        raise _damaged(f"{path} is damaged")
    said = {"gaia": "kept audit head", "seq": seq, "hash": seal}
    if not any(canonical.verify(said, one.secret, signature) for one in key.every):
        raise _damaged(f"{path} was not written with this home's key")
    return seq, seal


def _damaged(why: str) -> Unavailable:
    return Unavailable(
        "audit-head-damaged", why, next_step="Find out who writes to the home; then remove the file, it is made anew."
    )
