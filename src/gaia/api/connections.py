"""Connections: how many there may be, and how long the head of a request may take to come.

uvicorn ends a connection that says nothing after an answer, and no other: one that sends half a head, or a body that
nobody reads, would stay, and with enough of them nobody else gets in.

A proxy's connections are those of many people, and none of them is one's for longer than a call. So of a proxy that is
trusted the calls that are being answered are counted, by whom it says that they come from.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from gaia.errors import TooMany

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from fastapi import Request

    from gaia.api.limits import Limits
    from gaia.api.proxies import Proxies

_FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"


class Limited(H11Protocol):
    """One connection. All run in one thread, that of the server's loop."""

    limits: ClassVar[Limits]
    proxies: ClassVar[Proxies]
    opened: ClassVar[Counter[str]]
    """How many there are, by the address they come from."""

    _counted: str | None = None
    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        each = self.limits.connections if self.proxies.is_one(address) else self.limits.connections_each
        if self.opened[address] >= each or self.opened.total() >= self.limits.connections:
            transport.write(_FULL)
            transport.close()
            return
        self._counted = address
        self.opened[address] += 1
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        super().connection_lost(exc)
        self._stop()
        if self._counted is not None:
            self.opened[self._counted] -= 1
            if not self.opened[self._counted]:
                del self.opened[self._counted]
            self._counted = None

    def data_received(self, data: bytes) -> None:
        """A part of a request has come."""
        if self._counted is None:
            return
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """A request has been answered."""
        super().on_response_complete()
        self._watch()

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._ends is None:
            self._ends = self.loop.call_later(self.limits.head_patience, self.transport.abort)

    def _stop(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None


def limited(limits: Limits, proxies: Proxies) -> type[Limited]:
    """The connections of one server."""
    return type("LimitedHere", (Limited,), {"limits": limits, "proxies": proxies, "opened": Counter()})


class Through:
    """The calls that are being answered and came through a proxy, by whom they are from. All are of one thread."""

    def __init__(self, limits: Limits, proxies: Proxies) -> None:
        self._limits, self._proxies = limits, proxies
        self._open: Counter[str] = Counter()

    @contextmanager
    def one(self, request: Request) -> Iterator[None]:
        """One is answered while the block runs; who calls without a proxy has their connections counted.

        Raises:
            TooMany: `connections-many`.
        """
        if request.client is None or not self._proxies.is_one(request.client.host):
            yield
            return
        address = self._proxies.address(request)
        if self._open[address] >= self._limits.connections_each:
            raise TooMany(
                "connections-many",
                "too many calls from this address are being answered",
                next_step="Wait until some have been.",
                facts={"retry_after": 5},
            )
        self._open[address] += 1
        try:
            yield
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
