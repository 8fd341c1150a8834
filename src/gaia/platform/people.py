"""Who may call, and what was written about it: tokens and the audit log, each read and changed in somebody's name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound, Refused
from gaia.kit import clock
from gaia.kit.visible import kept
from gaia.platform import refusals
from gaia.records import audit, people
from gaia.records.model import ANY, Grant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    from gaia.kit.keys import Key
    from gaia.records.database import Database, Transaction
    from gaia.records.model import AuditOutcome, Entry, Person, Role, Token

_LONGEST_NAME = 128
"""Characters of a tenant or a stage: Atmos has no limit, folders and tags that are named after them have."""
_PLACE = re.compile(r"\*|[\w./-]+")
"""Everywhere, or what Atmos's names are made of; no other pattern means anything here."""


class People:
    """Tokens and the audit log. Everything but the caller's own tokens is an admin's business."""

    def __init__(self, database: Database, repository: str, key: Key, token: str | None) -> None:
        self._database = database
        self._repository = repository
        self._key = key
        self._token = token

    def create_token(
        self, person: str, *, roles: Sequence[Role], tenant: str = ANY, stage: str = ANY, life: timedelta
    ) -> tuple[Token, Person, str]:
        """Make the person if there is none, give the roles, and return a token, whose it is, and its secret.

        Raises:
            Unauthenticated: without a token that is good now.
            Refused: `not-permitted` when the caller is no admin.
            Invalid: `name-invalid`, `role-unknown`, `token-expiry`, `text-too-long`, `text-invalid`.
        """
        caller = self._admin("token.create", person)
        for text, what in ((tenant, "the tenant"), (stage, "the stage")):
            _check_place(text, what)
        with self._database.begin() as tx:
            now = clock.now()
            if person not in people.names(tx).values():
                people.add_person(tx, person, at=now)
            for role in roles:
                people.grant(tx, person, Grant(role, tenant, stage))
            token, secret = people.create_token(tx, person, at=now, expires=now + life)
            facts = {"person": person, "roles": list(roles), "tenant": tenant, "stage": stage}
            self._note(tx, caller, "token.created", token.id, facts)
            return token, people.get_person(tx, person), secret

    def tokens(self, person: str | None = None) -> tuple[tuple[Token, Person], ...]:
        """Tokens with whose they are, newest first: everybody's for an admin, else the caller's own."""
        caller = self._caller()
        with self._database.read() as tx:
            everybody = {each.id: each for each in people.list_people(tx)}
            wanted = person if self._is_admin(caller) else caller.name
            found = tuple((token, everybody[token.person]) for token in people.list_tokens(tx, wanted))
            return found if person in (None, wanted) else ()

    def revoke(self, token: str) -> tuple[Token, Person]:
        """End a token now.

        Raises:
            NotFound: `token-not-found`, also for somebody else's where the caller is no admin.
        """
        caller = self._caller()
        with self._database.begin() as tx:
            found = next((each for each in people.list_tokens(tx) if each.id == token), None)
            if found is None or not (self._is_admin(caller) or found.person == caller.id):
                raise NotFound("token-not-found", f"there is no token {token!r}", next_step="Run `gaia token list`.")
            people.revoke_token(tx, token, at=clock.now())
            self._note(tx, caller, "token.revoked", token, {})
            ended = next(each for each in people.list_tokens(tx) if each.id == token)
            return ended, people.get_person(tx, found.person)

    def entries(self, *, subject: str | None, limit: int) -> tuple[tuple[Entry, str], ...]:
        """The newest entries of the audit log with the names of who did them, oldest first."""
        self._admin("audit.read", subject or "")
        with self._database.read() as tx:
            names = people.names(tx)
            found = _all(lambda after: audit.entries(tx, after=after, subject=subject))
            return tuple((entry, names.get(entry.actor, entry.actor)) for entry in found[-limit:])

    def verify(self) -> tuple[int, int | None]:
        """How many entries the audit log has, and the first that does not fit (None: all fit)."""
        self._admin("audit.verify", "")
        with self._database.read() as tx:
            return audit.count(tx), audit.verify(tx, self._key)

    def _caller(self) -> Person:
        if self._token is None:
            raise refusals.token_missing()
        with self._database.begin() as tx:
            return people.authenticate(tx, self._token, clock.now())

    def _admin(self, action: str, subject: str) -> Person:
        """The caller, who is an admin; a refusal is written down before it is told."""
        caller = self._caller()
        if not self._is_admin(caller):
            with self._database.begin() as tx:
                self._note(tx, caller, action, subject, {"code": "not-permitted"}, outcome="refused")
            raise Refused("not-permitted", f"{caller.name} is no admin", next_step="Ask an admin to do it.")
        return caller

    def _is_admin(self, caller: Person) -> bool:
        return people.allows(caller, "administer", ANY, ANY)

    def _note(
        self,
        tx: Transaction,
        caller: Person,
        action: str,
        subject: str,
        facts: Mapping[str, object],
        *,
        outcome: AuditOutcome = "done",
    ) -> None:
        audit.append(
            tx, self._key, at=clock.now(), actor=caller.id, action=action, subject=subject, repository=self._repository,
            outcome=outcome, facts=facts,
        )  # fmt: skip


def _check_place(text: str, what: str) -> None:
    kept(text, what, _LONGEST_NAME)
    if not _PLACE.fullmatch(text):
        raise Invalid(
            "name-invalid",
            f"{what} {text!r} is not a valid name",
            next_step="Use letters, digits and _ . - / as the stacks do, or * for every one.",
        )


def _all(page: Callable[[int], tuple[Entry, ...]]) -> list[Entry]:
    found: list[Entry] = []
    while more := page(found[-1].seq if found else 0):
        found += more
    return found
