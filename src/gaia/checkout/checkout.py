"""A checkout, and what working on its instances takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.checkout.holding import Held
from gaia.errors import Conflict, GaiaError, Invalid, NotFound, ToolFailed, Unavailable
from gaia.kit.procfs import sees_all
from gaia.kit.redact import Redactor
from gaia.platform import refusals
from gaia.platform.instances.outputs import Outputs, ground_of
from gaia.platform.target import target_of
from gaia.stacks.own_settings import check_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from gaia.checkout.files import CheckoutFiles, Revision
    from gaia.checkout.ports import Records
    from gaia.kit.interrupt import Interrupt
    from gaia.platform.target import Target
    from gaia.platform.workplace import Workplace
    from gaia.policy.waivers import Waivers
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.validation.component import Rego
    from gaia.states.reading import Ground, Reader
    from gaia.terraform.aws_account import Answer
    from gaia.terraform.command import Terraform


def _silently() -> None:
    """Nobody is there who could be told."""


def _silent(text: str) -> None:
    del text


_SHOWN = 5
"""So many rules are named."""


@dataclass(frozen=True)
class Checkout:
    """The repository around the caller, as it lies."""

    files: CheckoutFiles
    revision: Revision
    workplace: Workplace
    records: Records
    """Where what is done here is written down."""
    make_terraform: Callable[[Redactor, str], Terraform]
    """By what must not be shown, and the program that a stack names (`command`); empty: whichever is found."""
    interrupt: Interrupt
    shell: Mapping[str, str] = field(repr=False)
    """The caller's environment."""
    rego: Rego | None = None
    tell: Callable[[str], object] = field(default=_silent, repr=False)
    """Takes what the caller should know, and what stops nothing."""
    sees_all: Callable[[], bool] = field(default=sees_all, repr=False)
    """Whether all processes of this machine can be seen."""
    on_wait: Callable[[], None] = field(default=_silently, repr=False)
    """Called when something waits for a place of this machine."""
    redact: Redactor = field(default_factory=Redactor, repr=False)
    held: Held = field(default_factory=Held, repr=False)
    brought: dict[str, str] = field(default_factory=dict, repr=False)
    """Files that runs have left here since, by path in the tree, with what they hold (see `shown_code`)."""
    _tools: dict[str, Terraform] = field(default_factory=dict, repr=False)
    _answers: dict[InstanceKey, Answer] = field(default_factory=dict, repr=False)

    @property
    def root(self) -> Path:
        """The folder of `atmos.yaml`."""
        return self.files.repository.root

    @cached_property
    def waivers(self) -> Waivers:
        """Those that count: what an edit of the checkout adds does not, where there is a published branch."""
        from gaia.policy.waivers import Waivers

        try:
            return Waivers.of(self.files.waivers, self.records.published_waivers())
        except (Unavailable, ToolFailed) as error:
            self.tell(f"No waiver counts, for the commit on which requests act cannot be read: {error.message}")
            return Waivers.of(self.files.waivers, ())

    @cached_property
    def other_rules(self) -> tuple[str, ...]:
        """Names of the rules that requests are judged by and that are gone or changed here; told when first asked."""
        from gaia.policy.rules import changed

        try:
            published = self.records.published_policies()
            found = changed(published, self.files.policies) if published is not None else ()
        except GaiaError as error:
            self.tell(f"Whether requests are judged by the same rules cannot be read: {error.message}")
            return ()
        if found:
            some = ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
            self.tell(f"Rules that requests are judged by are gone or changed here: {some}.")
        return found

    def terraform(self, instance: Instance) -> Terraform:
        """The program that an instance is run with, facing the caller's cloud."""
        command = instance.command if instance.command not in ("", "terraform") else ""
        if command not in self._tools:
            self._tools[command] = self.make_terraform(self.redact, command)
        return self._tools[command]

    def outputs(self, instance: Instance) -> Outputs:
        """Outputs of instances, read from their states with the program of the one that needs them."""
        return Outputs(self.workplace, self.files, lambda: self.terraform(instance))

    @property
    def ground(self) -> Ground:
        """What reading the states of its instances takes."""
        return ground_of(
            self.workplace, self.files, self.terraform, lambda one: self.outputs(one).state(one), self.redact
        )

    def instance(self, component: str, stack: str) -> Instance:
        """One instance that terraform can be run on.

        Raises:
            NotFound: `component-unknown`, `stack-unknown`. Invalid: `component-abstract`, `component-not-terraform`.
        """
        found = self.files.repository.instance(component, stack)
        if found.abstract:
            heirs = self.files.repository.heirs(component, stack)
            raise refusals.component_abstract(found.key, [key.component for key in heirs])
        if found.kind != "terraform":
            raise Invalid(
                "component-not-terraform",
                f"{found.key} is a component of type {found.kind}",
                next_step="Gaia runs components of type terraform.",
                at=found.place(()),
            )
        return found

    def home_of(self, instance: Instance) -> Path:
        """The component's own folder in the checkout."""
        return self.files.tree / self.files.components / instance.component_path

    def check_rules(self, instance: Instance) -> None:
        """Raise `Invalid("component-invalid")` where a rule of `settings.validation` says no."""
        from gaia.stacks.validation.component import validate_component

        if self.rego is None:
            return
        findings = validate_component(instance, self.files.repository.config, self.rego)
        if findings:
            raise Invalid(
                "component-invalid",
                f"{instance.key} is not valid: {findings[0].message}",
                at=findings[0].at,
                next_step=findings[0].next_step,
                facts={"findings": [one.message for one in findings]},
            )

    def check_plan(self, instance: Instance, *, destroy: bool = False) -> None:
        """What is asked before an instance is planned, whichever command wants the plan.

        A destruction goes by the state that it finds, so where another one lies does not matter to it.

        Raises:
            Invalid: `component-invalid`. Refused: see `check_account`.
            Conflict: `state-misplaced`, `state-shared`, `state-lineage`, `state-errored`, `state-in-worktree`.
        """
        from gaia.states.survey import check_shared, check_state_places

        self.check_configured(instance)
        if destroy:
            check_shared(self.ground, [instance])
        else:
            check_state_places(self.ground, [instance], self.tell, self.elsewhere)

    def check_configured(self, instance: Instance) -> None:
        """Of what is asked before a plan, all that is about one instance alone.

        Raises:
            Invalid: `component-invalid`, `workspace-invalid`. Refused: see `check_account`. NotFound: see `check_code`.
            Conflict: `component-disabled`, `state-errored`, `state-in-worktree`, `bootstrap-unfinished`.
        """
        from gaia.terraform.workdir import check_code

        if not instance.enabled:
            raise Conflict(
                "component-disabled",
                f"{instance.key} is not enabled: metadata.enabled is false",
                at=instance.place(("metadata", "enabled")),
                next_step="Set metadata.enabled to true to plan it, also where it is to be destroyed.",
            )
        check_workspace(instance)
        check_code(instance, self.files.tree, self.files.components)
        self.check_rules(instance)
        self.check_account(instance)
        self.check_state(instance)

    def check_state(self, instance: Instance) -> None:
        """Raise where the state is not all that there is of it.

        Raises:
            Conflict: `state-errored`, `state-in-worktree`, `bootstrap-unfinished`.
        """
        from gaia.checkout.first_states import check_none
        from gaia.checkout.worktree import check_own_state

        check_none(self.workplace.folder, instance)
        self._check_errored(instance)
        check_own_state(self.ground, self.files.repository.components_path, self.workplace.folder, instance)

    def elsewhere(self) -> Iterable[Instance]:
        """Instances that are not in the checkout and have states all the same: of requests under way."""
        return self.records.elsewhere(frozenset(map(str, self.files.repository.instances)))

    def _check_errored(self, instance: Instance) -> None:
        """Raise `Conflict("state-errored")`; one in a copy is brought into the component's folder first."""
        from gaia.platform.instances.outputs import working_folder
        from gaia.terraform import errored
        from gaia.terraform.workdir import alone_in

        home = self.home_of(instance)
        for folder in (
            working_folder(self.workplace, instance, "work"),
            working_folder(self.workplace, instance, "plan"),
        ):
            module = folder / "tree" / self.files.components / instance.component_path
            if (module / errored.FILE).is_file():
                with alone_in(folder):
                    errored.keep(module, home, instance)
        errored.check(instance, (), home)

    def check_account(self, instance: Instance) -> None:
        """Raise where the credentials are of another account than the instance's, as far as somebody says which.

        Raises:
            Refused: `account-wrong`, `account-unknown`. Invalid: `account-invalid`.
        """
        from gaia.terraform.aws_account import check_account

        terraform = self.terraform(instance)
        tofu, code = terraform.tool.flavor == "tofu", self.home_of(instance)
        self._answers[instance.key] = check_account(instance, terraform.environ, code=code, tofu=tofu)

    def target(self, instance: Instance) -> Target:
        """Where its providers act: as code and stack say it, with the account that `check_account` found."""
        answer, providers = self._answers.get(instance.key), dict(instance.providers)
        if answer is not None and answer.aws:
            providers["aws"] = dict(answer.aws)
        target = target_of(self.terraform(instance).environ, providers)
        if answer is None or answer.account is None or target.emulator:
            return target
        return replace(target, account=answer.account)

    def check_open(self, instance: Instance, *, moving: bool = False) -> None:
        """Refuse a change where the stacks say so, or a request has the instance.

        With `moving` an unfinished move is in nobody's way. `metadata.locked` is Atmos's and counts as Atmos reads it:
        in the files as they lie, where whoever wants to change the component takes it away first.

        Raises:
            Conflict: `component-locked`, `direct-refused`, `direct-unknown`, `instance-leased`, `move-unfinished`.
        """
        if instance.metadata.get("locked") is True:
            raise Conflict(
                "component-locked",
                f"{instance.key} is locked: metadata.locked is true",
                at=instance.place(("metadata", "locked")),
                next_step="Take metadata.locked away to change it.",
            )
        self.records.check_direct(instance)
        self.records.check_free(instance)
        if not moving:
            self.check_moved(instance)

    def check_moved(self, instance: Instance) -> None:
        """Raise `Conflict("move-unfinished")` where a move from or to an instance was begun and did not end."""
        from gaia.platform.instances.unfinished_moves import check_moved

        check_moved(self.workplace.folder, str(instance.key), lambda: self.place(instance))

    def place(self, instance: Instance) -> str:
        """Where the state of an instance lies; one in a file by the file itself, whatever links lead to it."""
        from gaia.states.reading import Reader

        return _lies(Reader(self.ground), instance)

    def whose(self, place: str, *, published: bool = False) -> list[Instance]:
        """The instances whose state lies at a place, as `place` writes it: disabled ones too, and those of requests
        under way. With `published` also those that are there by what is published, whatever the checkout says."""
        from gaia.states.reading import Reader

        repository, reader = self.files.repository.forgiving(), Reader(self.ground)
        others = self.records.elsewhere(frozenset(map(str, repository.instances)))
        everybody = [*repository.built(repository.instances), *others]
        if published:
            everybody += self.records.published()
        usable = (one for one in everybody if one.kind == "terraform" and not one.abstract)
        return [one for one in usable if _lies(reader, one) == place]

    def hold(self, instance: Instance, act: str) -> None:
        """Let nobody else on this machine change an instance until this checkout is closed; requests have leases.

        Raises:
            Conflict: `operation-running`, with who does.
        """
        from gaia.platform.instances.outputs import working_folder

        self.held.take(working_folder(self.workplace, instance, "work"), instance.key, act)

    def component_at(self, name: str, cwd: Path, stack: str) -> str:
        """The component that a word on the command line means: a name, or a path to the folder of its code.

        Raises:
            NotFound: `component-unknown` for a path where no component's code is.
            Invalid: `component-ambiguous`, with the candidates.
        """
        is_path = name in (".", "..") or name.startswith(("./", "../", "/")) or name.endswith("/")
        place = (cwd / name).resolve()
        if not is_path and not ("/" in name and place.is_dir() and not self._has(name, stack)):
            return name
        base = (self.files.tree / self.files.components).resolve()
        if not place.is_relative_to(base) or place == base:
            raise NotFound(
                "component-unknown",
                f"{place} is no component's folder",
                next_step=f"Components are folders below {base}; or give a component's name.",
            )
        folder = place.relative_to(base).as_posix()
        repository = self.files.repository.forgiving()
        keys = [key for key in repository.instances if key.stack == stack]
        usable = sorted(
            one.key.component
            for one in repository.built(keys)
            if one.component_path == folder and one.kind == "terraform" and not one.abstract
        )
        if len(usable) == 1:
            return usable[0]
        if not usable:
            raise NotFound(
                "component-unknown",
                f"no component of {stack} has its code in {folder}",
                next_step=f"Give a component's name; {stack} has: {', '.join(sorted(k.component for k in keys)[:12])}.",
            )
        raise Invalid(
            "component-ambiguous",
            f"{len(usable)} components of {stack} have their code in {folder}: {', '.join(usable)}",
            next_step="Give the name of one of them.",
            facts={"components": usable},
        )

    def _has(self, name: str, stack: str) -> bool:
        return any(key.component == name and key.stack == stack for key in self.files.repository.forgiving().instances)


def _lies(reader: Reader, instance: Instance) -> str:
    from gaia.states.places import FilePlace

    place = reader.place(instance)
    return str(place.path.resolve() if isinstance(place, FilePlace) else place)
