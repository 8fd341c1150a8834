"""A machine for steps that runs nothing: it answers what the test says, and remembers what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.stacks.workflows.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.kit.interrupt import Interrupt
    from gaia.stacks.workflows.job import Command
    from gaia.stacks.workflows.web import Reply, Request


@dataclass
class Played:
    """`statuses` are those of the commands in their order; 0 where there are no more of them."""

    statuses: list[int] = field(default_factory=list)
    printed: Mapping[str, str] = field(default_factory=dict)
    """What a step prints, by its name."""
    by_name: Mapping[str, int] = field(default_factory=dict)
    """The status of a step that runs beside others."""
    answers: list[str] = field(default_factory=list)
    """What the person says, one after the other."""
    asked: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    launched: list[str] = field(default_factory=list)
    captured: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)

    def launch(self, command: Command) -> int:
        """The next status."""
        self.launched.append(command.step.name)
        self.shown.append(command.shown)
        return self.statuses[len(self.launched) - 1] if len(self.launched) <= len(self.statuses) else 0

    def capture(self, command: Command, *, show: bool) -> Outcome:
        """The next status, and what the step prints."""
        del show
        self.captured.append(command.step.name)
        return Outcome(self.launch(command), self.printed.get(command.step.name, ""))

    def beside(self, command: Command, interrupt: Interrupt) -> Outcome:
        """The status of this step."""
        del interrupt
        self.launched.append(command.step.name)
        status = self.by_name.get(command.step.name, 0)
        return Outcome(status, self.printed.get(command.step.name, ""))

    def fetch(self, request: Request) -> Reply:
        """The next answer; the last one again where there are no more."""
        self.sent.append(request)
        return self.replies[min(len(self.sent), len(self.replies)) - 1]

    def ask(self, question: str) -> str:
        """The next answer."""
        self.asked.append(question)
        return self.answers[len(self.asked) - 1]

    def sleep(self, seconds: float) -> None:
        """Remember it."""
        self.waits.append(seconds)

    def say(self, text: str, kind: str = "") -> None:
        """Remember it."""
        del kind
        self.said.append(text)

    def on_step(self, command: Command, attempt: int) -> None:
        """Nothing."""
