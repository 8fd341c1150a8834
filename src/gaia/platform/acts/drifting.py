"""Drift in somebody's name: what was found, instance by instance, and a look now."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from gaia.access import rules
from gaia.errors import Conflict, GaiaError, NotFound
from gaia.kit import clock, spans
from gaia.kit.visible import cut
from gaia.operations.drift.schedule import next_after
from gaia.platform.acting import Acting
from gaia.platform.drift.due import every_of, queue
from gaia.platform.drift.run import SUBJECT, subject_of
from gaia.platform.drift.views import DriftView, InstanceDriftView, LookView
from gaia.platform.views.reading import head
from gaia.records import leases, looks, resources, runs
from gaia.records.model import LIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.drift_model import DriftResult, Look
    from gaia.records.model import Run, RunKind
    from gaia.records.resources import Living

_LONGEST = 300
_LOOKS: tuple[RunKind] = ("drift",)


class Drifting:
    """One caller's view of one repository's drift: what an engine has found, never a checkout's."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller

    def list(
        self,
        *,
        stack: str | None = None,
        component: str | None = None,
        state: DriftResult | None = None,
        since: datetime | None = None,
        after: tuple[str, str] | None = None,
        limit: int | None = None,
    ) -> Sequence[DriftView]:
        """The last look at each instance that the caller may see, by stack and component; `after` is one of these.

        Those that are gone only by their state. `since`: that are as they are from then on or later.
        """
        with self._platform.database.read() as tx:
            found = looks.find(
                tx,
                self._platform.repository,
                places=rules.places(self._caller, "see"),
                stack=stack,
                component=component,
                result=state,
                since=since,
                after=after,
                limit=limit,
            )
        return [_view(one) for one in found]

    def of(self, stack: str, keys: Collection[str]) -> Sequence[InstanceDriftView]:
        """What was last found of each of these instances `STACK/COMPONENT`, without the looks before.

        Of what the caller may not see, or nobody has looked at, nothing is known.
        """
        platform = self._platform
        with platform.database.read() as tx:
            places = rules.places(self._caller, "see")
            seen = {one.key: one for one in looks.find(tx, platform.repository, places=places, stack=stack)}
            live = [one for one in runs.live(tx, platform.repository, kinds=_LOOKS)
                    if rules.allows(self._caller, "see", one.tenant, one.stage)]  # fmt: skip
        looking = {one.subject.removeprefix(SUBJECT): one for one in live}
        return tuple(self._last_of(key, seen.get(key), looking.get(key), there=key in seen) for key in sorted(keys))

    def _last_of(self, key: str, newest: Look | None, looking: Run | None, *, there: bool) -> InstanceDriftView:
        findings, kept = self._findings(newest)
        every, next_at = self._times(key) if there else (None, None)
        return InstanceDriftView(
            instance=key,
            newest=_view(newest) if newest else None,
            findings=findings,
            findings_kept=kept,
            looks=(),
            looking=_look(looking) if looking else None,
            every=spans.text(every) if every else None,
            next_at=clock.rfc3339(next_at) if next_at else None,
        )

    def show(self, stack: str, component: str, *, after: str | None = None, limit: int = 50) -> InstanceDriftView:
        """One instance: what was last found, and the looks before; `after` is the id of one of these.

        Raises:
            NotFound: `instance-unknown`, also where the caller may not see it.
        """
        platform, key = self._platform, f"{stack}/{component}"
        with platform.database.read() as tx:
            newest = looks.newest(tx, platform.repository, stack, component)
            living = self._living(tx, stack, component)
            earlier = looks.history(tx, platform.repository, stack, component, after=after, limit=limit)
            looking = self._looking(tx, key)
        there = living or newest
        if there is None or not rules.allows(self._caller, "see", there.tenant, there.stage):
            raise unknown(stack, component)
        known = self._last_of(key, newest, looking, there=living is not None)
        return replace(known, looks=tuple(map(_view, earlier)), next=earlier[-1].id if len(earlier) == limit else None)

    def look(self, stack: str, component: str) -> LookView:
        """Queue a look at an instance now.

        Raises:
            NotFound: `instance-unknown`. Refused: `not-permitted`.
            Conflict: `run-live`: it is looked at already; `instance-leased`: it is being changed.
        """
        missing = unknown(stack, component)
        with self._platform.database.read() as tx:
            living = self._living(tx, stack, component)
        if living is None:
            raise missing
        with self._acting.doing("request", "drift.ask", living.key, missing=missing, where=living) as (tx, caller):
            held = leases.holder(tx, self._platform.repository, living.key)
            if held is not None and self._looking(tx, living.key) is None:
                raise Conflict(
                    "instance-leased",
                    f"{living.key} is being changed",
                    next_step="Wait until that has ended: then it is looked at again where it had drifted.",
                    facts={"name": living.key, "request": held.request, "run": held.run},
                )
            run = queue(tx, self._platform, living, at=clock.now(), person=caller.id)
            self._platform.audit.note(tx, caller.id, "drift.asked", living.key, {"run": run.id}, where=living)
            return _look(run)

    def work(self, look: LookView) -> LookView:
        """Return when a look has ended: carries it out here where no engine runs, else watches."""
        from gaia.platform.serving.watching import see_through

        see_through(self._platform, look.id)
        with self._platform.database.read() as tx:
            return _look(runs.get(tx, look.id))

    def cancel(self, run: str, *, now: bool = False) -> LookView:
        """Have a look end: terraform is asked to end or, with `now`, killed. It is looked at again at its next time.

        Raises:
            NotFound: `run-unknown`. Refused: `not-permitted`. Conflict: `run-ended`.
        """
        missing = no_run(run)
        with self._platform.database.read() as tx:
            try:
                row = runs.get(tx, run)
            except NotFound:
                raise missing from None
        if row.repository != self._platform.repository or row.kind != "drift":
            raise missing
        subject = row.subject.removeprefix(SUBJECT)
        with self._acting.doing("request", "drift.cancel", subject, missing=missing, where=row) as (tx, caller):
            row = runs.get(tx, run)
            if row.status not in LIVE:
                raise Conflict("run-ended", f"{run} has ended: {row.status}", next_step="There is nothing to end.")
            runs.cancel(tx, run, 2 if now else 1)
            facts = {"run": run, "now": now}
            self._platform.audit.note(tx, caller.id, "drift.cancelled", subject, facts, where=row)
            return _look(row)

    @property
    def _acting(self) -> Acting:
        return Acting(self._platform.database, self._platform.audit, self._caller)

    def _living(self, tx: Transaction, stack: str, component: str) -> Living | None:
        found = resources.living(tx, self._platform.repository, stack=stack, component=component)
        return found[0] if found else None

    def _looking(self, tx: Transaction, key: str) -> Run | None:
        found = runs.of_subject(tx, self._platform.repository, subject_of(key))
        return found[-1] if found and found[-1].status in LIVE else None

    def _times(self, key: str) -> tuple[timedelta | None, datetime | None]:
        """How often, and when next; nothing where what is published cannot be read now."""
        try:
            every = every_of(self._platform.snapshot(head(self._platform)), key)
        except GaiaError:
            return None, None
        return every, next_after(key, every, clock.now()) if every else None

    def _findings(self, newest: Look | None) -> tuple[tuple[Mapping[str, object], ...], bool]:
        if newest is None or not newest.document:
            return (), True
        try:
            kept = json.loads(self._platform.documents.get("drift", newest.document))
            return tuple(cast("list[Mapping[str, object]]", kept["findings"])), True
        except (GaiaError, ValueError, KeyError, TypeError):
            return (), False


def _view(look: Look) -> DriftView:
    return DriftView(
        look.id, look.key, look.stack, look.component, look.tenant, look.stage, look.result,
        clock.rfc3339(look.since), clock.rfc3339(look.at), look.commit, look.causes, look.code, look.reason,
        look.run,
    )  # fmt: skip


def _look(run: Run) -> LookView:
    ended = clock.rfc3339(run.ended_at) if run.ended_at else None
    key = run.subject.removeprefix(SUBJECT)
    return LookView(run.id, key, run.status, clock.rfc3339(run.created_at), ended, run.code, run.reason)


def unknown(stack: str, component: str) -> NotFound:
    """Also for one that the caller may not see."""
    return NotFound(
        "instance-unknown",
        f"there is no instance {cut(f'{stack}/{component}', _LONGEST)!r} that Gaia applied",
        next_step="List what was looked at.",
    )


def no_run(run: str) -> NotFound:
    """Also for one that the caller may not see."""
    return NotFound("run-unknown", f"there is no look {cut(run, _LONGEST)!r}", next_step="List what was looked at.")
