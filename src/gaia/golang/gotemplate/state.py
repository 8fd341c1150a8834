"""One rendering: what it has printed, what it may still do, and the templates that it can call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gaia.golang.gotemplate.values import MAX_TEXT, Failure

MAX_STEPS: Final = 1_000_000
MAX_WORK: Final = 64 * 2**20
"""Characters and elements that all functions of one rendering are given and make."""
MAX_SECONDS: Final = 30
"""Of processor time: the net below the other limits, which no template of a repository comes near."""


class Absent:
    """The type of what stands for no value at all."""


UNSET: Final = Absent()
"""The value of a variable that was never declared."""

Run = Callable[["State", object], object]


@dataclass(frozen=True, slots=True)
class Body:
    """A template that can be run."""

    run: Run
    slots: int
    """How many variables it needs."""

    def start(self, state: State, dot: object) -> None:
        """Run with `dot`, in a frame of its own."""
        outer = state.variables
        state.variables = [UNSET] * self.slots
        state.variables[0] = dot
        self.run(state, dot)
        state.variables = outer


class State:
    """One rendering: what it has printed, its variables, what it may still do."""

    __slots__ = ("depth", "functions", "left", "out", "size", "started", "strict", "templates", "variables", "work")

    def __init__(
        self, functions: Mapping[str, Callable[..., object]], templates: Mapping[str, Body], *, strict: bool
    ) -> None:
        self.out: list[str] = []
        self.functions = functions
        self.templates = templates
        self.strict = strict
        self.left = MAX_STEPS
        self.size = 0
        self.depth = 0
        self.work = 0
        self.started = 0.0
        self.variables: list[object] = []

    def step(self, at: int) -> None:
        """Count one action, iteration or call."""
        self.left -= 1
        if self.left < 0:
            raise Failure(f"the template does more than {MAX_STEPS:,} steps", at, "template-too-long")
        if not self.left & 255:
            self.started = self.started or time.thread_time()
            if time.thread_time() - self.started > MAX_SECONDS:
                raise Failure(f"the template takes more than {MAX_SECONDS} s", at, "template-too-long")

    def charge(self, value: object, at: int) -> None:
        """Count what a function was given or has made, so that many large values end too."""
        if isinstance(value, (str, list)):
            self.work += len(value)
            if self.work > MAX_WORK:
                raise Failure(f"functions handle more than {MAX_WORK // 2**20} Mi characters", at, "template-too-long")

    def grow(self, text: str, at: int) -> None:
        """Print `text`."""
        self.size += len(text)
        if self.size > MAX_TEXT:
            raise Failure(f"the output is larger than {MAX_TEXT // 2**20} MiB", at, "template-too-long")
        self.out.append(text)
