"""An address to which Alertmanager sends alerts about one service: nobody else is listened to.

Whoever calls shows a token. An alert that says something of the release is answered when what follows from it lies in
git, and before that Alertmanager is told to come again: so none is lost where a guard is killed. The same once more
changes nothing: it began before the release that is there then, or that one is taken back already.
"""

from __future__ import annotations

import hmac
import queue
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Unavailable
from gaia.gitops.rollout import alerts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gaia.gitops.model import Place
    from gaia.gitops.rollout.alerts import Alert

PATH = "/alerts"
LARGEST = 1 << 20
"""Bytes of a call."""
LEAST_TOKEN = 16
_PATIENCE = 10.0
"""Seconds that somebody gets for what they send."""
_KEPT = 25.0
"""Seconds after which Alertmanager is told to come again."""
_MOST = 16
"""Callers at a time; one of Alertmanager's comes alone."""


class Alerts:
    """Alerts about a place since its release."""

    def __init__(self, place: Place, *, patience: float = _KEPT) -> None:
        self._place, self._patience = place, patience
        self._since: datetime | None = None
        self._come: queue.SimpleQueue[Alert] = queue.SimpleQueue()
        self._settled, self._is_kept = threading.Event(), False

    def expect(self, since: datetime) -> None:
        """From now on those count that began after this."""
        self._since = since

    def next(self, seconds: float) -> Alert | None:
        """One that counts, waited for that long."""
        try:
            return self._come.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None

    def keep(self) -> None:
        """What follows from them is written down."""
        self._is_kept = True
        self._settled.set()

    def close(self) -> None:
        """Nobody waits for them any more."""
        self._settled.set()

    def take(self, body: bytes) -> int:
        """The answer to a call, as a status of HTTP."""
        found = alerts.read(body)
        if found is None:
            return 400
        since = self._since
        if self._is_kept:
            return 200
        if since is None:
            return 503
        counting = [one for one in found if one.is_about(self._place) and one.is_since(since)]
        if not counting:
            return 200
        self._come.put(counting[0])
        self._settled.wait(self._patience)
        return 200 if self._is_kept else 503


@contextmanager
def listening(address: str, token: str, alerts_of: Alerts) -> Iterator[str]:
    """Take alerts at `HOST:PORT` while the block runs; gives the URL, with the port it has.

    Raises:
        Invalid: `alerts-address-invalid`, `alerts-token-short`. Unavailable: `alerts-port-unusable`.
    """
    host, port = _parsed(address)
    if len(token) < LEAST_TOKEN or not token.isascii():
        raise Invalid(
            "alerts-token-short",
            f"the token that alerts have to show is none of {LEAST_TOKEN} characters and more",
            next_step="Write a long one of your own into the file that GAIA_ALERTS_TOKEN_FILE names.",
        )

    places = threading.BoundedSemaphore(_MOST)

    class Handler(_Handler):
        expected = f"Bearer {token}".encode()

        def taken(self, body: bytes) -> int:
            if not places.acquire(blocking=False):
                return 503
            try:
                return alerts_of.take(body)
            finally:
                places.release()

    try:
        server = _Server((host, port), Handler)
    except (OSError, OverflowError) as error:
        raise Unavailable(
            "alerts-port-unusable",
            f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}",
            next_step="Give another --alerts, or end what listens there; port 0 takes a free one.",
        ) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="gaia-alerts", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}{PATH}"
    finally:
        alerts_of.close()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Who called has gone."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server_version = "gaia"
    sys_version = ""
    expected = b""

    def taken(self, body: bytes) -> int:
        """The answer to what is said."""
        raise NotImplementedError

    def do_POST(self) -> None:
        """A call of Alertmanager's."""
        self._answer(self._status())

    def _status(self) -> int:
        shown = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(shown, self.expected):
            return 401
        if self.path != PATH:
            return 404
        said = self.headers.get("Content-Length", "")
        if not (said.isascii() and said.isdecimal() and len(said) < 20):
            return 411
        if int(said) > LARGEST:
            return 413
        return self.taken(self.rfile.read(int(said)))

    def _answer(self, status: int) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's word
        """Nobody reads a line for each call."""


def _parsed(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) <= 65535):
        raise Invalid(
            "alerts-address-invalid",
            f"{address[:100]!a} is no address to listen on",
            next_step="Write HOST:PORT, for instance 127.0.0.1:9465.",
        )
    return host.removeprefix("[").removesuffix("]"), int(port)
