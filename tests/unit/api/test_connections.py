"""Connections that take room and ask for nothing, with real sockets."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from gaia.api.limits import Limits
from gaia.api.server import _bound, _made

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n"


def _nothing() -> dict[str, str]:
    return {}


@contextmanager
def served(limits: Limits) -> Iterator[tuple[str, int]]:
    """A server whose every answer is `{}`; where it listens."""
    app = FastAPI()
    app.state.limits, app.state.ending = limits, False
    app.add_api_route("/", _nothing, methods=["GET", "POST"])
    listening = _bound("127.0.0.1", 0)
    server = _made(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def connected(at: tuple[str, int]) -> Iterator[socket.socket]:
    """A connection that waits for ten seconds at most."""
    with socket.create_connection(at, timeout=10) as made:
        yield made


def ends(one: socket.socket) -> bytes:
    """What comes until the server ends the connection."""
    said = b""
    try:
        while part := one.recv(4096):
            said += part
    except ConnectionResetError:
        pass
    return said


@pytest.mark.parametrize("begun", [b"", b"G", HEAD, b"POST / HTTP/1.1\r\nHost: here\r\nX-Long: "])
def test_a_head_that_does_not_come_ends_the_connection(begun: bytes) -> None:
    """Whatever was sent of it; nobody answers."""
    with served(Limits(head_patience=0.3)) as at, connected(at) as one:
        one.sendall(begun)
        assert ends(one) == b""


def test_a_head_that_trickles_in_has_no_more_time() -> None:
    """Each byte would else begin the time anew."""
    with served(Limits(head_patience=0.3)) as at, connected(at) as one:
        one.settimeout(0.05)
        assert any(_is_ended(one) for _ in range(200))


def _is_ended(one: socket.socket) -> bool:
    """Whether it was, after one byte more."""
    try:
        one.sendall(b"G")
        return one.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_body_that_nobody_reads_ends_with_its_answer() -> None:
    """It is answered without it, and is not waited for."""
    with served(Limits(head_patience=0.3)) as at, connected(at) as one:
        one.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\nx")
        assert ends(one).startswith(b"HTTP/1.1 200")


def test_who_asks_in_time_is_answered_again_and_again() -> None:
    """On one connection."""
    with served(Limits(head_patience=5)) as at, connected(at) as one:
        for _ in range(3):
            one.sendall(HEAD + b"\r\n")
            said = b""
            while not said.endswith(b"{}"):
                said += one.recv(4096)
            assert said.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("limits", [Limits(connections_each=3), Limits(connections=3)])
def test_there_are_not_more_connections_than_may_be(limits: Limits) -> None:
    """Of one address, and of all; one that ends makes room."""
    with served(limits) as at, ExitStack() as held:
        ones = [held.enter_context(connected(at)) for _ in range(3)]
        with connected(at) as more:
            assert ends(more).startswith(b"HTTP/1.1 503")
        ones[0].sendall(HEAD + b"Connection: close\r\n\r\n")
        assert ends(ones[0]).startswith(b"HTTP/1.1 200")
        with connected(at) as more:
            more.sendall(HEAD + b"Connection: close\r\n\r\n")
            assert ends(more).startswith(b"HTTP/1.1 200")
