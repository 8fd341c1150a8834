"""The workflows, by the kind of their runs: which steps each has, and the end that they come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gaia.platform.applying import apply_run, run_end
from gaia.platform.drift import run as drift_run
from gaia.platform.engine.steps import carry_out
from gaia.platform.executions import workflow_run
from gaia.platform.requests import preview_run, previewing, shared_commits
from gaia.records import requests, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.platform.context import PlatformContext
    from gaia.platform.engine.engine import StepCaller
    from gaia.platform.engine.steps import Needs, Step, Stop, Undoes
    from gaia.records.model import Request, Run


@dataclass(frozen=True, slots=True)
class Workflow:
    """What a kind of run does."""

    steps: Callable[[Request], Sequence[Step]] | Sequence[Step]
    """Those that a request has, or the ones that every run of the kind has, which is of no request then."""
    end: Callable[[Any, Stop | None], None]
    """Writes down how the run, and its request, ended; given its context as the steps are."""
    needs: Needs | None = None
    """Of steps that are carried out side by side."""
    undoes: Undoes | None = None
    """Where what a run did is undone if it stops: what says so."""
    of_run: Callable[[PlatformContext, Run], Sequence[Step]] | None = None
    """What gives the steps of a run of no request, where each run has its own."""


WORKFLOWS: Mapping[str, Workflow] = {
    "preview": Workflow(preview_run.steps, run_end.end_preview),
    "apply": Workflow(apply_run.steps, run_end.end_apply, apply_run.needs, previewing.undoes),
    "drift": Workflow(drift_run.STEPS, drift_run.end),
    "workflow": Workflow((), workflow_run.end, of_run=workflow_run.steps_of),
}
"""By the kind of the run: one for each of `runs.CARRIED`."""


def run(platform: PlatformContext, run_id: str, call: StepCaller) -> None:
    """Carry out one run, of any repository of the home, in the context of its own."""
    with platform.database.read() as tx:
        row = runs.get(tx, run_id)
        request = requests.get(tx, row.request) if row.request is not None else None
    workflow, own = WORKFLOWS[row.kind], platform.of(row.repository)
    steps = workflow.of_run(own, row) if workflow.of_run is not None else workflow.steps
    if callable(steps):
        if request is None:
            raise TypeError(f"{run_id} is of no request")
        shared_commits.receive(own, request)
        steps = steps(request)
    carry_out(own, run_id, call, steps, workflow.end, workflow.needs, workflow.undoes)
