"""An OPA server as an engine (`GAIA_OPA_URL`), by its REST API.

A set of rules is put there once, in packages of its own below `gaia_DIGEST`, so that sets of several repositories and
versions stand beside each other and none answers for another. What is asked is a rule too, put there last, and it needs
a mark of every module: where one is not there, because the server was started anew or somebody took it away, nothing is
answered, and all are put again.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from gaia.errors import Invalid, Next, Position, Unavailable
from gaia.kit.canonical import digest as digest_of_data
from gaia.policy.model import Answer, Module, Problem, digest_of
from gaia.policy.query import query, unpacked
from gaia.policy.rego import functions, package_named, place, references

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TIME_LIMIT = 30.0
"""Seconds for one call, however slowly its answer drips, and for all that one question needs where rules are there."""
_LOADING = 4
"""So many times as long may it take to put rules there first."""
_MOST = 64 * 1024 * 1024
"""Bytes of an answer."""
_UNDEFINED = "undefined function"


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: dict[str, Any]


class OpaServer:
    """`ports.PolicyEngine` on a server. `token_file` holds its bearer token, read for each call: tokens change."""

    name = "opa-server"

    def __init__(self, url: str, *, token_file: Path | None = None, time_limit: float = TIME_LIMIT) -> None:
        self._token_file, self._time_limit = token_file, time_limit
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or parts.username:
            raise Invalid(
                "opa-url-invalid",
                f"GAIA_OPA_URL is {url[:200]!r}, which is no address of a server",
                next_step="Write it as http://HOST:PORT, and put a token into the file that GAIA_OPA_TOKEN_FILE names.",
            )
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, port
        self._base = parts.path.rstrip("/")

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """See `PolicyEngine`. A problem of one reference is a problem of all: it is one rule that is asked."""
        root = f"gaia_{digest_of(modules).partition(':')[2][:32]}"
        ask = f"ask_{digest_of_data(list(references)).partition(':')[2][:32]}"
        body = b'{"input":' + document + b"}"
        path = f"/v1/data/{root}/{ask}/answer?strict-builtin-errors=true"
        reply = self._call("POST", path, body)
        if reply.status == 200 and "result" not in reply.body:
            if problem := self._load(root, ask, modules, references):
                return (Answer(False, problem=problem),) * len(references)
            reply = self._call("POST", path, body)
        if reply.status != 200:
            return (Answer(False, problem=self._problem(reply, root, modules)),) * len(references)
        if "result" not in reply.body:
            raise _crashed("the server lost the rules while it was asked")
        try:
            held = unpacked(reply.body["result"], len(references))
        except ValueError as error:
            raise _crashed(f"the server gave no answer to what it was asked: {error}") from error
        return tuple(map(Answer.of, held))

    def _load(self, root: str, ask: str, modules: Sequence[Module], references: Sequence[str]) -> Problem | None:
        """Put the rules there, one that calls functions of another after it; what is wrong with them, if anything."""
        until = time.monotonic() + self._time_limit * _LOADING
        left = list(modules)
        put: list[str] = []
        promised: list[str] | None = None
        while left:
            failed: list[tuple[Module, _Reply]] = []
            for module in left:
                text = _below(root, f"{module.text}\n\n{_mark(module)} := true\n")
                reply = self._call("PUT", self._policy(root, module.path), text.encode(), until)
                if reply.status == 200:
                    put.append(module.path)
                elif _waits(reply):
                    failed.append((module, reply))
                else:
                    self._take_away(root, [*put, *(promised or ())])
                    return self._problem(reply, root, modules)
            if len(failed) == len(left):
                if promised is not None:
                    self._take_away(root, [*put, *promised])
                    return self._problem(failed[0][1], root, modules)
                promised = self._promise(root, left)
            left = [module for module, _ in failed]
        self._take_away(root, promised or ())
        marks = [f"data.{package_named(module.text)}.{_mark(module)}" for module in modules]
        asked = query(references, f'"there": [{", ".join(marks)}]')
        text = _below(root, f"package {ask}\n\nanswer := {asked}\n")
        reply = self._call("PUT", self._policy(root, f"{ask}.rego"), text.encode())
        return None if reply.status == 200 else self._problem(reply, root, modules)

    def _promise(self, root: str, modules: Sequence[Module]) -> list[str]:
        """Put functions that never answer in place of those that modules have which call each other; their paths."""
        paths = []
        for module in modules:
            heads = [f"{name}({', '.join('_' * number)}) if false" for name, number in functions(module.text).items()]
            package = package_named(module.text)
            if heads and package:
                text = "\n\n".join([f"package {package}", *heads])
                self._call("PUT", self._policy(root, f"promised/{module.path}"), _below(root, text).encode())
                paths.append(f"promised/{module.path}")
        return paths

    def _take_away(self, root: str, paths: Sequence[str]) -> None:
        for path in reversed(paths):
            self._call("DELETE", self._policy(root, path), b"")

    def _policy(self, root: str, path: str) -> str:
        return f"/v1/policies/{quote(f'{root}/{path}', safe='/')}"

    def _call(self, method: str, path: str, body: bytes, most: float = float("inf")) -> _Reply:
        """One call, which ends before the moment `most`; redirects are not followed: the token goes to nobody else."""
        until = min(time.monotonic() + self._time_limit, most)
        left = until - time.monotonic()
        if left <= 0:
            raise self._slow()
        kind = "application/json" if method == "POST" else "text/plain"
        try:
            connection = self._connection(left)
            connection.connect()
            late = threading.Timer(until - time.monotonic(), _cut, (connection.sock,))
            late.daemon = True
            late.start()
            try:
                connection.request(method, self._base + path, body, {"Content-Type": kind, **self._authority()})
                response = connection.getresponse()
                status, content = response.status, response.read(_MOST + 1)
            finally:
                late.cancel()
                connection.close()
        except TimeoutError as error:
            raise self._slow() from error
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() >= until:
                raise self._slow() from error
            raise Unavailable(
                "opa-unreachable",
                f"the OPA server at {self._host} cannot be asked: {error}; nothing was decided",
                next_step="Start it, or take GAIA_OPA_URL away to use the embedded engine.",
            ) from error
        if time.monotonic() >= until:  # what was cut off may look like the whole
            raise self._slow()
        if status in (401, 403):
            raise Unavailable(
                "opa-not-allowed",
                f"the OPA server at {self._host} does not take the token (status {status}); nothing was decided",
                next_step="Put a token that may read data and write policies into the file of GAIA_OPA_TOKEN_FILE.",
            )
        return _Reply(status, _object(content, status))

    def _slow(self) -> Unavailable:
        return Unavailable(
            "policy-engine-timeout",
            f"the OPA server did not answer within {self._time_limit:g} s; nothing was decided",
            next_step=Next("policy test", words="Look for a rule whose work grows without end, as by the tests"),
        )

    def _connection(self, limit: float) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=limit, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=limit)

    def _authority(self) -> dict[str, str]:
        if self._token_file is None:
            return {}
        try:
            token = self._token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(
                "opa-token-unreadable",
                f"the file of GAIA_OPA_TOKEN_FILE cannot be read: {error}",
                next_step="Make it a file with the token and nothing else.",
            ) from error
        return {"Authorization": f"Bearer {token}"}

    def _problem(self, reply: _Reply, root: str, modules: Sequence[Module]) -> Problem:
        """What is wrong with the rules, at the place where they have it."""
        errors = reply.body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        if not isinstance(first, dict):
            raise _crashed(f"the server said {reply.body.get('message', 'nothing')!r} (status {reply.status})")
        message = str(first.get("message")).replace(f"{root}.", "")
        where = first.get("location") or {}
        path = str(where.get("file") or "").removeprefix(f"{root}/")
        module = next((one for one in modules if one.path == path), None)
        if module is None:
            return Problem(message, None)
        row, column = int(where["row"]), int(where["col"])
        return Problem(message, Position(path, row, _column_before(root, module.text, row, column)))


def _cut(connected: socket.socket) -> None:
    """End a call from outside: the time limit of a socket is one for each byte."""
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _mark(module: Module) -> str:
    """A rule that is put at the end of each module. The answer needs those of all: without one it is undefined."""
    return f"gaia_has_{digest_of_data(module.path).partition(':')[2][:32]}"


def _waits(reply: _Reply) -> bool:
    """Whether a module calls functions that are not there, perhaps yet; other mistakes may only follow from that."""
    errors = reply.body.get("errors")
    return isinstance(errors, list) and any(_UNDEFINED in str(one.get("message")) for one in errors)


_PACKAGE = re.compile(r"^(package[ \t]+)", re.MULTILINE)


def _below(root: str, text: str) -> str:
    """A module with its package, and all that it refers to as `data`, below `root`. Every line keeps its number."""
    pieces, last = [], 0
    for start in _moved(text):
        pieces += [text[last : start + 4], f".{root}"]
        last = start + 4
    return _PACKAGE.sub(rf"\1{root}.", "".join([*pieces, text[last:]]), count=1)


def _moved(text: str) -> list[int]:
    return [one.start for one in references(text) if one.path[0] == "data"]


def _column_before(root: str, text: str, row: int, column: int) -> int:
    """A column of `_below` as the text itself has it."""
    wider = len(root) + 1
    columns = [at for line, at in (place(text, start) for start in _moved(text)) if line == row]
    for number, at in enumerate(sorted(columns)):
        if column > at + number * wider:
            column = max(column - wider, at)
    return column


def _object(content: bytes, status: int) -> dict[str, Any]:
    try:
        found = json.loads(content or b"{}") if len(content) <= _MOST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _crashed(f"the server said something that is no answer (status {status})")
    return found


def _crashed(why: str) -> Unavailable:
    return Unavailable(
        "policy-engine-crashed",
        f"{why}; nothing was decided",
        next_step="Look at the server's log, or take GAIA_OPA_URL away to use the embedded engine.",
    )
