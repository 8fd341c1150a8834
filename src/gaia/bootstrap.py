"""The one place where parts are put together: an `App` for each process, whatever its door."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.access.callers import Caller
    from gaia.adoption.model import Adopted, Left
    from gaia.checkout.checkout import Checkout
    from gaia.checkout.ports import Records
    from gaia.cost.book import PriceBook
    from gaia.kit.interrupt import Interrupt
    from gaia.platform.context import PlatformContext
    from gaia.platform.initialise import Initialised
    from gaia.platform.people import People
    from gaia.platform.ports import PlatformDoor
    from gaia.platform.registration import Registered
    from gaia.platform.trial import Trial
    from gaia.policy.model import TestResult
    from gaia.policy.ports import PolicyEngine
    from gaia.records.database import Database
    from gaia.records.ports import Documents
    from gaia.sandbox.control import Sandbox
    from gaia.scaffold.template import Template
    from gaia.settings import Settings
    from gaia.stacks.atmos import Atmos
    from gaia.stacks.commands.model import Customs
    from gaia.stacks.loading.config import Config
    from gaia.stacks.model import Instance
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.component import Rego
    from gaia.stacks.validation.findings import Report
    from gaia.terraform.command import Terraform

_CLOUD = ("AWS_", "GOOGLE_", "ARM_", "AZURE_")
"""Prefixes of the variables that providers read; handed to terraform when no sandbox is registered."""
_TERRAFORM = ("TF_CLI_CONFIG_FILE",)
"""Where a provider mirror may be named; the terraform room reads it and writes a configuration of its own."""


class App:
    """What every door works with. Everything is made, and imported, when it is first asked for.

    Of the repository around the caller (else of the registered one): `repository`, `templates`, `validate_stacks`,
    `policy_tests`. Of this GAIA_HOME, for a caller: `platform`, `people`. A door's tests give a subclass that answers
    some of them from memory (`gaia.testing.app`).
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    # --- the repository around the caller ------------------------------------------------------------------------

    def repository(self, path: Path | None = None, *, processing: Processing | None = None) -> Repository:
        """The stacks at `path`, at the nearest `atmos.yaml` above the working directory, or of the registered one.

        For the person at this machine: `!exec` runs its command. `processing` switches templates and functions off.
        """
        from gaia.stacks.local import LocalResolver
        from gaia.stacks.repository import Repository

        folder = self._around(path)
        return Repository.open(
            folder,
            environ=self.settings.environ,
            resolver=LocalResolver(folder),
            processing=processing,
            cache=self.settings.cache / "stacks",
        )

    def configuration(self, path: Path | None = None) -> Config:
        """What `atmos.yaml` says, for what needs no stacks: workflows and custom commands."""
        from gaia.kit.files import real_path
        from gaia.stacks.loading.config import read_config

        return read_config(real_path(self._around(path)), self.settings.environ, stacks_needed=False)

    def customs(self) -> Customs:
        """The custom commands of the repository around the caller; none where there is none."""
        from gaia.platform.registration import around
        from gaia.stacks.commands.model import Customs
        from gaia.stacks.commands.reading import customs

        return customs(self.configuration().document) if around(self.settings) else Customs()

    def describe_component(self, component: str, stack: str) -> Mapping[str, object]:
        """What `describe component` shows of one, for the templates of a custom command."""
        return self.repository().describe_component(component, stack)

    def validate_stacks(self, path: Path | None = None, *, schema: Path | None = None) -> Report:
        """What is wrong with the manifests of a repository, and what its policies say of them.

        No command is run: what only something outside of the repository can give is not known to the policies.
        """
        from gaia.policy.validation import policy_findings
        from gaia.stacks.repository import Repository
        from gaia.stacks.validation.stacks import validate_stacks

        settings = self.settings
        opened = Repository.open(self._around(path), environ=settings.environ, cache=settings.cache / "stacks")
        return validate_stacks(opened, schema=schema).plus(policy_findings(opened, self.policy_engine))

    def atmos(self, path: Path | None, processing: Processing) -> Atmos | None:
        """The real program that `GAIA_ATMOS` names, for the same repository; None where it names none.

        Raises:
            Unavailable: `atmos-missing`.
        """
        from gaia.stacks.atmos import Atmos

        instead = "Give the path of an atmos binary, or take GAIA_ATMOS away to use the engine that is built in."
        program = self._program("GAIA_ATMOS", "atmos-missing", instead)
        return Atmos(program, self._around(path), self.settings.environ, processing) if program else None

    def templates(self) -> Sequence[Template]:
        """What can be requested."""
        from gaia.scaffold.template import templates

        return templates(self.repository().root)

    def try_template(self, template: str, answers: Mapping[str, object], *, service: str, stack: str) -> Trial:
        """Render and judge a template of the checkout without a request; nothing is kept."""
        from gaia.kit import slots
        from gaia.platform.trial import Bench, try_template

        places = slots.Slots(self.settings.cache / "slots", slots.of_this_machine())
        cloud = (self.sandbox.environment() if self.sandbox.status().running else None) or {}  # once, and no other
        terraform = partial(self._terraform, cloud=cloud)
        bench = Bench(self.policy_engine, self.rego, terraform, places, bool(cloud))
        return try_template(self.repository().root, template, answers, service=service, stack=stack, bench=bench)

    def policy_tests(self, path: Path | None = None) -> Sequence[TestResult]:
        """Run the policies' own tests; those of Gaia's package where the repository has no policies."""
        from gaia.policy.rules import FOLDER, PolicySet
        from gaia.policy.test import run_tests
        from gaia.scaffold.blueprint import own_or_packaged

        policies = PolicySet.load(own_or_packaged(self.repository(path).root, FOLDER))
        return run_tests(policies, engine=self.policy_engine())

    def policy_engine(self) -> PolicyEngine:
        """What evaluates every rule: the `opa` that `GAIA_OPA` names, else the embedded engine. Nothing else chooses.

        Raises:
            Unavailable: `opa-missing`: it names no program. The embedded engine does not step in: somebody asked for
                opa.
        """
        instead = "Nothing was decided. Give the path of an opa binary, or take GAIA_OPA away for the embedded engine."
        program = self._program("GAIA_OPA", "opa-missing", instead)
        if program is None:
            from gaia.policy.regorus import Regorus

            return Regorus()
        from gaia.kit.process import child_environment
        from gaia.policy.opa import Opa

        return Opa(program, environ=child_environment(self.settings.environ))

    @property
    def rego(self) -> Rego:
        """What Atmos's rules say of an instance: the hook of `validate component`.

        It raises `policy-broken`, with a place, where a rule cannot be evaluated, `policy-bad-result` for what is no
        text.
        """

        def ask(modules: Sequence[tuple[str, str]], document: Mapping[str, object]) -> Sequence[str]:
            from gaia.policy.judge import texts
            from gaia.policy.model import Module

            asked = [Module(path, text) for path, text in modules]
            return texts(asked, document, "data.atmos.errors", engine=self.policy_engine())

        return ask

    def _around(self, path: Path | None) -> Path:
        """Where reading begins; what lies around it and the `ATMOS_…` variables are for the reader to find."""
        from gaia.platform.registration import registered
        from gaia.stacks.loading.atmosyaml import NAMING
        from gaia.stacks.mainfile import NAMES

        cwd, environ = self.settings.cwd, self.settings.environ
        if path is not None:
            given = cwd / path
            if not given.is_dir():
                # Else the nearest repository around the place where it would be would answer.
                raise NotFound("not-a-repository", f"there is no folder {given}", next_step="Give the folder of one.")
            return given
        around = (one for one in (cwd, *cwd.parents) if any((one / name).exists() for name in NAMES))
        chosen = any(environ.get(name) for name in ("ATMOS_CLI_CONFIG_PATH", "ATMOS_BASE_PATH", *NAMING))
        own = cwd if chosen or (cwd / "stacks").is_dir() else None
        return next(around, own) or Path(registered(self.settings).checkout)

    def _program(self, variable: str, missing: str, next_step: str) -> Path | None:
        """The program that a variable names, if it names one."""
        import os

        name = self.settings.environ.get(variable)
        if not name:
            return None
        program = (self.settings.cwd / name).resolve()
        if not program.is_file() or not os.access(program, os.X_OK):
            raise Unavailable(missing, f"{variable} is {name}, and there is no program", next_step=next_step)
        return program

    @contextmanager
    def checkout(self, path: Path | None = None, *, processing: Processing | None = None) -> Iterator[Checkout]:
        """The repository around the caller, to run terraform on its files as they lie; see `gaia.checkout`.

        Raises:
            NotFound: `not-a-repository`: an operator's commands act on nothing else than what is around her.
            Conflict: `repository-other`: a step of a workflow acts on the workflow's own repository.
        """
        from contextlib import ExitStack

        from gaia.checkout.checkout import Checkout, checkout_id
        from gaia.checkout.files import CheckoutFiles, Revision
        from gaia.checkout.journal_files import JournalFiles
        from gaia.kit import keys, slots
        from gaia.kit.interrupt import Interrupt
        from gaia.platform.registration import serving
        from gaia.platform.workplace import Workplace
        from gaia.scaffold.blueprint import find_blueprint

        settings = self.settings
        opened = self.repository(self._acted_on() if path is None else path, processing=processing)
        self._check_step(opened)
        revision = Revision.of(opened.root, settings.environ)
        files = CheckoutFiles(opened, revision.commit, cache(_prices), find_blueprint)
        places = slots.Slots(settings.cache / "slots", slots.of_this_machine())
        interrupt, row = Interrupt(), serving(settings, opened.root)
        with ExitStack() as stack:
            records: Records
            if row is None:
                folder = settings.home / "repos" / checkout_id(opened.root)
                key = keys.make_key(folder / "keys")
                workplace = Workplace(folder, opened.components_path, key, places, self.policy_engine)
                records = JournalFiles(workplace)
            else:
                from gaia.checkout.registered import RegisteredRecords

                database = stack.enter_context(self.records())
                context = self.platform_context(database, row)
                workplace = context.workplace
                records = RegisteredRecords(context, files, revision.commit, lambda: self._caller(database))
            yield Checkout(
                files,
                revision,
                workplace,
                records,
                lambda redact, command: replace(self._terraform(command=command), redact=redact, interrupt=interrupt),
                interrupt,
                settings.environ,
                self.rego,
                _check_place,
            )

    def _acted_on(self) -> Path | None:
        """Where an operator's command begins to read: the repository of the workflow whose step it is, where it stands
        in none; None for the caller's own folder.

        Raises:
            NotFound: `not-a-repository` where the caller stands in none, and names none.
        """
        from gaia.platform.registration import AROUND, around

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
        from gaia.platform.registration import AROUND

        named = self.settings.environ.get(AROUND)
        own = real_path(self.settings.cwd / named) if named else None
        if own is not None and own not in (real_path(opened.root), real_path(opened.config.base)):
            raise Conflict(
                "repository-other",
                f"this is a step of a workflow of {own}, but the repository here is {opened.root}",
                next_step=f"Call it in {opened.root} yourself.",
            )

    # --- this GAIA_HOME ------------------------------------------------------------------------------------------

    def initialise(self, directory: Path) -> Initialised:
        """Make a platform repository and its admin, or go on with what was begun."""
        from gaia.platform.initialise import initialise

        return initialise(self.settings, directory)

    def initialised(self) -> None:
        """The token that `initialise` or `adopt` gave has been shown."""
        from gaia.platform.initialise import shown

        shown(self.settings)

    def adopt(self, directory: Path) -> Adopted:
        """Register a repository that exists, or go on with what was begun; `initialised` when its token was shown."""
        from gaia.adoption.register import adopt

        return adopt(self.settings, directory)

    def leave(self, directory: Path) -> Left:
        """Serve a repository no longer; nothing is taken away."""
        from gaia.adoption.register import leave

        return leave(self.settings, directory)

    @contextmanager
    def platform(
        self, *, request: str | None = None, on_far: Callable[[str], None] = lambda _: None
    ) -> Iterator[PlatformDoor]:
        """The platform of one repository in the name of the person whose GAIA_TOKEN it is.

        It is the repository around the caller, else the only one of this home, see
        `gaia.platform.registration.registered_here`; that of a `request` which is given by its id, wherever the caller
        stands. `on_far` is told its checkout, before anything is done, where the caller does not stand in it.
        """
        from gaia.platform.chosen import chosen, may_choose
        from gaia.platform.service import Platform

        may_choose(self.settings, request)
        with self.records() as database:
            row = chosen(self.settings, database, request, on_far)
            yield Platform(self.platform_context(database, row), self._caller(database))

    @contextmanager
    def people(self) -> Iterator[People]:
        """Tokens and the audit log, in the name of the person whose GAIA_TOKEN it is."""
        from gaia.kit.keys import load_key
        from gaia.platform.acting import AuditLog
        from gaia.platform.people import People
        from gaia.platform.registration import registered_here

        here = registered_here(self.settings)
        with self.records() as database:
            log = AuditLog(here.id, load_key(self.settings.home / "keys"))
            yield People(database, log, self._caller(database))

    def _caller(self, database: Database) -> Caller:
        from gaia.access.callers import authenticate
        from gaia.kit import clock

        with database.read() as tx:
            return authenticate(tx, self.settings.token, clock.now())

    @contextmanager
    def records(self) -> Iterator[Database]:
        """The database of this GAIA_HOME, closed at the end."""
        from gaia.platform.registration import every
        from gaia.records.database import Database

        every(self.settings)
        database = Database.open(self.settings.home / "gaia.db")
        try:
            yield database
        finally:
            database.close()

    def platform_context(self, database: Database, row: Registered | None = None) -> PlatformContext:
        """Everything that acts on a repository of this home (the registered one around the caller, if none is given).

        Tools are looked for when first needed.
        """
        from gaia.kit.interrupt import Interrupt
        from gaia.platform.registration import every, registered

        interrupt, terraform = Interrupt(), cache(self._terraform)

        @cache
        def context(row: Registered) -> PlatformContext:
            return self._context(database, row, interrupt, terraform, served)

        def served() -> Sequence[PlatformContext]:
            return [context(each) for each in every(self.settings)]

        return context(row or registered(self.settings))

    def _context(
        self,
        database: Database,
        row: Registered,
        interrupt: Interrupt,
        terraform: Callable[[], Terraform],
        served: Callable[[], Sequence[PlatformContext]],
    ) -> PlatformContext:
        from gaia.kit import keys, slots
        from gaia.platform.context import PlatformContext
        from gaia.platform.registration import states_folder
        from gaia.platform.snapshot import Snapshots
        from gaia.scaffold.clone import Clone

        settings = self.settings
        folder = settings.home / "repos" / row.id
        clone = cache(lambda: Clone.open(folder / "clone", row.source, row.branch, settings.environ))
        return PlatformContext(
            home=settings.home,
            environ=settings.environ,
            repository=row.id,
            database=database,
            key=keys.load_key(settings.home / "keys"),
            documents=self.documents(database, row),
            clone=clone,
            snapshot=Snapshots(folder / "trees", clone, cache(_prices)),
            terraform=lambda redact, interrupt: replace(terraform(), redact=redact, interrupt=interrupt),
            policy_engine=cache(self.policy_engine),
            interrupt=interrupt,
            slots=slots.Slots(settings.cache / "slots", slots.of_this_machine()),
            rego=self.rego,
            local_states=cache(lambda: states_folder(settings, row)),
            home_serves=served,
        )

    def documents(self, database: Database, row: Registered | None = None) -> Documents:
        """Where previews, plans, logs and journals of a repository are: see `gaia.platform.documents`."""
        from gaia.platform.documents import documents_of
        from gaia.platform.registration import registered

        return documents_of(self.settings, database, row or registered(self.settings))

    # --- tools ---------------------------------------------------------------------------------------------------

    @cached_property
    def sandbox(self) -> Sandbox:
        """The emulated AWS of this GAIA_HOME."""
        from gaia.sandbox.control import Sandbox

        return Sandbox(self.settings.home)

    def install_tool(self, name: str, on_progress: Callable[[int, int | None], None]) -> Path:
        """Fetch a pinned program into the cache."""
        from gaia.terraform.install import install

        settings = self.settings
        return install(name, cache=settings.cache, environ=settings.environ, on_progress=on_progress)

    def _terraform(self, *, cloud: Mapping[str, str] | None = None, command: str = "") -> Terraform:
        """The terraform (or tofu) that runs are carried out with, facing the sandbox where one is registered.

        `cloud`: see `_tool_environment`. `command` is the program that a stack names; GAIA_TERRAFORM beats it.
        """
        from gaia.kit.redact import Redactor
        from gaia.terraform.command import Terraform
        from gaia.terraform.tool import find_tool

        settings = self.settings
        environ = self._tool_environment(cloud)
        if command and not settings.environ.get("GAIA_TERRAFORM"):
            settings = replace(settings, environ={**settings.environ, "GAIA_TERRAFORM": command})
        return Terraform(find_tool(settings), home=settings.home, environ=environ, redact=Redactor())

    def _tool_environment(self, cloud: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """The allow-listed environment and the cloud's variables: the sandbox's, or the user's own; never both.

        `cloud` is what is taken instead, of a trial: nothing, or what the sandbox said when it began.

        Raises:
            Unavailable: `sandbox-down` when a sandbox is registered and does not answer.
        """
        from gaia.kit.process import child_environment
        from gaia.platform.target import SANDBOX

        environ = self.settings.environ
        own = {name: value for name, value in environ.items() if name.startswith(_CLOUD)}
        emulated = self.sandbox.environment() if cloud is None else cloud
        mark = {SANDBOX: "1"} if emulated else {}
        cloud = own if emulated is None else {**emulated, **mark}
        named = {name: environ[name] for name in _TERRAFORM if name in environ}
        return child_environment(environ, **named, **cloud)


def _check_place(checkout: Checkout, instance: Instance) -> None:
    from gaia.adoption.states import check_state_place

    check_state_place(checkout, instance)


def _prices() -> PriceBook:
    from gaia.cost.book import PriceBook

    return PriceBook.open()
