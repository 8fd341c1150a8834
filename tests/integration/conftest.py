"""One emulator for all tests of a process that need nothing of their own in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.sandbox import Sandbox


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox as `gaia sandbox up` starts it, with the bucket `state`."""
    home = tmp_path_factory.mktemp("emulator")
    yield sandbox.up(home, buckets=["state"])
    sandbox.down(home)
