"""Requests that came to the emulator as to a proxy: what is AWS or this machine it answers, everything else it refuses.

Clients put an account or a bucket before the host (`123456789012.127.0.0.1`), which no name service knows. Led to the
emulator as to a proxy they need none, and nothing that somebody asks of another machine in plain text leaves this one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]

_OURS = re.compile(r"(.+\.)?(127\.0\.0\.1|localhost|amazonaws\.com)(:\d+)?", re.IGNORECASE)


class Boundary:
    """The middleware, outermost."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """One request."""
        host = environ.get("HTTP_HOST", "")
        if environ["REQUEST_METHOD"] != "CONNECT" and _OURS.fullmatch(host):
            return self._application(environ, start_response)
        text = f"the emulated AWS leads no request away: {environ['REQUEST_METHOD']} {host}\n".encode()
        start_response("403 Forbidden", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        return [text]
