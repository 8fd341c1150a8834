"""What one run carries with it from its first step to its last, and nothing that outlives it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gaia.kit.interrupt import Interrupt
from gaia.kit.redact import Redactor
from gaia.platform.log import RunLog
from gaia.records import requests, runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.platform.parts import Parts
    from gaia.platform.snapshot import Snapshot
    from gaia.records.model import Request, Run
    from gaia.terraform.command import Terraform


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run: its row, its request as it is now, its log, its secrets, and its wish to end.

    `results` are what earlier steps of the run returned, by the step's name: ids and scalars that DBOS remembers. What
    was signed is taken from there, never from the request, which others may change meanwhile.
    """

    parts: Parts
    run: Run
    request: Request
    log: RunLog
    redact: Redactor
    interrupt: Interrupt
    step: str = ""
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def at(self, step: str, results: Mapping[str, Mapping[str, Any]]) -> RunContext:
        """The same run at another step, its rows read anew."""
        with self.parts.database.read() as tx:
            run = runs.get(tx, self.run.id)
            request = requests.get(tx, self.request.id)
        return replace(self, run=run, request=request, step=step, results=results)

    def say(self, message: str, **more: Any) -> None:  # noqa: ANN401 - handed through to the log
        """One line in the run's log."""
        self.log.write(self.step, message, **more)

    def terraform(self) -> Terraform:
        """Terraform, which tells this run's secrets to this run alone."""
        return self.parts.terraform(self.redact, self.interrupt)

    @property
    def source_commit(self) -> str:
        """See `Request.source_commit`."""
        return self.request.source_commit

    def snapshot(self, commit: str) -> Snapshot:
        """The platform repository at a commit."""
        return self.parts.snapshot(commit)


@contextmanager
def run_context(parts: Parts, run_id: str) -> Iterator[RunContext]:
    """The context of a run for as long as a process carries it out; the process's wish to end reaches it."""
    redact, interrupt = Redactor(), Interrupt()

    def hear(times: int) -> None:
        while interrupt.times < times:
            interrupt.ask()

    with parts.database.read() as tx:
        run = runs.get(tx, run_id)
        request = requests.get(tx, run.subject)
    with parts.interrupt.watched(hear):
        yield RunContext(parts, run, request, RunLog(parts.documents, run_id, redact), redact, interrupt)
