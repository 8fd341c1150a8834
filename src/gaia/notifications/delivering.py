"""The chore of telling: what is new is written down for each webhook, and what is written down is sent.

Written down first, in one transaction with how far the webhook has come: killed at any point, nothing is lost, and what
was sent but not noted is sent again with the same id. One worker has a webhook to itself; several webhooks are served
at once, so that one whose other side is slow or dead holds up no other.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.access.callers import Caller
from gaia.kit import clock
from gaia.notifications import destinations, events
from gaia.notifications.globs import wanted
from gaia.records import audit, deliveries, people, webhooks
from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from gaia.kit.keys import SecretKey
    from gaia.notifications.model import EventView, Outcome
    from gaia.notifications.sending import Send
    from gaia.records.database import Database, Transaction
    from gaia.records.webhook_model import Delivery, DeliveryStatus, Webhook

BACKOFF = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""How long after each try that failed the next one comes; after the last of them there is none. About three days."""
HELD_UP = 2
"""So many tries of an event hold up those that happened after it; then they go first."""
AT_ONCE = 4
"""Webhooks that are served at the same time."""
_BUDGET = 3.0
"""Seconds for one webhook, before it is another one's turn."""
_PASS = 5.0
"""Seconds after which a pass waits no longer; what goes on then ends by itself."""
_FEW = 200
"""Entries that are looked at in one transaction."""
_MOST_WAITING = 1000
"""Deliveries of one webhook that wait; until some were taken, what is new stays where it is, in the audit log."""
KEPT = timedelta(days=30)
"""How long one can see what was delivered."""


@dataclass(frozen=True)
class Delivering:
    """Tells what happened in one repository."""

    database: Database
    key: SecretKey
    repository: str
    public_url: str | None
    send: Send
    ends: Callable[[], bool] = field(default=lambda: False)
    """Whether the process is to end: nothing more is begun."""
    budget: float = _BUDGET
    patience: float = _PASS

    def once(self) -> None:
        """One pass over all webhooks for which there is something to do.

        Raises:
            GaiaError: the first thing that went wrong; it held up no other webhook.
        """
        with self.database.read() as tx:
            due = webhooks.due(tx, self.repository, audit.last(tx), at=clock.now(), longest=BACKOFF[-1])
        if not due:
            return
        with self.database.begin() as tx:
            deliveries.forget(tx, clock.now() - KEPT)
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gaia-webhook")
        try:
            done, _ = wait([pool.submit(self._serve, one) for one in due], timeout=self.patience)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        for one in done:
            if (error := one.exception()) is not None:
                raise error

    def _serve(self, name: str) -> None:
        """One webhook, which nobody else serves meanwhile."""
        if self.ends():
            return
        with self.database.begin() as tx:
            mine = webhooks.take(tx, name, at=clock.now())
        if mine is None:
            return
        rests: timedelta | None = webhooks.HELD
        try:
            rests = self._tell(mine)
        finally:
            with self.database.begin() as tx:
                webhooks.let_go(tx, name, at=clock.now(), rests=rests)

    def _tell(self, mine: Webhook) -> timedelta | None:
        """How long it is to be left alone now."""
        destination = destinations.opened(self.key, mine)
        with self.database.begin() as tx:
            if not self._may(tx, mine):
                self._disable(tx, mine, "who made it may not administer this place any more")
                return None
            self._write_down(tx, mine)
        until = time.monotonic() + self.budget
        for delivery, event in self._next(mine):
            if time.monotonic() > until or self.ends():
                return None
            outcome = self.send(mine.kind, destination, delivery.id, event)
            again = self._note(mine, delivery, outcome)
            if not outcome.taken:
                return again
        return None

    def _may(self, tx: Transaction, mine: Webhook) -> bool:
        """Whether its maker may still see all that it tells."""
        person = people.get_person(tx, mine.person)
        caller = Caller(person.id, person.name, person.grants)
        return not person.disabled and rules.allows(caller, "administer", mine.tenant, mine.stage)

    def _write_down(self, tx: Transaction, mine: Webhook) -> None:
        newest = audit.last(tx)
        if newest <= mine.cursor or len(deliveries.waiting(tx, mine.id, limit=_MOST_WAITING)) >= _MOST_WAITING:
            return
        place, everywhere = (mine.tenant, mine.stage), (mine.tenant, mine.stage) == (ANY, ANY)
        found = events.seen(
            tx, self.repository, {place}, all_families=everywhere, after=mine.cursor, limit=_FEW
        )  # fmt: skip
        come_to = found[-1].seq if len(found) == _FEW else max(newest, *(one.seq for one in found), 0)
        if webhooks.move_on(tx, mine.id, mine.cursor, come_to):
            fits = [(one.seq, one.action) for one in found if wanted(mine.types, one.action)]
            deliveries.add(tx, mine.id, fits, at=clock.now())

    def _next(self, mine: Webhook) -> Iterator[tuple[Delivery, EventView]]:
        """What is to be tried now, oldest first."""
        now = clock.now()
        with self.database.read() as tx:
            ready = list(_ready(deliveries.waiting(tx, mine.id, limit=_MOST_WAITING), now))[:_FEW]
            entries = audit.numbered(tx, {one.seq for one in ready})
            made = {one.seq: one for one in events.made(tx, entries, self.public_url)}
        for one in ready:
            if one.seq in made:
                yield one, made[one.seq]

    def _note(self, mine: Webhook, delivery: Delivery, outcome: Outcome) -> timedelta | None:
        now, tries = clock.now(), delivery.tries + 1
        left = BACKOFF[tries - 1] if tries <= len(BACKOFF) else None
        if outcome.taken or outcome.hopeless or outcome.gone:
            left = None
        status: DeliveryStatus = "delivered" if outcome.taken else "failed" if left is None else "waiting"
        with self.database.begin() as tx:
            deliveries.tried(
                tx,
                delivery.id,
                status,
                answer=outcome.answer,
                error=outcome.error[:500],
                next_at=now + (left or timedelta()),
                at=now,
            )
            if outcome.gone:
                self._disable(tx, mine, "it answered 410: it is gone")
            elif left is None and not outcome.taken and not outcome.hopeless and self._took_nothing(tx, delivery):
                self._disable(tx, mine, f"it took nothing in {tries} tries: {outcome.error[:200]}")
        return left if tries <= HELD_UP else None

    def _took_nothing(self, tx: Transaction, delivery: Delivery) -> bool:
        return not deliveries.delivered_since(tx, delivery.webhook, delivery.created_at)

    def _disable(self, tx: Transaction, mine: Webhook, why: str) -> None:
        now = clock.now()
        if webhooks.disable(tx, mine.id, why, at=now):
            audit.append(
                tx, self.key, at=now, actor="engine", action="webhook.disabled", subject=mine.id,
                repository=self.repository, tenant=mine.tenant, stage=mine.stage, facts={"reason": why},
            )  # fmt: skip


def _ready(waiting: Sequence[Delivery], now: datetime) -> Iterator[Delivery]:
    """What may be tried now. One that was tried a few times only holds up those after it."""
    for one in waiting:
        if one.next_at <= now or one.next_at > now + BACKOFF[-1]:  # the clock was wrong then, or is now
            yield one
        elif one.tries <= HELD_UP:
            return
