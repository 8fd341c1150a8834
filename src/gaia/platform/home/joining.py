"""A home on another machine that shares the records of one that exists: it serves what that one serves."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Next, NotFound, Unavailable
from gaia.platform.home import registration

if TYPE_CHECKING:
    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction
    from gaia.settings import Settings


def join(settings: Settings) -> tuple[registration.Registered, ...]:
    """Have this home serve what the others of its database serve; returns what it did not serve yet.

    The key is never in the database: it is copied by whoever sets the worker up, and compared before anything is done.

    Raises:
        Unavailable: the database's; `key-missing` and the like. Conflict: `key-other`.
        NotFound: `repository-missing`: nobody has begun anything in that database.
    """
    from gaia.kit import files, keys
    from gaia.records import repositories
    from gaia.records.database import Database

    if settings.database is None:
        return ()
    files.make_private(settings.home)
    try:
        key = keys.load_key(settings.home / "keys")
    except Unavailable as error:
        if error.code != "key-missing":
            raise
        raise Unavailable(
            "key-missing",
            error.message,
            next_step=f"Copy keys/repository.key of the home that made the records to {settings.home}/keys, mode 0600.",
        ) from None
    with closing(Database.open(settings.database)) as database, database.read() as tx:
        rows = repositories.every(tx)
        check_key(tx, key)
    if not rows:
        raise NotFound(
            "repository-missing",
            f"{registration.records_shown(settings)} serves no platform repository",
            next_step=Next("init", "DIR", "Make one there, or register one that exists (`adopt`)"),
        )
    known = {row.id for row in registration.known(settings)}
    joined = tuple(
        registration.Registered(row.id, row.source, row.branch, "database", checkout=row.source)
        for row in rows
        if row.id not in known
    )
    for row in joined:
        registration.write(settings, row)
    return joined


def check_key(tx: Transaction, key: SecretKey) -> None:
    """Raise `Conflict("key-other")` for a key that the records are not signed with, nor with one that it replaced."""
    from gaia.records import audit

    used = audit.signed_by(tx)
    if used is not None and key.named(used) is None:
        raise Conflict(
            "key-other",
            f"the records were last signed with {used}, and the key of this home is {key.id}",
            next_step="Copy the folder keys of the home that made the records.",
        )


def refuse_used(settings: Settings) -> None:
    """Before a home begins: a database in which another one began is joined, not begun again.

    Raises:
        Conflict: `database-in-use`.
    """
    from gaia.records import people
    from gaia.records.database import Database

    if settings.database is None:
        return
    try:
        database = Database.open(settings.database)
    except GaiaError as error:
        if error.code == "database-empty":
            return
        raise
    with closing(database), database.read() as tx:
        if not people.list_people(tx):
            return
    raise Conflict(
        "database-in-use",
        f"{registration.records_shown(settings)} holds the records of another home",
        next_step=Next("worker", words="Work for it from here, with its key", after="Or name an empty database."),
    )
