"""Steps of type `parallel`: their own steps side by side, what each prints in one piece."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Protocol

from gaia.kit.interrupt import Interrupt
from gaia.stacks.workflows.groups import MODES, PRINTS, settings
from gaia.stacks.workflows.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from gaia.stacks.workflows.job import Command

MOST = 64
"""Threads."""


class Hands(Protocol):
    """What this needs of a machine."""

    def beside(self, command: Command, interrupt: Interrupt) -> Outcome:
        """Run a command in this thread, and keep what it prints."""
        ...

    def say(self, text: str, kind: str = "") -> None:
        """Tell the person at the terminal."""
        ...

    def on_step(self, command: Command, attempt: int) -> None:
        """A step begins."""
        ...


def side_by_side(parent: Command, commands: Sequence[Command], wanted: set[str], machine: Hands) -> Outcome:
    """Run the commands of a parallel step; each waits for what it needs, and is left out where that failed."""
    return _Group(parent, commands, wanted, machine).run()


class _Group:
    def __init__(self, parent: Command, commands: Sequence[Command], wanted: set[str], machine: Hands) -> None:
        fields = parent.step.fields
        fail, output = settings(parent.step)
        self._mode = fail.get("mode") or MODES[0]
        most = fail.get("max_failures")
        self._most_failures = most if isinstance(most, int) and most else 1
        self._prints = output.get("mode") or PRINTS[0]
        self._in_order = output.get("order") == "definition"
        self._summary = bool(output.get("show_summary"))
        limit = fields.get("max_concurrency")
        self._limit = limit if isinstance(limit, int) and limit > 0 else MOST
        self._machine = machine
        self._commands = {one.step.name: one for one in commands}
        self._interrupt = Interrupt()
        self.done: dict[str, Outcome] = {
            name: Outcome(0, skipped=True) for name in self._commands if name not in wanted
        }

    def run(self) -> Outcome:
        running: dict[Future[Outcome], str] = {}
        with ThreadPoolExecutor(min(self._limit, MOST)) as pool:
            try:
                while self._start(pool, running) or running:
                    finished, _ = wait(running, return_when=FIRST_COMPLETED)
                    for one in finished:
                        self._ended(running.pop(one), one.result())
            except BaseException:
                self._interrupt.ask()
                raise
        return self._outcome()

    def _start(self, pool: ThreadPoolExecutor, running: dict[Future[Outcome], str]) -> bool:
        """Begin what can begin now; whether anything was settled."""
        settled = False
        for name, command in self._commands.items():
            if name in self.done or name in running.values():
                continue
            needed = [self.done.get(one) for one in command.step.needs]
            if self._stopping or any(one and (one.status or one.skipped) for one in needed):
                self.done[name] = Outcome(0, skipped=True)
                settled = True
            elif all(needed) and len(running) < self._limit:
                self._machine.on_step(command, 1)
                running[pool.submit(self._machine.beside, command, self._interrupt)] = name
        return settled

    @property
    def _failures(self) -> int:
        return sum(bool(one.status) for one in self.done.values())

    @property
    def _stopping(self) -> bool:
        return self._mode == "fail_fast" and self._failures >= self._most_failures

    def _ended(self, name: str, outcome: Outcome) -> None:
        self.done[name] = outcome
        if not self._in_order:
            self._print(name, outcome)
        if self._stopping:
            self._interrupt.ask()

    def _print(self, name: str, outcome: Outcome) -> None:
        text = (outcome.stdout + outcome.stderr).rstrip("\n")
        if self._prints == "none" or outcome.skipped:
            return
        if self._prints == "prefixed":
            self._machine.say("\n".join(f"{name} | {line}" for line in text.splitlines()))
            return
        how = f"exit status {outcome.status}" if outcome.status else "done"
        self._machine.say(f"── {name}: {how}" + (f"\n{text}" if text else ""))

    def _outcome(self) -> Outcome:
        if self._in_order:
            for name in self._commands:
                self._print(name, self.done[name])
        skipped = sum(one.skipped for one in self.done.values())
        good = len(self.done) - skipped - self._failures
        if self._summary:
            self._machine.say(f"{good} succeeded, {self._failures} failed, {skipped} skipped")
        status = next((self.done[name].status for name in self._commands if self.done[name].status), 0)
        if self._mode == "best_effort":
            status = 0
        return Outcome(status, metadata={"succeeded": good, "failed": self._failures, "skipped": skipped})
