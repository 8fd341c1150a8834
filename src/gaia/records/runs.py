"""Runs of requests, and of instances without a request, and their steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from gaia.errors import Conflict, Defect, Next, NotFound
from gaia.kit import telemetry
from gaia.kit.ids import new_id
from gaia.records import requests
from gaia.records.model import LIVE, RUN_TRANSITIONS, Request, Run, RunKind, RunStatus, Step
from gaia.records.tables import runs, steps

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from gaia.records.database import Transaction
    from gaia.records.model import Scalar, Subject

CARRIED: tuple[RunKind, ...] = ("preview", "apply", "drift", "workflow")
"""What engines carry out; an operation is carried out by the process that began it."""


def add(
    tx: Transaction,
    of: Request | Subject,
    kind: RunKind,
    step_names: Sequence[str],
    *,
    at: datetime,
    person: str | None = None,
    commit: str | None = None,
) -> Run:
    """Queue a run of a request, or of a subject that has none, with these steps, all still to do.

    `person` is who starts it, `commit` what it acts on.

    Raises:
        Conflict: `run-live` when another run of the subject is queued or running.
    """
    request = of.id if isinstance(of, Request) else None
    run = Run(
        id=new_id("run"),
        subject=of.id,
        request=request,
        repository=of.repository,
        tenant=of.tenant,
        stage=of.stage,
        kind=kind,
        person=person,
        commit=commit,
        status="queued",
        attempt=0,
        created_at=at,
        started_at=None,
        ended_at=None,
        reason="",
        code="",
        left=(),
    )
    live = Conflict(
        "run-live",
        f"{'request ' if request else ''}{of.id} has a run that is queued or running",
        next_step=Next("status", request, "Watch it", options=("--watch",)) if request else "Wait until it has ended.",
        facts={"subject": of.id},
    )
    tx.put(insert(runs).values({name: getattr(run, name) for name in Run.__slots__}), live)
    for position, step in enumerate(step_names):
        tx.change(insert(steps).values(run=run.id, step=step, position=position, state="todo", result={}))
    telemetry.queued(run.id)
    return run


def get(tx: Transaction, run: str) -> Run:
    """The run with this id, or `NotFound("run-unknown")`."""
    row = tx.first(select(runs).where(runs.c.id == run))
    if row is None:
        raise NotFound("run-unknown", f"there is no run {run!r}", next_step=Next("status", words="List them"))
    return Run(**row)


def of_request(tx: Transaction, request: str) -> tuple[Run, ...]:
    """Runs of a request, oldest first."""
    return tuple(Run(**row) for row in tx.all(select(runs).where(runs.c.request == request).order_by(runs.c.id)))


def applied_at(tx: Transaction, named: Collection[str]) -> dict[str, datetime]:
    """Of each of these requests whose application is done, when it was."""
    mine = (runs.c.request.in_(sorted(named)), runs.c.kind == "apply", runs.c.status == "done")
    found = tx.all(select(runs.c.request, runs.c.ended_at).where(*mine).order_by(runs.c.id))
    return {str(row["request"]): row["ended_at"] for row in found if row["ended_at"] is not None}


def of_subject(tx: Transaction, repository: str, subject: str) -> tuple[Run, ...]:
    """Runs of a subject, oldest first."""
    mine = (runs.c.repository == repository, runs.c.subject == subject)
    return tuple(Run(**row) for row in tx.all(select(runs).where(*mine).order_by(runs.c.id)))


def last_change(tx: Transaction, repository: str, key: str, steps_named: str) -> Run | None:
    """The last run that changed an instance and is done: an operation of it, or one with its step `NAME KEY`."""
    own = (runs.c.kind == "operation") & (runs.c.subject == key)
    did = select(steps.c.run).where(steps.c.run == runs.c.id, steps.c.step == f"{steps_named} {key}")
    mine = (runs.c.repository == repository, runs.c.status == "done", own | did.exists())
    row = tx.first(select(runs).where(*mine).order_by(runs.c.id.desc()).limit(1))
    return None if row is None else Run(**row)


def live(
    tx: Transaction, repository: str | None = None, *, kinds: Collection[RunKind] | None = None
) -> tuple[Run, ...]:
    """Runs that are queued or running, oldest first, of these kinds or of all."""
    statement = select(runs).where(runs.c.status.in_(LIVE)).order_by(runs.c.id)
    if repository is not None:
        statement = statement.where(runs.c.repository == repository)
    if kinds is not None:
        statement = statement.where(runs.c.kind.in_(sorted(kinds)))
    return tuple(Run(**row) for row in tx.all(statement))


def ended_since(tx: Transaction, repository: str, at: datetime) -> tuple[Run, ...]:
    """Runs of a repository that have ended at that time or later, oldest first."""
    mine = (runs.c.repository == repository, runs.c.ended_at >= at)
    return tuple(Run(**row) for row in tx.all(select(runs).where(*mine).order_by(runs.c.id)))


def of_open_requests(tx: Transaction) -> frozenset[str]:
    """Ids of the runs of requests that have not ended."""
    return frozenset(row["id"] for row in tx.all(select(runs.c.id).where(runs.c.request.in_(requests.unfinished()))))


def move(
    tx: Transaction,
    run: str,
    expected: Collection[RunStatus],
    to: RunStatus,
    *,
    at: datetime,
    reason: str = "",
    code: str = "",
    left: tuple[str, ...] = (),
) -> Run:
    """Change a run's status if it still is one of `expected`. To `running` counts an attempt; to an end sets the time.

    Raises:
        Conflict: `run-moved` when somebody else was faster.
        Defect: `transition-unknown` when RUN_TRANSITIONS does not lead there.
    """
    wrong = sorted(status for status in expected if to not in RUN_TRANSITIONS[status])
    if wrong or not expected:
        raise Defect("transition-unknown", f"no way from {wrong} to {to}", next_step="Report this as a bug of Gaia.")
    values: dict[str, object] = {"status": to, "reason": reason, "code": code, "left": left, "ended_at": None}
    if to == "running":
        values |= {"attempt": runs.c.attempt + 1, "started_at": func.coalesce(runs.c.started_at, at)}
    else:
        values["ended_at"] = at
    statement = update(runs).where(runs.c.id == run, runs.c.status.in_(sorted(expected)))
    if not tx.change(statement.values(values)):
        now = get(tx, run).status
        raise Conflict(
            "run-moved",
            f"run {run} is {now} now, not {' or '.join(sorted(expected))}",
            next_step=Next("status", words="Look at it"),
            facts={"run": run, "status": now},
        )
    moved = get(tx, run)
    if telemetry.heard():
        _tell(tx, moved)
    return moved


def _tell(tx: Transaction, run: Run) -> None:
    """That somebody began with it, or that it has ended. (Should the transaction fail, it is told once more.)"""
    if run.status == "running" and run.attempt == 1:
        telemetry.tell("wait", run=run.id, since=run.created_at, kind=run.kind, request=run.request)
    elif run.status not in LIVE:
        earlier = (row["id"] for row in tx.all(select(runs.c.id).where(runs.c.subject == run.subject)))
        named = ("kind", "status", "code", "request", "repository", "tenant", "stage", "attempt", "worker")
        facts = {name: getattr(run, name) for name in named}
        before = tuple(sorted(one for one in earlier if one < run.id))
        telemetry.tell("run", run=run.id, since=run.created_at, before=before, **facts)


def cancel(tx: Transaction, run: str, times: int) -> None:
    """Say that a live run is to end: 1 well, 2 at once; what was said before stays where it is more."""
    mine = (runs.c.id == run, runs.c.status.in_(LIVE), runs.c.cancelled < times)
    tx.change(update(runs).where(*mine).values(cancelled=times))


def cancelled(tx: Transaction) -> Mapping[str, int]:
    """Live runs that are to end, and how."""
    mine = (runs.c.status.in_(LIVE), runs.c.cancelled > 0)
    return {row["id"]: row["cancelled"] for row in tx.all(select(runs.c.id, runs.c.cancelled).where(*mine))}


def steps_of(tx: Transaction, run: str) -> tuple[Step, ...]:
    """The steps of a run, in order."""
    return tuple(Step(**row) for row in tx.all(select(steps).where(steps.c.run == run).order_by(steps.c.position)))


def applied(tx: Transaction, wanted: Collection[str]) -> frozenset[str]:
    """Which of these requests have an application, however it ended."""
    mine = (runs.c.request.in_(sorted(wanted)), runs.c.kind == "apply")
    return frozenset(row["request"] for row in tx.all(select(runs.c.request).where(*mine).distinct()))


def start_step(tx: Transaction, run: str, step: str, *, at: datetime) -> Step:
    """A step runs now; one that was not planned is put last. Starting again is how a repeated step begins."""
    mine = (steps.c.run == run, steps.c.step == step)
    if not tx.change(update(steps).where(*mine).values(state="running", started_at=at, ended_at=None, result={})):
        last = tx.connection.execute(select(func.max(steps.c.position)).where(steps.c.run == run)).scalar()
        position = 0 if last is None else last + 1
        row: dict[str, object] = {
            "run": run,
            "step": step,
            "position": position,
            "state": "running",
            "started_at": at,
            "result": {},
        }
        tx.change(insert(steps).values(row))
    return _step(tx, run, step)


def done(tx: Transaction, run: str, step: str) -> Mapping[str, Scalar] | None:
    """What a step that has been done returned; None for one that has not."""
    mine = (steps.c.run == run, steps.c.step == step, steps.c.state == "done")
    row = tx.first(select(steps.c.result).where(*mine))
    return None if row is None else row["result"]


def end_step(tx: Transaction, run: str, step: str, *, at: datetime, result: Mapping[str, Scalar] | None = None) -> Step:
    """A step is done. Ending it again keeps the first end.

    Raises:
        Defect: `step-result` when the result holds more than ids and scalars; `step-unknown`.
    """
    kept = dict(result or {})
    nested = sorted(name for name, value in kept.items() if not isinstance(value, str | int | bool | None))
    if nested:
        raise Defect("step-result", f"{step}: not a scalar: {nested}", next_step="Report this as a bug of Gaia.")
    mine = (steps.c.run == run, steps.c.step == step, steps.c.state != "done")
    tx.change(update(steps).where(*mine).values(state="done", ended_at=at, result=kept))
    return _step(tx, run, step)


def _step(tx: Transaction, run: str, step: str) -> Step:
    row = tx.first(select(steps).where(steps.c.run == run, steps.c.step == step))
    if row is None:
        raise Defect("step-unknown", f"run {run} has no step {step}", next_step="Report this as a bug of Gaia.")
    return Step(**row)
