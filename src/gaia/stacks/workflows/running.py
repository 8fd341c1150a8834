"""Running a workflow: its steps as commands, one after the other, until one fails."""

from __future__ import annotations

import difflib
import random
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.stacks.workflows.model import Step, StepFailed, Workflow
from gaia.stacks.workflows.words import NotWords, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gaia.errors import Position

KINDS = ("atmos", "shell")
PROGRAMS = ("atmos", "gaia")
"""A command may name the program that it is for; Atmos's own workflows leave it out."""


@dataclass(frozen=True, slots=True)
class Command:
    """A step ready to run. `words` are arguments of our own program, or the program and arguments of a shell."""

    step: Step
    words: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    """The whole environment."""

    @property
    def shown(self) -> str:
        """As somebody would type it."""
        return self.step.command if self.step.kind == "shell" else shlex.join(("gaia", *self.words))


def commands(
    workflow: Workflow,
    *,
    base: Path,
    environ: Mapping[str, str],
    stack: str | None = None,
    from_step: str | None = None,
    takes_stack: Callable[[Sequence[str]], bool] = lambda _: True,
) -> tuple[Command, ...]:
    """The commands of a workflow, in order. `stack` beats the steps', theirs the workflow's.

    `takes_stack` says of the words of one of our own commands whether it can be given a stack; `validate stacks`
    cannot. Working directories are taken from `base`. The whole workflow is checked before anything could run.

    Raises:
        Invalid: `workflow-empty`, `workflow-step-type`, `workflow-step-invalid`, `not-supported`.
        NotFound: `workflow-step-unknown`, with the names of the steps.
    """
    if not workflow.steps:
        raise Invalid(
            "workflow-empty",
            f"the workflow {workflow.name} has no steps",
            at=workflow.at,
            next_step="Write steps: and below it a list of commands.",
        )
    if workflow.unsupported:
        raise _not_supported(f"{workflow.unsupported} of a workflow", workflow.at)
    made = [_command(workflow, step, base, environ, stack, takes_stack) for step in workflow.steps]
    names = [step.name for step in workflow.steps]
    if from_step is None:
        return tuple(made)
    if from_step not in names:
        near = difflib.get_close_matches(from_step, names, n=1)
        raise NotFound(
            "workflow-step-unknown",
            f"the workflow {workflow.name} has no step {from_step!r}",
            at=workflow.at,
            next_step=f"Did you mean {near[0]}?" if near else f"Its steps: {', '.join(names)}.",
            facts={"steps": names},
        )
    return tuple(made[names.index(from_step) :])


def _command(
    workflow: Workflow,
    step: Step,
    base: Path,
    environ: Mapping[str, str],
    stack: str | None,
    takes_stack: Callable[[Sequence[str]], bool],
) -> Command:
    if step.kind not in KINDS:
        raise Invalid(
            "workflow-step-type",
            f"steps of type {step.kind!r} are not supported",
            at=step.at,
            next_step=f"Use one of {', '.join(KINDS)}.",
        )
    if step.unsupported:
        raise _not_supported(f"{step.unsupported} of a workflow's step", step.at)
    if not step.command:
        raise Invalid(
            "workflow-step-invalid", f"the step {step.name} has no command", at=step.at, next_step="Write command: …."
        )
    env = {**environ, **workflow.env, **step.env}
    cwd = base / (step.working_directory or workflow.working_directory)
    if step.kind == "shell":
        return Command(step, ("sh", "-c", step.command), cwd, env)
    try:
        words = split(step.command, env)
    except NotWords as error:
        raise Invalid(
            "workflow-step-invalid", f"{step.name}: {error}", at=step.at, next_step="Use a step of type shell."
        ) from error
    if words[:1] and words[0] in PROGRAMS:
        words = words[1:]
    chosen = (stack or step.stack or workflow.stack) if takes_stack(words) else ""
    return Command(step, _with_stack(words, chosen), cwd, env)


def _not_supported(what: str, at: Position) -> Invalid:
    return Invalid(
        "not-supported",
        f"not supported: {what}",
        at=at,
        next_step="Write it without, for instance with a step of type shell.",
    )


def _with_stack(words: Sequence[str], stack: str) -> tuple[str, ...]:
    """`-s STACK` at the end, or before the arguments that are handed on to another program."""
    if not stack:
        return tuple(words)
    end = words.index("--") if "--" in words else len(words)
    return (*words[:end], "-s", stack, *words[end:])


def run(
    workflow: Workflow,
    todo: Sequence[Command],
    *,
    launch: Callable[[Command], int],
    sleep: Callable[[float], object],
    on_step: Callable[[Command, int], object],
    stack: str | None = None,
) -> None:
    """Run the commands until one fails for good. `launch` gives an exit status, `on_step` is called at every attempt.

    Raises:
        StepFailed: `workflow-step-failed`, with the step's exit status and how to go on from there.
    """
    for command in todo:
        status = _attempts(command, launch, sleep, on_step)
        if status:
            again = ["gaia", "workflow", workflow.name, "-f", workflow.file, "--from-step", command.step.name]
            again += ["-s", stack] if stack else []
            raise StepFailed(
                f"the step {command.step.name} of {workflow.name} failed with exit status {status}",
                status=status,
                at=command.step.at,
                next_step=f"Repair it, then go on with `{shlex.join(again)}`.",
            )


def _attempts(
    command: Command,
    launch: Callable[[Command], int],
    sleep: Callable[[float], object],
    on_step: Callable[[Command, int], object],
) -> int:
    retry = command.step.retry
    spent = 0.0
    on_step(command, 1)
    status = launch(command)
    for attempt, delay in enumerate(retry.delays(), 2):
        if not status:
            break
        if retry.jitter:
            delay *= 1 + random.uniform(-retry.jitter, retry.jitter)  # noqa: S311, PLW2901 - not a secret
        spent += delay
        if retry.max_elapsed is not None and spent > retry.max_elapsed:
            break
        sleep(delay)
        on_step(command, attempt)
        status = launch(command)
    return status
