"""What every call of the client begins with: one server, in one person's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from gaia.client.transport import Transport, sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

Json = dict[str, Any]


def named(text: str) -> str:
    """A name as a part of a path."""
    return quote(text, safe="")


class Calling:
    """A server, a token, a repository; see `Client`."""

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str | None] | None = None,
        *,
        repository: str | None = None,
        http: httpx.Client | None = None,
        timeout: float = 60.0,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._transport = Transport(url, token, http, timeout, pause)
        self._repository = repository
        self._pause = pause

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def _call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        again: bool = True,
    ) -> Json:
        asked = {**(query or {}), "repository": self._repository}
        return self._transport.call(method, path, query=asked, body=body, again=again)

    def _get(self, path: str, **query: object) -> Json:
        return self._call("GET", path, query=query)

    def _post(self, path: str, body: object) -> Json:
        return self._call("POST", path, body)

    def _accepted(self, path: str, body: object) -> Json:
        made: Json = self._post(path, body)["request"]
        return made
