"""What calls with an idempotency key were answered: the same call again gets the same answer, and does nothing.

A key is its caller's own. It is taken before the call acts; one whose process was killed is free again after a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from gaia.errors import Conflict, Invalid
from gaia.records.tables import answers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from gaia.records.database import Transaction

KEPT = timedelta(days=1)
"""How long an answer is given again."""
_REFUSED = 400
"""The status from which on nothing was done."""
_ABANDONED = timedelta(minutes=2)
"""After this long, a call without an answer is taken for one whose process was killed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def take(
    tx: Transaction, person: str, key: str, call: str, *, at: datetime, rights: Collection[str] = ()
) -> Answer | None:
    """Take a key for a call, which `call` is the digest of; None: act, then `keep` the answer. Else the answer it had.

    An answer is for who has at least the `rights` that its caller had, each of them one line: what somebody made may be
    nothing that they see any longer. A refusal is one for who has the same: nothing was done, so others may try.

    Raises:
        Invalid: `idempotency-key-reused`: it was for another call.
        Conflict: `idempotency-key-busy`: the same call has not been answered yet. `idempotency-rights-lost`: it was
            answered, to who might do more.
    """
    mine = (answers.c.person == person, answers.c.key == key)
    tx.change(delete(answers).where(answers.c.made_at < at - KEPT))
    tx.change(delete(answers).where(*mine, answers.c.status.is_(None), answers.c.made_at < at - _ABANDONED))
    busy = Conflict(
        "idempotency-key-busy",
        "the call with this idempotency key is still being answered",
        next_step="Wait a moment, then make the same call again.",
        facts={"retry_after": 1},
    )
    row = tx.first(select(answers).where(*mine))
    before, *had = row["call"].split("\n") if row is not None else (call,)
    if row is not None and before == call and (row["status"] or 0) >= _REFUSED and {*had} != {*rights}:
        tx.change(delete(answers).where(*mine, answers.c.status >= _REFUSED))
        row = None
    if row is None:
        written = "\n".join((call, *sorted(rights)))
        values: dict[str, Any] = {"person": person, "key": key, "call": written, "made_at": at, "headers": {}}
        tx.put(insert(answers).values(**values), busy)
        return None
    if before != call:
        raise Invalid(
            "idempotency-key-reused",
            "this idempotency key was used for another call",
            next_step="Take a new key for each thing that is to be done.",
        )
    if row["status"] is None:
        raise busy
    if not {*had} <= {*rights}:
        raise Conflict(
            "idempotency-rights-lost",
            "this call was answered, and you may do less now than you could then",
            next_step="Look at what there is, as far as you may see it.",
        )
    return Answer(row["status"], row["body"] or b"", row["headers"])


def keep(tx: Transaction, person: str, key: str, answer: Answer) -> None:
    """Write the answer down for whoever calls again."""
    values = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
    tx.change(update(answers).where(answers.c.person == person, answers.c.key == key).values(**values))


def let_go(tx: Transaction, person: str, key: str) -> None:
    """The call could not be answered: it may be made again."""
    tx.change(delete(answers).where(answers.c.person == person, answers.c.key == key, answers.c.status.is_(None)))
