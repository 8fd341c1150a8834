"""The real emulator, once: started, asked, emptied, ended."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from gaia import sandbox
from gaia.sandbox.control import Sandbox
from gaia.sandbox.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.cloud

TRUST = "%7B%22Version%22%3A%222012-10-17%22%7D"
ROLE = f"Action=CreateRole&Version=2010-05-08&RoleName=photos&AssumeRolePolicyDocument={TRUST}"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty GAIA_HOME whose emulator is surely ended."""
    yield tmp_path / "home"
    if (tmp_path / "home/sandbox/state.json").exists():
        sandbox.down(tmp_path / "home")


def test_what_exists_is_counted_and_forgotten(home: Path) -> None:
    """Buckets with objects, keys, aliases and roles are seen; state buckets and dying keys do not count."""
    started = sandbox.up(home, buckets=["acme-dev-tfstate"])
    wire = Wire(started.port)
    sandbox.bucket(home, "photos")
    sandbox.bucket(home, "photos")
    wire.send("PUT", "/photos/a%20b.jpg", service="s3", body="x")
    wire.send("PUT", "/acme-dev-tfstate/kms/terraform.tfstate", service="s3", body="{}")
    made = [wire.json("kms", "TrentService.CreateKey", {})["KeyMetadata"] for _ in range(2)]
    key, dying = (str(one["KeyId"]) for one in made if isinstance(one, dict))
    wire.json("kms", "TrentService.CreateAlias", {"AliasName": "alias/photos", "TargetKeyId": key})
    wire.json("kms", "TrentService.ScheduleKeyDeletion", {"KeyId": dying})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert wire.send("POST", "/", service="iam", body=ROLE, headers=form)[0] == 200

    found = sandbox.inventory(home)
    assert found.buckets == {"acme-dev-tfstate": ("kms/terraform.tfstate",), "photos": ("a b.jpg",)}
    assert found.keys == dict(sorted({key: "Enabled", dying: "PendingDeletion"}.items()))
    assert found.left() == ("bucket photos", f"key {key}", "alias alias/photos", "role photos")

    sandbox.reset(home)
    empty = sandbox.inventory(home)
    assert (empty.left(), empty.buckets) == ((), dict.fromkeys(sandbox.PLATFORM_BUCKETS, ()))
    assert sandbox.down(home)
    assert not started.identity.alive()


def test_buckets_of_production_may_log_where_the_stacks_say(home: Path) -> None:
    """The emulator, like S3, refuses a bucket that it may not write logs to."""
    wire = Wire(sandbox.up(home).port)
    wire.s3("PUT", "photos")

    def log_to(target: str) -> int:
        where = f"<TargetBucket>{target}</TargetBucket><TargetPrefix>buckets/photos/</TargetPrefix>"
        body = f"<BucketLoggingStatus><LoggingEnabled>{where}</LoggingEnabled></BucketLoggingStatus>"
        return wire.send("PUT", "/photos?logging", service="s3", body=body)[0]

    assert [log_to(f"acme-prod-tfstate{end}") for end in ("-logs", "")] == [200, 400]
    wire.s3("DELETE", "photos")
    assert sandbox.inventory(home).left() == ()


def test_a_key_that_aws_manages_is_not_counted(home: Path) -> None:
    """A table encrypted with the service's own key makes that key appear, which nobody can delete."""
    started = sandbox.up(home, buckets=[])
    wire = Wire(started.port)
    table = {
        "TableName": "notes",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"Enabled": True, "SSEType": "KMS"},
    }
    wire.json("dynamodb", "DynamoDB_20120810.CreateTable", table)
    assert len(list(wire.pages("kms", "TrentService.ListKeys", "Keys"))) == 1
    found = sandbox.inventory(home)
    assert (found.keys, found.aliases, found.left()) == ({}, {}, ())


def test_what_it_held_is_back_after_a_kill(home: Path) -> None:
    """Ids, objects and ciphertexts as they were, on the same port; a key pair is another one, and that is said."""
    started = sandbox.up(home)
    wire = Wire(started.port)
    wire.send("GET", "/?Action=DescribeVpcs&Version=2016-11-15", service="ec2")  # the first look makes a network
    key = wire.json("kms", "TrentService.CreateKey", {})["KeyMetadata"]
    assert isinstance(key, dict)
    sealed = wire.json("kms", "TrentService.Encrypt", {"KeyId": key["KeyId"], "Plaintext": "aGVsbG8="})
    wire.s3("PUT", "photos")
    wire.send("PUT", "/photos/a.jpg", service="s3", body="picture")
    ask(wire, "CreateVpc", CidrBlock="10.0.0.0/16")
    before = ask(wire, "DescribeVpcs")
    ask(wire, "CreateKeyPair", KeyName="ada")

    os.killpg(started.identity.pid, signal.SIGKILL)
    while started.identity.alive():
        os.waitpid(started.identity.pid, 0)
    again = sandbox.up(home)
    assert again.port == started.port
    assert sandbox.inventory(home).buckets["photos"] == ("a.jpg",)
    assert ask(wire, "DescribeVpcs") == before
    opened = wire.json("kms", "TrentService.Decrypt", {"CiphertextBlob": sealed["CiphertextBlob"]})
    assert opened["Plaintext"] == "aGVsbG8="
    kept = sandbox.kept(home)
    assert (kept.differing, kept.ended) == (("ec2 CreateKeyPair",), "")
    assert kept.requests > kept.replayed > len(sandbox.PLATFORM_BUCKETS)


def test_a_snapshot_is_gone_back_to(home: Path) -> None:
    """What was made after it is gone, what was taken away is back; on the same port, as another process."""
    wire = Wire(sandbox.up(home, buckets=["photos"]).port)
    box = Sandbox(home)
    assert box.save("before").requests == 1
    wire.s3("DELETE", "photos")
    wire.s3("PUT", "films")
    restored = box.restore("before")
    assert restored.url == f"http://127.0.0.1:{wire.port}"
    assert list(sandbox.inventory(home).buckets) == ["photos"]
    assert restored.kept is not None
    assert (restored.kept.replayed, restored.doubts) == (1, ())


def ask(wire: Wire, action: str, **parameters: str) -> list[str]:
    """The ids of networks in the answer of EC2."""
    form = urlencode({"Action": action, "Version": "2016-11-15", **parameters})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, text = wire.send("POST", "/", service="ec2", body=form, headers=headers)
    assert status == 200, text
    return sorted(set(re.findall("vpc-[0-9a-f]+", text.decode())))
