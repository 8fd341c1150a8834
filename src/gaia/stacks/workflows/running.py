"""Running steps, of a workflow or of a custom command: one after the other, each when its condition says so."""

from __future__ import annotations

import random
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from gaia.errors import Invalid
from gaia.stacks.workflows import asking, web
from gaia.stacks.workflows.conditions import NoCondition, Situation, runs
from gaia.stacks.workflows.job import HTTP, SHELL, SHOWN, Command, Job, looked_at, with_environment
from gaia.stacks.workflows.model import Outcome, StepFailed
from gaia.stacks.workflows.parallel import side_by_side
from gaia.stacks.workflows.steps import written
from gaia.stacks.workflows.templates import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gaia.kit.interrupt import Interrupt
    from gaia.stacks.workflows.conditions import Condition
    from gaia.stacks.workflows.model import Step

UNKNOWN_LEVEL = "info"
UNSEEN = ("title", "format", "clear")
"""Types that tell something to templates or to the terminal's frame, not to its reader."""


class Machine(Protocol):
    """What steps act through."""

    def launch(self, command: Command) -> int:
        """Give the terminal to a command until it ends; its exit status."""
        ...

    def capture(self, command: Command, *, show: bool) -> Outcome:
        """Run a command that asks nothing, and keep what it prints; shown as it comes, if wanted."""
        ...

    def beside(self, command: Command, interrupt: Interrupt) -> Outcome:
        """The same in a thread, until it ends or is told to."""
        ...

    def fetch(self, request: web.Request) -> web.Reply:
        """Send a request."""
        ...

    def ask(self, question: str) -> str:
        """One line of the person at the terminal."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    def say(self, text: str, kind: str = "") -> None:
        """Tell the person at the terminal."""
        ...

    def on_step(self, command: Command, attempt: int) -> None:
        """A step begins, or is tried again."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """How all steps ended: the first failure that counts, or None."""

    failed: Step | None = None
    status: int = 0
    why: str = ""


def run(job: Job, steps: Sequence[Step], machine: Machine, *, again: Callable[[Step], str]) -> None:
    """Run steps that `Job.checked` has given. After a failure only those go on that speak of it: `when: always`.

    `again` says how to go on from a step.

    Raises:
        StepFailed: `workflow-step-failed`, with the exit status of the first step that failed.
    """
    ended = _Run(job, machine).all(steps)
    if ended.failed is not None:
        why = ended.why or f"failed with exit status {ended.status}"
        raise StepFailed(
            "workflow-step-failed",
            f"the step {ended.failed.name} of {job.name} {why}",
            status=ended.status,
            at=ended.failed.at,
            next_step=again(ended.failed),
        )


def go_on(name: str, file: str, stack: str | None) -> Callable[[Step], str]:
    """How a workflow is gone on with."""

    def again(step: Step) -> str:
        words = ["gaia", "workflow", name, "-f", file, "--from-step", step.name, *(["-s", stack] if stack else [])]
        return f"Repair it, then go on with `{shlex.join(words)}`."

    return again


def steps_to_run(job: Job, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that run as long as nothing fails: what a dry run shows.

    Raises:
        Invalid: `workflow-condition`.
    """
    return tuple(step for step in steps if _holds(job, step, step.when, failed=False))


