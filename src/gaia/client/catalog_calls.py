"""The calls about Backstage's catalog."""

from __future__ import annotations

from gaia.client.calling import Calling, Json


class CatalogCalls(Calling):
    """What there is, as entities of Backstage."""

    def catalog(self, *, kind: str | None = None) -> Json:
        """`{entities, seq}`: all of them, or those of a kind; what happened after the event `seq` may change them."""
        return self._get("/catalog/entities", kind=kind)
