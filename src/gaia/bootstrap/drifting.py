"""Drift as the platform has found it, in the name of the person whose GAIA_TOKEN it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.bootstrap.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.platform.acts.drifting import Drifting


class FindingDrift(Telling):
    """Drift of one repository: the one around the caller, else the only one; or the server's."""

    @contextmanager
    def drifting(self) -> Iterator[Drifting]:
        """What was found of instances that Gaia applied. An operator's checkout is looked at by `checkout`."""
        if self.settings.url is not None:
            from gaia.bootstrap.remote_drift import RemoteDrifting

            with self.remote() as client:
                yield RemoteDrifting(client)
            return
        from gaia.platform.acts.drifting import Drifting

        with self._told() as (context, caller):
            yield Drifting(context, caller)
