"""What a workflow of the repository may do on the platform: it looks, and changes nothing.

Nothing is applied that nobody signed: a step that makes, changes or destroys something shows no preview that somebody
could sign, so it is refused here before anything runs, and stays what somebody does at a checkout. A step of a shell
runs whatever is written there, and is for trusted callers on their own machine. What is known to be harmless is in this
file; everything else is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gaia.errors import Invalid, Next
from gaia.records.executions import SUBJECT, subject_of
from gaia.stacks.workflows.model import Retry
from gaia.stacks.workflows.reading import Workflows
from gaia.stacks.workflows.words import NotWords, split

if TYPE_CHECKING:
    from gaia.platform.snapshot import Snapshot
    from gaia.stacks.workflows.model import Step, Workflow

Kind = Literal["validate", "describe", "plan"]
_PROGRAMS = ("atmos", "gaia")
_VALUED = {"-s": "stack", "--stack": "stack", "--components": "components", "--query": "query"}
_SWITCHES = {"--all": "all", "--upstream": "upstream", "--detailed-exitcode": "strict"}


@dataclass(frozen=True, slots=True)
class Named:
    """Which workflow is carried out for which stack: the subject of its runs."""

    stack: str
    file: str
    name: str

    @property
    def subject(self) -> str:
        """For `read`."""
        return subject_of(self.stack, self.file, self.name)

    @classmethod
    def read(cls, subject: str) -> Named:
        """What `subject` was made of."""
        stack, file, name = json.loads(subject.removeprefix(SUBJECT))
        return cls(stack, file, name)


@dataclass(frozen=True, slots=True)
class Act:
    """One step: of every manifest, of one component, or of the instances that are selected."""

    name: str
    kind: Kind
    components: tuple[str, ...] | None = None
    query: str | None = None
    upstream: bool = False
    strict: bool = False
    """Whether it fails where something would be changed."""


def workflows_of(snapshot: Snapshot) -> Workflows:
    """The workflow files of a commit."""
    return Workflows.of(snapshot.repository.config)


def acts_of(workflow: Workflow, stack: str) -> tuple[Act, ...]:
    """The steps of a workflow for a stack, all of which only look.

    Raises:
        Invalid: `workflow-empty`, `workflow-changes`, `workflow-elsewhere`, `workflow-not-here`.
    """
    if not workflow.steps:
        raise Invalid(
            "workflow-empty",
            f"the workflow {workflow.name} has no steps",
            at=workflow.at,
            next_step="Write steps: and below it a list of commands.",
        )
    if workflow.env or workflow.working_directory or workflow.unsupported:
        raise _not_here(workflow, None, "it sets more than its steps")
    if workflow.stack not in ("", stack):
        raise _elsewhere(workflow, None, workflow.stack, stack)
    return tuple(_act(workflow, step, stack, number) for number, step in enumerate(workflow.steps, 1))


def _act(workflow: Workflow, step: Step, stack: str, number: int) -> Act:
    if step.kind != "atmos":
        raise _not_here(workflow, step, f"a step of type {step.kind} is for trusted callers on their own machine")
    plain = (step.retry, step.when, step.forgiven) == (Retry(), None, None) and not (step.env or step.outputs)
    if not plain or step.timeout is not None or step.working_directory or step.unsupported or "{{" in step.command:
        raise _not_here(workflow, step, "it has more than a command")
    if step.stack not in ("", stack):
        raise _elsewhere(workflow, step, step.stack, stack)
    try:
        words = split(step.command, {})
    except NotWords as error:
        raise _not_here(workflow, step, str(error)) from error
    words = words[1:] if words[:1] and words[0] in _PROGRAMS else words
    words = words[1:] if words[:1] == ["terraform"] else words
    name = f"{number} {step.name}"
    if words == ["validate", "stacks"]:
        return Act(name, "validate")
    if words[:2] == ["describe", "component"]:
        return _selected(workflow, step, stack, name, "describe", words[2:])
    if words[:1] in (["plan"], ["drift"]):
        return _selected(workflow, step, stack, name, "plan", words[1:])
    raise Invalid(
        "workflow-changes",
        f"the step {step.name} of {workflow.name} is `{step.command[:100]}`, which is none of those that only look",
        at=step.at,
        next_step=Next(
            "request",
            words="What changes something is asked for as a service, previewed and approved",
            after="Or somebody runs the workflow at a checkout. Here it may validate stacks, describe components and "
            "plan.",
        ),
    )


def _selected(workflow: Workflow, step: Step, stack: str, name: str, kind: Kind, words: list[str]) -> Act:
    given: dict[str, str] = {}
    switches, named, left = set[str](), list[str](), iter(words)
    for word in left:
        option, _, value = word.partition("=")
        if option in _VALUED:
            given[_VALUED[option]] = value or next(left, "")
        elif word in _SWITCHES:
            switches.add(_SWITCHES[word])
        elif word.startswith("-"):
            raise _not_here(workflow, step, f"the option {option} is not known here")
        else:
            named.append(word)
    if given.get("stack", stack) != stack:
        raise _elsewhere(workflow, step, given["stack"], stack)
    if "components" in given:
        named += [one.strip() for one in given["components"].split(",") if one.strip()]
    if kind == "describe" and len(named) != 1:
        raise _not_here(workflow, step, "one component is described")
    components = tuple(named) if named else None
    return Act(name, kind, components, given.get("query"), "upstream" in switches, "strict" in switches)


def _not_here(workflow: Workflow, step: Step | None, why: str) -> Invalid:
    what = f"the step {step.name} of {workflow.name}" if step else workflow.name
    return Invalid(
        "workflow-not-here",
        f"{what} is not carried out by a server: {why}",
        at=step.at if step else workflow.at,
        next_step="Run it at a checkout, or write its steps as plain commands that only look.",
    )


def _elsewhere(workflow: Workflow, step: Step | None, named: str, stack: str) -> Invalid:
    what = f"the step {step.name} of {workflow.name}" if step else workflow.name
    return Invalid(
        "workflow-elsewhere",
        f"{what} is about {named}, and {stack} was asked for",
        at=step.at if step else workflow.at,
        next_step="Ask for the stack that it names.",
    )
