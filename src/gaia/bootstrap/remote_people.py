"""The people of a server elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.bootstrap.remote_delegations import RemoteDelegations
from gaia.errors import Conflict
from gaia.kit import clock
from gaia.platform.callers.people import People
from gaia.platform.model import CallerView, EntryView, PersonView, TokenView
from gaia.platform.views import wire
from gaia.records.audit_wanted import ANYTHING
from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from gaia.client import Client
    from gaia.records.audit_export import Form
    from gaia.records.audit_wanted import Wanted


class RemotePeople(People):
    """Tokens and the audit log over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def who(self) -> CallerView:
        """See `People`."""
        return wire.read(CallerView, self._client.me())

    def create_token(
        self, person: str, *, roles: Sequence[str], tenant: str = ANY, stage: str = ANY, life: timedelta
    ) -> tuple[TokenView, str]:
        """See `People`."""
        seconds = int(life.total_seconds())
        made = self._client.create_token(person, roles=roles, tenant=tenant, stage=stage, expires_in=seconds)
        return wire.read(TokenView, made), str(made["token"])

    def tokens(self, person: str | None = None) -> Sequence[TokenView]:
        """See `People`."""
        return [wire.read(TokenView, one) for one in self._client.tokens(person)]

    def revoke(self, token: str) -> TokenView:
        """See `People`."""
        return wire.read(TokenView, self._client.revoke(token))

    def sign_in_link(self, person: str) -> str:
        """Not from here: the server's page makes it."""
        del person
        raise Conflict(
            "not-from-here", "a link signs somebody in at the server's page", next_step="Make it there, as an admin."
        )

    @property
    def delegations(self) -> RemoteDelegations:
        """See `People`."""
        return RemoteDelegations(self._client)

    def join(self, person: str, group: str) -> PersonView:
        """See `People`."""
        return wire.read(PersonView, self._client.join(person, group))

    def leave(self, person: str, group: str) -> PersonView:
        """See `People`."""
        return wire.read(PersonView, self._client.leave(person, group))

    def give(self, person: str, role: str, *, tenant: str = ANY, stage: str = ANY) -> PersonView:
        """See `People`."""
        return wire.read(PersonView, self._client.give_role(person, role, tenant=tenant, stage=stage))

    def withdraw(self, person: str, role: str, *, tenant: str = ANY, stage: str = ANY) -> PersonView:
        """See `People`."""
        return wire.read(PersonView, self._client.withdraw_role(person, role, tenant=tenant, stage=stage))

    def everybody(self) -> Sequence[PersonView]:
        """See `People`."""
        return [wire.read(PersonView, one) for one in self._client.people()]

    def set_disabled(self, person: str, disabled: bool) -> PersonView:
        """See `People`."""
        done = self._client.disable(person) if disabled else self._client.enable(person)
        return wire.read(PersonView, done)

    def entries(self, *, subject: str | None, limit: int, wanted: Wanted = ANYTHING) -> Sequence[EntryView]:
        """See `People`."""
        since, until = (None if one is None else clock.rfc3339(one) for one in (wanted.since, wanted.until))
        found = self._client.audit(
            subject=subject, limit=min(limit, 1000), actor=wanted.actor, action=wanted.action, service=wanted.service,
            stack=wanted.stack, since=since, until=until, before=wanted.before,
        )  # fmt: skip
        return [wire.read(EntryView, one) for one in found]

    def acts(self) -> Sequence[str]:
        """See `People`: those of the newest thousand entries, for a server has no call of its own for them."""
        return sorted({one.action for one in self.entries(subject=None, limit=1000)})

    def export(self, *, form: Form, since: datetime | None = None, until: datetime | None = None) -> Iterator[bytes]:
        """See `People`."""
        times = (None if one is None else clock.rfc3339(one) for one in (since, until))
        return self._client.export_audit(form, *times)

    def export_key(self) -> str:
        """See `People`."""
        return str(self._client.audit_key()["key"])

    def verify(self) -> tuple[int, int | None]:
        """See `People`."""
        found = self._client.verify_audit()
        return int(found["entries"]), None if found["intact"] else 0
