"""What happened, and who is told of it elsewhere, in the name of the person whose GAIA_TOKEN it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.bootstrap.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.access.callers import Caller
    from gaia.platform.callers.webhooks import Webhooks
    from gaia.platform.context import PlatformContext
    from gaia.platform.views.happening import Happening


class Telling(Home):
    """Events and webhooks of one repository: the one around the caller, else the only one; or the server's."""

    @contextmanager
    def happening(self) -> Iterator[Happening]:
        """What happened where the caller may see it."""
        if self.settings.url is not None:
            from gaia.bootstrap.remote_telling import RemoteHappening

            with self.remote() as client:
                yield RemoteHappening(client)
            return
        from gaia.platform.views.happening import Happening

        with self._told() as (context, caller):
            yield Happening(context, caller)

    @contextmanager
    def webhooks(self) -> Iterator[Webhooks]:
        """Who is told elsewhere."""
        if self.settings.url is not None:
            from gaia.bootstrap.remote_telling import RemoteWebhooks

            with self.remote() as client:
                yield RemoteWebhooks(client)
            return
        from gaia.platform.callers.webhooks import Webhooks

        with self._told() as (context, caller):
            yield Webhooks(context, caller)

    @contextmanager
    def _told(self) -> Iterator[tuple[PlatformContext, Caller]]:
        from gaia.platform.home.registration import registered_here

        here = registered_here(self.settings)
        with self.records() as database:
            yield self.platform_context(database, here), self._caller(database)
