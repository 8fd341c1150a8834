"""What the engine does about drift by itself: it queues a look at each instance whose time has come.

Few are looked at at once (`gaia.drift.at_once`), and tenants take turns. An instance that somebody has leased, or is
looked at already, waits for the next time that this is asked; it stays due. What exists no more is said to be gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from gaia.errors import Conflict, GaiaError
from gaia.kit import clock
from gaia.operations.drift.schedule import DAILY, is_due, read_at_once, read_every
from gaia.platform.drift.run import STEPS, SUBJECT, note, subject_of
from gaia.platform.engine.fairness import next_in_line
from gaia.records import leases, looks, resources, runs
from gaia.records.model import Subject
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.records.database import Transaction
    from gaia.records.drift_model import Look
    from gaia.records.model import Run, RunKind
    from gaia.records.resources import Living

_KIND: tuple[RunKind] = ("drift",)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An instance whose time has come, as `next_in_line` takes it."""

    id: str
    """Its place in the line: what was changed first, then by when it was last looked at."""
    tenant: str
    what: Living


def queue_due(platform: PlatformContext) -> None:
    """Queue a look at as many instances as there is room for, of those whose time has come."""
    now = clock.now()
    with platform.database.read() as tx:
        there = resources.living(tx, platform.repository)
        last = looks.every_newest(tx, platform.repository)
        looking = runs.live(tx, platform.repository, kinds=_KIND)
        held = leases.held(tx, platform.repository)
    _say_gone(platform, {one.key for one in there}, last, now)
    if not there:
        return
    snapshot = platform.snapshot(platform.clone().fetch())
    room = read_at_once(snapshot.repository.config.setting("gaia", "drift", "at_once")) - len(looking)
    busy = held | {run.subject.removeprefix(SUBJECT) for run in looking}
    free = [one for one in there if one.key not in busy] if room > 0 else []
    waiting = sorted(
        (_Waiting(_rank(one, last.get(one.key)), one.tenant, one) for one in free if _due(snapshot, one, last, now)),
        key=lambda one: one.id,
    )
    for one in next_in_line(waiting, looking, max(room, 0)):
        try:
            with platform.database.begin() as tx:
                queue(tx, platform, one.what, at=now)
        except Conflict:  # somebody asked for it just now
            continue


def queue(tx: Transaction, platform: PlatformContext, one: Living, *, at: datetime, person: str | None = None) -> Run:
    """Queue a look at an instance.

    Raises:
        Conflict: `run-live`: it is looked at already.
    """
    of = Subject(subject_of(one.key), platform.repository, one.tenant, one.stage)
    return runs.add(tx, of, "drift", tuple(step.name for step in STEPS), at=at, person=person)


def every_of(snapshot: Snapshot, key: str) -> timedelta | None:
    """How often an instance is looked at by what is published; what says nothing usable is looked at daily."""
    known = _EVERY.setdefault(snapshot, {})
    if key not in known:
        known[key] = _read_every(snapshot, InstanceKey.parse(key))
    return known[key]


_EVERY: WeakKeyDictionary[Snapshot, dict[str, timedelta | None]] = WeakKeyDictionary()
"""Snapshots are one a commit, so each instance is built once a commit for this, not every few seconds."""


def _read_every(snapshot: Snapshot, key: InstanceKey) -> timedelta | None:
    try:
        instance = snapshot.repository.instance(key.component, key.stack)
        return read_every(instance.settings, instance.place)
    except GaiaError:  # it is not published (any more), or says nothing usable: the look says so
        return DAILY


def _due(snapshot: Snapshot, one: Living, last: dict[str, Look], now: datetime) -> bool:
    look = last.get(one.key)
    if look is not None and look.again:
        return True
    every = every_of(snapshot, one.key)
    since = one.made_at if look is None else max(look.at, one.made_at) if look.result == "gone" else look.at
    return every is not None and is_due(one.key, every, since, now)


def _rank(one: Living, look: Look | None) -> str:
    if look is None:
        return f"1 {one.made_at.timestamp():020.3f} {one.key}"
    return f"{0 if look.again else 1} {look.at.timestamp():020.3f} {one.key}"


def _say_gone(platform: PlatformContext, there: set[str], last: dict[str, Look], now: datetime) -> None:
    for key, look in last.items():
        if key in there or look.result == "gone":
            continue
        with platform.database.begin() as tx:
            newest = looks.newest(tx, platform.repository, look.stack, look.component)
            if newest is None or newest.id != look.id:
                continue
            known = look if look.result != "not-checked" else looks.last_known(tx, look)
            made = looks.add_gone(tx, look, at=now)
            if known is not None and known.result == "drifted":
                note(tx, platform, "drift.ended", made)
