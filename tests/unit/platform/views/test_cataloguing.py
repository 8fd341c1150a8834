"""The catalog of a platform: what is live and published, as far as somebody sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.catalog.backstage_rules import wrong
from tests.unit.platform.loop import KEY, STACK

from gaia.access.callers import authenticate
from gaia.catalog.entities import ref_of
from gaia.kit import clock
from gaia.platform.views.cataloguing import Cataloguing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

    from gaia.catalog.model import Entity


def seen(loop: Loop, who: str) -> dict[str, Entity]:
    """The entities that somebody sees, by reference."""
    with loop.platform.database.read() as tx:
        caller = authenticate(tx, loop.tokens[who], clock.now())
    made = Cataloguing(loop.platform, caller).read().entities
    assert wrong(made) == []
    return {ref_of(one): one for one in made}


def test_a_service_that_is_live_is_a_component_of_its_instances(loop_at: Callable[[str], Loop]) -> None:
    """With its owner from the answers, and the request that it came from; it needs what its manifest has."""
    loop = loop_at("done")
    made = seen(loop, "vic")
    [service] = [one for one in made.values() if one["kind"] == "Component"]
    assert service["metadata"]["name"] == f"{STACK}.photos"
    assert f"resource:default/{KEY.replace('/', '.')}" in service["spec"]["dependsOn"]
    notes = service["metadata"]["annotations"]
    assert notes["gaia/request"].startswith("req_")
    web = "https://github.com/example/platform/blob/main"
    assert notes["backstage.io/source-location"] == f"url:{web}/{notes['gaia/file']}"
    assert service["spec"]["owner"] in made


def test_what_is_only_asked_for_is_not_there(loop_at: Callable[[str], Loop]) -> None:
    """Nothing has been made of it."""
    loop = loop_at("waiting")
    made = seen(loop, "vic")
    assert f"resource:default/{STACK}" in made
    assert [one for one in made.values() if one["kind"] == "Component"] == []


def test_who_may_not_see_a_stack_learns_of_nothing_in_it(loop_at: Callable[[str], Loop]) -> None:
    """Neither of the service nor of the tenant; bob is another's."""
    assert "acme" not in str(seen(loop_at("done"), "bob"))
