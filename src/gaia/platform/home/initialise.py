"""`gaia init`: a platform repository, a home that serves it, and an admin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, Next
from gaia.platform.callers.first_admin import ADMIN
from gaia.platform.home import joining, registration

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.settings import Settings


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `gaia init` made. The token is shown once."""

    directory: str
    """The platform repository."""
    repository: str
    """Its name in GAIA_HOME."""
    admin: str
    """The first person."""
    token: str


def initialise(settings: Settings, directory: Path) -> Initialised:
    """Make a platform repository from the blueprint in `directory` and an admin who may do everything.

    May be killed anywhere and repeated: until `shown` says that somebody has seen the token, the same call goes
    on with what was begun, and gives a fresh token in place of the one that nobody may have seen.

    Raises:
        Conflict: `home-in-use` when GAIA_HOME serves another repository, `init-unfinished` when another folder was
            begun, `target-not-empty`.
        Unavailable: `home-incomplete` when there are records, but not of an `init` that was cut off.
    """
    from gaia.kit import files
    from gaia.scaffold.blueprint import check_target, init_repository

    folder, kept = files.real_path(settings.cwd / directory), documents_wanted(settings)
    registration.check_folder(settings)
    begun = registration.begun(settings)
    if begun is None:
        _refuse_used(settings)
        joining.refuse_used(settings)
        check_target(folder)
        files.make_private(settings.home)
        files.write_atomic(registration.beginning(settings), json.dumps({"directory": str(folder)}).encode())
    elif begun != registration.Begun(str(folder)):
        raise registration.unfinished(settings, begun)
    init_repository(folder, environ=settings.environ, again=begun is not None)
    at = str(folder)
    row = registration.Registered(folder.name, at, "main", kept, states="checkout", checkout=at)
    secret = first_token(settings, row)
    registration.write(settings, row)
    return Initialised(row.source, row.id, ADMIN, secret)


def documents_wanted(settings: Settings) -> str:
    """Where the documents of a new home are to be, or `Invalid("documents-unknown")`."""
    kept = settings.documents or ("database" if settings.database else "folder")
    if kept not in registration.DOCUMENTS:
        raise Invalid(
            "documents-unknown",
            f"GAIA_DOCUMENTS is {kept!r}",
            next_step=f"Set it to {' or '.join(registration.DOCUMENTS)}, or take it away.",
        )
    if settings.database and kept != "database":
        raise Invalid(
            "documents-unknown",
            f"GAIA_DOCUMENTS is {kept}, but workers that share a database read documents there",
            next_step="Set GAIA_DOCUMENTS to database, or take it away.",
        )
    return kept


def shown(settings: Settings) -> None:
    """The token that `initialise` (or a home's first adoption) returned has been shown; it is not replaced any more."""
    registration.beginning(settings).unlink(missing_ok=True)


def first_token(settings: Settings, row: registration.Registered, audited: str = "repository.initialised") -> str:
    """The admin's token, in one transaction with the admin, or in place of those that an earlier call made.

    The repository is written down with it.
    """
    from gaia.kit import clock, keys
    from gaia.platform.callers import first_admin
    from gaia.records import audit, people, repositories
    from gaia.records.database import Database
    from gaia.records.model import Repository as Row

    database = Database.open(settings.records, create=True)
    try:
        with database.begin() as tx:
            now, known = clock.now(), ADMIN in people.names(tx).values()
            # A key is made before anything is signed with it, and never once something was.
            key = (keys.load_key if known else keys.make_key)(settings.home / "keys")
            repositories.register(tx, Row(row.id, row.source, row.branch))
            given = first_admin.replace(tx, ADMIN, at=now) if known else first_admin.begin(tx, at=now)
            who = given.person.id
            told = [("token.replaced" if known else audited, row.id, given.facts)]
            told += [("session.ended", session, {"replaced": given.token.id}) for session in given.ended]
            for action, subject, facts in told:
                audit.append(tx, key, at=now, actor=who, action=action, subject=subject, repository=row.id, facts=facts)
    finally:
        database.close()
    return given.secret


def _refuse_used(settings: Settings) -> None:
    if rows := registration.known(settings):
        raise Conflict(
            "home-in-use",
            f"{settings.home} serves {' and '.join(row.checkout for row in rows)} already",
            next_step=Next(
                "adopt",
                "DIR",
                "Set GAIA_HOME to another folder to make another; one that exists can be served beside",
            ),
        )
