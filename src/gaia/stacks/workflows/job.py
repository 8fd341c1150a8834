"""Steps with all that they need, and the commands that they become. Everything is checked before anything runs."""

from __future__ import annotations

import difflib
import re
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.kit.shapes import as_map
from gaia.stacks.workflows import asking, web
from gaia.stacks.workflows.steps import written
from gaia.stacks.workflows.templates import asks_for_steps, rendered
from gaia.stacks.workflows.words import NotWords, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gaia.errors import GaiaError, Position
    from gaia.stacks.workflows.model import Outcome, Step, Workflow

SHELL = ("shell", "exec", "spin")
HTTP = ("http", "webhook")
SHOWN = (
    "stage",
    "toast",
    "markdown",
    "style",
    "format",
    "say",
    "hint",
    "pager",
    "alert",
    "table",
    "log",
    "linebreak",
    "title",
    "clear",
)
"""Types that only tell something."""
KINDS = ("atmos", *SHELL, *HTTP, "parallel", "sleep", "env", "exit", *asking.KINDS, *SHOWN)
BESIDE = ("atmos", "shell", "sleep")
"""Types that may run side by side."""
PROGRAMS = ("atmos", "gaia")
"""A command may name the program that it is for; Atmos's own workflows leave it out."""


@dataclass(frozen=True, slots=True)
class Own:
    """What is known of our own commands."""

    takes_stack: Callable[[Sequence[str]], bool] = lambda _: True
    """Whether these words can be given a stack; `validate stacks` cannot."""
    refusal: Callable[[Sequence[str]], GaiaError | None] = lambda _: None
    """Why these words are no command; None for one."""
    spelled: Callable[[Sequence[str]], Sequence[str]] = tuple
    """These words with short names of commands written out."""
    asks: bool = False
    """Whether somebody sits there who can be asked."""


@dataclass(frozen=True, slots=True)
class Command:
    """A step ready to run. `words` are arguments of our own program, or the program and arguments of a shell."""

    step: Step
    words: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    """The whole environment."""
    text: str = ""
    """Of a shell's step, its command; of one that tells something, what it tells."""
    render: Callable[[str], str] = field(default=str, compare=False, repr=False)
    """Renders another text of the step."""

    @property
    def shown(self) -> str:
        """As somebody would type it."""
        kind = self.step.kind
        if kind in SHELL:
            return self.text
        if kind == "atmos":
            return shlex.join(("gaia", *self.words)) if self.words else f"gaia {self.text}"
        if kind in HTTP:
            return f"# {self.step.fields.get('method', 'GET')} {self.render(str(self.step.fields.get('url', '')))}"
        if kind == "parallel":
            return f"# side by side: {', '.join(one.name for one in self.step.steps)}"
        return f"# {kind} {self.text}".rstrip()


