"""What Backstage's catalog is told, in the name of the person whose GAIA_TOKEN it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.bootstrap.drifting import FindingDrift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.platform.views.cataloguing import Cataloguing


class MakingCatalog(FindingDrift):
    """The catalog of one repository: the one around the caller, else the only one; or the server's."""

    @contextmanager
    def cataloguing(self) -> Iterator[Cataloguing]:
        """What the caller may see of what is published and live."""
        if self.settings.url is not None:
            from gaia.bootstrap.remote_cataloguing import RemoteCataloguing

            with self.remote() as client:
                yield RemoteCataloguing(client)
            return
        from gaia.platform.views.cataloguing import Cataloguing

        with self._told() as (context, caller):
            yield Cataloguing(context, caller)
