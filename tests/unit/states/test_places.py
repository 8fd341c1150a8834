"""Where states lie, by terraform's rules; `tests/integration/adoption` compares them with what terraform writes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gaia.stacks.model import Instance, InstanceKey
from gaia.states.places import at_whole_key, place_of

if TYPE_CHECKING:
    from gaia.states.places import Place

S3 = {"bucket": "b", "key": "vpc.tfstate"}
CASES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "local by default": ("", {}, "", "/c/vpc/terraform.tfstate"),
    "the default workspace's file": ("local", {"path": "x.tfstate"}, "default", "/c/vpc/x.tfstate"),
    "a path of another workspace does not count": (
        "local", {"path": "x.tfstate"}, "dev", "/c/vpc/terraform.tfstate.d/dev/terraform.tfstate",
    ),
    "a folder of workspaces": ("local", {"workspace_dir": "../all"}, "dev", "/c/all/dev/terraform.tfstate"),
    "an absolute path": ("local", {"path": "/s/x"}, "default", "/s/x"),
    "an object": ("s3", S3, "default", "s3://b/vpc.tfstate"),
    "an object of a workspace": ("s3", S3, "dev", "s3://b/env:/dev/vpc.tfstate"),
    "a prefix": ("s3", {**S3, "workspace_key_prefix": "vpc"}, "dev", "s3://b/vpc/dev/vpc.tfstate"),
    "a prefix for the default workspace": ("s3", {**S3, "workspace_key_prefix": "vpc"}, "default", "s3://b/vpc.tfstate"),
    "an empty prefix": ("s3", {**S3, "workspace_key_prefix": ""}, "dev", "s3://b/dev/vpc.tfstate"),
    "a key in folders": ("s3", {**S3, "key": "a//b/c"}, "dev", "s3://b/env:/dev/a/b/c"),
    "a role": ("s3", {**S3, "assume_role": {"role_arn": "arn:x"}}, "dev", "s3://b/env:/dev/vpc.tfstate"),
    "a web identity": (
        "s3", {**S3, "assume_role_with_web_identity": {"role_arn": "arn:x"}}, "dev",
        "backend s3, workspace dev, bucket b, key vpc.tfstate",
    ),
    "another backend": ("gcs", {"bucket": "b", "credentials": "{}"}, "dev", "backend gcs, workspace dev, bucket b"),
}  # fmt: skip


def place(kind: str, backend: dict[str, Any], workspace: str, **more: Any) -> Place:
    """Of an instance with this backend."""
    instance = SimpleNamespace(backend_type=kind, backend=backend, workspace=workspace, component_path="vpc")
    return place_of(cast("Instance", instance), folder=Path("/c/vpc"), **more)


@pytest.mark.parametrize(("kind", "backend", "workspace", "expected"), CASES.values(), ids=CASES.keys())
def test_place(kind: str, backend: dict[str, Any], workspace: str, expected: str) -> None:
    """Each backend's own rule for each workspace."""
    assert str(place(kind, backend, workspace)) == expected


def test_the_code_says_where_the_stack_does_not() -> None:
    """A backend in the code is terraform's to read; a local one is a file as ever."""
    assert str(place("", {}, "dev", in_code="s3")) == "backend s3, workspace dev, in the code of vpc"
    assert str(place("s3", S3, "dev", in_code="s3", backends=False)).endswith("in the code of vpc")
    assert str(place("", {}, "default", in_code="local")) == "/c/vpc/terraform.tfstate"


def test_one_bucket_at_two_addresses_is_two() -> None:
    """The endpoint and the region are the bucket's, wherever they are set."""
    here = place("s3", S3, "dev", environ={"AWS_ENDPOINT_URL": "http://127.0.0.1:1/", "AWS_REGION": "eu-west-1"})
    there = place("s3", {**S3, "endpoints": {"s3": "http://127.0.0.1:1"}, "region": "eu-west-1"}, "dev")
    assert here == there
    assert here != place("s3", S3, "dev")


def test_the_whole_key_names_the_same_place_in_the_default_workspace() -> None:
    """Where that is another name for it: in S3, outside of the default workspace."""

    def instance(kind: str, backend: dict[str, Any], workspace: str) -> Instance:
        return Instance(
            InstanceKey("dev", "vpc"), "vpc", {}, {}, {}, {}, {}, kind, backend, {}, workspace, "terraform", (), (),
            "t", "v", "p", abstract=False, enabled=True, references=(), provenance=cast("Any", None),
        )  # fmt: skip

    body = {"bucket": "b", "key": "k.tfstate", "workspace_key_prefix": "vpc", "use_lockfile": True}
    one = instance("s3", body, "dev-vpc")
    placed = at_whole_key(one)
    assert placed is not None
    assert (placed.workspace, placed.backend) == (
        "default", {"bucket": "b", "key": "vpc/dev-vpc/k.tfstate", "use_lockfile": True},
    )  # fmt: skip
    assert str(place_of(placed, folder=Path("/c"))) == str(place_of(one, folder=Path("/c")))
    for kind, workspace in (("s3", "default"), ("local", "dev-vpc"), ("gcs", "dev-vpc")):
        assert at_whole_key(instance(kind, body, workspace)) is None
