"""People, tokens and signing in, from memory."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import TYPE_CHECKING

from gaia.access.oidc.device_flow import Code, Way
from gaia.bootstrap.logging_in import LoggingIn
from gaia.errors import NotFound
from gaia.kit import clock
from gaia.kit.ids import check_name
from gaia.platform.callers.delegating import Delegations
from gaia.platform.callers.people import People
from gaia.platform.model import CallerView, DelegationView, EntryView, GrantView, PersonView, TokenView
from gaia.records.audit_wanted import ANYTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, timedelta

    from gaia.records.audit_export import Form
    from gaia.records.audit_wanted import Wanted


class FakeDelegations(Delegations):
    """Delegations of grace, in a list."""

    def __init__(self) -> None:
        self.made: list[DelegationView] = []

    def give(self, to: str, *, tenant: str, stage: str, until: datetime) -> DelegationView:
        """Remember it."""
        name, at = f"dlg_{len(self.made)}", "2026-11-23T00:00:00.000Z"
        end = clock.rfc3339(until)
        self.made.append(DelegationView(name, "grace", to, tenant, stage, at, end, None, holds=True))
        return self.made[-1]

    def known(self) -> Sequence[DelegationView]:
        """Newest first."""
        return self.made[::-1]

    def revoke(self, delegation: str) -> DelegationView:
        """End it."""
        for index, one in enumerate(self.made):
            if one.id == delegation:
                self.made[index] = replace(one, revoked_at="2026-11-24T00:00:00.000Z", holds=False)
                return self.made[index]
        raise NotFound("delegation-unknown", f"there is no delegation {delegation!r}", next_step="List them.")


class FakeLoggingIn(LoggingIn):
    """A provider at which somebody agrees at once."""

    def __init__(self) -> None:
        self.server = "https://gaia.example.com"
        self.entered = False
        self.stepped_up = False
        """Whether a second factor was asked for."""

    def way(self) -> Way:
        """Always the same."""
        return Way("https://login.example.com", "gaia", self.server, "resource", "openid")

    def ask(self, way: Way, *, step_up: bool = False) -> Code:
        """A code."""
        self.stepped_up = step_up
        whole = f"{way.issuer}/device?user_code=WDJB-MJHT"
        return Code("WDJB-MJHT", f"{way.issuer}/device", whole, 600, 5, "secret")

    def wait(self, way: Way, code: Code, pause: Callable[[float], None]) -> None:
        """Nobody waits."""
        del way, code, pause
        self.entered = True

    def leave(self) -> bool:
        """Forget it."""
        was_in, self.entered = self.entered, False
        return was_in

    def is_in(self) -> bool:
        """Whether `wait` was called."""
        return self.entered

    def token(self) -> str | None:
        """None that would be good for anything."""
        return None


def _fits(entry: EntryView, wanted: Wanted) -> bool:
    at = clock.parse_rfc3339(entry.at)
    return (
        wanted.actor in (None, entry.actor)
        and wanted.action in (None, entry.action, entry.action.partition(".")[0])
        and wanted.service is wanted.stack is None
        and (wanted.since is None or wanted.since <= at)
        and (wanted.until is None or at < wanted.until)
        and (wanted.before is None or entry.seq < wanted.before)
    )


class FakePeople(People):
    """Tokens in a list, and an audit log of two entries."""

    def __init__(self) -> None:
        self.made: list[TokenView] = []
        self.roles: dict[str, tuple[GrantView, ...]] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.given = FakeDelegations()
        self.out: frozenset[str] = frozenset()
        """Who was shut out."""
        self.broken: int | None = None
        """The entry of the audit log that does not fit."""

    def who(self) -> CallerView:
        """Ada, whom a provider vouches for."""
        grants = (GrantView("developer", "acme", "dev"), GrantView("viewer", "*", "*"))
        groups, proved, ends = ("acme-developers", "everybody"), "2026-11-24T00:00:00Z", "2026-11-24T01:00:00Z"
        return CallerView("per_1", "ada", "", ("request", "see"), grants, groups, proved, ends)

    def create_token(
        self, person: str, *, roles: Sequence[str], tenant: str = "*", stage: str = "*", life: timedelta
    ) -> tuple[TokenView, str]:
        """Remember it; the tenant, stage and life can be read from its id."""
        grants = tuple(GrantView(role, tenant, stage) for role in roles)
        token = TokenView(
            f"tok_{tenant}_{stage}_{life.days}",
            person,
            tuple(roles),
            grants,
            "2026-11-23T00:00:00Z",
            "2027-02-21T00:00:00Z",
            None,
            None,
        )
        self.made.append(token)
        return token, "gaia_tok_secret"

    def tokens(self, person: str | None = None) -> Sequence[TokenView]:
        """Those of a person, or all, newest first."""
        return [token for token in reversed(self.made) if person in (None, token.person)]

    def revoke(self, token: str) -> TokenView:
        """End it."""
        index = next((index for index, each in enumerate(self.made) if each.id == token), None)
        if index is None:
            raise NotFound("token-not-found", f"there is no token {token!r}", next_step="List them.")
        self.made[index] = replace(self.made[index], revoked_at="2026-11-24T00:00:00Z")
        return self.made[index]

    @property
    def delegations(self) -> FakeDelegations:
        """Those that there are."""
        return self.given

    def join(self, person: str, group: str) -> PersonView:
        """As an admin."""
        check_name(group, "group")
        return self._put(person, {*self.groups.get(person, ()), group})

    def leave(self, person: str, group: str) -> PersonView:
        """As an admin."""
        check_name(group, "group")
        return self._put(person, {*self.groups.get(person, ())} - {group})

    def _put(self, person: str, groups: set[str]) -> PersonView:
        self.groups[person] = tuple(sorted(groups))
        return PersonView(f"per_{person}", person, "2026-11-23T00:00:00Z", False, (), self.groups[person])

    def give(self, person: str, role: str, *, tenant: str = "*", stage: str = "*") -> PersonView:
        """As an admin; everybody has it."""
        return self._granted(person, {*self.roles.get(person, ()), GrantView(role, tenant, stage)})

    def withdraw(self, person: str, role: str, *, tenant: str = "*", stage: str = "*") -> PersonView:
        """As an admin."""
        held, taken = self.roles.get(person, ()), GrantView(role, tenant, stage)
        if taken not in held:
            raise NotFound(
                "role-not-given", f"{person} was not given the role {role}", next_step="They were given none."
            )
        return self._granted(person, {*held} - {taken})

    def _granted(self, person: str, grants: set[GrantView]) -> PersonView:
        self.roles[person] = tuple(sorted(grants, key=astuple))
        return PersonView(f"per_{person}", person, "2026-11-23T00:00:00Z", False, self.roles[person])

    def everybody(self) -> Sequence[PersonView]:
        """Ada, whoever was put into a group, and whoever was shut out."""
        given, at = (GrantView("viewer", "acme", "*"),), "2026-11-23T00:00:00Z"
        made = [PersonView("per_1", "ada", at, False, given)]
        made += [PersonView(f"per_{name}", name, at, False, (), groups) for name, groups in sorted(self.groups.items())]
        return [*made, *(PersonView(f"per_{name}", name, at, True, given) for name in sorted(self.out))]

    def set_disabled(self, person: str, disabled: bool) -> PersonView:
        """Remember it."""
        self.out = self.out | {person} if disabled else self.out - {person}
        return PersonView("per_1", person, "2026-11-23T00:00:00Z", disabled, ())

    def entries(self, *, subject: str | None, limit: int, wanted: Wanted = ANYTHING) -> Sequence[EntryView]:
        """The newest."""
        made = [EntryView(n, "2026-11-23T23:05:08Z", "ada", "request.made", f"req_{n}", "done", {}) for n in (1, 2)]
        return [one for one in made if subject in (None, one.subject) and _fits(one, wanted)][-limit:]

    def export(self, *, form: Form, since: datetime | None = None, until: datetime | None = None) -> Iterator[bytes]:
        """Two lines, the second of them signed by nobody."""
        del form, since, until
        yield from (b'{"seq": 1, "actor": "ada"}\n', b'{"gaia": "audit export 1"}\n')

    def export_key(self) -> str:
        """Of nobody."""
        return "ed25519:" + "A" * 43 + "="

    def verify(self) -> tuple[int, int | None]:
        """Whole unless the test says otherwise."""
        return 2, self.broken
