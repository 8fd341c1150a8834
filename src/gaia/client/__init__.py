"""The client of `/api/v1`: `Client(url, token)`, and `AsyncClient`, whose calls are awaited.

`AtmosClient` is one of the latter, and waits for workflows.

It imports nothing of Gaia but its errors.
"""

from gaia.client.async_calls import AsyncClient
from gaia.client.atmos import AtmosClient
from gaia.client.calls import Client
from gaia.client.transport import Event

__all__ = ["AsyncClient", "AtmosClient", "Client", "Event"]
