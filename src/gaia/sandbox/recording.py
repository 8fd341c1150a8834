"""What the emulator was asked to change, in order: a later start does it again, and compares the answers.

The emulator keeps its world in memory. Before each request that changes something its randomness is set anew from the
recording's seed and the request's number, so the same requests make the same ids. What hangs on more than that (times,
key pairs, messages under way) comes back differently; where an answer shows it, the difference is counted and named.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import os
import re
import secrets
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]

ASKED = "/gaia-api/kept"
"""Where the emulator says what it keeps."""
FORGET = "/moto-api/reset"
MOST = 256 * 1024 * 1024
"""Bytes of a recording; replaying more would take longer than making the things anew."""
_NAMED = 20
_READS = re.compile(r"(BatchGet|BatchDescribe|Describe|Get|Head|List|Lookup|Query|ReceiveMessage|Scan|Search|Simulate)")
_VOLATILE = re.compile(
    rb"\d{4}-?\d\d-?\d\d[T ]\d\d:?\d\d:?\d\d(\.\d+)?(Z|\+00:?00)?|\b1\d{9}(\d{3}|\.\d+(e[+]?\d+)?)?\b|:\d{4,5}/"
)
"""Points in time, and the port: they differ with every start."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What survives a restart."""

    requests: int = 0
    """Requests in the recording."""
    replayed: int = 0
    """How many of them this start did again."""
    differing: tuple[str, ...] = ()
    """What answered otherwise than it did, e.g. `sqs DeleteMessage`, each once."""
    ended: str = ""
    """Why nothing more is recorded; what was made is lost when the emulator ends."""

    def as_json(self) -> dict[str, object]:
        """The form in which the emulator says it."""
        return {
            "requests": self.requests,
            "replayed": self.replayed,
            "differing": list(self.differing),
            "ended": self.ended,
        }


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a recording."""

    seed: str
    version: str
    """Of the emulator; another one may answer otherwise."""
    port: int
    """Where it listened: addresses of queues hold it."""

    def line(self) -> bytes:
        """As it is written."""
        return _line({"seed": self.seed, "version": self.version, "port": self.port})


def read_header(path: Path) -> Header | None:
    """None where there is no recording, or nothing that begins like one."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.readline(4096))
    except (OSError, ValueError):
        return None
    try:
        return Header(str(found["seed"]), str(found["version"]), int(found["port"]))
    except (KeyError, TypeError, ValueError):
        return None


def requests_in(path: Path) -> int:
    """How many requests a recording holds."""
    try:
        with path.open("rb") as file:
            return max(sum(1 for line in file if line.endswith(b"\n")) - 1, 0)
    except OSError:
        return 0


