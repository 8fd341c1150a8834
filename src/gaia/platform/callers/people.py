"""Who may call, and what was written about it: tokens and the audit log, each read and changed in somebody's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from gaia.access import callers, rules
from gaia.errors import Conflict, Defect, Next, NotFound, Refused
from gaia.kit import clock, vouching
from gaia.kit.ids import check_name
from gaia.kit.visible import kept
from gaia.platform.acting import Acting, check_place
from gaia.platform.callers import admins, links
from gaia.platform.callers.delegating import Delegations
from gaia.platform.callers.meaning import person_meant
from gaia.platform.model import CallerView, EntryView, GrantView, PersonView, TokenView
from gaia.records import announced, audit, audit_export, audit_tail, people
from gaia.records.audit_wanted import ANYTHING, actions, conditions
from gaia.records.model import ANY, Grant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from gaia.access.callers import Caller
    from gaia.platform.acting import AuditLog
    from gaia.records.audit_export import Form
    from gaia.records.audit_wanted import Wanted
    from gaia.records.database import Database, Transaction
    from gaia.records.model import Entry, Person, Role, Token


_NAMED, _LISTED = 3, 100
"""Rows that are not what the audit log tells: in a message, and in its facts."""


class People:
    """Tokens and the audit log. Everything but the caller's own tokens is an admin's business."""

    def __init__(self, database: Database, log: AuditLog, caller: Caller) -> None:
        self._database = database
        self._log = log
        self._caller = caller

    def who(self) -> CallerView:
        """Who calls, and what they may do."""
        return seen(self._caller)

    def create_token(
        self, person: str, *, roles: Sequence[str], tenant: str = ANY, stage: str = ANY, life: timedelta
    ) -> tuple[TokenView, str]:
        """Make the person if there is none, give the roles, and return a token with its secret.

        Who signs in at a provider is meant by their id alone: the name was theirs to choose.

        Raises:
            Unauthenticated: the caller's token does not hold any longer.
            Refused: `not-permitted` when the caller is no admin.
            Conflict: `person-exists`, of a name that its bearer chose at a provider.
            Invalid: `name-invalid`, `name-reserved`, `role-unknown`, `token-expiry`, `text-too-long`, `text-invalid`.
        """
        for text, what in ((tenant, "the tenant"), (stage, "the stage")):
            check_place(text, what)
        with self._administering("token.create", person) as (tx, caller):
            now, names = clock.now(), people.names(tx)
            known = person in names or person in names.values()
            owner = person_meant(tx, person) if known else people.add_person(tx, person, at=now)
            for role in roles:
                people.grant(tx, owner.id, Grant(cast("Role", role), tenant, stage))  # which says what is none
            token, secret = people.create_token(tx, owner.id, at=now, expires=now + life)
            given = {"person": owner.name, "roles": list(roles), "tenant": tenant, "stage": stage}
            self._log.note(tx, caller.id, "token.created", token.id, {**given, **announced.told(tx, token.id)})
            return token_view(token, people.get_person(tx, owner.id)), secret

    def tokens(self, person: str | None = None) -> Sequence[TokenView]:
        """Tokens, newest first: everybody's for an admin, else the caller's own."""
        caller = self._caller
        with self._database.read() as tx:
            everybody = {each.id: each for each in people.list_people(tx)}
            wanted = person if rules.is_admin(caller) else caller.name
            views = tuple(token_view(token, everybody[token.person]) for token in people.list_tokens(tx, wanted))
            return views if person in (None, wanted) else ()

    def revoke(self, token: str) -> TokenView:
        """End a token now, and the browsers' sessions that were begun with it.

        Raises:
            NotFound: `token-not-found`, also for somebody else's where the caller is no admin. Conflict: `admin-last`.
        """
        listed = Next("token list", words="See which there are")
        telling = Acting(self._database, self._log, self._caller).telling("token.revoke", token)
        with telling, self._database.begin() as tx:
            caller = callers.current(tx, self._caller, clock.now())
            known = next((each for each in people.list_tokens(tx) if each.id == token), None)
            if known is not None and (rules.is_admin(caller) or known.person == caller.id):
                with admins.staying(tx, caller, people.get_person(tx, known.person).name):
                    ended = people.revoke_token(tx, token, at=clock.now())
                self._log.note(tx, caller.id, "token.revoked", token, {})
                for one in ended:
                    self._log.note(tx, caller.id, "session.ended", one, {"token": token})
                return token_view(people.get_token(tx, token), people.get_person(tx, known.person))
            self._log.note(tx, caller.id, "token.revoke", token, {"code": "token-not-found"}, outcome="refused")
        raise NotFound("token-not-found", f"there is no token {token!r}", next_step=listed)

    def sign_in_link(self, person: str) -> str:
        """The secret of a link that signs somebody in with a browser, once and not for long. An admin's business.

        Raises:
            Refused: `not-permitted`. NotFound: `person-unknown`.
        """
        with self._administering("link.make", person) as (tx, caller):
            return links.make(tx, self._log, caller.id, person)

    @property
    def delegations(self) -> Delegations:
        """Who may approve in another's name."""
        return Delegations(self._database, self._log, self._caller)

    def join(self, person: str, group: str) -> PersonView:
        """Put somebody into a group.

        Raises:
            Refused: `not-permitted`. NotFound: `person-unknown`. Invalid: `name-invalid`. Conflict: `person-exists`.
        """
        return self._grouped("group.join", person, group)

    def leave(self, person: str, group: str) -> PersonView:
        """Take somebody out of a group; who is not in it is no error. What they signed stays signed."""
        return self._grouped("group.leave", person, group)

    def give(self, person: str, role: str, *, tenant: str = ANY, stage: str = ANY) -> PersonView:
        """Give somebody who is there a role; who has it already is no error.

        Raises:
            Refused: `not-permitted`. NotFound: `person-unknown`. Conflict: `person-exists`, see `create_token`.
            Invalid: `role-unknown`, `name-invalid`, `text-too-long`, `text-invalid`.
        """
        given = _checked(role, tenant, stage)
        with self._administering("role.give", person) as (tx, caller):
            known = person_meant(tx, person)
            people.grant(tx, known.id, given)
            return self._changed(tx, caller, "role.given", known, given)

    def withdraw(self, person: str, role: str, *, tenant: str = ANY, stage: str = ANY) -> PersonView:
        """Take a role from somebody; what they have by their groups, a provider says.

        Raises:
            As `give`. NotFound: `role-not-given`: there is none of exactly that place. Conflict: `admin-last`.
        """
        taken = _checked(role, tenant, stage)
        with self._administering("role.withdraw", person) as (tx, caller):
            known = people.get_person(tx, person)
            if taken not in known.grants:
                held = ", ".join(f"{one.role} in {one.tenant}/{one.stage}" for one in known.grants)
                raise NotFound(
                    "role-not-given",
                    f"{known.name} was not given the role {role} in {tenant}/{stage}",
                    next_step=f"Name one that they were given: {held}." if held else "They were given none.",
                )
            if taken == Grant("admin") and not people.administrators(tx) - {known.id}:
                raise admins.last(known.name)
            with admins.staying(tx, caller, known.name):
                people.withdraw(tx, known.id, taken)
            return self._changed(tx, caller, "role.withdrawn", known, taken)

    def _changed(
        self,
        tx: Transaction,
        caller: Caller,
        done: Literal["role.given", "role.withdrawn"],
        known: Person,
        which: Grant,
    ) -> PersonView:
        facts = {"person": known.name, "role": which.role, "tenant": which.tenant, "stage": which.stage}
        self._log.note(tx, caller.id, done, known.id, facts)
        return _person(people.get_person(tx, known.id))

    def _grouped(self, act: Literal["group.join", "group.leave"], person: str, group: str) -> PersonView:
        check_name(group, "group")
        with self._administering(act, person) as (tx, caller):
            change, done = {
                "group.join": (people.join, "group.joined"),
                "group.leave": (people.leave, "group.left"),
            }[act]
            known = person_meant(tx, person) if act == "group.join" else people.get_person(tx, person)
            change(tx, known.id, group)
            known = people.get_person(tx, known.id)
            self._log.note(tx, caller.id, done, known.id, {"person": known.name, "group": group})
            return _person(known)

    def everybody(self) -> Sequence[PersonView]:
        """All people and their roles, by name."""
        self._check_admin("people.read", "")
        with self._database.read() as tx:
            return tuple(_person(each) for each in people.list_people(tx))

    def set_disabled(self, person: str, disabled: bool) -> PersonView:
        """Shut somebody out at once, however they call, or let them in again. `person` is a name or an id.

        Raises:
            Refused: `not-permitted`. NotFound: `person-unknown`. Conflict: `person-own`, `admin-last`.
        """
        audited = "person.disable" if disabled else "person.enable"
        with self._administering(audited, person) as (tx, caller):
            found = people.get_person(tx, person)
            if found.id == caller.id:
                raise Conflict(
                    "person-own",
                    "nobody shuts themselves out",
                    next_step="Let another admin do it, so that one is left.",
                )
            with admins.staying(tx, caller, found.name):
                people.set_disabled(tx, found.id, disabled)
            self._log.note(tx, caller.id, f"{audited}d", found.id, {"person": found.name})
            return _person(people.get_person(tx, found.id))

    def entries(self, *, subject: str | None, limit: int, wanted: Wanted = ANYTHING) -> Sequence[EntryView]:
        """The newest entries of the audit log that fit, or the oldest behind `wanted.after`; oldest first.

        Raises:
            Refused: `not-permitted`. Invalid: `text-too-long`, `text-invalid`.
        """
        for what in ("actor", "action", "service", "stack"):
            kept(getattr(wanted, what) or "", what)
        self._check_admin("audit.read", subject or "")
        with self._database.read() as tx:
            names = people.names(tx)
            whom = {wanted.actor or ""} | {one for one, name in names.items() if name == wanted.actor}
            where = conditions(tx, wanted, whom)
            entries = audit.entries(tx, subject=subject, limit=limit, newest=wanted.after is None, where=where)
            return tuple(_entry(each, names) for each in entries)

    def acts(self) -> Sequence[str]:
        """What the audit log tells of: each kind of act once."""
        self._check_admin("audit.read", "")
        with self._database.read() as tx:
            return actions(tx)

    def verify(self) -> tuple[int, int | None]:
        """How many entries the audit log has, and the first that does not fit (None: all fit).

        Raises:
            Defect: `records-differ`: the log is whole, and rows that give rights are not what it tells.
        """
        self._check_admin("audit.verify", "")
        log = self._log
        with self._database.read() as tx:
            number = audit.count(tx)
            broken = audit.verify(tx, log.key) or audit_tail.missing_from(tx, log.key, log.head)
            differ = announced.differences(tx, log.key) if broken is None else ()
        if broken is not None:
            return number, broken
        with self._database.begin() as tx:
            announced.count(tx, log.key, at=clock.now(), repository=log.repository)
            if log.head is not None:
                audit_tail.keep(tx, log.key, log.head)
        if differ:
            raise _differ(differ)
        return number, None

    def export(self, *, form: Form, since: datetime | None = None, until: datetime | None = None) -> Iterator[bytes]:
        """The audit log as the lines of a file that proves itself, see `gaia.records.audit_export`."""
        self._check_admin("audit.export", "")
        with self._administering("audit.export", "") as (tx, caller):
            self._log.note(tx, caller.id, "audit.exported", "", {"form": form})
        return audit_export.export(self._database, self._log.key, form=form, since=since, until=until)

    def export_key(self) -> str:
        """What exports are checked with; no secret."""
        return vouching.public_key(self._log.key)

    def _administering(self, audited: str, subject: str) -> AbstractContextManager[tuple[Transaction, Caller]]:
        acting = Acting(self._database, self._log, self._caller)
        refused = Refused("not-permitted", f"{self._caller.name} is no admin", next_step="Ask an admin to do it.")
        return acting.doing("administer", audited, subject, missing=refused)

    def _check_admin(self, audited: str, subject: str) -> None:
        """Pass an admin who only looks, without a transaction that writes; a refusal is written down."""
        if not rules.is_admin(self._caller):
            with self._administering(audited, subject):
                pass


