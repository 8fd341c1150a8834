"""Connections that take room and ask for nothing, with real sockets."""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from gaia.api.around import Around
from gaia.api.connections import Through
from gaia.api.limits import Limits
from gaia.api.proxies import Proxies
from gaia.api.server import _bound, _made

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n"


def _nothing() -> dict[str, str]:
    return {}


@contextmanager
def served(limits: Limits, proxies: Proxies | None = None) -> Iterator[tuple[str, int]]:
    """A server whose every answer is `{}`; where it listens. At `/late` it comes once the test says so."""
    app, late, proxies = FastAPI(), threading.Event(), proxies or Proxies()
    app.state.limits, app.state.proxies, app.state.ending = limits, proxies, False
    app.add_api_route("/", _nothing, methods=["GET", "POST"])
    app.add_api_route("/late", lambda: str(late.wait(10)))
    app.add_api_route("/now", late.set)
    through = Through(limits, proxies)
    app.add_middleware(Around, log=lambda _: None, limits=limits, hide=str, through=through)
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


HERE = Proxies((ipaddress.ip_network("127.0.0.1/32"),))


def through(one: socket.socket, client: str, path: str = "/") -> None:
    """The proxy sends a call of somebody's."""
    one.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\nX-Forwarded-For: {client}\r\n\r\n".encode())


def test_the_connections_of_a_proxy_are_not_those_of_one_address() -> None:
    """It keeps as many as it likes, as long as there is room at all; who is no trusted proxy does not."""
    with served(Limits(connections_each=2, connections=5), HERE) as at, ExitStack() as held:
        for one in [held.enter_context(connected(at)) for _ in range(5)][1:]:
            through(one, "192.0.2.1")
            assert ends(one).startswith(b"HTTP/1.1 200")


def test_a_client_behind_a_proxy_has_so_many_calls_at_once() -> None:
    """One more is told to wait, whichever of the proxy's connections it comes by; others are not, nor is it later."""
    with served(Limits(connections_each=2), HERE) as at, ExitStack() as held:
        first, second, third, other, end = (held.enter_context(connected(at)) for _ in range(5))
        for one in (first, second):
            through(one, "192.0.2.1", "/late")
        said = b""
        while b" 429 " not in said:  # until both have come
            with connected(at) as more:
                through(more, "192.0.2.1")
                said = ends(more)
        assert b"connections-many" in said
        assert b"retry-after: 5" in said.lower()
        through(other, "192.0.2.2")
        assert ends(other).startswith(b"HTTP/1.1 200")
        through(end, "192.0.2.3", "/now")
        assert all(ends(one).startswith(b"HTTP/1.1 200") for one in (end, first, second))
        through(third, "192.0.2.1")
        assert ends(third).startswith(b"HTTP/1.1 200")


def test_who_is_no_proxy_names_nobody_else() -> None:
    """A header that anybody can write changes nothing: its connections are its own."""
    with served(Limits(connections_each=1)) as at, connected(at) as one, connected(at) as more:
        assert ends(more).startswith(b"HTTP/1.1 503")
        through(one, "192.0.2.1")
        assert ends(one).startswith(b"HTTP/1.1 200")
