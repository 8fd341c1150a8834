"""What is AWS or this machine is answered; nobody is led anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.sandbox.boundary import Boundary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def application(_: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """What is behind it."""
    start_response("200 OK", [])
    return [b"answered"]


def ask(host: str, method: str = "GET") -> tuple[str, bytes]:
    """(status, body)."""
    said: list[str] = []
    environ = {"REQUEST_METHOD": method, "HTTP_HOST": host, "PATH_INFO": "/"}
    body = b"".join(Boundary(application)(environ, lambda status, _: said.append(status)))
    return said[0], body


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:4566", "localhost", "123456789012.127.0.0.1:4566", "photos.localhost", "photos.s3.amazonaws.com"],
)
def test_aws_and_this_machine_are_answered(host: str) -> None:
    """With an account or a bucket before the host, too."""
    assert ask(host) == ("200 OK", b"answered")


@pytest.mark.parametrize(
    "host", ["example.com", "127.0.0.1.example.com", "169.254.169.254", "notamazonaws.com", "10.0.0.1:80", ""]
)
def test_everybody_else_is_refused(host: str) -> None:
    """Also what looks like this machine."""
    status, body = ask(host)
    assert status.startswith("403")
    assert b"leads no request away" in body


def test_no_tunnel_is_dug() -> None:
    """Not even to AWS: what is in it could not be seen."""
    assert ask("sts.amazonaws.com:443", "CONNECT")[0].startswith("403")
