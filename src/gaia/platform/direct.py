"""One instance looked at or changed outside of any request, as the platform repository has it now.

For somebody who administers the place: there is no approval, but everything else holds. What was seen is what is
applied, policies are asked, another process or an open request keeps the instance to itself, and a killed change is
found again and finished by the next one.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid
from gaia.kit import clock
from gaia.kit.interrupt import ended_like_ctrl_c
from gaia.platform import apply_run, trees, views
from gaia.platform.model import ChangeView, PlanView
from gaia.platform.outputs import Outputs, working_folder
from gaia.records import audit, leases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.operations.instance import Outcome, Verdict
    from gaia.platform.parts import Parts
    from gaia.platform.trees import Place
    from gaia.records.model import Action, Person
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.plan import Plan
    from gaia.terraform.workdir import WorkingDirectory


class Direct:
    """One instance at one commit. Implements `ports.DirectDoor`; `admit` refuses what the caller may not do."""

    def __init__(
        self, parts: Parts, commit: str, component: str, stack: str, *, place: Place, admit: Callable[[Action], Person]
    ) -> None:
        self._parts = parts
        self._commit = commit
        self._place = place
        self._admit = admit
        self._tree = trees.export(parts, commit)
        self._repository = trees.open_at(parts, commit)
        self.instance = self._repository.instance(component, stack)
        self._outputs = Outputs(parts, self._repository, self._tree)

    @cached_property
    def _components(self) -> str:
        return str(self._repository.components_path.relative_to(self._tree))

    def plan(self, *, destroy: bool = False) -> PlanView:
        """What terraform would do; changes nothing.

        Raises:
            Invalid: `component-invalid`, a rule of `settings.validation` says no.
            Conflict: `state-locked`. ToolFailed: terraform's own words.
        """
        return self._planned(destroy=destroy)[0]

    def _planned(self, *, destroy: bool, locked: bool = True) -> tuple[PlanView, NormalForm]:
        """The plan for people, and as what an application has to refine."""
        from gaia.terraform.normal import NormalForm

        self._check_rules()
        directory = self._prepared(destroy=destroy)
        planned = self._parts.terraform().plan(directory, destroy=destroy, locked=locked)
        made = NormalForm.of({self.instance.key: planned}, self._parts.key, hide=self._parts.redact.knows)
        directory.planfile.unlink(missing_ok=True)
        return PlanView(str(self.instance.key), self._commit, views.changes(made)), made

    def change(
        self, *, destroy: bool = False, confirm: Callable[[PlanView], bool], say: Callable[[str], None]
    ) -> ChangeView | None:
        """Apply or destroy the instance when `confirm` agrees to its plan; what is applied refines that plan.

        Raises:
            Refused: `not-permitted`.
            Conflict: `instance-leased` by a request, `operation-running`, `operation-unfinished`, `apply-unfinished`.
            Invalid: `component-invalid`.
        """
        person = self._admit("administer")
        self._refuse_leased()
        if destroy and (error := apply_run.unfinished(self._parts, [str(self.instance.key)])):
            raise error
        journal = self._journal(destroy=destroy)
        # What was killed may have left its lock, which is released once its holder is proved dead: after this plan.
        view, approved = self._planned(destroy=destroy, locked=not journal.exists())
        if not confirm(view):
            return None
        with ended_like_ctrl_c():
            outcome = self._perform(approved, journal, destroy=destroy, say=say)
        made = _view(str(self.instance.key), self._commit, outcome)
        with self._parts.database.begin() as tx:
            audit.append(
                tx, self._parts.key, at=clock.now(), actor=person.id,
                action="instance.destroyed" if destroy else "instance.applied", subject=made.instance,
                repository=self._parts.repository, tenant=self._place.tenant, stage=self._place.stage,
                facts={"commit": made.commit, "status": made.status, "changed": dict(made.changed)},
            )  # fmt: skip
        return made

    def _perform(self, approved: NormalForm, journal: Path, *, destroy: bool, say: Callable[[str], None]) -> Outcome:
        from gaia.operations.instance import Operation, perform

        def log(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
            del level, event
            say(message)

        return perform(
            Operation(
                terraform=self._parts.terraform(),
                instance=self.instance,
                variables=self._outputs.variables(self.instance, destroy=destroy),
                tree=self._tree,
                components=self._components,
                root=working_folder(self._parts, self.instance),
                journal=journal,
                approved=approved.part(self.instance.key),
                key=self._parts.key,
                judge=partial(self._verdict, destroy=destroy),
                destroy=destroy,
                log=log,
            )
        )

    def outputs(self) -> dict[str, object]:
        """The outputs in the state; `(sensitive)` stands for those that are."""
        state = self._outputs.state(self.instance)
        found = state.outputs if state else {}
        return {name: "(sensitive)" if one.sensitive else one.value for name, one in sorted(found.items())}

    def diagnostics(self) -> list[Mapping[str, object]]:
        """What `terraform validate` says, places relative to the repository."""
        directory = self._prepared(destroy=True)  # what other instances have not made yet does not matter here
        found = [one.placed(directory.module, directory.tree) for one in self._parts.terraform().validate(directory)]
        return [
            {"severity": one.severity, "summary": one.summary, "detail": one.detail, "at": str(one.at or "") or None}
            for one in found
        ]

    def _prepared(self, *, destroy: bool) -> WorkingDirectory:
        """A working directory beside those of runs, made ready."""
        from gaia.terraform.workdir import prepare

        directory = prepare(
            self._parts.folder / "plan" / self.instance.key.stack / self.instance.key.component,
            tree_source=self._tree,
            instance=self.instance,
            variables=self._outputs.variables(self.instance, destroy=destroy),
            components=self._components,
        )
        self._parts.terraform().init(directory)
        return directory

    def _check_rules(self) -> None:
        from gaia.stacks.validation.component import validate_component

        if self._parts.rego is None:
            return
        findings = validate_component(self.instance, self._repository.config, self._parts.rego)
        if findings:
            raise Invalid(
                "component-invalid",
                f"{self.instance.key} is not valid: {findings[0].message}",
                at=findings[0].at,
                next_step=findings[0].next_step,
                facts={"findings": [one.message for one in findings]},
            )

    def _refuse_leased(self) -> None:
        with self._parts.database.read() as tx:
            held = leases.holder(tx, self._parts.repository, str(self.instance.key))
        if held is not None:
            raise Conflict(
                "instance-leased",
                f"{self.instance.key} is being changed by request {held.request}",
                next_step=f"Wait until it is done: gaia status {held.request}",
                facts={"request": held.request},
            )

    def _journal(self, *, destroy: bool) -> Path:
        """The journal of the last change when that did not end, else a new one."""
        from gaia.operations.facts import read_facts
        from gaia.operations.journal import read

        folder = self._parts.home / "journals" / "direct" / str(self.instance.key)
        numbers = sorted(int(path.name) for path in folder.glob("[0-9]*") if path.name.isdigit())
        last = numbers[-1] if numbers else 0
        if last:
            path = folder / str(last) / "journal.jsonl"
            facts = read_facts(read(path))
            word = "destroy" if destroy else "apply"
            if facts.begun and facts.operation == word:
                return path
            if facts.begun and (facts.touched or facts.applying):
                raise Conflict(
                    "operation-unfinished",
                    f"an earlier {facts.operation} of {self.instance.key} was begun and did not end",
                    next_step=f"Finish it first: gaia terraform {facts.operation} "
                    f"{self.instance.key.component} -s {self.instance.key.stack}",
                )
        return folder / str(last + 1) / "journal.jsonl"

    def _verdict(self, plan: Plan, *, destroy: bool) -> Verdict:
        from gaia.operations.instance import Verdict
        from gaia.policy.judge import PolicySet, judge

        about = {
            "kind": "retire" if destroy else "provision", "service": "", "template": None, "template_version": None,
            "stack": self.instance.key.stack, "tenant": self._place.tenant, "stage": self._place.stage, "requester": "",
            "instances": [str(self.instance.key)],
        }  # fmt: skip
        found = judge(PolicySet.load(self._tree / "policies"), "plan", {**plan.raw, "gaia": about})
        against = [one for one in found if one.effect in ("deny", "undecided")]
        code = "policy-denied" if any(one.effect == "deny" for one in against) else "policy-undecided"
        reasons = tuple(self._parts.redact(f"{one.title}: {one.message}") for one in against)
        return Verdict(not against, code if against else "", reasons)


def _view(instance: str, commit: str, outcome: Outcome) -> ChangeView:
    return ChangeView(
        instance=instance, commit=commit, status=outcome.status, changed=outcome.changed,
        resources=len(outcome.resources), outputs=outcome.outputs, reason=outcome.reason, code=outcome.code,
        next_step=outcome.next_step, left=outcome.left,
    )  # fmt: skip
