"""Runs that carry out workflows of a repository: each list is one statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from gaia.records.model import Run, Step
from gaia.records.places import within
from gaia.records.tables import runs, steps

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gaia.records.database import Transaction

SUBJECT = "workflow "
"""How the subject of such a run begins; a JSON list of stack, file and name follows."""


def subject_of(stack: str, file: str, name: str) -> str:
    """The subject of runs that carry a workflow out for a stack."""
    return SUBJECT + json.dumps([stack, file, name], ensure_ascii=False)


def find(
    tx: Transaction,
    repository: str,
    name: str,
    *,
    places: Collection[tuple[str, str]],
    stack: str | None = None,
    after: str | None = None,
    limit: int,
) -> Sequence[Run]:
    """Executions of the workflow `name` in these places, newest first; `after` is the id of one of them."""
    begins = SUBJECT + (f"[{_written(stack)}, " if stack is not None else "[")
    mine = [
        runs.c.repository == repository,
        runs.c.kind == "workflow",
        runs.c.subject.startswith(begins, autoescape=True),
        runs.c.subject.endswith(f", {_written(name)}]", autoescape=True),
        within(runs, places),
    ]
    if after is not None:
        mine.append(runs.c.id < after)
    return [Run(**row) for row in tx.all(select(runs).where(*mine).order_by(runs.c.id.desc()).limit(limit))]


def steps_of(tx: Transaction, found: Collection[str]) -> Mapping[str, Sequence[Step]]:
    """The steps of each of these runs, in order."""
    mine = select(steps).where(steps.c.run.in_(sorted(found))).order_by(steps.c.run, steps.c.position)
    each: dict[str, list[Step]] = {run: [] for run in found}
    for row in tx.all(mine):
        each[row["run"]].append(Step(**row))
    return each


def _written(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
