"""The people of `gaia demo --page` at the page, as they play there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.platform.loop import STACK

from gaia.cli.demo_browser import People

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser
    from tests.browser.site import Site
    from tests.unit.platform.loop import Loop


def followed(people: People, who: str, until: str) -> list[str]:
    """What the log says until the page shows a state."""
    lines: list[str] = []
    for _ in range(120):
        seen = people.look(who)
        lines += seen["lines"]
        if seen["status"] == until:
            return lines
    raise AssertionError(f"the page shows {seen['status']}, not {until}")


def test_the_people_of_the_demo_find_what_they_look_for(
    loop: Loop, site_of: Callable[[Loop], Site], chromium: Browser
) -> None:
    """Sign in, ask, see the plan and nothing to approve it with, approve as another, find the service."""
    site, people = site_of(loop), People(chromium)
    assert people.sign_in("ann", site.link("ann")) == "Nothing needs you"
    order = {"template": "pair", "service": "notes", "stack": STACK, "answers": {"text": "hello"}}
    asked = people.order("ann", order)
    assert asked["outlook"] == "Ready to ask for"
    assert people.look("ann")["status"] == "Previewing"
    loop.carry_out(asked["request"])
    assert followed(people, "ann", "Waits for approval")
    preview = people.preview("ann")
    assert preview["change"]
    assert not preview["may_approve"]
    assert "needs you" in people.sign_in("gus", site.link("gus"))
    assert people.approve("gus", "notes", "small") == "Applying"
    loop.carry_out(asked["request"])
    lines = followed(people, "gus", "Done")
    assert len(lines) == len(set(lines)) > 0
    assert people.service("ann")["why"]
