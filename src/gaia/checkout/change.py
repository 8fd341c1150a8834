"""One instance of a checkout is applied or destroyed: the plan is shown, and exactly that plan is applied.

There is no approval, but everything else holds: policies are asked, a request's lease keeps the instance to itself, and
a killed change is found again and finished by the next one.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from gaia.checkout import words as reading
from gaia.checkout.batch_record import strike
from gaia.checkout.command import Command, concerned
from gaia.checkout.cost import cost_of
from gaia.checkout.passed_on import WithoutNote
from gaia.checkout.plan_files import PlanFiles
from gaia.checkout.shown_code import check_shown
from gaia.errors import Conflict, GaiaError, Next
from gaia.operations.model import SavedPlan
from gaia.platform.instances.apply_instance import InstanceChange, apply_instance, verdict
from gaia.platform.instances.outputs import working_folder
from gaia.platform.model import totals_of
from gaia.platform.target import seen_in
from gaia.platform.views import views
from gaia.platform.views.direct_model import InstanceChangeView, PlanView
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.ports import Act
    from gaia.checkout.words import Words
    from gaia.operations.facts import Facts
    from gaia.operations.instance import Outcome, Verdict
    from gaia.operations.model import Log
    from gaia.platform.target import Target
    from gaia.records.ports import LineFile
    from gaia.stacks.model import Instance
    from gaia.terraform.workdir import WorkingDirectory

_NOT_FOR_PLANS = frozenset(("auto-approve", "backup", "state-out", "json", "input", "out"))
_FOR_APPLY = frozenset(("parallelism", "lock", "lock-timeout", "state", "state-out", "backup", "compact-warnings"))
_SHOWN_ANEW = (
    "Run the command again, which plans anew. Where it ends so once more, change the configuration to what exists, or "
    "what exists to what was shown, and run it again."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan that somebody has seen."""

    view: PlanView
    normal: NormalForm
    plan: Plan
    verdict: Verdict | None
    """What the policies say of it, where it changes anything."""
    file: bytes | None = field(default=None, repr=False)
    """The plan file, which is applied itself; None where it was planned together with others, and the plan that is
    applied has to refine this one."""
    cost: Mapping[str, object] = field(default_factory=dict)
    """Infracost JSON of what it does; empty where it does nothing, or where nobody can say."""
    code: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The files that it was planned with (see `shown_code`); nothing where it is not to be applied."""
    instead_of: str = ""
    """`apply` or `destroy`: the other one was begun, did not end, and will not be gone on with."""

    @property
    def saved(self) -> SavedPlan | None:
        """The plan with its file."""
        return None if self.file is None else SavedPlan(self.plan, self.file)

    def as_json(self) -> dict[str, object]:
        """The documented machine form: the plan, what it costs and what the policies say."""
        findings = [one.as_json() for one in self.verdict.findings] if self.verdict else []
        return {**self.view.as_json(), "cost": totals_of(self.cost) or None, "findings": findings}


class Change:
    """One change of one instance."""

    def __init__(
        self,
        checkout: Checkout,
        instance: Instance,
        words: Words,
        *,
        destroy: bool,
        extra: Mapping[str, bytes] | None = None,
    ) -> None:
        self.checkout, self.instance, self.destroy = checkout, instance, destroy
        self._extra = dict(extra or {})
        arguments = (*_for_plans(words.arguments), *(["-destroy"] if destroy else []))
        own = {**words.own, "skip-planfile": "false"}  # whatever atmos.yaml says: this one is applied
        planning = replace(words, subcommand="plan", second="", arguments=arguments, own=own)
        self._planning = Command(checkout, planning, instance, self._extra)
        self._flags = reading.for_copy(_for_plans(words.arguments), checkout.home_of(instance), None)
        self._concerned = concerned(checkout, instance, words)
        self._apply_flags = _flags(words.arguments, _FOR_APPLY.__contains__)

    @property
    def target(self) -> Target:
        """Where its providers act, as far as it is known before anything is planned."""
        return self.checkout.target(self.instance)

    def check(self) -> None:
        """Refuse what must not be changed now: before anything is planned. From here on nobody else changes it.

        Raises:
            Conflict: `instance-leased`, `component-locked`, `direct-refused`, `apply-unfinished`,
                `operation-running`.
        """
        self.checkout.hold(self.instance, "destroy" if self.destroy else "apply")
        try:
            self._check()
        except GaiaError:
            self.checkout.held.let_go(self.instance.key)
            raise

    def _check(self) -> None:
        checkout = self.checkout
        for one in self._concerned:
            checkout.check_open(one)
        mine = checkout.records.numbers(self.instance)
        own = [checkout.records.journal(self.instance, mine[-1])] if mine and not self.destroy else []
        checkout.records.check_finished(self.instance, own)

    def plan(self, file: bytes | None = None, *, read: bool = False) -> Seen:
        """Plan it quietly; what terraform cannot plan is raised.

        `file` is a plan that was made before, which is read in place of making one. With `read` a plan that changes
        nothing is read too.

        Raises:
            See `Checkout.check_plan`. ToolFailed: `terraform-failed`. Conflict: `state-locked`, `interrupted`.
        """
        with self._opened() as directory:
            if file is not None:
                directory.planfile.write_bytes(file)
                return self._seen(directory, 2)
            terraform = self.checkout.terraform(self.instance)
            plan = terraform.plan(
                directory, destroy=self.destroy, locked=self._may_lock, only_changes=not read, flags=self._flags
            )
            return self._seen(directory, 2 if plan.changes else 0, plan)

    def plan_aloud(self, write: Callable[[bytes], object]) -> Seen | int:
        """Plan it with terraform's words to `write`; its exit code where it failed in them.

        Raises:
            As `plan`, before terraform is started.
        """
        with self._opened() as directory:
            line = [*self._planning.arguments(directory), "-detailed-exitcode"]
            line += [] if self._may_lock else ["-lock=false"]
            kept = WithoutNote(write)
            code = self._planning.carry_out(directory, line, kept)
            kept.end()
            return self._seen(directory, code) if code in (0, 2) else code

    @contextmanager
    def _opened(self) -> Iterator[WorkingDirectory]:
        """A working directory to plan in, once everything was asked that is asked before a plan."""
        self.checkout.check_plan(self.instance, destroy=self.destroy)
        terraform = self.checkout.terraform(self.instance)
        with self._planning.opened() as directory, self._planning.slot(terraform.check_interrupt):
            yield directory

    def _seen(self, directory: WorkingDirectory, code: int, plan: Plan | None = None) -> Seen:
        """What was planned there; a plan that changes nothing is not read: that would take a third as long again."""
        content = directory.planfile.read_bytes()
        if plan is None:
            plan = self.checkout.terraform(self.instance).show(directory) if code else Plan.nothing()
        return replace(self.seen(plan), file=content, code=directory.code)

    def seen(self, plan: Plan) -> Seen:
        """What a plan of the instance says, for people and for what is applied."""
        terraform, checkout, instance = self.checkout.terraform(self.instance), self.checkout, self.instance
        normal = NormalForm.of({instance.key: plan}, checkout.workplace.key, hide=checkout.redact.knows)
        target = seen_in(self.target, [one.before for one in plan.resources])
        outputs = tuple(sorted(one.name for one in plan.outputs if one.actions != ("no-op",)))
        view = PlanView(
            str(instance.key), checkout.revision.commit, views.changes(normal), target, checkout.records.caller, outputs
        )
        cost, wanted = cost_of(checkout, instance, plan), self._wanted(None)
        said = None
        if plan.changes:
            _ = checkout.other_rules  # who reads the verdict knows by what it was made
            said = verdict(checkout.workplace, wanted, plan, terraform.redact, step="plan", cost=cost)
        left, word = self._left_off(), "destroy" if self.destroy else "apply"
        instead_of = left.operation if left is not None and left.operation != word else ""
        return Seen(view, normal, plan, said, cost=cost, instead_of=instead_of)

    def apply(self, seen: Seen, say: Log) -> Outcome:
        """Apply exactly what was seen, or go on with what an earlier attempt began, as long as it refines that.

        Raises:
            Conflict: `operation-running`.
            KeyboardInterrupt: after a signal, when terraform has ended and what it did is written down.
        """
        try:
            return self._applied(seen, say)
        finally:
            self.checkout.held.let_go(self.instance.key)

    def _applied(self, seen: Seen, say: Log) -> Outcome:
        checkout, records = self.checkout, self.checkout.records
        folder = working_folder(checkout.workplace, self.instance, "work")
        with records.run(self.instance, self._act) as run, checkout.interrupt.by_signals():
            if self._act != "accept":  # which neither makes nor destroys anything
                strike(checkout.workplace.folder, "destroy" if self.destroy else "apply", (self.instance.key,))
            checkout.check_moved(self.instance)  # one may have been begun since the plan was shown
            self._planning.bring_back(folder, killed=True)  # what such an attempt left there
            try:
                with checkout.interrupt.inner() as interrupt, run.watched(interrupt) as lease:
                    outcome = apply_instance(
                        checkout.workplace,
                        self._wanted(seen),
                        terraform=replace(checkout.terraform(self.instance), interrupt=interrupt),
                        outputs=checkout.outputs(self.instance),
                        say=say,
                    )
            finally:
                self._planning.bring_back(folder)
            outcome = _as_here(_counting_imports(lease.judged(outcome), seen))
            run.end(outcome)
        checkout.held.let_go(self.instance.key)
        if outcome.code == "interrupted":
            raise KeyboardInterrupt
        if outcome.status != "parked":
            PlanFiles(checkout, self.instance).drop()
        return outcome

    @property
    def _act(self) -> Act:
        if "-refresh-only" in self._flags:
            return "accept"
        return "destroy" if self.destroy else "apply"

    @property
    def about(self) -> dict[str, object]:
        """What rules see as `input.gaia`."""
        about = {"kind": "retire" if self.destroy else "provision", "service": "", "template": None, "requester": ""}
        about |= {"template_version": None, "stack": self.instance.key.stack, "tenant": "", "stage": ""}
        about |= {name: str(self.instance.vars.get(name) or "") for name in ("tenant", "stage")}
        return {**about, "instances": [str(self.instance.key)]}

    def _wanted(self, seen: Seen | None) -> InstanceChange:
        return InstanceChange(
            self.checkout.files,
            self.instance,
            self._journal(),
            seen.normal if seen else NormalForm({}, self.checkout.workplace.key.id),
            self.about,
            self.destroy,
            saved=seen.saved if seen else None,
            keeps=False,  # somebody has just been shown what is replaced
            plan_flags=self._flags,
            apply_flags=self._apply_flags,
            extra=self._extra,
            instead=True,
            waivers=lambda: self.checkout.waivers,
            check_code=partial(self._check_code, seen.code) if seen and seen.code else None,
        )

    def _check_code(self, shown: Mapping[str, str], now: Mapping[str, str]) -> None:
        check_shown(str(self.instance.key), shown, now, self.checkout.brought)

    @property
    def _may_lock(self) -> bool:
        """Whether a plan takes the state's lock: what was killed may have left its own, which an application releases
        once the holder is proved dead."""
        left = self._left_off()
        return left is None or any(each.alive() for each in left.processes)

    @property
    def goes_on(self) -> bool:
        """Whether an earlier one was begun and did not end."""
        return self._left_off() is not None

    def in_doubt(self) -> tuple[str, ...]:
        """Addresses that the last change may have made and are in no state.

        Raises:
            Unavailable: `journal-damaged`.
        """
        from gaia.operations.unfinished import doubtful

        numbers = self.checkout.records.numbers(self.instance)
        return doubtful(self.checkout.records.journal(self.instance, numbers[-1])) if numbers else ()

    def _left_off(self) -> Facts | None:
        """What the last change wrote down, when it did not end."""
        from gaia.operations.facts import read_facts
        from gaia.operations.journal import read

        numbers = self.checkout.records.numbers(self.instance)
        facts = read_facts(read(self.checkout.records.journal(self.instance, numbers[-1]))) if numbers else None
        return facts if facts is not None and facts.begun and not facts.did_nothing else None

    def _journal(self) -> LineFile:
        """The journal of the last change when that did not end, whichever it was, else a new one."""
        records = self.checkout.records
        numbers = records.numbers(self.instance)
        if self.goes_on:
            return records.journal(self.instance, numbers[-1])
        return records.journal(self.instance, numbers[-1] + 1 if numbers else 1)

    def outcome_view(self, outcome: Outcome) -> InstanceChangeView:
        """How it ended."""
        return InstanceChangeView(
            instance=str(self.instance.key),
            commit=self.checkout.revision.commit,
            status=outcome.status,
            changed=outcome.changed,
            resources=len(outcome.resources),
            outputs=outcome.outputs,
            reason=outcome.reason,
            code=outcome.code,
            next_step=outcome.next_step,
            left=outcome.left,
            by_hand=outcome.by_hand,
        )


def _counting_imports(outcome: Outcome, seen: Seen) -> Outcome:
    """With what the plan brings into the state: terraform reports no change of these."""
    number = sum(one.import_id is not None for one in seen.plan.resources)
    if not number or outcome.status == "parked":
        return outcome
    return replace(outcome, status="applied", changed={**outcome.changed, "import": number})


@contextmanager
def ending_well(checkout: Checkout) -> Iterator[None]:
    """A signal ends terraform, and us only then: what was written for it in clear is removed first."""
    try:
        with checkout.interrupt.by_signals():
            yield
    except Conflict as error:
        if error.code == "interrupted":
            raise KeyboardInterrupt from error
        raise


def _as_here(outcome: Outcome) -> Outcome:
    """Without a request nobody approves and nothing is resumed: the same words show the plan anew, and go on."""
    if outcome.code == "approval-void":
        reason = outcome.reason.replace("approved", "shown")
        return replace(outcome, reason=reason, next_step=_SHOWN_ANEW)
    return replace(outcome, next_step=_again(outcome.next_step))


def _again(step: str) -> str:
    def said(words: str) -> str:
        for ending in ("then resume", "then ask again"):
            words = words.replace(ending, "then run the command again")
        return words

    if not isinstance(step, Next):
        return said(step)
    return Next(step.act, step.subject, said(step.words), stack=step.stack, options=step.options, after=step.after)


def _flags(arguments: Sequence[str], wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """The flags of terraform's among arguments whose names are wanted, as they were typed."""
    found = (piece for piece in reading.pieces(arguments) if piece.flag is not None and wanted(piece.flag))
    return tuple(word for piece in found for word in piece.words)


def _for_plans(arguments: Sequence[str]) -> tuple[str, ...]:
    return _flags(arguments, lambda name: name not in _NOT_FOR_PLANS)
