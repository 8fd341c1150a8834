"""Being the engine for whoever asked: until nothing is left, or until told to stop."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.access.callers import authenticate
from gaia.bootstrap import App
from gaia.kit import clock
from gaia.platform.acts.service import Platform
from gaia.platform.engine.engine import alone
from gaia.platform.serving.serving import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.platform.context import PlatformContext
    from gaia.testing.world import World

STACK = "acme-use1-dev"

pytestmark = pytest.mark.cloud


@contextmanager
def _platform(world: World) -> Iterator[PlatformContext]:
    settings = replace(world.settings, home=world.home)
    with App(settings).records() as database:
        yield App(settings).platform_context(database)


def _as_ada(platform: PlatformContext, world: World) -> Platform:
    with platform.database.read() as tx:
        return Platform(platform, authenticate(tx, world.tokens["ada"], clock.now()))


def test_whatever_is_queued_is_carried_out_until_nothing_is_left(world: World) -> None:
    """Two requests that nobody works on wait for a person afterwards; beside another engine nothing is done."""
    with _platform(world) as platform:
        ada = _as_ada(platform, world)
        asked = [ada.submit("notes", name, STACK, {"text": "hello"}).id for name in ("queued-one", "queued-two")]
        with alone(platform.home):
            assert serve(platform) is None
        assert serve(platform) == {}
        assert [ada.request(one).status for one in asked] == ["waiting", "waiting"]


def test_told_to_stop_it_begins_nothing_more_and_the_next_goes_on(world: World) -> None:
    """The run that was not begun is still there for the next engine."""
    with _platform(world) as platform:
        ada = _as_ada(platform, world)
        asked = ada.submit("notes", "stopped", STACK, {"text": "hello"}).id
        platform.interrupt.ask()
        with pytest.raises(KeyboardInterrupt):
            serve(platform)
        assert ada.request(asked).status == "submitted"
    with _platform(world) as platform:
        assert serve(platform) == {}
        assert _as_ada(platform, world).request(asked).status == "waiting"
