"""What Backstage's catalog is told, in the name of the person whose GAIA_TOKEN it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.bootstrap.drifting import FindingDrift
from gaia.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.platform.views.cataloguing import Cataloguing


class MakingCatalog(FindingDrift):
    """The catalog of one repository: the one around the caller, else the only one."""

    @contextmanager
    def cataloguing(self) -> Iterator[Cataloguing]:
        """What the caller may see of what is published and live.

        Raises:
            Conflict: `not-from-here`, of a server elsewhere.
        """
        if self.settings.url is not None:
            raise Conflict(
                "not-from-here",
                "the catalog is made where the server runs",
                next_step="Take GAIA_URL away and run it on the server's machine.",
            )
        from gaia.platform.views.cataloguing import Cataloguing

        with self._told() as (context, caller):
            yield Cataloguing(context, caller)
