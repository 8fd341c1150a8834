"""The catalog of a server elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.platform.views.cataloguing import Cataloguing, CatalogView

if TYPE_CHECKING:
    from gaia.catalog.model import Kind
    from gaia.client import Client


class RemoteCataloguing(Cataloguing):
    """The catalog over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, kind: Kind | None = None) -> CatalogView:
        """See `Cataloguing`."""
        found = self._client.catalog(kind=kind)
        return CatalogView(found["entities"], found["seq"])
