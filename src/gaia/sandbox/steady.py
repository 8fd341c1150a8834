"""A WSGI application that answers one request at a time, and the same request once, however often it is sent.

moto keeps its world in plain dictionaries and walks through them while other threads change them: under load that ends
in answers of status 500 that come and go. And a client whose connection broke after its request had been carried out
sends it again; an AWS SDK then names the same invocation. Without memory a second key would be made.
"""

from __future__ import annotations

import io
import json
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]

_REMEMBERED = 256
_LONGEST = 64 * 1024
"""Bytes of an answer that is remembered; what makes something answers shortly."""
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class _Answer:
    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Steady:
    """The middleware. What the application fails at is answered with 501: no client asks for that again and again."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, _Answer] = OrderedDict()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """One request."""
        environ["wsgi.input"] = io.BytesIO(_body(environ))  # a slow client must not keep the others waiting
        if environ.get("HTTP_X_AMZ_TARGET", "").endswith(".ReceiveMessage"):  # waits up to 20 s for a message
            answer = self._ask(environ)
        else:
            with self._lock:
                answer = self._known(environ) or self._ask(environ)
        start_response(answer.status, list(answer.headers))
        return [answer.body]

    def _known(self, environ: Mapping[str, Any]) -> _Answer | None:
        return self._answers.get(environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))

    def _ask(self, environ: dict[str, Any]) -> _Answer:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def begin(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
            said.append((status, headers))
            return lambda _: None

        try:
            body = self._application(environ, begin)
            text = b"".join(body)
            getattr(body, "close", lambda: None)()
        except Exception as error:
            logging.getLogger(__name__).exception("%s %s", environ["REQUEST_METHOD"], environ.get("PATH_INFO"))
            return _unable(environ, error)
        answer = _Answer(said[-1][0], tuple(said[-1][1]), text)
        self._remember(environ, answer)
        return answer

    def _remember(self, environ: Mapping[str, Any], answer: _Answer) -> None:
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if not invocation or environ["REQUEST_METHOD"] in _READS or len(answer.body) > _LONGEST:
            return
        self._answers[invocation] = answer
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)


def _body(environ: Mapping[str, Any]) -> bytes:
    source = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdigit():
        return bytes(source.read(int(length)))
    return bytes(source.read()) if environ.get("wsgi.input_terminated") else b""


def _unable(environ: Mapping[str, Any], error: Exception) -> _Answer:
    """501 in the protocol of the request: an SDK gives up on it at once."""
    message = f"the emulator cannot do this: {type(error).__name__}: {error}"
    if environ.get("HTTP_X_AMZ_TARGET"):
        kind, body = "application/x-amz-json-1.1", json.dumps({"__type": "NotImplemented", "message": message})
    else:
        kind, body = "text/xml", f"<Error><Code>NotImplemented</Code><Message>{escape(message)}</Message></Error>"
        if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            body = f"<ErrorResponse>{body}</ErrorResponse>"
    text = b"" if environ["REQUEST_METHOD"] == "HEAD" else body.encode()
    return _Answer("501 NOT IMPLEMENTED", (("Content-Type", kind), ("Content-Length", str(len(text)))), text)
