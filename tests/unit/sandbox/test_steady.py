"""One request at a time, the same one once, and a plain no to what cannot be done."""

from __future__ import annotations

import io
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gaia.sandbox.steady import Steady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the emulator logs; pytest itself collects no logs here (see `addopts`)."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logging.getLogger("gaia.sandbox").addHandler(handler)
    yield text
    logging.getLogger("gaia.sandbox").removeHandler(handler)


class Keys:
    """An application that makes a key for each request and says its number, or fails."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.inside = self.most = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """One more."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.bodies.append(environ["wsgi.input"].read())
        for _ in range(20):
            os.sched_yield()  # lets another thread in
        self.inside -= 1
        if self.bodies[-1] == b"broken":
            raise NotImplementedError("no such action & more")
        start_response("200 OK", [("X-Key", str(len(self.bodies)))])
        yield f"key {len(self.bodies)}".encode()


def send(app: Steady, body: bytes = b"{}", method: str = "POST", **headers: str) -> tuple[str, dict[str, str], bytes]:
    """(status, headers, body) of one request."""
    said: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body + b"the next request"),
        **{name.upper(): value for name, value in headers.items()},
    }
    answer = b"".join(app(environ, lambda status, found: said.append((status, found))))
    return said[0][0], dict(said[0][1]), answer


def test_an_invocation_that_is_sent_again_gets_its_answer_again() -> None:
    """A retry of an AWS SDK names the same invocation: nothing is made a second time. Others are others."""
    app = Steady(made := Keys())
    first = send(app, http_amz_sdk_invocation_id="a")
    assert first == ("200 OK", {"X-Key": "1"}, b"key 1")
    assert send(app, http_amz_sdk_invocation_id="a") == first
    assert send(app, http_amz_sdk_invocation_id="b")[2] == b"key 2"
    assert send(app)[2] == b"key 3"
    assert send(app)[2] == b"key 4"
    assert made.bodies == [b"{}"] * 4


def test_a_read_is_always_asked_anew() -> None:
    """Also within one invocation: it changes nothing, and may be large."""
    app = Steady(Keys())
    assert [send(app, method="GET", http_amz_sdk_invocation_id="a")[2] for _ in range(2)] == [b"key 1", b"key 2"]


def test_what_cannot_be_done_is_a_plain_no(logged: io.StringIO) -> None:
    """501, which no SDK asks again, in the protocol of the request; and it is not remembered."""
    app = Steady(Keys())
    status, _, text = send(app, b"broken", content_type="application/x-www-form-urlencoded; charset=utf-8")
    assert status.startswith("501")
    assert text.startswith(b"<ErrorResponse><Error><Code>NotImplemented</Code>")
    assert b"no such action &amp; more" in text
    assert send(app, b"broken")[2].startswith(b"<Error>")
    assert b'"__type": "NotImplemented"' in send(app, b"broken", http_x_amz_target="TrentService.Nothing")[2]
    assert send(app, b"broken", method="HEAD")[2] == b""
    assert send(app, http_amz_sdk_invocation_id="a")[0] == "200 OK"
    assert "NotImplementedError" in logged.getvalue()


def test_requests_wait_for_each_other() -> None:
    """The application never sees two at once, however many threads ask."""
    app = Steady(made := Keys())
    threads = [threading.Thread(target=send, args=(app,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made.bodies), made.most) == (20, 1)
