"""One instance looked at or changed outside of any request, as the platform repository has it now.

For somebody who administers the place: there is no approval, but everything else holds. What was seen is what is
applied, policies are asked, another process or an open request keeps the instance to itself, and a killed change is
found again and finished by the next one.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from gaia.errors import Conflict, Invalid, Next
from gaia.kit import clock
from gaia.kit.files import exclusive
from gaia.kit.redact import MASK, Redactor
from gaia.platform import journals, refusals, views
from gaia.platform.apply_instance import InstanceChange, apply_instance, remember
from gaia.platform.model import InstanceChangeView, PlanView
from gaia.platform.outputs import Outputs, working_folder
from gaia.platform.target import seen_in, target_of
from gaia.records import leases, runs
from gaia.records.model import LIVE, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gaia.access.callers import Caller
    from gaia.operations.facts import Facts
    from gaia.operations.instance import Outcome
    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Place
    from gaia.records.database import Transaction
    from gaia.records.documents import Growing
    from gaia.records.model import Permission, Run, RunStatus
    from gaia.terraform.command import Terraform
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.workdir import WorkingDirectory


class Direct:
    """One instance at one commit. Implements `ports.DirectDoor`; `admit` refuses what the caller may not do.

    Raises:
        Invalid: `component-abstract`, with what inherits from it: terraform is not even looked for.
    """

    def __init__(
        self,
        platform: PlatformContext,
        commit: str,
        component: str,
        stack: str,
        *,
        place: Place,
        caller: str,
        admit: Callable[[Permission], Caller],
    ) -> None:
        self._context = platform
        self._commit = commit
        self._place = place
        self._caller = caller
        self._admit = admit
        self._snapshot = platform.snapshot(commit)
        self.instance = self._snapshot.repository.instance(component, stack)
        if self.instance.abstract:
            heirs = self._snapshot.repository.heirs(component, stack)
            raise refusals.component_abstract(self.instance.key, [key.component for key in heirs])
        self._redact = Redactor()
        self._outputs = Outputs(platform.workplace, self._snapshot, self._terraform)

    def _terraform(self) -> Terraform:
        return self._context.terraform(self._redact, self._context.interrupt)

    def plan(self, *, destroy: bool = False) -> PlanView:
        """What terraform would do; changes nothing.

        Raises:
            Invalid: `component-invalid`, a rule of `settings.validation` says no.
            Conflict: `state-locked`. ToolFailed: terraform's own words.
        """
        left = self._left_off()
        locked = left is None or any(each.alive() for each in left.processes)
        with self._until_asked():
            return self._planned(destroy=destroy, locked=locked)[0]

    @contextmanager
    def _until_asked(self) -> Iterator[None]:
        """A signal ends terraform, and us only then: what was written for it in clear is removed first."""
        try:
            with self._context.interrupt.by_signals():
                yield
        except Conflict as error:
            if error.code == "interrupted":
                raise KeyboardInterrupt from error
            raise

    def _planned(self, *, destroy: bool, locked: bool) -> tuple[PlanView, NormalForm]:
        """The plan for people, and as what an application has to refine.

        What was killed may have left its lock, which an application releases once the holder is proved dead: until then
        a plan does without (not `locked`).
        """
        from gaia.terraform.normal import NormalForm

        self._check_rules()
        terraform = self._terraform()
        slot = self._context.slots.take(_wait_quietly, terraform.check_interrupt)
        with slot, self._prepared(destroy=destroy) as directory:
            planned = terraform.plan(directory, destroy=destroy, locked=locked, only_changes=True)
        made = NormalForm.of({self.instance.key: planned}, self._context.key, hide=self._redact.knows)
        target = seen_in(
            target_of(terraform.environ, self.instance.providers), [one.before for one in planned.resources]
        )
        key = str(self.instance.key)
        return PlanView(key, self._commit, views.changes(made), target, self._caller), made

    def change(
        self, *, destroy: bool = False, confirm: Callable[[PlanView], bool], say: Callable[[str], None]
    ) -> InstanceChangeView | None:
        """Apply or destroy the instance when `confirm` agrees to its plan; what is applied refines that plan.

        Raises:
            Refused: `not-permitted`.
            Conflict: `instance-leased` by a request, `operation-running`, `operation-unfinished`, `apply-unfinished`,
                `instance-changed` by somebody else before `confirm` came back.
            Invalid: `component-invalid`.
            KeyboardInterrupt: after a signal, when terraform has ended and what it did is written down.
        """
        self._admit("administer")
        self._refuse_leased()
        last = [] if destroy else self._journals[-1:]  # an application goes on with its own
        if error := journals.unfinished(self._context, [str(self.instance.key)], but=last):
            raise error
        own = self._journal(destroy=destroy)
        with self._until_asked():
            view, approved = self._planned(destroy=destroy, locked=self._left_off() is None)
        if not confirm(view):
            return None
        if self._journal(destroy=destroy) != own:
            raise Conflict(
                "instance-changed",
                f"somebody else changed {self.instance.key} since it was planned",
                next_step=self._next("plan", "Plan it again"),
            )
        caller = self._admit("administer")  # again: somebody may have thought about it for an hour
        with self._run(caller, destroy=destroy) as run, self._context.interrupt.by_signals():
            outcome = self._perform(approved, own, destroy=destroy, say=say)
            self._end(run, outcome, destroy=destroy)
        if outcome.code == "interrupted":
            raise KeyboardInterrupt
        return _view(str(self.instance.key), self._commit, outcome)

    @contextmanager
    def _run(self, caller: Caller, *, destroy: bool) -> Iterator[Run]:
        """A run of the instance, which holds its lease while the block runs; one whose process died ends first.

        Raises:
            Conflict: `operation-running`, `instance-leased`.
        """
        key, place = str(self.instance.key), self._place
        of = Subject(key, self._context.repository, place.tenant, place.stage)
        with exclusive(working_folder(self._context.workplace, self.instance, "work") / "run.lock") as free:
            if not free:
                raise Conflict(
                    "operation-running", f"another process works on {key}", next_step="Wait until it is done."
                )
            with self._context.database.begin() as tx:
                now = clock.now()
                for old in runs.of_subject(tx, self._context.repository, key):
                    if old.status in LIVE:  # its process would hold the lock
                        runs.move(tx, old.id, [old.status], "failed", at=now, reason="its process died", code="died")
                        leases.release_run(tx, old.id, at=now)
                run = runs.add(tx, of, "operation", (), at=now, person=caller.id, commit=self._commit)
                leases.acquire_all(tx, self._context.repository, [key], run=run.id, at=now)
                run = runs.move(tx, run.id, ["queued"], "running", at=now)
                self._note(tx, run, "instance.destroying" if destroy else "instance.applying", {})
            try:
                yield run
            finally:
                self._give_back(run)

    def _end(self, run: Run, outcome: Outcome, *, destroy: bool) -> None:
        """Write down how it ended, and what exists now."""
        with self._context.database.begin() as tx:
            status: RunStatus = "parked" if outcome.status == "parked" else "done"
            runs.move(
                tx,
                run.id,
                ["running"],
                status,
                at=clock.now(),
                reason=outcome.reason,
                code=outcome.code,
                left=outcome.left,
            )
            remember(tx, run, run.subject, outcome)
            facts = {"commit": self._commit, "status": outcome.status, "changed": dict(outcome.changed)}
            self._note(tx, run, "instance.destroyed" if destroy else "instance.applied", facts)

    def _give_back(self, run: Run) -> None:
        """The lease, and the run where an error ended it."""
        with self._context.database.begin() as tx:
            if runs.get(tx, run.id).status in LIVE:
                runs.move(tx, run.id, ["running"], "failed", at=clock.now(), reason="an error ended it", code="error")
            leases.release_run(tx, run.id, at=clock.now())

    def _note(self, tx: Transaction, run: Run, action: str, facts: Mapping[str, object]) -> None:
        self._context.audit.note(tx, str(run.person), action, run.subject, {"run": run.id, **facts}, where=run)

    def _perform(self, approved: NormalForm, own: Growing, *, destroy: bool, say: Callable[[str], None]) -> Outcome:
        def log(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
            del level, event
            say(message)

        about = {
            "kind": "retire" if destroy else "provision",
            "service": "",
            "template": None,
            "template_version": None,
            "stack": self.instance.key.stack,
            "tenant": self._place.tenant,
            "stage": self._place.stage,
            "requester": "",
        }
        wanted = InstanceChange(self._snapshot, self.instance, own, approved, about, destroy)
        return apply_instance(
            self._context.workplace, wanted, terraform=self._terraform(), outputs=self._outputs, say=log
        )

    def outputs(self) -> dict[str, object]:
        """The outputs in the state; `(sensitive)` stands for those that are, and for a secret that was wired in."""
        self._outputs.variables(self.instance, destroy=True)  # its secrets are known from now on
        state = self._outputs.state(self.instance)
        outputs = state.outputs if state else {}
        shown = {name: MASK if one.sensitive else one.value for name, one in sorted(outputs.items())}
        return cast("dict[str, object]", self._redact.data(shown))

    def diagnostics(self) -> list[Mapping[str, object]]:
        """What `terraform validate` says, places relative to the repository."""
        with self._until_asked(), self._prepared(destroy=True) as directory:
            said = self._terraform().validate(directory)
        placed = [one.placed(directory) for one in said]
        return [
            {"severity": one.severity, "summary": one.summary, "detail": one.detail, "at": str(one.at or "") or None}
            for one in placed
        ]

    @contextmanager
    def _prepared(self, *, destroy: bool) -> Iterator[WorkingDirectory]:
        """A working directory beside those of runs, made ready; others who look at the instance wait."""
        from gaia.terraform.workdir import alone_in

        variables = self._outputs.variables(self.instance, destroy=destroy)
        folder = working_folder(self._context.workplace, self.instance, "plan")
        with alone_in(folder), self._outputs.prepared(folder, self.instance, variables) as directory:
            yield directory

    def _check_rules(self) -> None:
        from gaia.stacks.validation.component import validate_component

        if self._context.rego is None:
            return
        findings = validate_component(self.instance, self._snapshot.repository.config, self._context.rego)
        if findings:
            raise Invalid(
                "component-invalid",
                f"{self.instance.key} is not valid: {findings[0].message}",
                at=findings[0].at,
                next_step=findings[0].next_step,
                facts={"findings": [one.message for one in findings]},
            )

    def _refuse_leased(self) -> None:
        with self._context.database.read() as tx:
            held = leases.holder(tx, self._context.repository, str(self.instance.key))
        if held is not None and held.request is not None:  # an operation's is looked at when the run begins
            raise Conflict(
                "instance-leased",
                f"{self.instance.key} is being changed by request {held.request}",
                next_step=Next("status", held.request, "Wait until it is done"),
                facts={"request": held.request},
            )

    def _next(self, operation: str, words: str) -> Next:
        return Next(f"terraform {operation}", self.instance.key.component, words, stack=self.instance.key.stack)

    @property
    def _journals(self) -> list[Growing]:
        """The journals of this instance's changes, oldest first."""
        return [self._numbered(number) for number in journals.numbers(self._context, str(self.instance.key))]

    def _numbered(self, number: int) -> Growing:
        return journals.of_change(self._context, str(self.instance.key), number)

    def _left_off(self) -> Facts | None:
        """What the last change wrote down, when it did not end."""
        from gaia.operations.facts import read_facts
        from gaia.operations.journal import read

        mine = self._journals
        facts = read_facts(read(mine[-1])) if mine else None
        return facts if facts is not None and facts.begun else None

    def _journal(self, *, destroy: bool) -> Growing:
        """The journal of the last change when that did not end, else a new one."""
        numbers = journals.numbers(self._context, str(self.instance.key))
        facts = self._left_off()
        if facts is not None:
            if facts.operation == ("destroy" if destroy else "apply"):
                return self._numbered(numbers[-1])
            if facts.touched or facts.applying:
                raise Conflict(
                    "operation-unfinished",
                    f"an earlier {facts.operation} of {self.instance.key} was begun and did not end",
                    next_step=self._next(facts.operation, "Finish it first"),
                )
        return self._numbered(numbers[-1] + 1 if numbers else 1)


def _wait_quietly() -> None:
    """Nothing is shown while a plan that is only looked at waits for a slot."""


def _view(instance: str, commit: str, outcome: Outcome) -> InstanceChangeView:
    return InstanceChangeView(
        instance=instance,
        commit=commit,
        status=outcome.status,
        changed=outcome.changed,
        resources=len(outcome.resources),
        outputs=outcome.outputs,
        reason=outcome.reason,
        code=outcome.code,
        next_step=outcome.next_step,
        left=outcome.left,
    )
