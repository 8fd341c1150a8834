"""One world for all tests of a process; its repository holds cheap components beside the blueprint's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.testing.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with components that need no cloud; each test uses service names of its own."""
    made = make_world(tmp_path_factory.mktemp("world"), Path(__file__).parent / "platform")
    yield made
    made.run("sandbox", "down", quiet=True)
