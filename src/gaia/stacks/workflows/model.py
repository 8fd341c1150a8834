"""What a workflow file says: workflows, their steps, and when a step is tried again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gaia.errors import ToolFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.errors import Position
    from gaia.stacks.workflows.conditions import Condition

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+|0")
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?)(ns|us|µs|ms|s|m|h)")

OVER = 124
"""The exit status of a step whose time was over, as `timeout` of the shell has it."""
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
    conditions: tuple[str, ...] = ()
    """Regular expressions: what of an HTTP answer makes another attempt worth while."""

    def delays(self) -> Iterator[float]:
        """The wait before the second, third, … attempt, without jitter."""
        for attempt in range(1, self.max_attempts):
            factor = {"constant": 1.0, "linear": float(attempt), "exponential": self.multiplier ** (attempt - 1)}
            delay = self.initial_delay * factor[self.backoff]
            yield delay if self.max_delay is None else min(delay, self.max_delay)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `kind` is one of `job.KINDS`, or a type that is refused before anything runs."""

    name: str
    kind: str
    command: str
    at: Position
    stack: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = ""
    retry: Retry = field(default_factory=Retry)
    when: Condition | None = None
    forgiven: Condition | None = None
    """`continue`: when its failure does not count."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Templates over its result."""
    timeout: float | None = None
    """Seconds: of a `sleep`, or until one attempt is ended."""
    needs: tuple[str, ...] = ()
    """Steps beside it that a step of a `parallel` one waits for."""
    steps: tuple[Step, ...] = ()
    """Those that a `parallel` one runs side by side."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """What only its type reads, as it is written."""
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended; the texts are empty where nobody asked for them."""

    status: int
    stdout: str = ""
    stderr: str = ""
    skipped: bool = False
    error: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    def as_data(self) -> dict[str, object]:
        """What templates see as `.steps.NAME`."""
        streams = {"stdout": self.stdout, "stderr": self.stderr, "exit_code": self.status}
        return {
            "value": self.stdout.strip(),
            "values": self.stdout.split("\n") if self.stdout.strip() else [],
            "metadata": {**streams, **self.metadata},
            "outputs": dict(self.outputs),
            "skipped": self.skipped,
            "error": self.error,
        }


class StepFailed(ToolFailed):
    """A step ended with a status that is not 0; the caller ends with the same one."""

    def __init__(self, code: str, message: str, *, status: int, at: Position, next_step: str) -> None:
        super().__init__(code, message, at=at, next_step=next_step, facts={"status": status})
        self.status = status


def seconds(text: str) -> float | None:
    """A length of time as Go writes it (`1m30s`), in seconds; None for what is none."""
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
