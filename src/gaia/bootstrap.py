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
    from gaia.cost.book import PriceBook
    from gaia.platform.context import PlatformContext
    from gaia.platform.initialise import Initialised
    from gaia.platform.people import People
    from gaia.platform.ports import PlatformDoor
    from gaia.platform.trial import Trial
    from gaia.policy.model import TestResult
    from gaia.policy.ports import PolicyEngine
    from gaia.records.database import Database
    from gaia.records.ports import Documents
    from gaia.sandbox.control import Sandbox
    from gaia.scaffold.template import Template
    from gaia.settings import Settings
    from gaia.stacks.atmos import Atmos
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

    def validate_stacks(self, path: Path | None = None, *, schema: Path | None = None) -> Report:
        """What is wrong with the manifests of a repository, and what its policies say of them.

        No command of a manifest is run: what only something outside of the repository can give is not known to the
        policies.
        """
        from gaia.policy.validation import policy_findings
        from gaia.stacks.local import LocalResolver
        from gaia.stacks.repository import Repository
        from gaia.stacks.validation.stacks import validate_stacks

        settings = self.settings
        folder = self._around(path)
        opened = Repository.open(
            folder, environ=settings.environ, cache=settings.cache / "stacks", execute=LocalResolver(folder).execute
        )
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
        """Run the policies' own tests."""
        from gaia.policy.rules import FOLDER, PolicySet
        from gaia.policy.test import run_tests

        return run_tests(PolicySet.load(self.repository(path).root / FOLDER), engine=self.policy_engine())

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
        from gaia.stacks.loading.atmosyaml import NAMES

        cwd, environ = self.settings.cwd, self.settings.environ
        if path is not None:
            given = cwd / path
            if not given.is_dir():
                # Else the nearest repository around the place where it would be would answer.
                raise NotFound("not-a-repository", f"there is no folder {given}", next_step="Give the folder of one.")
            return given
        around = (one for one in (cwd, *cwd.parents) if any((one / name).exists() for name in NAMES))
        chosen = any(environ.get(name) for name in ("ATMOS_CLI_CONFIG_PATH", "ATMOS_BASE_PATH"))
        own = cwd if chosen or (cwd / "stacks").is_dir() else None
        return next(around, own) or Path(registered(self.settings).source)

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

    # --- this GAIA_HOME ------------------------------------------------------------------------------------------

    def initialise(self, directory: Path) -> Initialised:
        """Make a platform repository and its admin, or go on with what was begun."""
        from gaia.platform.initialise import initialise

        return initialise(self.settings, directory)

    def initialised(self) -> None:
        """The token that `initialise` gave has been shown."""
        from gaia.platform.initialise import shown

        shown(self.settings)

    @property
    def far(self) -> str | None:
        """The registered repository, where the caller stands in none; what acts names it first."""
        from gaia.platform.registration import around, registered

        return None if around(self.settings) else registered(self.settings).source

    @contextmanager
    def platform(self, *, anywhere: bool = False) -> Iterator[PlatformDoor]:
        """The platform in the name of the person whose GAIA_TOKEN it is.

        `anywhere` is for what only reads, or whose caller stands in no folder; everything else is refused where
        another repository is around the caller (`repository-other`, see `gaia.platform.registration.registered_here`).
        """
        from gaia.platform.registration import registered_here
        from gaia.platform.service import Platform

        if not anywhere:
            registered_here(self.settings)
        with self.records() as database:
            yield Platform(self.platform_context(database), self._caller(database))

    @contextmanager
    def people(self) -> Iterator[People]:
        """Tokens and the audit log, in the name of the person whose GAIA_TOKEN it is."""
        from gaia.kit.keys import load_key
        from gaia.platform.acting import AuditLog
        from gaia.platform.people import People
        from gaia.platform.registration import registered

        with self.records() as database:
            log = AuditLog(registered(self.settings).id, load_key(self.settings.home / "keys"))
            yield People(database, log, self._caller(database))

    def _caller(self, database: Database) -> Caller:
        from gaia.access.callers import authenticate
        from gaia.kit import clock

        with database.read() as tx:
            return authenticate(tx, self.settings.token, clock.now())

    @contextmanager
    def records(self) -> Iterator[Database]:
        """The database of this GAIA_HOME, closed at the end."""
        from gaia.platform.registration import registered
        from gaia.records.database import Database

        registered(self.settings)
        database = Database.open(self.settings.home / "gaia.db")
        try:
            yield database
        finally:
            database.close()

    def platform_context(self, database: Database) -> PlatformContext:
        """Everything that acts on the registered repository; tools are looked for when first needed."""
        from gaia.kit import keys, slots
        from gaia.kit.interrupt import Interrupt
        from gaia.platform.context import PlatformContext
        from gaia.platform.registration import registered
        from gaia.platform.snapshot import Snapshots
        from gaia.scaffold.clone import Clone

        settings, row = self.settings, registered(self.settings)
        folder = settings.home / "repos" / row.id
        clone = cache(lambda: Clone.open(folder / "clone", row.source, row.branch, settings.environ))
        terraform = cache(self._terraform)
        return PlatformContext(
            home=settings.home,
            environ=settings.environ,
            repository=row.id,
            database=database,
            key=keys.load_key(settings.home / "keys"),
            documents=self.documents(database),
            clone=clone,
            snapshot=Snapshots(folder / "trees", clone, cache(_prices)),
            terraform=lambda redact, interrupt: replace(terraform(), redact=redact, interrupt=interrupt),
            policy_engine=cache(self.policy_engine),
            interrupt=Interrupt(),
            slots=slots.Slots(settings.cache / "slots", slots.of_this_machine()),
            rego=self.rego,
        )

    def documents(self, database: Database) -> Documents:
        """Where previews, plans, logs and journals are: the home's folder, or the database, as `init` wrote down.

        Raises:
            Conflict: `documents-elsewhere` where GAIA_DOCUMENTS names the other one.
        """
        from gaia.kit import keys
        from gaia.platform.registration import registered
        from gaia.records.document_files import FolderDocuments
        from gaia.records.document_rows import DatabaseDocuments

        home, wanted = self.settings.home, self.settings.documents
        key, chosen = keys.load_key(home / "keys"), registered(self.settings).documents
        if wanted not in (None, chosen):
            raise Conflict(
                "documents-elsewhere",
                f"GAIA_DOCUMENTS is {wanted}, but the documents of {home} are in the {chosen}",
                next_step=f"Set GAIA_DOCUMENTS to {chosen}, or take it away. It is chosen when a home is made.",
            )
        return DatabaseDocuments(database, key) if chosen == "database" else FolderDocuments(home, key)

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

    def _terraform(self, *, cloud: Mapping[str, str] | None = None) -> Terraform:
        """The terraform (or tofu) that runs are carried out with, facing the sandbox where one is registered.

        `offline`: facing no cloud at all, for what asks none.
        """
        from gaia.kit.redact import Redactor
        from gaia.terraform.command import Terraform
        from gaia.terraform.tool import find_tool

        settings = self.settings
        environ = self._tool_environment(cloud)
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


def _prices() -> PriceBook:
    from gaia.cost.book import PriceBook

    return PriceBook.open()
