"""The façade of every door, and the checkout that an operator works with."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from gaia.bootstrap.costing import Costing
from gaia.errors import Conflict, NotFound
from gaia.stacks.model import RESOLVED, holders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.ports import Records
    from gaia.kit.interrupt import Interrupt
    from gaia.kit.redact import Redactor
    from gaia.stacks.model import Instance
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository
    from gaia.terraform.command import Terraform


class App(Costing):
    """What every door works with. Everything is made, and imported, when it is first asked for.

    Of the repository around the caller (else of the registered one): `repository`, `templates`, `validate_stacks`,
    `policy_tests`. Of this GAIA_HOME, for a caller: `platform`, `people`. A door's tests give a subclass that answers
    some of them from memory (`gaia.testing.app`).
    """

    @contextmanager
    def checkout(self, path: Path | None = None, *, processing: Processing | None = None) -> Iterator[Checkout]:
        """The repository around the caller, to run terraform on its files as they lie; see `gaia.checkout`.

        Raises:
            NotFound: `not-a-repository`: an operator's commands act on nothing else than what is around her.
            Conflict: `repository-other`: a step of a workflow acts on the workflow's own repository.
        """
        from contextlib import ExitStack

        from gaia.checkout.checkout import Checkout
        from gaia.checkout.files import CheckoutFiles, Revision
        from gaia.checkout.journal_files import JournalFiles
        from gaia.kit import keys, slots
        from gaia.kit.interrupt import Interrupt
        from gaia.platform.home import unregistered
        from gaia.platform.home.registration import serving
        from gaia.platform.workplace import Workplace
        from gaia.scaffold.blueprint import find_blueprint

        settings = self.settings
        opened = self.repository(self._acted_on() if path is None else path, processing=processing)
        self._check_step(opened)
        revision = Revision.of(opened.root, settings.environ)
        files = CheckoutFiles(opened, revision.commit, self.estimator, find_blueprint)
        places = slots.Slots(settings.cache / "slots", slots.of_this_machine())
        interrupt, row = Interrupt(), serving(settings, opened.root)
        with ExitStack() as stack:
            records: Records
            if row is None:
                folder = unregistered.folder_of(settings.home, opened.root)
                key = keys.make_key(folder / "keys")
                unregistered.note_use(folder, opened.root)
                workplace = Workplace(folder, opened.components_path, key, places, self.policy_engine)
                records = JournalFiles(workplace)
            else:
                from gaia.checkout.registered import RegisteredRecords

                database = stack.enter_context(self.records())
                context = self.platform_context(database, row)
                workplace = context.workplace
                has_token = settings.token is not None or self.logging_in(here=True).is_in()
                records = RegisteredRecords(
                    context, files, revision.commit, lambda: self._caller(database), has_token=has_token
                )
            made = Checkout(
                files,
                revision,
                workplace,
                records,
                partial(self._operators_terraform, interrupt),
                interrupt,
                settings.environ,
                self.rego,
                self.tell,
            )
            stack.callback(made.held.let_go)
            yield made

    @contextmanager
    def known(
        self, path: Path | None = None, *, processing: Processing | None = None
    ) -> Iterator[Callable[[str, str], Instance]]:
        """Describes instances of the repository around the caller with the outputs that their values are made of.

        States are read for those that need it only.
        """
        with self.checkout(path, processing=processing) as made:

            def known(component: str, stack: str) -> Instance:
                found = made.files.repository.instance(component, stack)
                return made.outputs(found).known(found)

            yield known

    def describe_component(self, component: str, stack: str) -> Mapping[str, object]:
        """What a custom command's templates see of a component; what is not known is told apart."""
        document = super().describe_component(component, stack)
        if not any(holders(document)):
            return document
        with self.known() as known:
            found = known(component, stack)
            return {**document, **{name: getattr(found, name) for name in RESOLVED if name in document}}

    def _operators_terraform(self, interrupt: Interrupt, redact: Redactor, command: str) -> Terraform:
        """With the `TF_VAR_…` of the caller's shell."""
        from gaia.terraform.command import VARIABLE

        given = {name: value for name, value in self.settings.environ.items() if name.startswith(VARIABLE)}
        return replace(self._terraform(command=command), redact=redact, interrupt=interrupt, variables=given)

    def _acted_on(self) -> Path | None:
        """Where an operator's command begins to read: the repository of the workflow whose step it is, where it stands
        in none; None for the caller's own folder.

        Raises:
            NotFound: `not-a-repository` where the caller stands in none, and names none.
        """
        from gaia.platform.home.registration import AROUND, around

        places = around(self.settings)
        if not places:
            raise NotFound(
                "not-a-repository",
                f"there is no atmos.yaml in {self.settings.cwd} or above it",
                next_step="Go to the repository, or name it with -C DIR.",
            )
        return places[0] if self.settings.environ.get(AROUND) and len(places) == 1 else None

    def _check_step(self, opened: Repository) -> None:
        """Refuse a step of a workflow that would act on another repository than the workflow's."""
        from gaia.kit.files import real_path
        from gaia.platform.home.registration import AROUND

        named = self.settings.environ.get(AROUND)
        own = real_path(self.settings.cwd / named) if named else None
        if own is not None and own not in (real_path(opened.root), real_path(opened.config.base)):
            raise Conflict(
                "repository-other",
                f"this is a step of a workflow of {own}, but the repository here is {opened.root}",
                next_step=f"Call it in {opened.root} yourself.",
            )