class Recorder:
    """The middleware, below the one that lets one request in at a time."""

    def __init__(
        self, application: Application, path: Path, header: Header, seed: Callable[[str], None], most: int = MOST
    ) -> None:
        self._application = application
        self._path = path
        self._header = header
        self._seed = seed
        """Sets all randomness of the emulator."""
        self._most = most
        self._requests = self._replayed = 0
        self._differing: dict[str, None] = {}
        self._ended = ""
        self._file: IO[bytes] | None = None

    @property
    def kept(self) -> Kept:
        """What survives a restart, now."""
        return Kept(self._requests, self._replayed, tuple(self._differing)[:_NAMED], self._ended)

    def begin(self) -> None:
        """Do again what a recording holds, if there is one, and go on with it."""
        found = read_header(self._path)
        whole = self._replay(found) if found else 0
        if whole == 0:
            there = self._path.exists() and self._path.stat().st_size > 0
            self._forget()
            if there:
                self._differing["the recording, whose beginning is damaged: all of it is lost"] = None
            return
        self._file = self._path.open("r+b")
        self._file.truncate(whole)  # what a kill has torn was never answered
        self._file.seek(whole)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """One request."""
        path = environ.get("PATH_INFO", "")
        if path == ASKED:
            return _said(self.kept.as_json(), start_response)
        if path == FORGET:
            self._forget()
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        if self._ended or _reads(environ, body):
            return self._application(environ, start_response)
        kept = {name: value for name, value in environ.items() if _is_plain(value)}  # before anybody adds to it
        entry = {"environ": kept, "body": base64.b64encode(body).decode(), "answer": ""}
        try:
            status, headers, text = self._ask(environ)
            entry["answer"] = _digest(status, text)
        finally:
            self._keep(entry)  # what the emulator failed at may have changed something too
        start_response(status, headers)
        return [text]

    def _ask(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def begin(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
            said.append((status, headers))
            return lambda _: None

        self._seed(f"{self._header.seed}/{self._requests}")
        body = self._application(environ, begin)
        text = b"".join(body)
        getattr(body, "close", lambda: None)()
        return said[-1][0], said[-1][1], text

    def _keep(self, entry: Mapping[str, object]) -> None:
        """Before the answer is given: what somebody was told, comes back."""
        line = _line(entry)
        self._requests += 1
        try:
            if self._file is None or self._file.tell() + len(line) > self._most:
                self._end("more was changed than a recording holds")
                return
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            self._end(f"the recording cannot be written: {error.strerror}")

    def _end(self, why: str) -> None:
        """A part of the past is worse than none: states would stand for things that are not there."""
        self._ended = why
        if self._file is not None:
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _forget(self) -> None:
        self._requests = self._replayed = 0
        self._differing, self._ended = {}, ""
        if self._file is not None:
            self._file.close()
        self._header = Header(secrets.token_hex(8), self._header.version, self._header.port)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._file.write(self._header.line())
        self._file.flush()
        self._seed(self._header.seed)

    def _replay(self, found: Header) -> int:
        """Bytes of the recording that were understood and done again."""
        if found.version != self._header.version:
            self._differing[f"moto {found.version}"] = None
        self._header = found
        self._seed(found.seed)
        with self._path.open("rb") as file:
            whole = len(file.readline())
            for entry, length in _entries(file):
                self._repeat(entry)
                whole += length
            file.seek(whole)
            lost = sum(1 for _ in file)
        if lost > 1:  # one alone is what a kill has torn: it was never answered
            self._differing[f"the recording, damaged after {self._requests} requests: {lost} more are lost"] = None
        self._replayed = self._requests
        return whole

    def _repeat(self, entry: Mapping[str, Any]) -> None:
        body = base64.b64decode(entry["body"])
        environ = {**entry["environ"], **_wsgi(body)}
        name = _name(environ, body)
        try:
            status, _, text = self._ask(environ)
            same = _digest(status, text) == entry["answer"]
        except Exception:  # noqa: BLE001 - the emulator's; it failed at this before, or it is a difference
            same = entry["answer"] == ""
        if not same:
            self._differing[name] = None
        self._requests += 1


def _entries(file: IO[bytes]) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Up to the first line that is torn."""
    for line in file:
        try:
            entry = json.loads(line) if line.endswith(b"\n") else None
            if not isinstance(entry, dict) or not {"environ", "body", "answer"} <= entry.keys():
                return
            base64.b64decode(entry["body"], validate=True)
        except (ValueError, binascii.Error):
            return
        yield entry, len(line)


def _action(environ: Mapping[str, Any], body: bytes) -> str:
    """What the caller calls it, where the protocol says so: JSON in a header, the query protocol inside."""
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        return target.rpartition(".")[2]
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    return ""


def _reads(environ: Mapping[str, Any], body: bytes) -> bool:
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        return True
    return bool(_READS.match(_action(environ, body)))


def _name(environ: Mapping[str, Any], body: bytes) -> str:
    scope = re.search(r"Credential=[^,]*/([\w-]+)/aws4_request", str(environ.get("HTTP_AUTHORIZATION", "")))
    what = _action(environ, body) or f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
    return f"{scope[1] if scope else 'aws'} {what}"[:120]


def _digest(status: str, text: bytes) -> str:
    return hashlib.sha256(status.split(maxsplit=1)[0].encode() + _VOLATILE.sub(b"*", text)).hexdigest()[:16]


def _is_plain(value: object) -> bool:
    names = isinstance(value, dict) and all(isinstance(part, str) for pair in value.items() for part in pair)
    return isinstance(value, str) or names


def _line(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _said(document: Mapping[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    text = json.dumps(document).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
    return [text]


def _wsgi(body: bytes) -> dict[str, object]:
    return {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
