"""A role for whom a provider of identities vouches: the token of a job of CI, or of Kubernetes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from gaia.errors import GaiaError
from gaia.terraform.aws_credentials import credentials_of
from gaia.terraform.aws_signing import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROLE = "arn:aws:iam::111122223333:role/gaia-plan"
GIVEN = (
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>session</SessionToken>"
    "<SecretAccessKey>secret</SecretAccessKey><AccessKeyId>ASIA1</AccessKeyId></Credentials>"
    "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
)
ENDED = "<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>"


@dataclass
class Sts:
    """What was asked."""

    url: str
    forms: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def sts() -> Iterator[Sts]:
    """Gives credentials for any token but `ended`."""
    made = Sts("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            made.forms.append(form)
            made.headers.append({name.lower(): value for name, value in self.headers.items()})
            ended = form["WebIdentityToken"] == "ended"
            self.send_response(400 if ended else 200)
            self.end_headers()
            self.wfile.write((ENDED if ended else GIVEN).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def environ(sts: Sts, token: Path) -> dict[str, str]:
    """A job's."""
    return {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": ROLE, "AWS_ROLE_SESSION_NAME": "gaia-7",
        "AWS_ENDPOINT_URL_STS": sts.url, "HOME": "/nowhere",
    }  # fmt: skip


def test_the_role_is_taken_on_with_the_token(sts: Sts, tmp_path: Path) -> None:
    """Nothing is signed: there is nothing to sign with. It is asked once."""
    (tmp_path / "token").write_text("a.b.c\n")
    for _ in range(2):
        assert credentials_of(environ(sts, tmp_path / "token")) == Credentials("ASIA1", "secret", "session")
    assert sts.forms == [
        {
            "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": ROLE,
            "RoleSessionName": "gaia-7", "WebIdentityToken": "a.b.c",
        }
    ]  # fmt: skip
    assert "authorization" not in sts.headers[0]


def test_keys_of_the_environment_come_first(sts: Sts, tmp_path: Path) -> None:
    """As for terraform."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s"}
    assert credentials_of(environ(sts, tmp_path / "token") | keys) == Credentials("AKIA1", "s")
    assert sts.forms == []


def test_a_token_that_the_role_does_not_take_is_an_error_without_it(sts: Sts, tmp_path: Path) -> None:
    """With what AWS calls it."""
    (tmp_path / "token").write_text("ended")
    with pytest.raises(GaiaError) as failed:
        credentials_of(environ(sts, tmp_path / "token"))
    assert failed.value.code == "role-refused"
    assert failed.value.message.endswith("the answer was ExpiredTokenException")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"a" * 30_000])
def test_a_token_that_cannot_be_read_vouches_for_nobody(sts: Sts, tmp_path: Path, content: bytes | None) -> None:
    """Nothing is asked."""
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    assert credentials_of(environ(sts, tmp_path / "token")) is None
    assert sts.forms == []
