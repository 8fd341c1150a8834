"""What exists goes into the records: `gaia why`, cost and drift then know what Gaia did not make.

Only instances whose plan does nothing are adopted. Doing it again changes nothing but what has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.kit import clock
from gaia.records import leases, requests, resources, runs
from gaia.records.model import LIVE, Subject
from gaia.states.lineages import lineages_of, remember_lineages

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.adoption.check import Checked, CheckReport
    from gaia.checkout.registered import RegisteredRecords
    from gaia.records.database import Transaction
    from gaia.records.model import Run

SUBJECT, ADOPTED = "adoption", "adopted"
"""The subject of the run, and its code: what it wrote down was there before."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written down."""

    run: str
    adopted: tuple[str, ...]
    busy: tuple[str, ...]
    """Instances that a request or an operation is changing, or has changed since they were read: they are for the next
    time."""
    resources: int


def record(records: RegisteredRecords, report: CheckReport) -> Recorded:
    """Write down what the states of all instances hold whose plan is empty, under one run.

    Raises:
        Conflict: `adoption-running`.
    """
    context, at = records.context, clock.now()
    fit = [one for one in report.instances if one.status == "empty" and one.state is not None]
    with context.database.begin() as tx:
        if any(run.status in LIVE for run in runs.of_subject(tx, context.repository, SUBJECT)):
            raise Conflict("adoption-running", "another adoption goes on", next_step="Wait until it has ended.")
        of = Subject(SUBJECT, context.repository, "", "")
        run = runs.add(tx, of, "operation", (), at=at, person=records.person, commit=report.commit or None)
        run = runs.move(tx, run.id, ["queued"], "running", at=at)
        since = _changed_since(tx, context.repository, report.began) if report.began else frozenset()
        keys = [str(one.key) for one in fit]
        busy = tuple(key for key in keys if key in since or leases.holder(tx, context.repository, key) is not None)
        adopted = [one for one in fit if str(one.key) not in busy]
        number = sum(_write(tx, records, run, one) for one in adopted)
        facts = {"instances": [str(one.key) for one in adopted], "resources": number, "commit": report.commit}
        records.write(tx, run, "repository.recorded", facts)
        runs.move(tx, run.id, ["running"], "done", at=clock.now(), code=ADOPTED)
    lineages = {str(one.key): one.state.lineage for one in adopted if one.state is not None}
    remember_lineages(lineages_of(context.workplace.folder), lineages)
    return Recorded(run.id, tuple(str(one.key) for one in adopted), busy, number)


def _changed_since(tx: Transaction, repository: str, at: datetime) -> frozenset[str]:
    """The instances whose records are newer than what was read at that time."""
    ended = runs.ended_since(tx, repository, at)
    changed = {run.subject for run in ended if run.request is None}
    for request in {run.request for run in ended if run.request is not None}:
        changed |= set(requests.get(tx, request).instances)
    return frozenset(changed)


def _write(tx: Transaction, records: RegisteredRecords, run: Run, one: Checked) -> int:
    state = one.state
    assert state is not None  # noqa: S101 - the caller has looked
    made = [
        resources.Found(each.address, each.type, each.id or each.address, each.arn)
        for each in state.resources
        if each.deposed is None
    ]
    tenant, stage = records.scope_of(one.key.stack)
    by = replace(run, tenant=tenant, stage=stage)
    return len(resources.record(tx, by, one.key.stack, one.key.component, made, at=clock.now()))
