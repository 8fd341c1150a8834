"""The client of `/api/v1`: `Client(url, token)`. It imports nothing of Gaia but its errors."""

from gaia.client.calls import Client, Event

__all__ = ["Client", "Event"]
