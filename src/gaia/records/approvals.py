"""Approvals: signed statements of who said yes or no to exactly what."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from gaia.errors import Conflict, Invalid, Next
from gaia.kit import canonical
from gaia.kit.ids import new_id
from gaia.records import requests
from gaia.records.model import Approval, Decision
from gaia.records.tables import approvals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement


def statement(approval: Approval) -> dict[str, object]:
    """What is signed: everything but the signature itself and a later voiding. What was not said is not in it."""
    more: dict[str, object] = {}
    if approval.on_behalf is not None:
        more["on_behalf"] = approval.on_behalf
    if approval.groups:
        more["groups"] = list(approval.groups)
    if approval.proved_at is not None:
        more["proved_at"] = approval.proved_at.astimezone(UTC).isoformat()
    if approval.ttl is not None:
        more["ttl"] = approval.ttl
    return {
        "gaia": "approval",
        "id": approval.id,
        "request": approval.request,
        "preview": approval.preview,
        "judgement": approval.judgement,
        "decision": approval.decision,
        "person": approval.person,
        "at": approval.at.astimezone(UTC).isoformat(),
        "reason": approval.reason,
        "undecided": list(approval.undecided),
        "key": approval.key_id,
        **more,
    }


def verify(approval: Approval, keys: Iterable[SecretKey]) -> bool:
    """Whether one of the keys signed exactly this, and it was not voided."""
    return approval.voided_at is None and any(is_signed(approval, key) for key in keys if key.id == approval.key_id)


def is_signed(approval: Approval, key: SecretKey) -> bool:
    """Whether the key signed exactly this, voided or not."""
    try:
        return canonical.verify(statement(approval), key.secret, approval.signature)
    except (TypeError, ValueError):  # a value that was never signed, or a signature that is none
        return False


def decide(
    tx: Transaction,
    judgement: Judgement,
    decision: Decision,
    *,
    person: str | None,
    key: SecretKey,
    at: datetime,
    reason: str = "",
    on_behalf: str | None = None,
    groups: Collection[str] = (),
    proved_at: datetime | None = None,
) -> Approval:
    """Write a decision down and sign it. `person` None: a policy approved. Moves no request.

    Who may decide is not asked here, but in `gaia.access.rules`. The undecided rules are those of the judgement, so
    none can be left out of what is signed.

    Raises:
        Invalid: `approval-denied`: a judgement that says no cannot be approved.
        Conflict: `already-decided` when there is a decision of this person on this preview that was not voided.
    """
    request = requests.get(tx, judgement.request)
    if decision == "approved" and judgement.verdict == "denied":
        raise Invalid("approval-denied", "a policy denies this preview", next_step="Change the request or the policy.")
    unsigned = Approval(
        id=new_id("apr"),
        request=request.id,
        preview=judgement.preview,
        judgement=judgement.digest,
        decision=decision,
        person=person,
        at=at,
        reason=reason,
        undecided=judgement.undecided,
        key_id=key.id,
        signature="",
        ttl=request.ttl,
        on_behalf=on_behalf,
        groups=tuple(sorted(groups)),
        proved_at=proved_at,
    )
    values = {name: getattr(unsigned, name) for name in Approval.__slots__}
    values["signature"] = canonical.sign(statement(unsigned), key.secret)
    decided = Conflict(
        "already-decided",
        f"there is a decision of yours on preview {judgement.preview} of {request.id} already",
        next_step=Next("status", request.id, "Look at it"),
    )
    tx.put(insert(approvals).values(values), decided)
    return Approval(**values)


def of_request(tx: Transaction, request: str) -> tuple[Approval, ...]:
    """Decisions on a request, oldest first, voided ones too."""
    mine = select(approvals).where(approvals.c.request == request).order_by(approvals.c.id)
    return tuple(Approval(**row) for row in tx.all(mine))


def of_requests(tx: Transaction, named: Collection[str]) -> tuple[Approval, ...]:
    """Decisions on several requests, oldest first, voided ones too."""
    mine = select(approvals).where(approvals.c.request.in_(sorted(named))).order_by(approvals.c.id)
    return tuple(Approval(**row) for row in tx.all(mine))


def find(tx: Transaction, approval: str) -> Approval | None:
    """The decision with this id."""
    row = tx.first(select(approvals).where(approvals.c.id == approval))
    return None if row is None else Approval(**row)


def live(tx: Transaction, request: str, preview: str) -> tuple[Approval, ...]:
    """Decisions on exactly this preview that were not voided, oldest first."""
    mine = (approvals.c.request == request, approvals.c.preview == preview, approvals.c.voided_at.is_(None))
    return tuple(Approval(**row) for row in tx.all(select(approvals).where(*mine).order_by(approvals.c.id)))


def live_of(tx: Transaction, named: Collection[str]) -> tuple[Approval, ...]:
    """Every decision on these requests that was not voided, oldest first."""
    mine = (approvals.c.request.in_(sorted(named)), approvals.c.voided_at.is_(None))
    return tuple(Approval(**row) for row in tx.all(select(approvals).where(*mine).order_by(approvals.c.id)))


def signed(tx: Transaction) -> frozenset[str]:
    """Digests of the previews that an approval holds for, also of requests that have ended."""
    holding = (approvals.c.voided_at.is_(None), approvals.c.decision == "approved")
    return frozenset(row["preview"] for row in tx.all(select(approvals.c.preview).where(*holding).distinct()))


def void_of(tx: Transaction, request: str, person: str, why: str, *, at: datetime) -> int:
    """One person's decisions on the request count no longer."""
    mine = (approvals.c.request == request, approvals.c.person == person, approvals.c.voided_at.is_(None))
    return tx.change(update(approvals).where(*mine).values(voided_at=at, voided_why=why))


def void(tx: Transaction, request: str, why: str, *, at: datetime) -> int:
    """Every decision on the request counts no longer; the number of those that did."""
    mine = update(approvals).where(approvals.c.request == request, approvals.c.voided_at.is_(None))
    return tx.change(mine.values(voided_at=at, voided_why=why))


def by_other_keys(tx: Transaction, key: SecretKey) -> tuple[str, ...]:
    """Requests that have not ended and have a decision that another key signed, not voided."""
    old = (
        approvals.c.key_id != key.id,
        approvals.c.voided_at.is_(None),
        approvals.c.request.in_(requests.unfinished()),
    )
    found = select(approvals.c.request).where(*old).distinct().order_by(approvals.c.request)
    return tuple(row["request"] for row in tx.all(found))
