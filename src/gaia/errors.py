"""The one error tree: every expected failure is a `GaiaError` with a code, a place and a next step.

The class says what kind of failure it is (exit code of the CLI, status of the API). The `code` is a stable word that
scripts may match on, for instance `template-unknown`; it is named where it is raised and listed in
`docs/reference/errors.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file. `file` is relative to the repository where there is one; line and column start at 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Next(str):
    """A next step that a door can offer: as a command, a link or a button. Read as text, it is the words alone.

    `Next("resume", request, "Repair the cause, then resume it")`: the CLI says
    `Repair the cause, then resume it: gaia resume REQUEST`.
    """

    __slots__ = ("act", "after", "options", "stack", "subject", "words")

    act: str
    """What is done, as the command line's menu names it: `resume`, `token create`, `sandbox up`."""
    subject: str
    """What it is done to: a request, a service, a component, a folder."""
    stack: str
    options: tuple[str, ...]
    words: str
    after: str
    """What to do where that does not help."""

    def __new__(
        cls,
        act: str,
        subject: str = "",
        words: str = "",
        *,
        stack: str = "",
        options: tuple[str, ...] = (),
        after: str = "",
    ) -> Next:
        """`words` say what for, without an end; `after` is whole sentences."""
        made = super().__new__(cls, " ".join(part for part in (f"{words}.", after) if part))
        made.act, made.subject, made.words, made.after = act, subject, words, after
        made.stack, made.options = stack, options
        return made

    def __deepcopy__(self, memo: object) -> Next:
        return self

    def as_json(self) -> dict[str, object]:
        """`{act, subject, stack, options}` for a door that makes a link or a button of it."""
        return {"act": self.act, "subject": self.subject, "stack": self.stack, "options": list(self.options)}


class GaiaError(Exception):
    """Base of every expected failure. Doors translate it once; nothing else prints it."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        code: str,
        message: str,
        *,
        next_step: str,
        at: Position | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step
        self.at = at
        self.facts: Mapping[str, object] = dict(facts or {})

    def as_json(self) -> dict[str, object]:
        """The stable machine form: `{error, message, next_step, at, facts}`."""
        return {
            "error": self.code,
            "message": self.message,
            "next_step": self.next_step,
            "at": str(self.at) if self.at else None,
            "facts": dict(self.facts),
        }


class Invalid(GaiaError):
    """What was given cannot be used: a wrong answer, a malformed file, an unusable option."""

    exit_code = 2
    http_status = 422


class NotFound(GaiaError):
    """The thing named does not exist, or belongs to a tenant that the caller may not see."""

    exit_code = 3
    http_status = 404


class Unauthenticated(GaiaError):
    """No token, an unknown one, an expired or revoked one."""

    exit_code = 4
    http_status = 401


class Refused(GaiaError):
    """The caller may not do this, or a policy says no."""

    exit_code = 5
    http_status = 403


class Conflict(GaiaError):
    """The state of things forbids it now: a name taken, a lease held, an approval that no longer holds."""

    exit_code = 6
    http_status = 409


class ToolFailed(GaiaError):
    """A program that Gaia runs (terraform, git, opa, …) failed."""

    exit_code = 7
    http_status = 502


class Unavailable(GaiaError):
    """Something needed is missing, down, locked or full; trying again later or installing it may help."""

    exit_code = 8
    http_status = 503


class Incomplete(GaiaError):
    """What was asked for is given, but not all of it: each part that failed is among the facts, with its place."""

    exit_code = 9
    http_status = 422


class NotAllowed(Invalid):
    """What is there does not take this kind of call."""

    http_status = 405


class TooLarge(Invalid):
    """More was given than is taken."""

    http_status = 413


class TooMany(Unavailable):
    """Asked too often; later it will be answered."""

    http_status = 429


class Defect(GaiaError):
    """An invariant of Gaia itself does not hold."""

    exit_code = 70
    http_status = 500