def seen(caller: Caller) -> CallerView:
    """What is shown of who calls."""
    return CallerView(
        id=caller.id,
        name=caller.name,
        token=caller.token,
        scopes=tuple(sorted(caller.scopes)),
        grants=tuple(GrantView(grant.role, grant.tenant, grant.stage) for grant in caller.grants),
        groups=tuple(sorted(caller.groups)),
        second_factor_at=clock.rfc3339(caller.proved_at) if caller.proved_at else None,
        ends_at=clock.rfc3339(caller.until) if caller.until else None,
    )


def _checked(role: str, tenant: str, stage: str) -> Grant:
    for text, what in ((tenant, "the tenant"), (stage, "the stage")):
        check_place(text, what)
    return Grant(people.check_role(role), tenant, stage)


def _differ(rows: Sequence[str]) -> Defect:
    some = "; ".join(rows[:_NAMED]) + ("; …" if len(rows) > _NAMED else "")
    return Defect(
        "records-differ",
        f"the audit log is as it was written, but {len(rows)} of the rows that give rights are not as it tells: {some}",
        next_step="Keep the home as it is and compare it with a backup; shut out who has what nobody gave them.",
        facts={"rows": list(rows[:_LISTED])},
    )


def token_view(token: Token, owner: Person) -> TokenView:
    """What is shown of a token."""
    return TokenView(
        id=token.id,
        person=owner.name,
        roles=tuple(sorted({grant.role for grant in owner.grants})),
        grants=_grants(owner),
        created_at=clock.rfc3339(token.created_at),
        expires_at=clock.rfc3339(token.expires_at),
        revoked_at=clock.rfc3339(token.revoked_at) if token.revoked_at else None,
        last_used_at=clock.rfc3339(token.last_used_at) if token.last_used_at else None,
    )


def _person(one: Person) -> PersonView:
    return PersonView(one.id, one.name, clock.rfc3339(one.created_at), one.disabled, _grants(one), one.groups)


def _grants(person: Person) -> tuple[GrantView, ...]:
    return tuple(GrantView(grant.role, grant.tenant, grant.stage) for grant in person.grants)


def _entry(entry: Entry, names: Mapping[str, str]) -> EntryView:
    who = names.get(entry.actor, entry.actor)
    at = clock.rfc3339(entry.at)
    return EntryView(entry.seq, at, who, entry.action, entry.subject, entry.outcome, dict(entry.facts))
