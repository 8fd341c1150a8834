"""Signing in: by a provider's access token, by a browser and a provider, or by a link that holds once.

People whom a provider vouches for become persons when they are first seen, if one of their groups has a role here.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from gaia.access import callers
from gaia.access.oidc import code_flow, tokens
from gaia.access.oidc.checked import checked
from gaia.access.oidc.device_flow import way_of
from gaia.access.oidc.discovery import Discovered
from gaia.access.oidc.keys import Keys, ask_keys
from gaia.access.oidc.mapping import GroupRoles
from gaia.errors import Conflict, GaiaError, Next, Refused, Unauthenticated, Unavailable
from gaia.kit import clock, outgoing
from gaia.kit.sealing import seal, unseal
from gaia.platform.acting import ENGINE
from gaia.platform.callers import links
from gaia.records import announced, identities, people, sessions
from gaia.records.model import PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.access.callers import Caller
    from gaia.access.identity import Identity
    from gaia.access.oidc.device_flow import Way
    from gaia.access.oidc.discovery import Http
    from gaia.platform.acting import AuditLog
    from gaia.records.database import Database, Transaction
    from gaia.records.model import Grant, Person
    from gaia.settings import Oidc

SESSION_LIFE = timedelta(hours=12)
_FORGOTTEN_AFTER = timedelta(days=30)
_ATTEMPT = "an attempt to sign in"
_LONGEST_COOKIE = 4000


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it is to keep until it comes back."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody has signed in."""

    secret: str
    """Of the session; shown to the browser alone."""
    then: str
    """Where to go: a path on Gaia's own host."""


@dataclass(frozen=True, slots=True)
class _Provider:
    """One provider of identities, and what was learnt from it."""

    settings: Oidc
    http: Http
    found: Discovered
    keys: Keys
    roles: GroupRoles

    @classmethod
    def of(cls, settings: Oidc, http: Http | None) -> _Provider:
        http = http or partial(outgoing.client, allow_private=settings.private)
        found = Discovered(http, settings.issuer)
        return cls(checked(settings), http, found, Keys(partial(ask_keys, http, found)), GroupRoles(settings.roles))