class _Run:
    """One run of a job: what has happened so far."""

    def __init__(self, job: Job, machine: Machine) -> None:
        self._job = job
        self._machine = machine
        self._results: dict[str, Outcome] = {}
        self._keep = looked_at(job)
        self._stages = sum(step.kind == "stage" for step in job.steps)
        self._stage = 0

    def all(self, steps: Sequence[Step]) -> Ended:
        ended = Ended()
        for step in steps:
            if not _holds(self._job, step, step.when, failed=ended.failed is not None):
                self._results[step.name] = Outcome(0, skipped=True)
                continue
            if step.kind == "exit":
                return ended if ended.failed else _exit(step)
            outcome = self._step(self._job.command(step, self._results))
            self._results[step.name] = outcome
            if outcome.status and not _forgiven(self._job, step) and ended.failed is None:
                ended = Ended(step, outcome.status, outcome.error)
        return ended

    def _step(self, command: Command) -> Outcome:
        step, machine = command.step, self._machine
        if step.kind in SHOWN:
            return self._told(command)
        if step.kind in asking.KINDS:
            default = command.render(written(step.fields.get("default")))
            return asking.answered(step, command.text, default, machine.ask if self._job.own.asks else None)
        if step.kind == "sleep":
            machine.sleep(step.timeout or 1.0)
            return Outcome(0, f"{step.timeout or 1.0:g}s")
        if step.kind == "env":
            given = step.fields.get("vars")
            added = (
                {name: command.render(written(one)) for name, one in given.items()} if isinstance(given, dict) else {}
            )
            self._job = with_environment(self._job, added)
            return Outcome(0)
        if step.kind == "parallel":
            commands = [self._job.command(one, self._results) for one in step.steps]
            wanted = {one.step.name for one in commands if _holds(self._job, one.step, one.step.when, failed=False)}
            return side_by_side(command, commands, wanted, machine)
        outcome = self._tried(command)
        if outcome.status or not step.outputs:
            return outcome
        data = outcome.as_data()
        outputs = {name: rendered(text, data, command.env, step.at) for name, text in step.outputs.items()}
        return replace(outcome, outputs=outputs)

    def _told(self, command: Command) -> Outcome:
        kind, text = command.step.kind, command.text
        if kind == "stage":
            self._stage += 1
            self._machine.say(f"[Stage {self._stage}/{self._stages}] {text}", "stage")
        elif kind == "linebreak":
            count = command.step.fields.get("count", 1)
            self._machine.say("\n" * (count - 1 if isinstance(count, int) and 0 < count <= 100 else 0))
        elif kind == "log":
            fields = command.step.fields.get("fields")
            more = (
                {name: command.render(written(one)) for name, one in fields.items()} if isinstance(fields, dict) else {}
            )
            level = written(command.step.fields.get("level")) or UNKNOWN_LEVEL
            self._machine.say(" ".join([f"{level}: {text}", *(f"{name}={value}" for name, value in more.items())]))
        elif kind == "table":
            text = _table(command)
            self._machine.say(text)
        elif kind not in UNSEEN and (text or kind != "alert"):
            self._machine.say(text, "markdown" if kind == "markdown" else "")
        return Outcome(0, text)

    def _tried(self, command: Command) -> Outcome:
        """As often as the step says, with the waits that it says."""
        step, retry = command.step, command.step.retry
        spent = 0.0
        outcome, again = self._once(command, 1)
        for attempt, delay in enumerate(retry.delays(), 2):
            if not outcome.status or not again:
                break
            if retry.jitter:
                delay *= 1 + random.uniform(-retry.jitter, retry.jitter)  # noqa: S311, PLW2901 - not a secret
            spent += delay
            if retry.max_elapsed is not None and spent > retry.max_elapsed:
                break
            self._machine.sleep(delay)
            outcome, again = self._once(command, attempt)
        return replace(outcome, metadata={**outcome.metadata, "name": step.name}) if step.kind in HTTP else outcome

    def _once(self, command: Command, attempt: int) -> tuple[Outcome, bool]:
        """One attempt, and whether another may help."""
        step, machine = command.step, self._machine
        machine.on_step(command, attempt)
        if step.kind in HTTP:
            reply = machine.fetch(web.request(step, command.render))
            return web.outcome(step, reply), web.worth_again(step, reply)
        silent = step.kind in ("atmos", *SHELL) and step.fields.get("output") == "none"
        attached = step.fields.get("tty") is True or step.fields.get("interactive") is True
        if not attached and (step.name in self._keep or step.outputs or silent):
            return machine.capture(command, show=not silent), True
        return Outcome(machine.launch(command)), True


def _table(command: Command) -> str:
    """The rows of a step of type table, a line each; what is no row is left out."""
    data, columns = command.step.fields.get("data"), command.step.fields.get("columns")
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    names = columns if isinstance(columns, list) else list(dict.fromkeys(name for row in rows for name in row))
    cells = [[command.render(written(row.get(name))) for name in names] for row in rows]
    wide = [max(map(len, column)) for column in zip(map(str, names), *cells, strict=True)]
    lines = [map(str, names), *cells]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, wide, strict=True)).rstrip() for line in lines
    )


def _exit(step: Step) -> Ended:
    code = step.fields.get("code", 0)
    status = code if isinstance(code, int) and not isinstance(code, bool) and 0 <= code <= 255 else 1
    return Ended(step, status, f"ended it with exit status {status}") if status else Ended()


def _holds(job: Job, step: Step, when: Condition | None, *, failed: bool) -> bool:
    situation = _situation(job, step, failed=failed)
    try:
        return runs(when, situation)
    except NoCondition as error:
        raise _no_condition(step, error) from error


def _forgiven(job: Job, step: Step) -> bool:
    if step.forgiven is None:
        return False
    try:
        return step.forgiven.holds(_situation(job, step, failed=True))
    except NoCondition as error:
        raise _no_condition(step, error) from error


def _situation(job: Job, step: Step, *, failed: bool) -> Situation:
    stack = job.stack or step.stack or job.own_stack
    return Situation({**job.environ, **step.env}, failed, stack, job.name, step.name)


def _no_condition(step: Step, error: NoCondition) -> Invalid:
    return Invalid("workflow-condition", str(error), at=step.at, next_step="Correct the condition of this step.")