@dataclass(frozen=True, slots=True)
class Job:
    """The steps of a workflow or of a custom command. Relative folders are taken from `base`."""

    name: str
    steps: tuple[Step, ...]
    at: Position
    base: Path
    environ: Mapping[str, str]
    own: Own = field(default_factory=Own)
    stack: str = ""
    """The caller's: it beats the steps'."""
    own_stack: str = ""
    """The workflow's: the steps' beat it."""
    working_directory: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    """What templates see beside `.env`, `.steps` and `.flags`."""
    noun: str = "workflow"
    templates: bool = True

    def checked(self, from_step: str | None = None) -> tuple[Step, ...]:
        """The steps to run, all of them possible.

        Raises:
            Invalid: `workflow-empty`, `workflow-step-type`, `workflow-step-invalid`, `not-supported`, `template-…`.
            NotFound: `workflow-step-unknown`, with the names of the steps, or what `own.refusal` gives.
        """
        if not self.steps:
            raise Invalid(
                "workflow-empty",
                f"the {self.noun} {self.name} has no steps",
                at=self.at,
                next_step="Write steps: and below it a list of commands.",
            )
        job = self
        for step in self.steps:
            job._check(step, KINDS)
            job = _after(job, step)
        names = [step.name for step in self.steps]
        if from_step is None:
            return self.steps
        if from_step not in names:
            near = difflib.get_close_matches(from_step, names, n=1)
            known = f"Its steps: {', '.join(names)}."
            raise NotFound(
                "workflow-step-unknown",
                f"the workflow {self.name} has no step {from_step!r}",
                at=self.at,
                next_step=f"Did you mean {near[0]}? {known}" if near else known,
                facts={"steps": names},
            )
        return self.steps[names.index(from_step) :]

    def command(self, step: Step, results: Mapping[str, Outcome] | None = None) -> Command:
        """The command of a step, after those whose results these are; without any, what needs one stays as written.

        Raises:
            GaiaError: as `checked`, also for what only shows when the results are there.
        """
        env = {**self.environ, **step.env}
        data = {
            **self.data,
            "env": env,
            "steps": {name: one.as_data() for name, one in (results or {}).items()},
            "flags": {"stack": self.stack, **self._flags()},
            "workflow": {"name": self.name},
            "step": {"name": step.name},
        }

        def render(text: str) -> str:
            if not self.templates or (results is None and asks_for_steps(text)):
                return text
            return rendered(text, data, env, step.at)

        env = {**self.environ, **{name: render(value) for name, value in step.env.items()}}
        data["env"] = env
        folder = render(step.working_directory or self.working_directory)
        cwd = self.base / folder
        text = render(step.command)
        if step.kind in SHELL:
            return Command(step, ("sh", "-c", text), cwd, env, text, render)
        if step.kind in SHOWN:
            told = step.fields.get("title" if step.kind in ("stage", "title") else "content", "")
            text = render(str(told)) or (step.name if step.kind == "stage" else text)
            return Command(step, (), cwd, env, text, render)
        if step.kind in asking.KINDS:
            return Command(step, (), cwd, env, render(str(step.fields.get("prompt", ""))), render)
        if step.kind != "atmos" or (results is None and asks_for_steps(text)):
            return Command(step, (), cwd, env, text, render)
        return Command(step, self._words(step, text, env), cwd, env, text, render)

    def _flags(self) -> Mapping[str, object]:
        flags = self.data.get("flags")
        return as_map(flags)

    def _words(self, step: Step, text: str, env: Mapping[str, str]) -> tuple[str, ...]:
        try:
            words = split(text, env)
        except NotWords as error:
            raise Invalid(
                "workflow-step-invalid", f"{step.name}: {error}", at=step.at, next_step="Use a step of type shell."
            ) from error
        if words[:1] and words[0] in PROGRAMS:
            words = words[1:]
        words = list(self.own.spelled(words))
        if (refusal := self.own.refusal(words)) is not None:
            refusal.at = step.at
            raise refusal
        chosen = (self.stack or step.stack or self.own_stack) if self.own.takes_stack(words) else ""
        return _with_stack(words, chosen)

    def _check(self, step: Step, kinds: tuple[str, ...]) -> None:
        if step.kind not in kinds:
            raise Invalid(
                "workflow-step-type",
                f"steps of type {step.kind!r} are not supported" + ("" if kinds is KINDS else " side by side"),
                at=step.at,
                next_step=f"Use one of {', '.join(kinds)}.",
            )
        unsupported = step.unsupported or ("needs" if step.needs and kinds is KINDS else "")
        if step.retry.conditions and step.kind not in HTTP:
            unsupported = "retry.conditions"
        if unsupported:
            instead = "Write `when` instead." if unsupported == "if" else "Write it without."
            raise Invalid(
                "not-supported",
                f"not supported: {unsupported} of a step of type {step.kind}",
                at=step.at,
                next_step=instead,
            )
        if step.kind in ("atmos", *SHELL) and not step.command:
            raise Invalid(
                "workflow-step-invalid",
                f"the step {step.name} has no command",
                at=step.at,
                next_step="Write command: ….",
            )
        command = self.command(step)
        if step.kind in HTTP:
            web.request(step, command.render)
        if step.kind in asking.KINDS:
            asking.check(step, asks=self.own.asks)
        if step.kind == "exec" and step is not self.steps[-1]:
            raise self._wrong(step, "a step of type exec must be the last one")
        if step.kind == "env" and not isinstance(step.fields.get("vars"), dict):
            raise self._wrong(step, "a step of type env needs vars: and below it NAME: value")
        if step.kind == "parallel":
            self._check_parallel(step)

    def _check_parallel(self, step: Step) -> None:
        if not step.steps:
            raise self._wrong(step, "a parallel step needs steps")
        names: set[str] = {one.name for one in step.steps}
        done: set[str] = set()
        for one in step.steps:
            self._check(one, BESIDE)
            if missing := sorted(set(one.needs) - names):
                raise self._wrong(one, f"{one.name} needs {missing[0]}, which is not beside it")
        while more := {one.name for one in step.steps if one.name not in done and done.issuperset(one.needs)}:
            done |= more
        if names - done:
            raise self._wrong(step, f"{', '.join(sorted(names - done))} wait for each other")

    def _wrong(self, step: Step, message: str) -> Invalid:
        return Invalid("workflow-step-invalid", message, at=step.at, next_step="Correct the step.")


