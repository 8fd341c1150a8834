"""On the emulated AWS: states, previews and claims in buckets, keys of KMS, a tag that somebody changes in between."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from tests.hosts.hosted import Hosted
from tests.integration.ci.jobs import ATMOS, Jobs

from gaia.ci.storage.buckets import BucketStore
from gaia.ci.storage.claims import Claims
from gaia.ci.storage.kept import Kept
from gaia.ci.storage.key_service import KeyService
from gaia.errors import Invalid, Refused, ToolFailed, Unavailable
from gaia.kit.keys import SecretKey, given_key

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.sandbox import Sandbox

pytestmark = [pytest.mark.cloud, pytest.mark.long(1)]

CODE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "stage" {}
variable "name" {}
variable "owner" {}
resource "aws_s3_bucket" "this" {
  bucket = var.name
  tags   = { owner = var.owner }
}
"""
STACK = """\
vars: {{stage: dev}}
terraform:
  backend_type: s3
  backend: {{s3: {{bucket: {bucket}, key: state, region: us-east-1, use_lockfile: true}}}}
  providers: {{aws: {{region: us-east-1, s3_use_path_style: true}}}}
components:
  terraform:
    photos: {{metadata: {{component: bucket}}, vars: {{name: {bucket}-photos, owner: {owner}}}}}
"""


def environ_of(emulator: Sandbox) -> dict[str, str]:
    """What leads to it."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    return {"AWS_ENDPOINT_URL": emulator.url, "AWS_EC2_METADATA_DISABLED": "true", **keys}


def client(emulator: Sandbox, service: str = "s3") -> Any:
    """Of a service."""
    import boto3  # type: ignore[import-untyped]

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=emulator.url, **keys)


@pytest.fixture(name="bucket")
def of_states(emulator: Sandbox) -> str:
    """A bucket of this test's own."""
    name = f"states-{uuid4().hex[:8]}"
    client(emulator).create_bucket(Bucket=name)
    return name


def test_a_bucket_keeps_as_a_folder_does(emulator: Sandbox, bucket: str) -> None:
    """Written, read, listed, taken away; created once, by one of several."""
    environ = environ_of(emulator)
    store = BucketStore.of(f"s3://{bucket}/some/where", environ)
    assert store.get("a/b") is None
    assert store.create("a/b", b"1")
    assert not store.create("a/b", b"2")
    store.put("a/b%2Fc", b"3")
    assert (store.get("a/b"), store.get("a/b%2Fc"), store.names("a/")) == (b"1", b"3", ("a/b", "a/b%2Fc"))
    store.delete("a/b")
    store.delete("a/b")
    assert store.names("") == ("a/b%2Fc",)
    barrier, found = Barrier(4), list[bool]()
    kept = Kept(store, given_key("0123456789abcdef" * 4))

    def take(number: int) -> None:
        barrier.wait()
        found.append(not Claims(kept, "main", lambda _: "open").take(number, ["dev/a"]))

    threads = [Thread(target=take, args=(number,)) for number in range(1, 5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(found) == 1
    for place in ("s3://", f"s3://{bucket}", "s3://UPPER/x", f"s3://{bucket}/../x", f"s3://{bucket}/a b"):
        with pytest.raises(Invalid):
            BucketStore.of(place, environ)
    with pytest.raises((ToolFailed, Unavailable)):
        BucketStore.of("s3://there-is-none-of-it/x", environ).get("a")


def key_named(emulator: Sandbox) -> str:
    """A reference to a key of KMS of this test's own."""
    kms, alias = client(emulator, "kms"), f"alias/gaia-{uuid4().hex[:8]}"
    kms.create_alias(AliasName=alias, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    return f"awskms:///{alias}"


def test_each_pull_request_has_a_key_that_opens_for_it_alone(emulator: Sandbox, bucket: str) -> None:
    """Made once, sealed by KMS, bound to repository and number; another's, moved there, does not open."""
    store = BucketStore.of(f"s3://{bucket}/keys", environ_of(emulator))
    service = KeyService.of(key_named(emulator), environ_of(emulator))
    barrier, found = Barrier(3), list[SecretKey]()

    def ask() -> None:
        barrier.wait()
        found.append(service.key_for(store, "acme/platform", 7))

    threads = [Thread(target=ask) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len({one.secret for one in found}) == 1
    assert service.key_for(store, "acme/platform", 8) != service.key_for(store, "acme/platform", None) != found[0]
    assert found[0].secret not in (store.get("keys/7") or b"")
    store.put("keys/8", store.get("keys/7") or b"")
    for repository, number in (("acme/platform", 8), ("acme/other", 7)):
        with pytest.raises(Unavailable) as refused:
            service.key_for(store, repository, number)
        assert refused.value.code == "key-elsewhere"
    other = KeyService.of(key_named(emulator), environ_of(emulator))
    with pytest.raises((Unavailable, Refused)):  # AWS: the first; the emulator: the second
        other.key_for(store, "acme/platform", 7)
    with pytest.raises(Refused) as denied:
        KeyService.of("awskms:///alias/there-is-none", environ_of(emulator)).key_for(store, "acme/platform", 9)
    assert denied.value.code == "key-refused"


def test_a_tag_that_somebody_changed_in_between_stops_what_was_reviewed(
    emulator: Sandbox, bucket: str, tmp_path: Path
) -> None:
    """The plan made now would put back more than anybody has seen; planned and approved anew it is applied."""
    with Hosted(tmp_path) as host:
        host.person("ann")
        key = key_named(emulator)
        kept = {"GAIA_KEPT": f"s3://{bucket}/gaia", "GAIA_KEY": key}
        jobs = Jobs(host, tmp_path, environ={**environ_of(emulator), **kept})
        files = {"atmos.yaml": ATMOS, "components/terraform/bucket/main.tf": CODE, "CODEOWNERS": "* @ann\n"}
        jobs.commit(
            None, **files, **{"stacks/dev.yaml": STACK.format(bucket=bucket, owner="none").partition("comp")[0]}
        )

        def owned(owner: str, branch: str) -> int:
            jobs.commit(branch, **{"stacks/dev.yaml": STACK.format(bucket=bucket, owner=owner)})
            number = host.open_pull_request(branch)
            planned = jobs.plan(number)
            assert planned.code == 0, planned.said
            jobs.review(number, "ann")
            return number

        done = jobs.apply(host.merge(owned("media", "first")))
        assert done.code == 0, done.said
        second = owned("press", "second")
        tags = {"TagSet": [{"Key": "owner", "Value": "media"}, {"Key": "by", "Value": "hand"}]}
        client(emulator).put_bucket_tagging(Bucket=f"{bucket}-photos", Tagging=tags)
        done = jobs.apply(host.merge(second))
        assert (done.code, done.document["result"]) == (1, "different"), done.said
        assert any("outside of Gaia" in one for one in done.document["reasons"]), done.said
        assert client(emulator).get_bucket_tagging(Bucket=f"{bucket}-photos")["TagSet"] == tags["TagSet"]
        names = [one["Key"] for one in client(emulator).list_objects_v2(Bucket=bucket, Prefix="gaia/")["Contents"]]
        assert {one.split("/")[1] for one in names} == {
            "begun", "claims", "journals", "keys", "left", "previews", "pulls",
        }  # fmt: skip
