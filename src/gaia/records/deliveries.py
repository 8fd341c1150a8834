"""Deliveries: what each webhook is to be told, and how often that was tried."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from gaia.kit.ids import new_id
from gaia.records.tables import deliveries
from gaia.records.webhook_model import Delivery

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from gaia.records.database import Transaction
    from gaia.records.webhook_model import DeliveryStatus


def add(tx: Transaction, webhook: str, events: Collection[tuple[int, str]], *, at: datetime) -> None:
    """Write down that a webhook is to be told of these (sequence number, type)."""
    for seq, kind in events:
        row = Delivery(new_id("msg"), webhook, seq, kind, "waiting", 0, at, None, "", at, None)
        put(tx, row)


def put(tx: Transaction, delivery: Delivery) -> None:
    """Write one down."""
    tx.change(insert(deliveries).values(asdict(delivery)))


def count_waiting(tx: Transaction) -> dict[str, int]:
    """How many have not ended, by webhook."""
    number = func.count().label("number")
    mine = select(deliveries.c.webhook, number).where(deliveries.c.status == "waiting")
    return {row["webhook"]: row["number"] for row in tx.all(mine.group_by(deliveries.c.webhook))}


def waiting(tx: Transaction, webhook: str, *, limit: int) -> tuple[Delivery, ...]:
    """Those that have not ended, in the order in which it happened."""
    mine = (deliveries.c.webhook == webhook, deliveries.c.status == "waiting")
    rows = select(deliveries).where(*mine).order_by(deliveries.c.seq, deliveries.c.id).limit(limit)
    return tuple(Delivery(**row) for row in tx.all(rows))


def newest(tx: Transaction, webhook: str, *, limit: int) -> tuple[Delivery, ...]:
    """What it was told, and is to be told, newest first."""
    rows = select(deliveries).where(deliveries.c.webhook == webhook).order_by(deliveries.c.id.desc()).limit(limit)
    return tuple(Delivery(**row) for row in tx.all(rows))


def get(tx: Transaction, delivery: str) -> Delivery | None:
    """One of them, or None."""
    row = tx.first(select(deliveries).where(deliveries.c.id == delivery))
    return None if row is None else Delivery(**row)


def delivered_since(tx: Transaction, webhook: str, since: datetime) -> bool:
    """Whether anything was taken since then."""
    mine = (deliveries.c.webhook == webhook, deliveries.c.status == "delivered", deliveries.c.ended_at >= since)
    return tx.first(select(deliveries.c.id).where(*mine).limit(1)) is not None


def tried(
    tx: Transaction,
    delivery: str,
    status: DeliveryStatus,
    *,
    answer: int | None,
    error: str,
    next_at: datetime,
    at: datetime,
) -> None:
    """How a try went; one that has ended stays as it is."""
    values = {"status": status, "answer": answer, "error": error, "next_at": next_at}
    ended = None if status == "waiting" else at
    mine = (deliveries.c.id == delivery, deliveries.c.status == "waiting")
    tx.change(update(deliveries).where(*mine).values(**values, tries=deliveries.c.tries + 1, ended_at=ended))


def forget(tx: Transaction, before: datetime) -> int:
    """Take away what ended before then; how many that were."""
    return tx.change(delete(deliveries).where(deliveries.c.ended_at < before))
