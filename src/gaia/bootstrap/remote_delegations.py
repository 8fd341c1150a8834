"""The delegations of a server elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.platform.callers.delegating import Delegations
from gaia.platform.model import DelegationView
from gaia.platform.views import wire

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gaia.client import Client


class RemoteDelegations(Delegations):
    """Who may approve in another's name, over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def give(self, to: str, *, tenant: str, stage: str, until: datetime) -> DelegationView:
        """See `Delegations`."""
        made = self._client.delegate(to, tenant=tenant, stage=stage, until=clock.rfc3339(until))
        return wire.read(DelegationView, made)

    def known(self) -> Sequence[DelegationView]:
        """See `Delegations`."""
        return [wire.read(DelegationView, one) for one in self._client.delegations()]

    def revoke(self, delegation: str) -> DelegationView:
        """See `Delegations`."""
        return wire.read(DelegationView, self._client.revoke_delegation(delegation))
