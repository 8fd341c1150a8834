"""A checkout of a registered repository: leases are honoured, and what is done is a run and stands in the audit log."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.checkout.direct import Published, check_files
from gaia.checkout.journal_files import operator, running
from gaia.checkout.ports import Spending
from gaia.errors import Conflict, Next
from gaia.kit import clock
from gaia.kit.files import exclusive
from gaia.platform.instances import journals
from gaia.platform.instances.apply_instance import remember
from gaia.platform.instances.definitions import unpublished
from gaia.platform.instances.leased import watched
from gaia.platform.instances.outputs import working_folder
from gaia.records import leases, runs
from gaia.records.model import LIVE, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from gaia.access.callers import Caller
    from gaia.checkout.files import CheckoutFiles
    from gaia.checkout.ports import Act, ChangeRun
    from gaia.cost.budgets import Scope
    from gaia.kit.interrupt import Interrupt
    from gaia.operations.instance import Outcome
    from gaia.platform.context import PlatformContext
    from gaia.platform.instances.leased import Lease
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waiver
    from gaia.records.database import Transaction
    from gaia.records.model import Run, RunStatus
    from gaia.records.ports import LineFile
    from gaia.stacks.model import Instance


_AUDITED: Mapping[Act, tuple[str, str]] = {
    "apply": ("instance.applying", "instance.applied"),
    "destroy": ("instance.destroying", "instance.destroyed"),
    "move": ("instance.moving", "instance.moved"),
    "accept": ("instance.accepting", "instance.accepted"),
}
"""What the audit log calls the beginning and the end of it."""


@dataclass(frozen=True)
class RegisteredRecords:
    """Implements `ports.Records` with the records of the home that serves the repository."""

    context: PlatformContext
    files: CheckoutFiles
    commit: str
    authenticate: Callable[[], Caller]
    """Whose token it is; an operator needs none."""
    has_token: bool = False

    @property
    def person(self) -> str | None:
        """The id of the person whose token is given; None without one. One that does not hold is `Unauthenticated`."""
        return self.authenticate().id if self.has_token else None

    @property
    def caller(self) -> str:
        """The person whose token is given, else the user of this machine."""
        return self.authenticate().name if self.has_token else operator()

    def check_direct(self, instance: Instance) -> None:
        """Raise `Conflict("direct-refused")`, `Conflict("direct-unknown")`: see `gaia.checkout.direct`."""
        check_files(instance)
        self._published.check(instance.key)

    @cached_property
    def _published(self) -> Published:
        return Published(self.context)

    def check_free(self, instance: Instance) -> None:
        """Raise `Conflict("instance-leased")` where a request has the instance."""
        with self.context.database.read() as tx:
            held = leases.holder(tx, self.context.repository, str(instance.key))
        if held is not None and held.request is not None:  # an operation's is looked at when the run begins
            raise Conflict(
                "instance-leased",
                f"{instance.key} is being changed by request {held.request}",
                next_step=Next("status", held.request, "Wait until it is done"),
                facts={"request": held.request},
            )

    def numbers(self, instance: Instance) -> list[int]:
        """Oldest first."""
        return journals.numbers(self.context, str(instance.key))

    def journal(self, instance: Instance, number: int) -> LineFile:
        """The journal with this number."""
        return journals.of_change(self.context, str(instance.key), number)

    def every_journal(self, instance: Instance) -> Iterable[LineFile]:
        """Those of requests too."""
        return [journal for name, journal in journals.every(self.context) if name.instance == str(instance.key)]

    def check_finished(self, instance: Instance, but: list[LineFile]) -> None:
        """Raise `Conflict("apply-unfinished")`; a request's journals count too."""
        if error := journals.in_doubt(self.context, [str(instance.key)], but=but):
            raise error

    def applied_commit(self, instance: Instance) -> str:
        """That of the last operation that is done; a request's application is of no commit of the checkout's."""
        with self.context.database.read() as tx:
            mine = runs.of_subject(tx, self.context.repository, str(instance.key))
        done = [one for one in mine if one.status == "done"]
        return (done[-1].commit or "") if done and done[-1].kind == "operation" else ""

    @contextmanager
    def run(self, instance: Instance, act: Act) -> Iterator[ChangeRun]:
        """A run of the instance, which holds its lease while the block runs; one whose process died ends first.

        Raises:
            Conflict: `operation-running`, `instance-leased`.
        """
        key, repository = str(instance.key), self.context.repository
        scope = self.files.scope(instance.key.stack)
        of = Subject(key, repository, scope.tenant, scope.stage)
        with exclusive(working_folder(self.context.workplace, instance, "work") / "run.lock") as free:
            if not free:
                raise running(instance)
            with self.context.database.begin() as tx:
                now = clock.now()
                for old in runs.of_subject(tx, repository, key):
                    if old.status in LIVE:  # its process would hold the lock
                        runs.move(tx, old.id, [old.status], "failed", at=now, reason="its process died", code="died")
                        leases.release_run(tx, old.id, at=now)
                run = runs.add(tx, of, "operation", (), at=now, person=self.person, commit=self.commit or None)
                leases.acquire_all(tx, repository, [key], run=run.id, at=now)
                run = runs.move(tx, run.id, ["queued"], "running", at=now)
                self.write(tx, run, _AUDITED[act][0], {})
            try:
                yield _Run(self, run, act)
            finally:
                self._give_back(run)

    def scope_of(self, stack: str) -> tuple[str, str]:
        """Tenant and stage of a stack."""
        scope = self.files.scope(stack)
        return scope.tenant, scope.stage

    def _give_back(self, run: Run) -> None:
        """The lease, and the run where an error ended it."""
        with self.context.database.begin() as tx:
            if runs.get(tx, run.id).status in LIVE:
                runs.move(tx, run.id, ["running"], "failed", at=clock.now(), reason="an error ended it", code="error")
            leases.release_run(tx, run.id, at=clock.now())

    def write(self, tx: Transaction, run: Run, action: str, facts: Mapping[str, object]) -> None:
        """Add to the audit log."""
        actor = run.person or f"operator:{operator()}"
        self.context.audit.note(tx, actor, action, run.subject, {"run": run.id, **facts}, where=run)

    def elsewhere(self, here: Collection[str]) -> Iterable[Instance]:
        """Of services whose requests are not published (yet)."""
        return unpublished(self.context, here)

    def published(self) -> Iterable[Instance]:
        """An edit of the checkout's names or places hides none of them."""
        return self._published.instances()

    def published_waivers(self) -> Sequence[Waiver]:
        """An edit of the checkout adds none."""
        return self._published.waivers()

    def published_policies(self) -> PolicySet:
        """By which requests are judged."""
        return self._published.policies()

    def spending(self) -> Spending:
        """By the newest judgement of each service, and what the caller may see of budgets: figures of all that a budget
        is of tell what each service costs.
        """
        from gaia.access.rules import allows
        from gaia.platform.services import spending

        caller = self.authenticate()

        def sees(scope: Scope) -> bool:
            return allows(caller, "see", scope.tenant, scope.stage)

        declared = self._published.declared().seen(sees)
        with self.context.database.read() as tx:
            return Spending(declared, spending.footprints(tx, self.context.repository), sees)

    def note(self, instance: Instance, command: str) -> None:
        """`instance.command` in the audit log, for what no run is made of."""
        actor = self.person or f"operator:{operator()}"
        with self.context.database.begin() as tx:
            facts = {"command": command, "commit": self.commit}
            self.context.audit.note(tx, actor, "instance.command", str(instance.key), facts)


@dataclass(frozen=True)
class _Run:
    records: RegisteredRecords
    row: Run
    act: Act

    def watched(self, interrupt: Interrupt) -> AbstractContextManager[Lease]:
        """The lease of the instance."""
        context = self.records.context
        return watched(context.database, context.repository, self.row.subject, self.row.id, interrupt)

    def end(self, outcome: Outcome) -> None:
        """Write down how it ended, and what exists now."""
        with self.records.context.database.begin() as tx:
            status: RunStatus = "parked" if outcome.status == "parked" else "done"
            if runs.get(tx, self.row.id).status in LIVE:  # who took its lease over may have ended it
                runs.move(
                    tx, self.row.id, ["running"], status,
                    at=clock.now(), reason=outcome.reason, code=outcome.code, left=outcome.left,
                )  # fmt: skip
            remember(tx, self.row, self.row.subject, outcome)
            facts = {"commit": self.records.commit, "status": outcome.status, "changed": dict(outcome.changed)}
            self.records.write(tx, self.row, _AUDITED[self.act][1], facts)
