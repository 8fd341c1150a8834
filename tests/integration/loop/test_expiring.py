"""A service that ends by itself, with terraform, git and the engine as they are; only the clock is set forward."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.access.callers import authenticate
from gaia.bootstrap import App
from gaia.kit import clock
from gaia.platform.acts.service import Platform
from gaia.platform.serving.chores import CHORES, do_due
from gaia.platform.serving.serving import serve
from gaia.records import audit, resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.platform.context import PlatformContext
    from gaia.testing.world import World

STACK = "acme-use1-dev"
EXPIRE = [one for one in CHORES if one.name == "expire"]

pytestmark = pytest.mark.cloud


@contextmanager
def _platform(world: World) -> Iterator[PlatformContext]:
    settings = replace(world.settings, home=world.home)
    with App(settings).records() as database:
        yield App(settings).platform_context(database)


def _as(platform: PlatformContext, world: World, who: str) -> Platform:
    with platform.database.read() as tx:
        return Platform(platform, authenticate(tx, world.tokens[who], clock.now()))


def test_a_service_is_destroyed_at_the_end_of_its_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warned of twice, approved by the signature of who approved it, gone from the cloud's state and from git."""
    ahead = timedelta(0)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + ahead)
    with _platform(world) as platform:
        ada, grace = _as(platform, world, "ada"), _as(platform, world, "grace")
        asked = ada.submit("notes", "fleeting", STACK, {"text": "hello"}, ttl=timedelta(days=7)).id
        assert serve(platform) == {}
        grace.approve(asked)
        assert serve(platform) == {}
        view = ada.request(asked)
        assert view.status == "done"
        assert view.lives_until is not None
        manifest = view.manifest
        assert manifest in platform.clone().files(platform.clone().fetch())
        for passed in (timedelta(days=6), timedelta(hours=23), timedelta(hours=1, minutes=1)):
            assert serve(platform) == {}
            assert ada.request("fleeting").id == asked
            ahead += passed
            assert do_due(platform, EXPIRE) == {}
        ended = ada.request("fleeting")
        assert (ended.kind, ended.status, ended.requester) == ("retire", "submitted", "engine")
        assert serve(platform) == {}
        ended = ada.request(ended.id)
        assert (ended.status, [one.by for one in ended.approvals]) == ("done", ["expiry"]), ended.reason
        assert manifest not in platform.clone().files(platform.clone().fetch())
        with platform.database.read() as tx:
            assert resources.of_request(tx, asked) == ()
            assert resources.of_request(tx, asked, destroyed=True)
            said = [entry.action for entry in audit.entries(tx, limit=1000) if entry.action.startswith("service.")]
            assert audit.verify(tx, platform.key) is None
        assert said == ["service.expires-soon", "service.expires-soon", "service.expired"]
