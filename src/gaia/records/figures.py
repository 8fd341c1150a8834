"""Figures of what stands in the records, for who watches over Gaia: each is one statement, however much that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from gaia.records.model import LIVE
from gaia.records.tables import chores, deliveries, requests, runs, webhooks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gaia.records.database import Transaction


@dataclass(frozen=True, slots=True)
class Figures:
    """As it was at one moment."""

    requests: Mapping[tuple[str, str], int]
    """By repository and status."""
    live: Mapping[tuple[str, str], int]
    """Runs by kind and status, `queued` or `running`."""
    oldest: Mapping[str, datetime]
    """By status of these: when the oldest one was queued."""
    workers: int
    """That are there now. (Where a home has one engine of its own there are none.)"""
    deserted: int
    """Runs of workers that are not there."""
    chores: Mapping[tuple[str, str], datetime]
    """By repository and chore: when it was begun last, by whomever."""
    webhooks: Mapping[str, int]
    """By state: `fine`, `failing` (something could not be delivered and is tried again), `off`."""
    deliveries: Mapping[str, int]
    """By status."""


def read(tx: Transaction) -> Figures:
    """All of them."""
    counted = func.count().label("number")
    by_status = (requests.c.repository, requests.c.status)
    listed = select(*by_status, counted).group_by(*by_status)
    live = (
        select(runs.c.kind, runs.c.status, counted, func.min(runs.c.created_at).label("oldest"))
        .where(runs.c.status.in_(LIVE))
        .group_by(runs.c.kind, runs.c.status)
    )
    rows = tx.all(live)
    oldest: dict[str, datetime] = {}
    for row in rows:
        oldest[row["status"]] = min(row["oldest"], oldest.get(row["status"], row["oldest"]))
    present = tx.present()
    return Figures(
        requests={(row["repository"], row["status"]): row["number"] for row in tx.all(listed)},
        live={(row["kind"], row["status"]): row["number"] for row in rows},
        oldest=oldest,
        workers=len(present),
        deserted=_deserted(tx, present),
        chores={(row["repository"], row["name"]): row["begun_at"] for row in tx.all(select(chores))},
        webhooks=_webhooks(tx),
        deliveries={
            row["status"]: row["number"]
            for row in tx.all(select(deliveries.c.status, counted).group_by(deliveries.c.status))
        },
    )


def _deserted(tx: Transaction, present: frozenset[int]) -> int:
    from gaia.records.tables import workers

    joined = select(func.count().label("number")).select_from(runs.join(workers, runs.c.worker == workers.c.id))
    row = tx.first(joined.where(runs.c.status.in_(LIVE), workers.c.presence.not_in(sorted(present))))
    return row["number"] if row else 0


def _webhooks(tx: Transaction) -> dict[str, int]:
    tried = select(deliveries.c.webhook).where(deliveries.c.status == "waiting", deliveries.c.tries > 0)
    state = case(
        (webhooks.c.disabled_at.is_not(None), "off"), (webhooks.c.id.in_(tried), "failing"), else_="fine"
    ).label("state")
    rows = tx.all(select(state, func.count().label("number")).group_by(state))
    return {row["state"]: row["number"] for row in rows}
