"""The two workflows of a request: which steps each has, and the end that they come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.platform import apply_run, preview_run, run_end, shared_commits
from gaia.platform.steps import carry_out
from gaia.records import requests, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.platform.context import PlatformContext, RunContext
    from gaia.platform.engine import StepCaller
    from gaia.platform.steps import Needs, Step, Stop
    from gaia.records.model import Request


@dataclass(frozen=True, slots=True)
class Workflow:
    """What a kind of run does."""

    steps: Callable[[Request], Sequence[Step]]
    end: Callable[[RunContext, Stop | None], None]
    """Writes down how the run and its request ended."""
    needs: Needs | None = None
    """Of steps that are carried out side by side."""


WORKFLOWS: Mapping[str, Workflow] = {
    "preview": Workflow(preview_run.steps, run_end.end_preview),
    "apply": Workflow(apply_run.steps, run_end.end_apply, apply_run.needs),
}
"""By the kind of the run."""


def run(platform: PlatformContext, run_id: str, call: StepCaller) -> None:
    """Carry out one run of a request, of any repository of the home, in the context of its own."""
    with platform.database.read() as tx:
        row = runs.get(tx, run_id)
        request = requests.get(tx, row.subject)
    workflow = WORKFLOWS[row.kind]
    shared_commits.receive(platform.of(row.repository), request)
    carry_out(platform.of(row.repository), run_id, call, workflow.steps(request), workflow.end, workflow.needs)
