"""Being the engine for whoever asked: until nothing is left, or until told to stop."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.access.callers import authenticate
from gaia.bootstrap import App
from gaia.kit import clock
from gaia.platform.engine import engine
from gaia.platform.service import Platform
from gaia.platform.serving import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.platform.parts import Parts
    from gaia.testing.world import World

STACK = "acme-use1-dev"

pytestmark = pytest.mark.cloud


@contextmanager
def _parts(world: World) -> Iterator[Parts]:
    settings = replace(world.settings, home=world.home)
    with App(settings).records() as database:
        yield App(settings).parts(database)


def _as_ada(parts: Parts, world: World) -> Platform:
    with parts.database.read() as tx:
        return Platform(parts, authenticate(tx, world.tokens["ada"], clock.now()))


def test_whatever_is_queued_is_carried_out_until_nothing_is_left(world: World) -> None:
    """Two requests that nobody works on wait for a person afterwards; beside another engine nothing is done."""
    with _parts(world) as parts:
        ada = _as_ada(parts, world)
        asked = [ada.submit("notes", name, STACK, {"text": "hello"}).id for name in ("queued-one", "queued-two")]
        with engine(parts.home, {}):
            assert serve(parts) is None
        assert serve(parts) == {}
        assert [ada.request(one).status for one in asked] == ["waiting", "waiting"]


def test_told_to_stop_it_begins_nothing_more_and_the_next_goes_on(world: World) -> None:
    """The run that was not begun is still there for the next engine."""
    with _parts(world) as parts:
        ada = _as_ada(parts, world)
        asked = ada.submit("notes", "stopped", STACK, {"text": "hello"}).id
        parts.interrupt.ask()
        with pytest.raises(KeyboardInterrupt):
            serve(parts)
        assert ada.request(asked).status == "submitted"
    with _parts(world) as parts:
        assert serve(parts) == {}
        assert _as_ada(parts, world).request(asked).status == "waiting"
