"""What the platform works with: one context for a process, made by `gaia.bootstrap`, and one for each run."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

from gaia.errors import Next, NotFound
from gaia.kit.redact import Redactor
from gaia.platform.log import RunLog
from gaia.platform.workplace import Workplace
from gaia.records import requests, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.kit.interrupt import Interrupt
    from gaia.kit.keys import SecretKey
    from gaia.kit.slots import Slots
    from gaia.platform.acting import AuditLog
    from gaia.platform.snapshot import Snapshot, Snapshots
    from gaia.policy.ports import PolicyEngine
    from gaia.records.database import Database, Transaction
    from gaia.records.model import Request, Run
    from gaia.records.ports import Documents
    from gaia.scaffold.clone import Clone
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.component import Rego
    from gaia.terraform.command import Terraform


class Select(Protocol):
    """What names instances of a repository, those that are needed first."""

    def __call__(
        self, repository: Repository, stack: str, components: tuple[str, ...] | None, query: str | None, upstream: bool
    ) -> Sequence[Instance]:
        """Of a stack: of these components or all, for which the query says true, and with what they need."""
        ...


@dataclass(frozen=True, slots=True)
class PlatformContext:
    """One platform repository and everything that acts on it. Callables are made when first needed: they may fail.

    What belongs to one run (its log, what must not be shown, its wish to end) is in that run's `RunContext`.
    """

    home: Path
    environ: Mapping[str, str]
    repository: str
    """The repository's id in `records`."""
    database: Database
    key: SecretKey
    documents: Documents
    """Previews, plans, logs and journals."""
    clone: Callable[[], Clone]
    snapshot: Snapshots
    """The platform repository at a commit: called with it."""
    terraform: Callable[[Redactor, Interrupt | None], Terraform]
    """Terraform for one run: what it learns is that run's, and so is the wish to end."""
    policy_engine: Callable[[], PolicyEngine]
    """What evaluates Rego: chosen once, by `gaia.bootstrap`."""
    interrupt: Interrupt
    """The process's wish to end: it reaches each of its runs."""
    slots: Slots
    """How many may run terraform at once on this machine."""
    rego: Rego | None = None
    """Asks the Rego rules that an instance's `settings.validation` names."""
    local_states: Callable[[], Path] | None = None
    """`gaia.platform.home.registration.states_folder`; in the home's folder of this repository where not given."""
    shared: bool = False
    """Whether several machines work on it: then nothing that counts may lie on this one."""
    select: Select | None = None
    """Which instances a workflow's step means; by `gaia.bootstrap`."""
    public_url: str | None = None
    """Where people's browsers reach this Gaia, as `gaia.access.oidc.checked` let it pass; None where nobody said."""
    home_serves: Callable[[], Sequence[PlatformContext]] | None = None
    """This one and those of the home's other repositories, as they are registered now; itself alone if not given."""

    @property
    def served(self) -> Sequence[PlatformContext]:
        """A context for each repository of the home. They share the database and the wish to end."""
        return (self,) if self.home_serves is None else self.home_serves()

    def of(self, repository: str) -> PlatformContext:
        """The context of one of the home's repositories, in which everything of that one is done.

        Raises:
            NotFound: `repository-unknown`: it is not served any more.
        """
        for one in self.served:
            if one.repository == repository:
                return one
        raise NotFound(
            "repository-unknown",
            f"{self.home} does not serve a repository {repository!r}",
            next_step=Next("adopt", "DIR", "Register it again"),
        )

    @property
    def audit(self) -> AuditLog:
        """What was done and refused here."""
        from gaia.platform.acting import AuditLog
        from gaia.records import audit_tail

        return AuditLog(self.repository, self.key, self.home / audit_tail.FILE)

    @property
    def folder(self) -> Path:
        """`GAIA_HOME/repos/ID`: clone, exported trees, working directories."""
        return self.home / "repos" / self.repository

    @property
    def workplace(self) -> Workplace:
        """Where this repository's instances are worked on."""
        states = self.folder / "states" if self.local_states is None else self.local_states()
        return Workplace(self.folder, states, self.key, self.slots, self.policy_engine)


@dataclass(frozen=True, slots=True)
class AnyRun:
    """One run, of whatever it is: its row, its log, its secrets, and its wish to end.

    `results` are what earlier steps of the run returned, by the step's name: ids and scalars that DBOS remembers. What
    was signed is taken from there, never from rows, which others may change meanwhile.
    """

    platform: PlatformContext
    run: Run
    log: RunLog
    redact: Redactor
    interrupt: Interrupt
    step: str = ""
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def at(self, step: str, results: Mapping[str, Mapping[str, Any]]) -> Self:
        """The same run at another step, its rows read again."""
        with self.platform.database.read() as tx:
            return replace(self, **self._rows(tx), step=step, results=results)

    def _rows(self, tx: Transaction) -> dict[str, Any]:
        return {"run": runs.get(tx, self.run.id)}

    def say(self, message: str, **more: Any) -> None:  # noqa: ANN401 - handed through to the log
        """One line in the run's log."""
        self.log.write(self.step, message, **more)

    def terraform(self) -> Terraform:
        """Terraform, which tells this run's secrets to this run alone."""
        return self.platform.terraform(self.redact, self.interrupt)

    def snapshot(self, commit: str) -> Snapshot:
        """The platform repository at a commit."""
        return self.platform.snapshot(commit)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext(AnyRun):
    """A run of a request, with the request as it is now."""

    request: Request

    def _rows(self, tx: Transaction) -> dict[str, Any]:
        return {"run": runs.get(tx, self.run.id), "request": requests.get(tx, self.request.id)}

    @property
    def source_commit(self) -> str:
        """See `Request.source_commit`."""
        return self.request.source_commit


@contextmanager
def any_run(platform: PlatformContext, run_id: str) -> Iterator[AnyRun]:
    """The context of a run for as long as a process carries it out; the process's wish to end reaches it.

    It is a `RunContext` where the run is a request's.
    """
    redact = Redactor()
    with platform.database.read() as tx:
        run = runs.get(tx, run_id)
        request = requests.get(tx, run.request) if run.request is not None else None
    with platform.interrupt.inner(run_id) as interrupt:
        parts = (platform, run, RunLog(platform.documents, run_id, redact), redact, interrupt)
        yield AnyRun(*parts) if request is None else RunContext(*parts, request=request)
