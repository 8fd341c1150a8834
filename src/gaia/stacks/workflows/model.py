"""What a workflow file says: workflows, their steps, and when a step is tried again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gaia.errors import ToolFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.errors import Position

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+|0")
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?)(ns|us|µs|ms|s|m|h)")

Backoff = Literal["constant", "linear", "exponential"]
BACKOFFS: tuple[Backoff, ...] = ("constant", "linear", "exponential")


@dataclass(frozen=True, slots=True)
class Retry:
    """When a failed step is tried again. Times are in seconds; None is no limit."""

    max_attempts: int = 1
    initial_delay: float = 0.0
    max_delay: float | None = None
    backoff: Backoff = "constant"
    multiplier: float = 2.0
    max_elapsed: float | None = None
    jitter: float = 0.0
    """The part of a delay, from 0 to 1, by which it may be shorter or longer."""

    def delays(self) -> Iterator[float]:
        """The wait before the second, third, … attempt, without jitter."""
        for attempt in range(1, self.max_attempts):
            factor = {"constant": 1.0, "linear": float(attempt), "exponential": self.multiplier ** (attempt - 1)}
            delay = self.initial_delay * factor[self.backoff]
            yield delay if self.max_delay is None else min(delay, self.max_delay)


@dataclass(frozen=True, slots=True)
class Step:
    """One command. `kind` is `atmos` (one of our own), `shell`, or a type that is refused when it is to be run."""

    name: str
    kind: str
    command: str
    at: Position
    stack: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = ""
    retry: Retry = field(default_factory=Retry)
    unsupported: str = ""
    """A field of the step that changes what it does and is not supported; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A named list of steps. `file` is relative to the workflows folder."""

    name: str
    file: str
    description: str
    steps: tuple[Step, ...]
    at: Position
    stack: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = ""
    unsupported: str = ""
    """As of a step."""


class StepFailed(ToolFailed):
    """A step ended with a status that is not 0; the caller ends with the same one."""

    def __init__(self, message: str, *, status: int, at: Position, next_step: str) -> None:
        super().__init__("workflow-step-failed", message, at=at, next_step=next_step, facts={"status": status})
        self.status = status


def seconds(text: str) -> float | None:
    """A length of time as Go writes it (`1m30s`), in seconds; None for what is none."""
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
