"""`gaia adopt` and `gaia leave`: a repository that exists becomes one that this home serves, and ceases to be."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.adoption import candidate
from gaia.adoption.model import Adopted, Left
from gaia.errors import Conflict, Next, NotFound, Refused
from gaia.kit import clock, files
from gaia.platform.home import registration
from gaia.platform.home.registration import Registered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gaia.adoption.candidate import Candidate
    from gaia.records.database import Transaction
    from gaia.settings import Settings


def adopt(settings: Settings, directory: Path) -> Adopted:
    """Register the repository at or above `directory`, with its remote and its branch; nothing in it is changed.

    Where nobody may call yet, an admin is made, as by `gaia.platform.home.initialise`: until `shown` says that
    somebody has seen the token, the same call goes on with what was begun, and gives a fresh one. May be killed
    anywhere and repeated; of one that is registered it says so. One that was left is taken up again under its name.

    Raises:
        Conflict: `checkout-other`, `init-unfinished`, `database-in-use`.
        Refused: `not-permitted` where there are people, and the caller is no admin.
        GaiaError: what `gaia.adoption.candidate.read` raises.
    """
    from gaia.platform.callers.first_admin import ADMIN
    from gaia.platform.home.initialise import documents_wanted
    from gaia.platform.home.joining import refuse_used

    wanted = documents_wanted(settings)
    found = candidate.read(files.real_path(settings.cwd / directory), settings.environ)
    rows, begun = registration.known(settings), registration.begun(settings)
    if begun is not None and begun != registration.Begun(str(found.folder), "adopt"):
        raise registration.unfinished(settings, begun)
    row = registration.of_checkout(rows, found.folder, settings.environ)
    if row is None:
        _check_new(settings, [one for one in rows if not one.left], found)
    if row is not None and not row.left and begun is None:
        return _adopted(settings, row, found, known=True)
    new = Registered(
        row.id if row else _name(rows, found.folder),
        found.source,
        found.branch,
        documents=rows[0].documents if rows else wanted,
        states=row.states if row else "checkout",
        checkout=row.checkout if row else str(found.folder),
    )
    if not rows and begun is None:
        refuse_used(settings)
    token = _write(settings, new, first=not rows or begun is not None)
    return replace(_adopted(settings, new, found, known=False), token=token, admin=ADMIN if token else "")


def leave(settings: Settings, directory: Path) -> Left:
    """Serve the repository of the checkout `directory` no longer. Nothing is taken away; it can be adopted again.

    Raises:
        NotFound: `repository-not-registered`. Conflict: `repository-busy`.
        Refused: `not-permitted`, where the caller is no admin.
    """
    from gaia.records import runs
    from gaia.stacks.mainfile import root_near

    given, rows = files.real_path(settings.cwd / directory), registration.every(settings)
    folder = root_near(given) or given  # a checkout that is gone is known by its name
    row = registration.of_checkout(rows, folder, settings.environ)
    if row is None:
        raise NotFound(
            "repository-not-registered",
            f"{settings.home} does not serve {folder}, but {' and '.join(one.checkout for one in rows)}",
            next_step="Give the folder of one of them.",
        )
    with _administering(settings, row, "repository.left") as tx:
        if live := runs.live(tx, row.id):
            raise Conflict(
                "repository-busy",
                f"{len(live)} runs of {row.checkout} are queued or going on",
                next_step=Next("status", words="Wait for them, or see which"),
            )
    registration.write(settings, replace(row, left=clock.rfc3339(clock.now())))
    return _left(settings, row)


def _check_new(settings: Settings, served: Sequence[Registered], found: Candidate) -> None:
    """Refuse a further checkout of what is served already: requests of one repository have one home."""
    if (other := registration.clone_of(served, found.folder, settings.environ)) is not None:
        raise Conflict(
            "checkout-other",
            f"{settings.home} serves {other.shown} by its checkout {other.checkout}; {found.folder} is another one",
            next_step=Next("leave", other.checkout, f"Work in {other.checkout} or a git worktree of it, or let it go"),
        )


def _write(settings: Settings, row: Registered, *, first: bool) -> str:
    """Into the records first, then into the registry: what is cut off in between is done again by the next call.

    Returns the token of the home's first admin, if there was none.
    """
    from gaia.platform.home.initialise import first_token

    if first:
        files.make_private(settings.home)
        beginning = {"directory": row.checkout, "command": "adopt"}
        files.write_atomic(registration.beginning(settings), json.dumps(beginning).encode())
        secret = first_token(settings, row, "repository.adopted")
        registration.write(settings, row)
        return secret
    with _administering(settings, row, "repository.adopted") as tx:
        _register(tx, row)
    registration.write(settings, row)
    return ""


def _register(tx: Transaction, row: Registered) -> None:
    from gaia.records import repositories
    from gaia.records.model import Repository

    repositories.register(tx, Repository(row.id, row.source, row.branch))


@contextmanager
def _administering(settings: Settings, row: Registered, act: str) -> Iterator[Transaction]:
    """A transaction in the name of an admin, written down in the audit log, as is the refusal of anybody else."""
    from gaia.access.callers import authenticate
    from gaia.kit import keys
    from gaia.platform.acting import Acting, AuditLog
    from gaia.records.database import Database

    log = AuditLog(row.id, keys.load_key(settings.home / "keys"))
    with closing(Database.open(settings.records)) as database:
        with database.read() as tx:
            caller = authenticate(tx, settings.token, clock.now())
        refused = Refused("not-permitted", f"{caller.name} is no admin", next_step="Ask an admin to do it.")
        with Acting(database, log, caller).doing("administer", act, row.id, missing=refused) as (tx, who):
            yield tx
            log.note(
                tx,
                who.id,
                act,
                row.id,
                {"checkout": row.checkout, "source": row.shown, "branch": row.branch},
            )


def _name(rows: Sequence[Registered], folder: Path) -> str:
    """The folder's name, made one that nobody has yet; it names folders and files of the home."""
    taken, name = {row.id for row in rows}, folder.name.lstrip(".") or "repository"
    return next(one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _adopted(settings: Settings, row: Registered, found: Candidate, *, known: bool) -> Adopted:
    return Adopted(
        repository=row.id,
        checkout=row.checkout,
        source=row.shown,
        branch=row.branch,
        stacks=found.stacks,
        states=str(registration.states_folder(settings, row)),
        known=known,
        takes_no_push=found.takes_no_push and row.source == row.checkout,
    )


def _left(settings: Settings, row: Registered) -> Left:
    home = settings.home
    own = home if registration.is_first(settings, row) else home / "repos" / row.id
    in_database = registration.records_shown(settings)
    places = {kind: str(own / kind) for kind in ("journals", "previews", "runs")}
    if row.documents == "database":
        places = dict.fromkeys(places, in_database)
    return Left(
        repository=row.id,
        checkout=row.checkout,
        source=row.shown,
        branch=row.branch,
        states=_states(settings, row),
        database=in_database,
        journals=places["journals"],
        previews=places["previews"],
        logs=places["runs"],
        clone=str(home / "repos" / row.id / "clone"),
        keys=str(home / "keys"),
    )


def _states(settings: Settings, row: Registered) -> str:
    """Where local states lie; of a checkout that cannot be read any more, the checkout."""
    from gaia.errors import GaiaError

    try:
        return str(registration.states_folder(settings, row))
    except (GaiaError, OSError):
        return row.checkout