class SigningIn:
    """Who calls, by any way there is. Safe for many threads; kept for as long as a server runs.

    Raises:
        Invalid: `oidc-settings`.
    """

    def __init__(self, database: Database, log: AuditLog, settings: Oidc | None, http: Http | None = None) -> None:
        self._database = database
        self._log = log
        self._provider = _Provider.of(settings, http) if settings is not None else None

    def check(self) -> None:
        """Pass where roles can be given by groups, or need not be.

        Raises:
            Unavailable: `roles-unusable`.
        """
        self._grants(())

    def way(self) -> Way | None:
        """How a terminal signs in; None where only this home's own tokens are known."""
        return way_of(self._provider.settings) if self._provider is not None else None

    def caller(self, secret: str | None) -> Caller:
        """Who calls with a token, of this home or of the provider.

        Raises:
            Unauthenticated: as `gaia.access.callers.authenticate` and `gaia.access.oidc.tokens.access_identity`;
                `person-without-role`. Unavailable: `issuer-…`, `roles-unusable`.
        """
        now = clock.now()
        if self._provider is not None and secret is not None and tokens.is_signed(secret):
            provider = self._provider
            identity = tokens.access_identity(secret, provider.keys, provider.settings, now)
            given = provider.roles.grants(identity.groups)
            return callers.vouched(self._person(identity, given), identity, given)
        with self._database.read() as tx:
            return callers.authenticate(tx, secret, now)

    def in_session(self, secret: str | None) -> Caller:
        """Whose browser has this session.

        Raises:
            Unauthenticated: as `gaia.access.callers.in_session`. Unavailable: `roles-unusable`.
        """
        with self._database.read() as tx:
            return callers.in_session(tx, secret, clock.now(), self._grants)

    def begin(self, redirect_uri: str, then: str, *, again: bool = False) -> Begun:
        """Send a browser to the provider.

        Raises:
            Unavailable: `sign-in-not-set`, `issuer-…`.
        """
        provider = self._needed()
        url, attempt = code_flow.begin(
            provider.found.get(), provider.settings, redirect_uri, then, clock.now(), again=again
        )
        sealed = seal(self._log.key, attempt.to_bytes(), about=_ATTEMPT)
        return Begun(url, base64.urlsafe_b64encode(sealed).decode())

    def finish(self, cookie: str | None, redirect_uri: str, answer: Mapping[str, str]) -> Entered:
        """Take a browser back from the provider.

        Raises:
            Unauthenticated: as `gaia.access.oidc.code_flow.finish`; `person-without-role`, `person-disabled`.
            Unavailable: `sign-in-not-set`, `issuer-…`, `roles-unusable`.
        """
        provider = self._needed()
        attempt = self._attempt(cookie)
        identity = code_flow.finish(
            provider.http,
            provider.found.get(),
            provider.keys,
            provider.settings,
            redirect_uri,
            attempt,
            answer,
            clock.now(),
        )
        try:
            caller = self._vouched(identity)
        except Unauthenticated as error:
            with self._database.begin() as tx:
                facts = {"code": error.code, "subject": identity.subject, "issuer": identity.issuer}
                self._log.note(tx, ENGINE, "session.begin", identity.subject, facts, outcome="refused")
            raise
        with self._database.begin() as tx:
            return Entered(self._enter(tx, caller, by="provider"), attempt.then)

    def make_link(self, person: str) -> str:
        """The secret of a link that signs somebody in once, and not for long."""
        with self._database.begin() as tx:
            return links.make(tx, self._log, ENGINE, person)

    def follow(self, link: str, then: str) -> Entered:
        """Sign in with a link, which holds no longer afterwards.

        Raises:
            Unauthenticated: `link-unknown`: it was used, its time is over, its person is disabled, or no
                entry of the audit log tells of it.
        """
        with self._database.begin() as tx:
            person = links.take(tx, self._log, link)
            if person is not None:
                found = people.get_person(tx, person)
                if not found.disabled:
                    caller = callers.Caller(found.id, found.name, found.grants)
                    return Entered(self._enter(tx, caller, by="link", link=announced.of_link(link)), then)
        raise Unauthenticated(
            "link-unknown",
            "this link signs nobody in: it was used, or its time is over",
            next_step="Restart the server for a new one, or call with a token.",
        )

    def enter(self, secret: str, then: str) -> Entered:
        """Sign in with a token of this home that narrows nothing; the session ends with it, however that ends.

        Raises:
            Unauthenticated: as `gaia.access.callers.authenticate`. Refused: `token-narrow`.
        """
        with self._database.begin() as tx:
            caller = callers.authenticate(tx, secret, clock.now())
            if caller.scopes == PERMISSIONS:
                return Entered(self._enter(tx, caller, by="token"), then)
            facts = {"code": "token-narrow", "token": caller.token}
            self._log.note(tx, caller.id, "session.begin", caller.id, facts, outcome="refused")
        raise Refused(
            "token-narrow",
            "this token was made for less than its owner may do, and a browser's session is not",
            next_step="Sign in with another token, or ask an admin for a sign-in link.",
        )

    def leave(self, secret: str | None) -> None:
        """End a browser's session; one that has ended is no error."""
        with self._database.begin() as tx:
            session = sessions.of_secret(tx, secret) if secret else None
            if session is not None and sessions.end(tx, session.id, at=clock.now()):
                self._log.note(tx, session.person, "session.ended", session.id, {})

    def _enter(self, tx: Transaction, caller: Caller, *, by: str, **more: object) -> str:
        now = clock.now()
        ends = now + SESSION_LIFE
        if by == "token" and caller.until is not None:
            ends = min(ends, caller.until)
        sessions.forget(tx, before=now - _FORGOTTEN_AFTER)
        session, secret = sessions.begin(
            tx,
            caller.id,
            at=now,
            expires=ends,
            groups=caller.named_groups,  # local ones are read anew by each call, and give no role
            proved_at=caller.proved_at,
            token=caller.token or None,
        )
        facts = {"by": by, **more, **announced.of_session(tx, session.id)}
        self._log.note(tx, caller.id, "session.begun", session.id, facts)
        return secret

    def _vouched(self, identity: Identity) -> Caller:
        given = self._grants(sorted(identity.groups))
        return callers.vouched(self._person(identity, given), identity, given)

    def _person(self, identity: Identity, given: tuple[Grant, ...]) -> Person:
        with self._database.read() as tx:
            known = identities.person_of(tx, identity.issuer, identity.subject)
        if known is not None:
            return known
        if not given:
            raise Unauthenticated(
                "person-without-role",
                "none of your groups has a role here",
                next_step="Ask who runs this platform to give one of your groups a role.",
            )
        try:
            return self._admit(identity)
        except Conflict:  # another call of the same person's was faster
            with self._database.read() as tx:
                found = identities.person_of(tx, identity.issuer, identity.subject)
            return found or self._admit(identity)  # or somebody else has taken the name meanwhile

    def _admit(self, identity: Identity) -> Person:
        with self._database.begin() as tx:
            made = identities.add(tx, identity.issuer, identity.subject, identity.name, at=clock.now())
            facts = {"person": made.name, "issuer": identity.issuer, "subject": identity.subject}
            self._log.note(tx, made.id, "person.admitted", made.id, facts)
            return made

    def _grants(self, groups: Sequence[str]) -> tuple[Grant, ...]:
        return self._provider.roles.grants(groups) if self._provider is not None else ()

    def _needed(self) -> _Provider:
        if self._provider is None:
            raise Unavailable(
                "sign-in-not-set",
                "no provider of identities is set here",
                next_step="Set GAIA_OIDC_ISSUER where the server runs, or call with a token.",
            )
        return self._provider

    def _attempt(self, cookie: str | None) -> code_flow.Attempt:
        try:
            sealed = base64.b64decode((cookie or "")[:_LONGEST_COOKIE], altchars="-_", validate=True)
            return code_flow.Attempt.of(unseal(self._log.key, sealed, about=_ATTEMPT))
        except (ValueError, TypeError, binascii.Error, GaiaError) as error:
            raise Unauthenticated(
                "sign-in-invalid",
                "this browser has not begun to sign in, or too long ago",
                next_step=Next("login", words="Begin again"),
            ) from error
