"""Requests are signed as AWS's documentation computes it, with the caller's own credentials."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gaia.terraform.aws_signing import Credentials, credentials_of, signed

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


def test_credentials_come_from_where_aws_tools_take_them(tmp_path: Path) -> None:
    """The environment, else the shared file; a profile that is named beats the environment."""
    shared = tmp_path / "credentials"
    shared.write_text("[ops]\naws_access_key_id = A\naws_secret_access_key = B\n")
    environ = {"AWS_SHARED_CREDENTIALS_FILE": str(shared)}
    keys = {"AWS_ACCESS_KEY_ID": "K", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T"}
    assert credentials_of(environ | keys) == Credentials("K", "S", "T")
    assert credentials_of(environ | keys, "ops") == Credentials("A", "B")
    assert credentials_of(environ | {"AWS_PROFILE": "ops"}) == Credentials("A", "B")
    assert credentials_of(environ) is None
