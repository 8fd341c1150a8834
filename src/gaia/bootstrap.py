"""The one place where parts are put together. Doors call these functions."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gaia import home
from gaia.errors import Conflict, Invalid, NotFound, Unavailable
from gaia.home import Registered, registered, target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.cost.book import PriceBook
    from gaia.platform.parts import Parts
    from gaia.platform.service import Platform
    from gaia.policy.ports import Engine
    from gaia.records.database import Database
    from gaia.records.ports import Documents
    from gaia.settings import Settings
    from gaia.stacks.atmos import Atmos
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.component import Rego
    from gaia.stacks.validation.findings import Report
    from gaia.terraform.command import Terraform

ADMIN = "admin"
TOKEN_LIFE = timedelta(days=90)
_CLOUD = ("AWS_", "GOOGLE_", "ARM_", "AZURE_")
"""Prefixes of the variables that providers read; handed to terraform when no sandbox is registered."""


_TERRAFORM = ("TF_CLI_CONFIG_FILE",)
"""Where a provider mirror may be named; the terraform room reads it and writes a configuration of its own."""


@dataclass(frozen=True, slots=True)
class InitResult:
    """What `gaia init` made. The token is shown once."""

    directory: str
    repository_id: str
    admin: str
    token: str


def initialise(settings: Settings, directory: Path) -> InitResult:
    """Make a platform repository from the blueprint in `directory` and an admin who may do everything.

    May be killed anywhere and repeated: until `initialised` says that somebody has seen the token, the same call goes
    on with what was begun, and gives a fresh token in place of the one that nobody may have seen.

    Raises:
        Conflict: `home-in-use` when GAIA_HOME serves another repository, `init-unfinished` when another folder was
            begun, `target-not-empty`.
        Unavailable: `home-incomplete` when there are records, but not of an `init` that was cut off.
    """
    from gaia.kit import files
    from gaia.scaffold.blueprint import check_target, init_repository

    folder, kept = files.real_path(settings.cwd / directory), settings.documents or home.DOCUMENTS[0]
    if kept not in home.DOCUMENTS:
        raise Invalid(
            "documents-unknown",
            f"GAIA_DOCUMENTS is {kept!r}",
            next_step=f"Set it to {' or '.join(home.DOCUMENTS)}, or take it away.",
        )
    home.check_folder(settings)
    begun = home.begun(settings)
    if begun is None:
        _refuse_used(settings)
        check_target(folder)
        files.make_private(settings.home)
        files.write_atomic(home.beginning(settings), json.dumps({"directory": str(folder)}).encode())
    elif begun != str(folder):
        raise home.unfinished(settings, begun)
    init_repository(folder, environ=settings.environ, again=begun is not None)
    row = Registered(folder.name, str(folder), "main", kept)
    secret = _first_token(settings, row)
    files.write_atomic(home.registry(settings), json.dumps(asdict(row)).encode())
    return InitResult(row.source, row.id, ADMIN, secret)


def initialised(settings: Settings) -> None:
    """The token that `initialise` returned has been shown: a further `init` is refused from now on."""
    home.beginning(settings).unlink(missing_ok=True)


def _first_token(settings: Settings, row: Registered) -> str:
    """The admin's token; in one transaction with the admin, or in place of those that an earlier call made."""
    from gaia.kit import clock, keys
    from gaia.records import audit, people, repositories
    from gaia.records.database import Database
    from gaia.records.model import Grant
    from gaia.records.model import Repository as Row

    database = Database.open(settings.home / "gaia.db", create=True)
    try:
        with database.begin() as tx:
            now = clock.now()
            known = next((each for each in people.list_people(tx) if each.name == ADMIN), None)
            # A key is made before anything is signed with it, and never once something was.
            key = (keys.load_key if known else keys.make_key)(settings.home / "keys")
            if known is None:
                repositories.register(tx, Row(row.id, row.source, row.branch))
                person = people.add_person(tx, ADMIN, at=now)
                people.grant(tx, ADMIN, Grant("admin"))
            else:
                person = known
                for token in people.list_tokens(tx, ADMIN):
                    people.revoke_token(tx, token.id, at=now)
            _, secret = people.create_token(tx, ADMIN, at=now, expires=now + TOKEN_LIFE)
            action = "token.replaced" if known else "repository.initialised"
            audit.append(tx, key, at=now, actor=person.id, action=action, subject=row.id, repository=row.id)
    finally:
        database.close()
    return secret


