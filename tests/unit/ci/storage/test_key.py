"""The key that runners have instead of a home."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaia.ci.storage.key_service import KeyService
from gaia.errors import Invalid
from gaia.settings import Settings


def test_the_key_is_in_the_settings_and_in_no_environment_that_is_handed_on() -> None:
    """So no manifest reads it (`!env`), and no program that is run gets it; nor is it shown."""
    settings = Settings.capture({"GAIA_KEY": "0123456789abcdef" * 4, "PATH": "/bin"}, Path("/"))
    assert settings.key == "0123456789abcdef" * 4
    assert dict(settings.environ) == {"PATH": "/bin"}
    assert "0123" not in repr(settings)


ENVIRON = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = "arn:aws:kms:us-east-2:111122223333:"


@pytest.mark.parametrize(
    ("reference", "key", "region"),
    [
        ("awskms:///alias/gaia-ci", "alias/gaia-ci", "eu-west-1"),
        (f"awskms:///{ID}\n", ID, "eu-west-1"),
        ("awskms:///mrk-" + "0" * 32, "mrk-" + "0" * 32, "eu-west-1"),
        (f"awskms:///{ARN}key/{ID}", f"{ARN}key/{ID}", "us-east-2"),
        (f"awskms:///{ARN}alias/a/b", f"{ARN}alias/a/b", "us-east-2"),
    ],
)
def test_a_key_of_kms_is_named_as_elsewhere(reference: str, key: str, region: str) -> None:
    """Its alias, its id, or its ARN, which says the region; else that is the environment's."""
    found = KeyService.of(reference, {**ENVIRON, "AWS_REGION": "eu-west-1"})
    assert (found.key, found.region) == (key, region)
    assert "test" not in repr(found)


@pytest.mark.parametrize(
    "reference",
    ["awskms://", "awskms:///", "awskms://host/alias/x", "awskms:///alias/", "awskms:///alias/a b", "awskms:///x",
     "awskms:///alias/x\nalias/y", "awskms:///arn:aws:s3:::bucket", "gcpkms://x", "awskms:///alias/\u00e9"],
)  # fmt: skip
def test_what_names_no_key_is_refused(reference: str) -> None:
    """Nor is another host asked: that is what the endpoint is for."""
    with pytest.raises(Invalid) as refused:
        KeyService.of(reference, ENVIRON)
    assert refused.value.code == "key-reference-unusable"