def of_workflow(
    workflow: Workflow, *, base: Path, environ: Mapping[str, str], stack: str | None = None, own: Own | None = None
) -> Job:
    """The steps of a workflow.

    Raises:
        Invalid: `not-supported`.
    """
    if workflow.unsupported:
        raise Invalid(
            "not-supported",
            f"not supported: {workflow.unsupported} of a workflow",
            at=workflow.at,
            next_step="Write it without.",
        )
    return Job(
        name=workflow.name,
        steps=workflow.steps,
        at=workflow.at,
        base=base,
        environ={**environ, **workflow.env},
        own=own or Own(),
        stack=stack or "",
        own_stack=workflow.stack,
        working_directory=workflow.working_directory,
    )


def with_environment(job: Job, added: Mapping[str, str]) -> Job:
    """The job with more variables, as a step of type `env` leaves them."""
    return replace(job, environ={**job.environ, **added})


def previewed(job: Job, steps: Sequence[Step]) -> list[Command]:
    """The commands as far as they are known before any has run: what a dry run shows.

    Raises:
        GaiaError: as `Job.checked`.
    """
    commands: list[Command] = []
    for step in steps:
        commands.append(job.command(step))
        job = _after(job, step)
    return commands


def _after(job: Job, step: Step) -> Job:
    """The job for the steps behind this one: they see the variables of a step of type env as it is written."""
    given = step.fields.get("vars") if step.kind == "env" else None
    return (
        with_environment(job, {name: written(one) for name, one in given.items()}) if isinstance(given, dict) else job
    )


def looked_at(job: Job) -> frozenset[str]:
    """The names of the steps whose results a template of any step may ask for."""

    def texts(step: Step) -> list[str]:
        own = [step.command, *step.env.values(), *map(str, step.fields.values()), step.working_directory]
        return own + [text for inner in step.steps for text in texts(inner)]

    asking = "\n".join(text for step in job.steps for text in texts(step) if asks_for_steps(text))
    return frozenset(step.name for step in job.steps if re.search(rf"(?<!\w){re.escape(step.name)}(?!\w)", asking))


def _with_stack(words: Sequence[str], stack: str) -> tuple[str, ...]:
    """`-s STACK` at the end, or before the arguments that are handed on to another program."""
    if not stack:
        return tuple(words)
    end = words.index("--") if "--" in words else len(words)
    return (*words[:end], "-s", stack, *words[end:])