def _refuse_used(settings: Settings) -> None:
    if home.registry(settings).exists():
        raise Conflict(
            "home-in-use",
            f"{settings.home} serves {registered(settings).source} already",
            next_step="Set GAIA_HOME to another folder for another platform repository.",
        )
    if home.has_records(settings):
        raise home.incomplete(settings)


def repository(settings: Settings, path: Path | None = None, *, processing: Processing | None = None) -> Repository:
    """The stacks at `path`, at the nearest `atmos.yaml` above the working directory, or of the registered one.

    For the person at this machine: `!exec` runs its command. `processing` switches templates and functions off.
    """
    from gaia.stacks.local import LocalResolver
    from gaia.stacks.repository import Repository

    folder = _folder(settings, path)
    return Repository.open(
        folder,
        environ=settings.environ,
        resolver=LocalResolver(folder),
        processing=processing,
        cache=settings.cache / "stacks",
    )


def validate_stacks(settings: Settings, path: Path | None = None, *, schema: Path | None = None) -> Report:
    """What is wrong with the manifests of a repository, and what its policies say of them.

    No command is run: what only something outside of the repository can give is not known to the policies.
    """
    from gaia.policy.validation import policy_findings
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.stacks import validate_stacks

    found = Repository.open(_folder(settings, path), environ=settings.environ, cache=settings.cache / "stacks")
    return validate_stacks(found, schema=schema).plus(policy_findings(found, lambda: policy_engine(settings)))


def atmos(settings: Settings, path: Path | None, processing: Processing) -> Atmos | None:
    """The real program that `GAIA_ATMOS` names, for the same repository; None where it names none.

    Raises:
        Unavailable: `atmos-missing`.
    """
    name = settings.environ.get("GAIA_ATMOS")
    if not name:
        return None
    import os

    from gaia.stacks.atmos import Atmos

    program = (settings.cwd / name).resolve()
    if not os.access(program, os.X_OK) or not program.is_file():
        raise Unavailable(
            "atmos-missing",
            f"GAIA_ATMOS is {name}, and there is no program",
            next_step="Give the path of an atmos binary, or take GAIA_ATMOS away to use the engine that is built in.",
        )
    return Atmos(program, _folder(settings, path), settings.environ, processing)


def _folder(settings: Settings, path: Path | None) -> Path:
    """Where reading begins; what lies around it and the `ATMOS_…` variables are for the reader to find."""
    from gaia.stacks.loading.atmosyaml import NAMES

    if path is not None:
        given = settings.cwd / path
        if not given.is_dir():
            # Else the nearest repository around the place where it would be would answer.
            raise NotFound("not-a-repository", f"there is no folder {given}", next_step="Give the folder of one.")
        return given
    around = (one for one in (settings.cwd, *settings.cwd.parents) if any((one / name).exists() for name in NAMES))
    chosen = any(settings.environ.get(name) for name in ("ATMOS_CLI_CONFIG_PATH", "ATMOS_BASE_PATH"))
    own = settings.cwd if chosen or (settings.cwd / "stacks").is_dir() else None
    return next(around, own) or Path(registered(settings).source)


def policy_engine(settings: Settings) -> Engine:
    """What evaluates every rule: the `opa` that `GAIA_OPA` names, else the embedded engine. Nothing else chooses.

    Raises:
        Unavailable: `opa-missing`: it names no program. The embedded engine does not step in: somebody asked for opa.
    """
    name = settings.environ.get("GAIA_OPA")
    if not name:
        from gaia.policy.regorus import Regorus

        return Regorus()
    import os

    from gaia.kit.process import child_environment
    from gaia.policy.opa import Opa

    program = (settings.cwd / name).resolve()
    if not program.is_file() or not os.access(program, os.X_OK):
        raise Unavailable(
            "opa-missing",
            f"GAIA_OPA is {name}, and there is no program; nothing was decided",
            next_step="Give the path of an opa binary, or take GAIA_OPA away to use the embedded engine.",
        )
    return Opa(program, environ=child_environment(settings.environ))


def rego_errors(settings: Settings) -> Rego:
    """What Atmos's rules say of an instance: the hook of `validate component`.

    It raises `policy-broken`, with a place, where a rule cannot be evaluated, `policy-bad-result` for what is no text.
    """

    def ask(modules: Sequence[tuple[str, str]], document: Mapping[str, object]) -> Sequence[str]:
        from gaia.policy.judge import texts
        from gaia.policy.model import Module

        asked = [Module(path, text) for path, text in modules]
        return texts(asked, document, "data.atmos.errors", engine=policy_engine(settings))

    return ask


