"""Workflows of the repository as doors see them: which there are, and what came of those that were carried out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.errors import Conflict, GaiaError, Next, NotFound
from gaia.kit import clock
from gaia.kit.visible import cut, visible
from gaia.platform import refusals
from gaia.platform.acting import Acting, Place
from gaia.platform.executions.workflow_acts import Named, acts_of, workflows_of
from gaia.platform.log import read_log
from gaia.records import executions, people, runs
from gaia.records.model import ANY, LIVE, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Run, RunStatus, Step


@dataclass(frozen=True, slots=True)
class WorkflowView:
    """A workflow of the repository."""

    workflow: str
    file: str
    description: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExecutionView:
    """One execution of a workflow."""

    id: str
    workflow: str
    file: str
    stack: str
    tenant: str
    stage: str
    commit: str
    by: str
    status: RunStatus
    reason: str
    code: str
    created_at: str
    started_at: str | None
    ended_at: str | None
    steps: tuple[tuple[str, str], ...]
    """Each step's name with its state: `todo`, `running`, `done`, `failed`."""


class Executions:
    """One caller's view of the workflows of one repository."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller
        self._acting = Acting(platform.database, platform.audit, caller)

    def workflows(self) -> Sequence[WorkflowView]:
        """Those of the published branch; none where the repository says nowhere where they are."""
        snapshot = self._platform.snapshot(self._platform.clone().fetch())
        if snapshot.repository.config.workflows is None:
            return ()
        return tuple(
            WorkflowView(one.name, one.file, one.description, tuple(step.name for step in one.steps))
            for one in workflows_of(snapshot).all()
        )

    def start(self, workflow: str, stack: str, *, file: str | None = None) -> ExecutionView:
        """Queue an execution at the published commit, for an admin of all that its steps look at.

        Raises:
            NotFound: `stack-unknown`, `workflow-unknown`, `workflow-file-missing`. Refused: `not-permitted`.
            Invalid: as `workflow_acts.acts_of`. Conflict: `run-live`: it is carried out already.
        """
        commit = self._platform.clone().fetch()
        snapshot = self._platform.snapshot(commit)
        missing = refusals.stack_unknown(stack)
        try:
            scope = snapshot.scope(stack)
        except NotFound:
            raise missing from None
        place, said = Place(scope.tenant, scope.stage), visible(cut(workflow, 200))
        with self._acting.doing("administer", "workflow.start", said, missing=missing, where=place):
            pass  # who may not start any learns nothing more
        found = workflows_of(snapshot).find(workflow, file)
        acts = acts_of(found, stack)
        if any(act.kind == "validate" for act in acts):
            place = Place(ANY, ANY)  # it reads everybody's manifests
        named = Named(stack, found.file, found.name)
        with self._acting.doing("administer", "workflow.start", found.name, missing=missing, where=place) as (tx, who):
            of = Subject(named.subject, self._platform.repository, place.tenant, place.stage)
            names = [act.name for act in acts]
            run = runs.add(tx, of, "workflow", names, at=clock.now(), person=who.id, commit=commit)
            facts = {"run": run.id, "stack": stack, "commit": commit}
            self._platform.audit.note(tx, who.id, "workflow.started", found.name, facts, where=place)
            return _view(tx, run, people.names(tx))

    def listed(
        self, workflow: str, *, stack: str | None = None, after: str | None = None, limit: int
    ) -> Sequence[ExecutionView]:
        """Executions of a workflow that the caller may see, newest first: of those before the execution `after`."""
        places, mine = rules.places(self._caller, "see"), self._platform.repository
        with self._platform.database.read() as tx:
            found = executions.find(tx, mine, workflow, places=places, stack=stack, after=after, limit=limit)
            names, steps = people.names(tx), executions.steps_of(tx, [run.id for run in found])
        return [_shown(run, names, steps[run.id]) for run in found]

    def one(self, workflow: str, execution: str) -> ExecutionView:
        """One of them, or `NotFound("execution-unknown")`."""
        with self._platform.database.read() as tx:
            return _view(tx, self._find(tx, workflow, execution), people.names(tx))

    def log(self, workflow: str, execution: str) -> Sequence[Mapping[str, object]]:
        """What it said, oldest first."""
        with self._platform.database.read() as tx:
            run = self._find(tx, workflow, execution)
        return read_log(self._platform.documents, run.id)[0]

    def cancel(self, workflow: str, execution: str, *, now: bool = False) -> ExecutionView:
        """Have it end: what terraform plans for it is ended well, or (`now`) at once.

        Raises:
            Conflict: `execution-ended`. Refused: `not-permitted`.
        """
        with self._platform.database.read() as tx:
            run = self._find(tx, workflow, execution)
        missing = _unknown(execution)
        with self._acting.doing("administer", "workflow.cancel", workflow, missing=missing, where=run) as (tx, who):
            if runs.get(tx, run.id).status not in LIVE:
                step = Next("workflow", workflow, "Begin it again, if it is wanted")
                raise Conflict("execution-ended", f"{run.id} has ended", next_step=step)
            runs.cancel(tx, run.id, 2 if now else 1)
            facts = {"run": run.id, "now": now}
            self._platform.audit.note(tx, who.id, "workflow.cancelled", workflow, facts, where=run)
            return _view(tx, runs.get(tx, run.id), people.names(tx))

    def _find(self, tx: Transaction, workflow: str, execution: str) -> Run:
        try:
            run = runs.get(tx, execution)
        except NotFound:
            raise _unknown(execution) from None
        mine = run.repository == self._platform.repository and run.kind == "workflow"
        if not mine or Named.read(run.subject).name != workflow or not self._sees(run):
            raise _unknown(execution)
        return run

    def _sees(self, run: Run) -> bool:
        return rules.allows(self._caller, "see", run.tenant, run.stage)


def _unknown(execution: str) -> GaiaError:
    return NotFound(
        "execution-unknown", f"there is no execution {execution!r}", next_step="List those of the workflow."
    )


def _view(tx: Transaction, run: Run, names: Mapping[str, str]) -> ExecutionView:
    return _shown(run, names, runs.steps_of(tx, run.id))


def _shown(run: Run, names: Mapping[str, str], steps: Sequence[Step]) -> ExecutionView:
    named, person = Named.read(run.subject), str(run.person)
    return ExecutionView(
        id=run.id, workflow=named.name, file=named.file, stack=named.stack, tenant=run.tenant, stage=run.stage,
        commit=str(run.commit), by=names.get(person, person), status=run.status, reason=run.reason, code=run.code,
        created_at=clock.rfc3339(run.created_at),
        started_at=clock.rfc3339(run.started_at) if run.started_at else None,
        ended_at=clock.rfc3339(run.ended_at) if run.ended_at else None,
        steps=tuple((step.step, _state(run, step)) for step in steps),
    )  # fmt: skip


def _state(run: Run, step: Step) -> str:
    """Of a run that has ended, the step that was going on is the one that failed."""
    return "failed" if step.state == "running" and run.status == "failed" else step.state


def as_json(view: WorkflowView | ExecutionView) -> dict[str, object]:
    """As it is answered."""
    return asdict(view)
