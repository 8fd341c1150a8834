"""Webhooks: who is to be told elsewhere, how far each has come, and which worker has it now."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, insert, or_, select, update

from gaia.records.places import within
from gaia.records.tables import deliveries, webhooks
from gaia.records.webhook_model import Webhook

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from gaia.records.database import Transaction

HELD = timedelta(minutes=1)
"""How long a worker that has died keeps the others from a webhook; no pass takes so long."""


def add(tx: Transaction, webhook: Webhook) -> None:
    """Write a new one down."""
    tx.change(insert(webhooks).values(asdict(webhook)))


def get(tx: Transaction, repository: str, webhook: str) -> Webhook | None:
    """The one with this id, or None."""
    row = tx.first(select(webhooks).where(webhooks.c.id == webhook, webhooks.c.repository == repository))
    return None if row is None else Webhook(**row)


def find(tx: Transaction, repository: str, *, places: Collection[tuple[str, str]]) -> tuple[Webhook, ...]:
    """Those of places that lie in one of these, as (tenant, stage), each of which may be `*`; newest first."""
    mine = (webhooks.c.repository == repository, within(webhooks, places))
    rows = select(webhooks).where(*mine).order_by(webhooks.c.id.desc())
    return tuple(Webhook(**row) for row in tx.all(rows))


def count(tx: Transaction, repository: str, tenant: str) -> int:
    """How many there are of one tenant; `*` is one of its own."""
    its = (webhooks.c.repository == repository, webhooks.c.tenant == tenant)
    return len(tx.all(select(webhooks.c.id).where(*its)))


def keep(tx: Transaction, webhook: str) -> bool:
    """Whether it is there, and will be until the transaction ends: whoever writes deliveries of it asks first."""
    return tx.change(update(webhooks).where(webhooks.c.id == webhook).values(cursor=webhooks.c.cursor)) > 0


def remove(tx: Transaction, webhook: str) -> None:
    """Take one away, with its deliveries."""
    keep(tx, webhook)  # else another transaction could add a delivery after they are gone
    tx.change(delete(deliveries).where(deliveries.c.webhook == webhook))
    tx.change(delete(webhooks).where(webhooks.c.id == webhook))


def disable(tx: Transaction, webhook: str, why: str, *, at: datetime) -> bool:
    """Send nothing to it any more; False where that was so already."""
    mine = (webhooks.c.id == webhook, webhooks.c.disabled_at.is_(None))
    return tx.change(update(webhooks).where(*mine).values(disabled_at=at, disabled_why=why)) > 0


def move_on(tx: Transaction, webhook: str, before: int, cursor: int) -> bool:
    """Its deliveries are written down up to there; False where it is gone, or another worker was faster."""
    mine = (webhooks.c.id == webhook, webhooks.c.cursor == before)
    return tx.change(update(webhooks).where(*mine).values(cursor=cursor)) > 0


def due(tx: Transaction, repository: str, newest: int, *, at: datetime, longest: timedelta) -> tuple[str, ...]:
    """The ids of those for which there is something to do and that nobody has; who waited longest comes first.

    `longest` is how far in the future a delivery may be due; one that is due later was written by a wrong clock.
    """
    next_at = deliveries.c.next_at
    mine = (deliveries.c.webhook == webhooks.c.id, deliveries.c.status == "waiting")
    to_try = exists().where(*mine, or_(next_at <= at, next_at > at + longest))
    rows = (
        select(webhooks.c.id)
        .where(webhooks.c.repository == repository, webhooks.c.disabled_at.is_(None), _free(at))
        .where(or_(webhooks.c.cursor < newest, to_try))
        .order_by(webhooks.c.tried_at.is_not(None), webhooks.c.tried_at, webhooks.c.id)
    )
    return tuple(row["id"] for row in tx.all(rows))


def take(tx: Transaction, webhook: str, *, at: datetime) -> Webhook | None:
    """Have one to oneself until `let_go`; None where another worker has it, or it is gone."""
    mine = (webhooks.c.id == webhook, webhooks.c.disabled_at.is_(None), _free(at))
    if not tx.change(update(webhooks).where(*mine).values(held_until=at + HELD)):
        return None
    row = tx.first(select(webhooks).where(webhooks.c.id == webhook))
    return None if row is None else Webhook(**row)


def let_go(tx: Transaction, webhook: str, *, at: datetime, rests: timedelta | None = None) -> None:
    """Others may have it, when it has rested so long: no longer than `HELD`."""
    until = at + min(rests, HELD) if rests else None
    tx.change(update(webhooks).where(webhooks.c.id == webhook).values(held_until=until, tried_at=at))


def _free(at: datetime) -> ColumnElement[bool]:
    """Nobody has it, or whoever had it has died; or the clock was wrong then, or is now."""
    held: Any = webhooks.c.held_until
    return or_(held.is_(None), held <= at, held > at + HELD)
