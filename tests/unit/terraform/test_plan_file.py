"""For which state a plan file was made, by what stands in it."""

from __future__ import annotations

import base64
import json

import pytest
from tests.unit.terraform.made_plan import archive, message, packed, plan_file

from gaia.errors import Invalid
from gaia.terraform.plan_file import origin_of

WRITTEN = (
    "CAMaigFCKnByb3ZpZGVyWyJ0ZXJyYWZvcm0uaW8vYnVpbHRpbi90ZXJyYWZvcm0iXUpKCAESRgpEhKJpZMcDDIEBwqVpbnB1dJLECCJzdHJpbm"
    "cioXimb3V0cHV0ksQIInN0cmluZyLUAACwdHJpZ2dlcnNfcmVwbGFjZcBqEHRlcnJhZm9ybV9kYXRhLnhqLgoFbG9jYWwSHAoagqRwYXRowK13"
    "b3Jrc3BhY2VfZGlypGtlcHQaB2Rldi1uZXRyBjEuMTEuNKoBFDIwMjYtMTEtMjlUMjA6MDM6MDVayAEB0AEB"
)
"""The member `tfplan` as terraform 1.11.4 writes it for one resource of its own provider, and a local backend."""


def test_what_terraform_writes_is_read() -> None:
    """Type, workspace, and what is set of the configuration."""
    found = origin_of(archive(base64.b64decode(WRITTEN)))
    assert found is not None
    assert (found.kind, found.workspace, found.settings) == ("local", "dev-net", {"workspace_dir": "kept"})


def test_every_kind_of_value() -> None:
    """Of MessagePack; what is null is not set, and credentials are not shown."""
    settings = {
        "none": None,
        "yes": True,
        "no": False,
        "small": 7,
        "large": 1 << 40,
        "below": -5,
        "text": "t" * 40,
        "list": ["a", {"b": 1}],
        "packed": b"\x93\xff\xca\x3f\x80\x00\x00\xa1c",
        "unknown": b"\xd4\x00\x00",
        **{f"more{number}": "x" for number in range(20)},
        "wide": b"\xda\x00\x02ab",
        "bytes": b"\xc4\x02cd",
        "extended": b"\xc7\x03\x0cefg",
        "number": b"\xcd\x01\x00",
    }
    found = origin_of(plan_file("s3", "a", **settings))
    assert found is not None
    assert {name: value for name, value in found.settings.items() if not name.startswith("more")} == {
        "yes": True,
        "no": False,
        "small": 7,
        "large": 1 << 40,
        "below": -5,
        "text": "t" * 40,
        "list": ["a", {"b": 1}],
        "packed": [-1, 1.0, "c"],
        "unknown": b"\x00\x00",
        "number": 256,
        "wide": "ab",
        "bytes": b"cd",
        "extended": b"\x0cefg",
    }
    assert "t" * 40 not in repr(found)


@pytest.mark.parametrize("content", [b"", b"{}", b"nonsense", b"[1]", b"\xff\x00"])
def test_what_is_no_plan_file_is_left_to_terraform(content: bytes) -> None:
    """It says so in its own words."""
    assert origin_of(content) is None


WHOLE = plan_file("s3", "a", bucket="b")
BAD = {
    "encrypted": json.dumps({"meta": {}, "encrypted_data": "eA==", "encryption_version": "v0"}).encode(),
    "another archive": archive(b"", "other"),
    "empty": archive(b""),
    "without a backend": archive(message((14, b"1.99.0"))),
    "without a workspace": archive(message((13, message((1, b"s3"), (2, message((1, packed({})))))))),
    "torn": archive(base64.b64decode(WRITTEN)[:-40]),
    "another type of field": archive(b"\x6b"),
    "a number in its place": archive(b"\x68\x01"),
    "no configuration": archive(message((13, message((1, b"s3"), (2, message((1, b"\xc1"))), (3, b"a"))))),
    "no map": archive(message((13, message((1, b"s3"), (2, message((1, b"\x01"))), (3, b"a"))))),
    "a torn configuration": archive(message((13, message((1, b"s3"), (2, message((1, b"\x81"))), (3, b"a"))))),
    "endless": archive(message((13, message((1, b"s3"), (2, message((1, b"\x91" * 9000))), (3, b"a"))))),
    "no text": archive(message((13, message((1, b"\xff"), (2, message((1, packed({})))), (3, b"a"))))),
    "damaged": WHOLE[:40] + b"\xff\xff\xff" + WHOLE[43:],
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_one_that_does_not_tell_is_refused(content: bytes) -> None:
    """Terraform would apply it to whatever state that is."""
    with pytest.raises(Invalid) as caught:
        origin_of(content)
    assert caught.value.code == "planfile-unreadable"
