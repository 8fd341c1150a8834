"""Each patch of the emulator closes a gap that moto still has.

When `test_moto_still_lacks_it` fails for a patch after an update of moto, upstream has closed the gap: remove the file
of the patch, its line in `gaia.sandbox.patches` and its probe.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.sandbox import probes

from gaia import sandbox
from gaia.errors import Unavailable
from gaia.kit import process
from gaia.sandbox import patches
from gaia.sandbox.listening import listen
from gaia.sandbox.wire import REGION, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Client = Callable[[str], Any]

pytestmark = pytest.mark.cloud
NAMES = sorted(name for names in patches.PATCHES.values() for name in names)
PLAIN = "from gaia.sandbox.moto import main; main(patched=False)"


def clients(port: int) -> Client:
    """`client("eks")`: boto3's client of an emulator, which gives up at once; `client("http")` asks by hand."""
    import boto3  # type: ignore[import-untyped]
    from botocore.config import Config

    class Http:
        def get(self, service: str, path: str) -> tuple[int, bytes]:
            return Wire(port).send("GET", path, service=service)

    def client(service: str) -> Any:
        if service == "http":
            return Http()
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name=REGION,
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
            config=Config(retries={"total_max_attempts": 1}),
        )

    return client


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The emulator as it is used."""
    home = tmp_path_factory.mktemp("patched")
    yield clients(sandbox.up(home, buckets=()).port)
    sandbox.down(home)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """moto as it comes."""
    folder = tmp_path_factory.mktemp("plain")
    with listen(0) as listening:
        words = [sys.executable, "-P", "-c", PLAIN, str(listening.fileno()), str(folder / "recording.jsonl")]
        identity = process.start_detached(
            words,
            cwd=folder,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
            log=folder / "log",
            keep_open=[listening.fileno()],
        )
        port = listening.getsockname()[1]
    yield clients(port)
    process.signal_group(identity.pid, 9)


@pytest.mark.parametrize("name", NAMES)
def test_a_patch_closes_its_gap(name: str, patched: Client) -> None:
    """What it is for can be made, read, changed and taken away."""
    getattr(probes, name)(patched)


@pytest.mark.parametrize("name", NAMES)
def test_moto_still_lacks_it(name: str, plain: Client) -> None:
    """Without the patch the same fails: as long as it does, the patch is needed."""
    from botocore.exceptions import BotoCoreError, ClientError

    with pytest.raises((AssertionError, ClientError, BotoCoreError, KeyError, ValueError)) as caught:
        getattr(probes, name)(plain)
    assert not isinstance(caught.value, Unavailable)


def test_every_file_is_put_on_somewhere() -> None:
    """A patch that belongs to no service would be dead."""
    folder = Path(patches.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} == {*NAMES, "__init__", "fitting"}