@contextmanager
def records(settings: Settings) -> Iterator[Database]:
    """The database of this GAIA_HOME, closed at the end."""
    from gaia.records.database import Database

    registered(settings)
    database = Database.open(settings.home / "gaia.db")
    try:
        yield database
    finally:
        database.close()


@contextmanager
def platform(settings: Settings, *, anywhere: bool = False) -> Iterator[Platform]:
    """The platform in the name of whoever GAIA_TOKEN belongs to.

    `anywhere` is for what only reads, or whose caller stands in no folder; everything else is refused where another
    repository is around the caller (`repository-other`, see `target`).
    """
    from gaia.platform.service import Platform

    if not anywhere:
        target(settings)
    with records(settings) as database:
        yield Platform(parts(settings, database), settings.token)


def parts(settings: Settings, database: Database) -> Parts:
    """Everything that acts on the registered repository; tools are looked for when first needed."""
    from functools import cache

    from gaia.kit import keys, slots
    from gaia.kit.interrupt import Interrupt
    from gaia.platform.parts import Parts
    from gaia.platform.snapshot import Snapshots
    from gaia.scaffold.clone import Clone

    row, key = registered(settings), keys.load_key(settings.home / "keys")
    folder = settings.home / "repos" / row.id
    clone = cache(lambda: Clone.open(folder / "clone", row.source, row.branch, settings.environ))
    found = cache(lambda: terraform(settings, str))
    return Parts(
        home=settings.home,
        environ=settings.environ,
        repository=row.id,
        database=database,
        key=key,
        documents=documents(settings, database),
        clone=clone,
        snapshot=Snapshots(folder / "trees", clone, cache(_prices)),
        terraform=lambda redact, interrupt: replace(found(), redact=redact, interrupt=interrupt),
        policy_engine=cache(lambda: policy_engine(settings)),
        interrupt=Interrupt(),
        slots=slots.Slots(settings.cache / "slots", slots.of_this_machine()),
        rego=rego_errors(settings),
    )


def documents(settings: Settings, database: Database) -> Documents:
    """Where previews, plans, logs and journals are: the home's folder, or the database, as `init` wrote down.

    Raises:
        Conflict: `documents-elsewhere` where GAIA_DOCUMENTS names the other one.
    """
    from gaia.kit import keys
    from gaia.records.document_files import FolderDocuments
    from gaia.records.document_rows import DatabaseDocuments

    key = keys.load_key(settings.home / "keys")
    chosen, wanted = registered(settings).documents, settings.documents
    if wanted not in (None, chosen):
        raise Conflict(
            "documents-elsewhere",
            f"GAIA_DOCUMENTS is {wanted}, but the documents of {settings.home} are in the {chosen}",
            next_step=f"Set GAIA_DOCUMENTS to {chosen}, or take it away. It is chosen when a home is made.",
        )
    return DatabaseDocuments(database, key) if chosen == "database" else FolderDocuments(settings.home, key)


def _prices() -> PriceBook:
    from gaia.cost.book import PriceBook

    return PriceBook.open()


def terraform(settings: Settings, redact: object) -> Terraform:
    """The terraform (or tofu) that runs are carried out with, facing the sandbox where one is registered."""
    from gaia.terraform.command import Terraform
    from gaia.terraform.tool import find_tool

    return Terraform(find_tool(settings), home=settings.home, environ=tool_environment(settings), redact=redact)  # type: ignore[arg-type]


def tool_environment(settings: Settings) -> Mapping[str, str]:
    """The allow-listed environment and the cloud's variables: the sandbox's, or the user's own; never both.

    Raises:
        Unavailable: `sandbox-down` when a sandbox is registered and does not answer.
    """
    from gaia.kit.process import child_environment
    from gaia.sandbox import environment

    sandbox = environment(settings.home)
    cloud = sandbox if sandbox is not None else {
        name: value for name, value in settings.environ.items() if name.startswith(_CLOUD)
    }  # fmt: skip
    found = {name: settings.environ[name] for name in _TERRAFORM if name in settings.environ}
    return child_environment(settings.environ, **found, **cloud)
