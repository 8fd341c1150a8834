"""One world for all tests of a process; its repository holds cheap components beside the blueprint's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest

from gaia import sandbox
from gaia.testing.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with components that need no cloud; each test uses service names of its own."""
    made = make_world(tmp_path_factory.mktemp("world"), Path(__file__).parent / "platform")
    yield made
    made.run("sandbox", "down", quiet=True)


def aws(world: World, service: str) -> Any:
    """A client of the world's emulated AWS."""
    return boto3.client(
        service,
        endpoint_url=sandbox.running(world.home).url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def put_object(world: World, bucket: str, key: str) -> None:
    """Put something into a bucket; its policy asks for TLS, which the emulator has not, and goes meanwhile."""
    s3 = aws(world, "s3")
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
