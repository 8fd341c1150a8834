"""Steps that ask the person at the terminal: `input`, `confirm`, `choose`. Without one their default is the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.numbers import whole
from gaia.stacks.workflows.model import Outcome
from gaia.stacks.workflows.steps import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.stacks.workflows.model import Step

KINDS = ("input", "confirm", "choose")
YES, NO = ("y", "yes", "true", "1"), ("n", "no", "false", "0")
MOST_TRIES = 3


def check(step: Step, *, asks: bool) -> None:
    """Refuse a step that nobody could answer.

    Raises:
        Invalid: `workflow-step-invalid`, `not-supported`.
    """
    default = step.fields.get("default")
    if not step.fields.get("prompt"):
        raise _wrong(step, "needs a prompt")
    if step.kind == "choose" and not _options(step):
        raise _wrong(step, "needs options")
    if step.kind == "choose" and default is not None and written(default) not in _options(step):
        raise _wrong(step, f"has a default that is none of {', '.join(_options(step))}")
    if not asks and default is None:
        raise Invalid(
            "not-supported",
            f"the step {step.name} asks, and there is no terminal to ask at",
            at=step.at,
            next_step="Give it a default, or run it at a terminal.",
        )


def answered(step: Step, prompt: str, default: str, ask: Callable[[str], str] | None) -> Outcome:
    """The answer as the step's value; the default where `ask` is None. Prompt and default are rendered."""
    if step.kind == "confirm":
        default = "true" if default.lower() in YES else "false"
    if ask is None:
        return Outcome(0, default)
    for _ in range(MOST_TRIES):
        given = ask(_question(step, prompt, default)).strip()
        value = _value(step, given or default)
        if value is not None:
            return Outcome(0, value)
    return Outcome(1, error=f"got no answer in {MOST_TRIES} tries")


def _question(step: Step, prompt: str, default: str) -> str:
    if step.kind == "confirm":
        return f"{prompt} [{'Y/n' if default == 'true' else 'y/N'}] "
    if step.kind == "choose":
        shown = "  ".join(f"{number} {one}" for number, one in enumerate(_options(step), 1))
        return f"{prompt}: {shown}{f' [{default}]' if default else ''} "
    return f"{prompt}{f' [{default}]' if default else ''}: "


def _value(step: Step, given: str) -> str | None:
    if step.kind == "confirm":
        return "true" if given.lower() in YES else "false" if given.lower() in NO else None
    if step.kind == "choose":
        options = _options(step)
        if given in options:
            return given
        number = whole(given, len(options))
        return options[number - 1] if number else None
    return given or None


def _options(step: Step) -> list[str]:
    listed = step.fields.get("options")
    return [written(one) for one in listed] if isinstance(listed, list) else []


def _wrong(step: Step, what: str) -> Invalid:
    return Invalid("workflow-step-invalid", f"the step {step.name} {what}", at=step.at, next_step="Correct the step.")
