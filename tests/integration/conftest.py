"""One emulator for all tests of a process that need nothing of their own in it; long tests first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gaia import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.sandbox import Sandbox


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the longest first: one that is begun last keeps a single worker busy while the others have nothing left.

    A worker holds one test beside the one that it runs, and gives it to nobody: a short one, while there are long ones.
    """
    longest = sorted(filter(_minutes, items), key=_minutes, reverse=True)
    others = [item for item in items if not _minutes(item)]
    pairs = [item for pair in zip(longest, others, strict=False) for item in pair]
    items[:] = pairs + longest[len(others) :] + others[len(longest) :]


_NICE = 5
_LONGEST = 4.5
"""Minutes: the demo, and the kills on the way of one request."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let the longest have a core when they want one: they mostly wait, and would end last if for others too."""
    if _minutes(item) < _LONGEST and os.getpriority(os.PRIO_PROCESS, 0) < _NICE:
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)


def _minutes(item: pytest.Item) -> float:
    marker = item.get_closest_marker("long")
    return float(marker.args[0]) if marker else 0.0


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox as `gaia sandbox up` starts it, with the bucket `state`."""
    home = tmp_path_factory.mktemp("emulator")
    yield sandbox.up(home, buckets=["state"])
    sandbox.down(home)
