"""A way back where no admin can call any more: for whoever owns the home's files, on the machine where they lie.

They could write to the records anyway, so this gives nobody a right that they have not; it is written down. It takes
the key that the records are signed with: who only shares the database is no owner.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Invalid, Next, Refused
from gaia.platform.callers.first_admin import ADMIN
from gaia.platform.home import joining, registration

if TYPE_CHECKING:
    from gaia.platform.acting import AuditLog
    from gaia.platform.callers.first_admin import Given
    from gaia.platform.model import TokenView
    from gaia.records.database import Transaction
    from gaia.records.model import Person
    from gaia.settings import Settings

OWNER = "operator"
"""Who acts by owning the files: no name that a person could have."""


def recover(settings: Settings, person: str | None = None) -> tuple[TokenView, str]:
    """A token of an admin, by name or id, in place of those that they had; the only one there is if none is named.

    Where nobody administers everything any more, the one who is named does again, and is made if there is nobody.

    Raises:
        Refused: `home-elsewhere`.
        Conflict: `admin-there`: another admin can call; `key-other`; `person-exists`, of a name chosen at a provider.
        Invalid: `admin-unnamed`, `not-an-admin`, `name-invalid`. Unavailable: `key-missing` and the like.
        NotFound: `repository-missing`.
    """
    from gaia.kit import keys
    from gaia.platform.acting import AuditLog
    from gaia.platform.callers.people import token_view
    from gaia.records import audit_tail
    from gaia.records.database import Database

    check_here(settings)
    here = registration.every(settings)[0]
    log = AuditLog(here.id, keys.load_key(settings.home / "keys"), settings.home / audit_tail.FILE)
    with closing(Database.open(settings.records)) as database:
        try:
            with database.begin() as tx:
                joining.check_key(tx, log.key)
                given = _give(tx, settings, log, person)
                facts = {**given.facts, "person": given.person.name, "user": _user()}
                log.note(tx, OWNER, "token.recovered", given.token.id, facts)
                for session in given.ended:
                    log.note(tx, OWNER, "session.ended", session, {"recovered": given.token.id})
        except GaiaError as error:
            if error.code != "key-other":  # an entry with another key would break the log
                with database.begin() as tx:
                    facts = {"code": error.code, "user": _user()}
                    log.note(tx, OWNER, "token.recover", person or "", facts, outcome="refused")
            raise
    return token_view(given.token, given.person), given.secret


def check_here(settings: Settings) -> None:
    """Raise `Refused("home-elsewhere")` where GAIA_URL names a server: its home lies elsewhere."""
    if settings.url is not None:
        raise Refused(
            "home-elsewhere",
            f"GAIA_URL names the server at {settings.url}, and this is done where the files of its home lie",
            next_step="Run it on that machine, as the user whose files they are, without GAIA_URL.",
        )


def _give(tx: Transaction, settings: Settings, log: AuditLog, named: str | None) -> Given:
    from gaia.kit import clock
    from gaia.platform.callers import admins, first_admin
    from gaia.records import people

    administrators = people.administrators(tx)
    who = _administrator(tx, administrators, named) if administrators else _made(tx, log, named or ADMIN)
    others = admins.reachable(tx, by_provider=settings.oidc is not None) - {who.id}
    if others:
        names = ", ".join(sorted(people.names(tx)[one] for one in others))
        raise Conflict(
            "admin-there",
            f"somebody else can administer: {names}",
            next_step=Next("token create", who.name, "Ask them, or call with their token, to make one"),
        )
    return first_admin.replace(tx, who.id, at=clock.now())


def _administrator(tx: Transaction, administrators: frozenset[str], named: str | None) -> Person:
    from gaia.records import people

    known = sorted((people.get_person(tx, one) for one in administrators), key=lambda one: one.name)
    if named is None and len(known) == 1:
        return known[0]
    found = next((one for one in known if (named or ADMIN) in (one.name, one.id)), None)
    if found is None:
        names = ", ".join(one.name for one in known)
        step = f"Name one of {names}."
        if named is None:
            raise Invalid("admin-unnamed", "there are several admins", next_step=step)
        raise Invalid("not-an-admin", f"{named!r} is no admin of everything", next_step=step)
    return found


def _made(tx: Transaction, log: AuditLog, name: str) -> Person:
    """Somebody who administers everything from now on: nobody does."""
    from gaia.kit import clock
    from gaia.platform.callers.meaning import person_meant
    from gaia.records import people
    from gaia.records.model import Grant

    known = {one for pair in people.names(tx).items() for one in pair}
    person = person_meant(tx, name) if name in known else people.add_person(tx, name, at=clock.now())
    if person.disabled:
        people.set_disabled(tx, person.id, False)
        log.note(tx, OWNER, "person.enabled", person.id, {"person": person.name})
    people.grant(tx, person.id, Grant("admin"))
    facts = {"person": person.name, "role": "admin", "tenant": "*", "stage": "*"}
    log.note(tx, OWNER, "role.given", person.id, facts)
    return people.get_person(tx, person.id)


def _user() -> str:
    """Whom the machine says to have done it."""
    import os
    import pwd
    import socket

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"{name} at {socket.gethostname()}"
