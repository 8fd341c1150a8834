"""Drift as a server elsewhere has found it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.platform.acts.drifting import Drifting, no_run, unknown
from gaia.platform.drift.views import DriftView, InstanceDriftView, LookView
from gaia.platform.views import wire

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gaia.client import Client
    from gaia.records.drift_model import DriftResult

_PAUSE = 0.5
"""Seconds between two questions."""
_LONGEST = 300
"""Characters of a name in a URL; none that there is has so many."""


class RemoteDrifting(Drifting):
    """Drift over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(
        self,
        *,
        stack: str | None = None,
        component: str | None = None,
        state: DriftResult | None = None,
        since: datetime | None = None,
        after: tuple[str, str] | None = None,
        limit: int | None = None,
    ) -> Sequence[DriftView]:
        """See `Drifting`; always from the first one."""
        del after
        moment = clock.rfc3339(since) if since else None
        found = self._client.drift(stack=stack, component=component, state=state, since=moment, limit=limit)
        return [wire.read(DriftView, one) for one in found]

    def show(self, stack: str, component: str, *, after: str | None = None, limit: int = 50) -> InstanceDriftView:
        """See `Drifting`."""
        _check(stack, component)
        return wire.read(InstanceDriftView, self._client.drift_of(stack, component, after=after, limit=limit))

    def look(self, stack: str, component: str) -> LookView:
        """See `Drifting`."""
        _check(stack, component)
        return wire.read(LookView, self._client.look(stack, component))

    def work(self, look: LookView) -> LookView:
        """Looks on: the server carries it out."""
        stack, _, component = look.instance.partition("/")
        while True:
            found = self.show(stack, component, limit=1)
            if found.looking is None or found.looking.id != look.id:
                break
            time.sleep(_PAUSE)
        seen = found.newest is not None and found.newest.run == look.id
        reason = "" if seen else "it was put off: the instance is being changed"
        return replace(look, status="done" if seen else "failed", reason=reason)

    def cancel(self, run: str, *, now: bool = False) -> LookView:
        """See `Drifting`."""
        if len(run) > _LONGEST:
            raise no_run(run)
        return wire.read(LookView, self._client.cancel_look(run, now=now))


_NO_NAMES = ("", ".", "..")
"""What a path cannot hold as a part."""


def _check(stack: str, component: str) -> None:
    names = (stack, component)
    if any(len(one) > _LONGEST or one in _NO_NAMES for one in names):
        raise unknown(stack, component)
