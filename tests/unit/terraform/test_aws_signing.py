"""Requests are signed as AWS's documentation computes it, with the caller's own credentials."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from gaia.errors import ToolFailed, Unavailable
from gaia.terraform.aws_credentials import credentials_of
from gaia.terraform.aws_endpoint import aws_endpoint
from gaia.terraform.aws_signing import Credentials, send, signed

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2013, 5, 24, tzinfo=UTC)
MINE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def test_the_documented_request_has_the_documented_signature() -> None:
    """`GET Object` of "Signature Calculations for the Authorization Header" in the S3 API reference."""
    sent = signed(
        "GET",
        "https://examplebucket.s3.amazonaws.com/test.txt",
        MINE,
        service="s3",
        region="us-east-1",
        at=AT,
        headers={"Range": "bytes=0-9"},
    )
    assert sent["authorization"].endswith("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


def test_a_query_is_signed_in_order() -> None:
    """`GET Bucket (List Objects)` of the same page."""
    url = "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J"
    sent = signed("GET", url, MINE, service="s3", region="us-east-1", at=AT)
    assert sent["authorization"].endswith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")


class _Moves(BaseHTTPRequestHandler):
    """Sends everybody to another host, with an answer of ten bytes."""

    def do_GET(self) -> None:
        """One answer."""
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"0123456789")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


def test_a_signature_goes_to_nobody_else_and_an_answer_has_an_end() -> None:
    """A redirect is the answer; what is larger than can be is refused."""
    server = HTTPServer(("127.0.0.1", 0), _Moves)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    ask = partial(
        send, "GET", f"http://127.0.0.1:{server.server_address[1]}/", MINE, service="s3", region="us-east-1", environ={}
    )
    try:
        assert ask() == (302, b"0123456789")
        with pytest.raises(ToolFailed, match="more than 9 bytes"):
            ask(largest=9)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert server.asked == ["/", "/"]  # type: ignore[attr-defined]


PROFILES = """\
[profile deploy]
role_arn = arn:aws:iam::111122223333:role/deploy
source_profile = ops
external_id = x

[profile alone]
role_arn = arn:aws:iam::111122223333:role/deploy

[profile guarded]
role_arn = arn:aws:iam::111122223333:role/deploy
source_profile = ops
mfa_serial = m

[profile tool]
credential_process = printf '{"AccessKeyId": "P", "SecretAccessKey": "Q"}'

[profile sso]
sso_account_id = 111122223333
"""


def test_credentials_come_from_where_terraform_takes_them(tmp_path: Path) -> None:
    """The environment, else the shared files and their processes; a profile that is named beats the environment."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("[ops]\naws_access_key_id = A\naws_secret_access_key = B\n")
    (tmp_path / ".aws/config").write_text(PROFILES)
    environ = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "PATH": "/usr/bin:/bin"}
    keys = {"AWS_ACCESS_KEY_ID": "K", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T"}
    assert credentials_of(environ | keys) == Credentials("K", "S", "T")
    assert credentials_of(environ | keys, "ops") == Credentials("A", "B")
    assert credentials_of(environ | {"AWS_PROFILE": "ops"}) == Credentials("A", "B")
    assert credentials_of(environ, "tool") == Credentials("P", "Q")
    assert credentials_of(environ) is None
    for name in ("alone", "guarded", "sso"):  # only AWS's own tools ask for a second factor, or open a browser
        assert credentials_of(environ, name) is None
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    with pytest.raises(Unavailable, match="cannot be asked"):  # the role is assumed, with the keys of its source
        credentials_of(environ | nowhere, "deploy")


@pytest.mark.parametrize(
    ("service", "region", "environ", "own", "url"),
    [
        ("sts", "eu-west-1", {}, None, "https://sts.eu-west-1.amazonaws.com"),
        ("dynamodb", "cn-north-1", {}, None, "https://dynamodb.cn-north-1.amazonaws.com.cn"),
        ("iam", "us-east-1", {}, None, "https://iam.amazonaws.com"),
        ("s3", "eu-west-1", {"AWS_ENDPOINT_URL": "http://a/", "AWS_ENDPOINT_URL_S3": "http://b"}, "", "http://b"),
        ("s3", "eu-west-1", {"AWS_ENDPOINT_URL": "http://a/", "AWS_S3_ENDPOINT": "http://b"}, "", "http://b"),
        ("logs", "eu-west-1", {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://b"}, None, "http://b"),
        ("sts", "eu-west-1", {"AWS_ENDPOINT_URL": "http://a/"}, "http://own/", "http://own"),
        ("sts", "eu-west-1", {"AWS_ENDPOINT_URL": "http://a/", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None,
         "https://sts.eu-west-1.amazonaws.com"),
    ],
)  # fmt: skip
def test_each_service_is_asked_at_one_address(
    service: str, region: str, environ: dict[str, str], own: str | None, url: str
) -> None:
    """One's own, the environment's for the service, the environment's for all, Amazon's."""
    assert aws_endpoint(service, region, environ, own) == url
