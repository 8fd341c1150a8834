"""Looks at instances: what was found, and when. The last one of each is marked; older ones go after a while."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, insert, or_, select, update

from gaia.kit.ids import new_id
from gaia.records.drift_model import Look
from gaia.records.model import LIVE
from gaia.records.places import within
from gaia.records.tables import drift_checks, resources, runs, steps

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from gaia.records.database import Transaction
    from gaia.records.drift_model import DriftResult
    from gaia.records.model import Run


def add(
    tx: Transaction,
    run: Run,
    stack: str,
    component: str,
    result: DriftResult,
    *,
    at: datetime,
    commit: str | None,
    causes: int = 0,
    found: str = "",
    document: str = "",
    code: str = "",
    reason: str = "",
) -> tuple[Look, Look | None]:
    """Write down what a run found of its instance: that, and the look before, if there was one."""
    before = newest(tx, run.repository, stack, component)
    same = before is not None and (before.result, before.found) == (result, found)
    made = Look(
        id=new_id("chk"), repository=run.repository, tenant=run.tenant, stage=run.stage, stack=stack,
        component=component, run=run.id, at=at, commit=commit, result=result, causes=causes, found=found,
        document=document, code=code, reason=reason, since=before.since if same and before else at, newest=True,
    )  # fmt: skip
    _put(tx, made)
    return made, before


def add_gone(tx: Transaction, last: Look, *, at: datetime) -> Look:
    """Write down that an instance does not exist any more."""
    made = replace(
        last, id=new_id("chk"), run=None, at=at, commit=None, result="gone", causes=0, found="", document="",
        code="", reason="", since=at, again=False,
    )  # fmt: skip
    _put(tx, made)
    return made


def _put(tx: Transaction, look: Look) -> None:
    mine = _instance(look.repository, look.stack, look.component)
    tx.change(update(drift_checks).where(*mine, drift_checks.c.newest).values(newest=False, again=False))
    tx.change(insert(drift_checks).values(asdict(look)))


def newest(tx: Transaction, repository: str, stack: str, component: str) -> Look | None:
    """The last look at an instance."""
    row = tx.first(select(drift_checks).where(*_instance(repository, stack, component), drift_checks.c.newest))
    return None if row is None else Look(**row)


def last_known(tx: Transaction, look: Look) -> Look | None:
    """The last look before this one that found out how the instance was."""
    mine = _instance(look.repository, look.stack, look.component)
    before = (drift_checks.c.result != "not-checked", drift_checks.c.id < look.id)
    row = tx.first(select(drift_checks).where(*mine, *before).order_by(drift_checks.c.id.desc()).limit(1))
    return None if row is None else Look(**row)


def every_newest(tx: Transaction, repository: str) -> dict[str, Look]:
    """The last look at each instance, by `STACK/COMPONENT`."""
    mine = (drift_checks.c.repository == repository, drift_checks.c.newest)
    found = (Look(**row) for row in tx.all(select(drift_checks).where(*mine)))
    return {one.key: one for one in found}


def find(
    tx: Transaction,
    repository: str,
    *,
    places: Collection[tuple[str, str]],
    stack: str | None = None,
    component: str | None = None,
    result: DriftResult | None = None,
    since: datetime | None = None,
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> tuple[Look, ...]:
    """The last look at each instance in these places, by stack and component; `after` is one of these.

    Those that are gone only where they are asked for by `result`. `since`: that are as they are from then on or later.
    """
    mine = [drift_checks.c.repository == repository, drift_checks.c.newest, within(drift_checks, places)]
    mine.append(drift_checks.c.result != "gone" if result is None else drift_checks.c.result == result)
    if stack is not None:
        mine.append(drift_checks.c.stack == stack)
    if component is not None:
        mine.append(drift_checks.c.component == component)
    if since is not None:
        mine.append(drift_checks.c.since >= since)
    if after is not None:
        same = and_(drift_checks.c.stack == after[0], drift_checks.c.component > after[1])
        mine.append(or_(drift_checks.c.stack > after[0], same))
    ordered = select(drift_checks).where(*mine).order_by(drift_checks.c.stack, drift_checks.c.component)
    return tuple(Look(**row) for row in tx.all(ordered.limit(limit)))


def history(
    tx: Transaction, repository: str, stack: str, component: str, *, limit: int, after: str | None = None
) -> tuple[Look, ...]:
    """Looks at one instance, newest first; `after` is the id of one of these."""
    mine = list(_instance(repository, stack, component))
    if after is not None:
        mine.append(drift_checks.c.id < after)
    ordered = select(drift_checks).where(*mine).order_by(drift_checks.c.id.desc()).limit(limit)
    return tuple(Look(**row) for row in tx.all(ordered))


def look_again(tx: Transaction, repository: str, stack: str, component: str) -> None:
    """An instance was changed: where something was found of it, that is to be looked at as soon as there is room."""
    mine = (*_instance(repository, stack, component), drift_checks.c.newest)
    found = drift_checks.c.result.in_(("drifted", "not-checked"))
    tx.change(update(drift_checks).where(*mine, found).values(again=True))


def forget(tx: Transaction, repository: str, *, before: datetime) -> int:
    """Take away looks from before that time, with their runs, but for the last one of each instance; how many."""
    mine = (drift_checks.c.repository == repository, drift_checks.c.at < before, ~drift_checks.c.newest)
    number = tx.change(delete(drift_checks).where(*mine))
    kept = exists().where(drift_checks.c.run == runs.c.id)
    old = (runs.c.repository == repository, runs.c.kind == "drift", runs.c.created_at < before)
    ended = select(runs.c.id).where(*old, runs.c.status.not_in(LIVE), ~kept)
    leased = ended.where(~exists().where(resources.c.run == runs.c.id))
    tx.change(delete(steps).where(steps.c.run.in_(leased)))
    tx.change(delete(runs).where(runs.c.id.in_(leased)))
    return number


def documents(tx: Transaction, repository: str) -> frozenset[str]:
    """Names of the documents that some look refers to."""
    mine = select(drift_checks.c.document).where(drift_checks.c.repository == repository).distinct()
    return frozenset(row["document"] for row in tx.all(mine))


def _instance(repository: str, stack: str, component: str) -> tuple[ColumnElement[bool], ...]:
    return (
        drift_checks.c.repository == repository,
        drift_checks.c.stack == stack,
        drift_checks.c.component == component,
    )
