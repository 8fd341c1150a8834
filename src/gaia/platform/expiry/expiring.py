"""What the engine does about services whose time is nearly over, or over: it warns, then asks for their destruction.

Two warnings precede an end: a day before and an hour before, or earlier fractions of a short life. One that could not
be given in time, because no engine ran, moves the end, so that nobody is warned of what has happened already. One that
was given by a clock that had jumped ahead is given again. Each step is one
transaction, which changes nothing where somebody else was faster.

The request that it makes is previewed and judged as any (`gaia.platform.expiry.expiry` says what approves it). Whatever
keeps a service from ending is told at once and again each day, with what it has cost, until somebody has decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Invalid
from gaia.kit import clock
from gaia.platform.acting import ENGINE
from gaia.platform.expiry import expiry
from gaia.platform.model import FINAL
from gaia.platform.requests.asking import end_undecided
from gaia.platform.requests.retiring import ask_to_retire
from gaia.platform.services import live_services, placing
from gaia.records import lifetimes, people, requests

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.lifetime_model import Lifetime
    from gaia.records.model import Request

SOON = "service.expires-soon"
FAILED = "service.expiry-failed"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_IN_TIME = 0.75
"""How much of a warning's length has to be left: with less it was late, and moves the end."""
_PATIENCE = _HOUR
"""How long after its end a service may still be worked on until somebody is told."""


@dataclass(frozen=True, slots=True)
class Due:
    """A warning that is to be given, and the end that it tells of."""

    number: int
    until: datetime


def lengths(span: timedelta) -> tuple[timedelta, timedelta]:
    """How long before the end of a life of `span` it is warned of."""
    return min(_DAY, span / 2), min(_HOUR, span / 3)


def warning_due(life: Lifetime, now: datetime) -> Due | None:
    """The warning that is to be given now."""
    both = lengths(timedelta(seconds=life.span))
    if life.until is None or life.warned >= len(both):
        return None
    length = both[life.warned]
    left = life.until - now
    if left > length:
        return None
    return Due(life.warned + 1, now + length if left < length * _IN_TIME else life.until)


def is_unwarned(life: Lifetime, now: datetime) -> bool:
    """Whether its last warning is from a time that is still to come: the clock that said so had jumped.

    A jump by less than the last warning comes before the end is none: nobody is warned twice for it.
    """
    return life.warned_at is not None and life.warned_at - now > lengths(timedelta(seconds=life.span))[-1]


def is_over(life: Lifetime, now: datetime) -> bool:
    """Whether its time has come, and was told in time."""
    both = lengths(timedelta(seconds=life.span))
    if life.until is None or life.until > now or life.warned < len(both) or life.warned_at is None:
        return False
    return now - life.warned_at >= both[-1] * _IN_TIME


def expire(platform: PlatformContext) -> None:
    """Warn of what ends soon, and see to the end of what is over; one that fails keeps no other from it."""
    now = clock.now()
    with platform.database.read() as tx:
        lives = lifetimes.ending(tx, platform.repository, before=now + _DAY + _HOUR, now=now)
        named = {requests.get(tx, life.request).service for life in lives}
        stand = live_services.by_name(tx, platform.repository, named=named).values() if named else ()
        live = {one.id: request for request in stand for one in (request, *live_services.unsettled(tx, request))}
    failed: GaiaError | None = None
    for life in lives:
        if platform.interrupt.times:
            return
        try:
            _see_to(platform, life, live.get(life.request), now)
        except GaiaError as error:
            failed = failed or error
    if failed is not None:
        raise failed


def _see_to(platform: PlatformContext, life: Lifetime, origin: Request | None, now: datetime) -> None:
    if origin is None:
        with platform.database.begin() as tx:
            gone = requests.get(tx, life.request)
            if live_services.is_live(tx, gone):
                return
            lifetimes.forget(tx, gone.repository, gone.stack, gone.service)
    elif is_unwarned(life, now):
        with platform.database.begin() as tx:
            lifetimes.unwarn(tx, life)
    elif warning := warning_due(life, now):
        with platform.database.begin() as tx:
            if lifetimes.warn(tx, life, at=now, until=warning.until):
                facts = {"lives_until": clock.rfc3339(warning.until), "warning": warning.number}
                platform.audit.about(tx, ENGINE, SOON, origin, **facts)
    elif is_over(life, now):
        _end(platform, life, origin, now)


def _end(platform: PlatformContext, life: Lifetime, origin: Request, now: datetime) -> None:
    """Ask for its destruction, unless that was done; tell what stands in its way."""
    with platform.database.begin() as tx:
        end_undecided(tx, platform, origin.stack, origin.service, at=now)
        asked = requests.get(tx, life.retirement) if life.retirement else None
    if asked is None:
        try:
            where = placing.place_at(platform, platform.clone().fetch(), origin)
        except (Conflict, Invalid) as error:  # whoever can repair the stacks is told, and it is tried again
            with platform.database.begin() as tx:
                _tell(tx, platform, life, origin, now, error.code, error.message)
            return
        try:
            with platform.database.begin() as tx:
                if not lifetimes.over(tx, life, at=now):
                    return
                me = people.engine(tx, at=now)
                made = ask_to_retire(tx, platform, origin, me, where=where, actor=ENGINE, at=now)
                lifetimes.retire(tx, life, made.id)
        except Conflict as error:
            with platform.database.begin() as tx:
                if error.code != "service-busy" or _too_long(tx, error, life, now):
                    _tell(tx, platform, life, origin, now, error.code, error.message)
    elif asked.status not in ("submitted", "applying") or _late(life, now):
        with platform.database.begin() as tx:
            why = asked.reason or f"{asked.id} is {asked.status}"
            told = _tell(tx, platform, life, origin, now, f"expiry-{asked.status}", why, retirement=asked.id)
            if told and life.told_at is not None and asked.status in FINAL:
                lifetimes.retire(tx, told, None)  # a day has passed: it is tried again


def _too_long(tx: Transaction, busy: Conflict, life: Lifetime, now: datetime) -> bool:
    """Whether what the service waits for is no work that ends by itself, or takes its time."""
    other = requests.get(tx, str(busy.facts["request"]))
    return other.status == "waiting" or _late(life, now)


def _late(life: Lifetime, now: datetime) -> bool:
    return life.until is not None and now - life.until > _PATIENCE


def _tell(
    tx: Transaction,
    platform: PlatformContext,
    life: Lifetime,
    origin: Request,
    now: datetime,
    code: str,
    why: str,
    *,
    retirement: str | None = None,
) -> Lifetime | None:
    """Once a day, what keeps a service from ending; the life as it is then, None where it was told already."""
    if life.told_at is not None and now - _DAY < life.told_at <= now:
        return None
    if not lifetimes.tell(tx, life, at=now):
        return None
    facts = {"lives_until": clock.rfc3339(life.until) if life.until else None, "code": code, "why": why}
    platform.audit.about(
        tx, ENGINE, FAILED, origin, **facts, retirement=retirement, **expiry.spent(tx, life, origin, now)
    )
    return lifetimes.of(tx, life.request)
