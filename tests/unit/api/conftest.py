"""The API over a platform on a real database; what stands below the platform is played."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from tests.unit.api.talk import Talk
from tests.unit.platform.conftest import approved, done, loop, loop_at, stages, waiting

from gaia.api.app import make_api
from gaia.bootstrap.served import Served
from gaia.cost.book import PriceBook
from gaia.cost.embedded import Embedded
from gaia.policy.regorus import Regorus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.platform.loop import Loop

__all__ = ["approved", "done", "loop", "loop_at", "stages", "waiting"]


@cache
def estimator() -> Embedded:
    """Prices, read once."""
    return Embedded(PriceBook.open())


def served_of(loop: Loop) -> Served:
    """What a server would work with."""
    return Served(loop.platform, estimator, Regorus, "us-east-1")


@pytest.fixture
def talk_to() -> Iterator[Callable[[Loop], Talk]]:
    """Calls the API of a loop, as somebody."""
    opened: list[TestClient] = []

    def talk(loop: Loop) -> Talk:
        lines: list[dict[str, object]] = []
        app = make_api(served_of(loop), log=lambda line: lines.append(dict(line)))
        client = TestClient(app, raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return Talk(client, loop.tokens, lines, app)

    yield talk
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def talk(waiting: Loop, talk_to: Callable[[Loop], Talk]) -> Talk:
    """The API where one request waits for gus."""
    return talk_to(waiting)
