"""A next step as this door says it: with the command to type."""

from __future__ import annotations

import shlex

from gaia.errors import Next


def told(step: str, *, shown: str = "") -> str:
    """The step in words, with its command where it has one. `shown` stands for the subject, where that is shorter."""
    if not isinstance(step, Next):
        return step
    said = ": ".join(part for part in (step.words, command(step, shown=shown)) if part)
    return f"{said}. {step.after}" if step.after else said


def command(step: Next, *, shown: str = "") -> str:
    """What to type."""
    words = ["gaia", step.act, *([shown or _quoted(step.subject)] if step.subject else [])]
    words += ["-s", _quoted(step.stack)] if step.stack else []
    return " ".join([*words, *map(_quoted, step.options)])


def _quoted(word: str) -> str:
    return word if word == "DIR" else shlex.quote(word)  # it stands for a folder that the reader chooses
