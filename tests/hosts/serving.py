"""HTTP on loopback: tokens, pages, throttling and failing on demand. What is asked and answered is its routes'."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.hosts.state import Person


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    """Below the API's root."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    who: Person | None
    """Whose token it has."""
    reads_only: bool = False


@dataclass(frozen=True)
class Answer:
    """What is answered. A list is cut into pages."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """`GET /repos/{owner}/{repo}`: the template, and what answers it."""

    method: str
    template: str
    work: Callable[..., Answer]

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The parts of the path that the template names."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template)
        found = re.fullmatch(pattern, path) if method == self.method else None
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None


class Site:
    """A server that runs until it is closed."""

    largest_page = 100
    """At most so many entries a page, whatever is asked for."""

    def __init__(self, root: str, routes: list[Route], failure: Callable[[int, str], Any]) -> None:
        self.root, self.routes, self.failure = root, routes, failure
        self.tokens: dict[str, tuple[Person, bool]] = {}
        """Whose, and whether it can but read."""
        self.asked: list[tuple[Asked, Answer | None]] = []
        """Each request with what the routes answered; `None`: it was answered otherwise, or not at all."""
        self.instead: list[Answer | None] = []
        """What the next requests are answered instead; `None` drops the connection after it was carried out."""
        self.is_down = False
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = self.origin + root
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def token_of(self, headers: Mapping[str, str]) -> str:
        """The token of a request, however it is given."""
        given = headers.get("authorization", "")
        return given.removeprefix("Bearer ") or headers.get("private-token", "") or headers.get("job-token", "")

    def answer(self, asked: Asked) -> Answer:
        """Carry a request out."""
        for route in self.routes:
            found = route.match(asked.method, asked.path)
            if found is not None:
                if asked.who is None:
                    return Answer(401, self.failure(401, "Bad credentials"))
                if asked.reads_only and asked.method != "GET":
                    return Answer(403, self.failure(403, "Resource not accessible by integration"))
                return self._paged(asked, route.work(asked, **found))
        return Answer(404, self.failure(404, "Not Found"))

    def _paged(self, asked: Asked, whole: Answer) -> Answer:
        if not isinstance(whole.body, list):
            return whole
        size = max(1, min(int(asked.query.get("per_page", 30)), self.largest_page))
        page = int(asked.query.get("page", 1))
        shown = whole.body[(page - 1) * size : page * size]
        headers = dict(whole.headers)
        if page * size < len(whole.body):
            query = urlencode({**asked.query, "per_page": str(size), "page": str(page + 1)})
            headers["Link"] = f'<{self.url}{asked.path}?{query}>; rel="next"'
            headers["X-Next-Page"] = str(page + 1)
        return Answer(whole.status, shown, headers)

    def _take(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> Answer | None:
        split = urlsplit(target)
        who, reads_only = self.tokens.get(self.token_of(headers), (None, False))
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        body = json.loads(raw) if raw else None
        asked = Asked(method, split.path.removeprefix(self.root), query, headers, body, who, reads_only)
        with self._lock:
            ordinary = not self.is_down and not self.instead
            if self.is_down:
                answered: Answer | None = Answer(503, self.failure(503, "Service Unavailable"))
            elif self.instead:
                answered = self.instead.pop(0)
                if answered is None:
                    self.answer(asked)
            elif not split.path.startswith(self.root):
                answered = Answer(404, self.failure(404, "Not Found"))
            else:
                answered = self.answer(asked)
            self.asked.append((asked, answered if ordinary else None))
            return answered

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def carry_out(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answered = site._take(self.command, self.path, headers, raw)
                self.close_connection = True
                if answered is None:
                    return
                body = b"" if answered.body is None else json.dumps(answered.body).encode()
                self.send_response(answered.status)
                for name, value in answered.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = carry_out  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        return Handler
