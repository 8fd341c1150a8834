"""Gaia dies by SIGKILL at each commit and each file that it writes; another process goes on.

On components without a cloud, so that a death takes seconds. Whatever the point: a request that was approved ends done,
holding exactly what was approved; one whose ground moved since is never applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.integration.loop.points import NUMBERS, STACK, chosen, counting, decided_anew, dies, shouting, some

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = [pytest.mark.long(2)]


def _asking(service: str) -> list[str]:
    return ["request", "notes", service, "-s", STACK, "-a", "text=hello"]


@some
def test_a_request_killed_at_any_point_waits_for_a_person(world: World, tries: int) -> None:
    """Whatever was written down: another process goes on, and the preview is judged; no plan is left behind."""
    total = len(dies(world, 0, *_asking(f"asked{next(NUMBERS)}"), who="ada"))
    with counting("a request is asked for and previewed", total) as figures:
        for point in chosen(total, tries):
            service = f"asked{next(NUMBERS)}"
            passed = dies(world, point, *_asking(service), who="ada")
            figures.kills += len(passed) == point
            listed = [view for view in world.json("status", who="ada")["requests"] if view["service"] == service]
            if not listed:  # it died before it was written down: asking again is no error
                world.json(*_asking(service), who="ada")
                figures.began_anew += 1
            view = world.view(service)
            if view["status"] == "submitted":
                view = world.json("resume", service, who="ada")
                figures.resumed += 1
            elif listed:
                figures.had_ended += 1
            assert view["status"] == "waiting", (passed[-1], view["reason"])
            assert view["preview"]["digest"], passed[-1]
            assert not list((world.home / "plans").glob("*")), passed[-1]


@some
def test_an_application_killed_at_any_point_ends_with_what_was_approved(world: World, tries: int) -> None:
    """Everything is there, once, and published; planning it again finds nothing to do."""
    first = f"made{next(NUMBERS)}"
    world.ask(first)
    total = len(dies(world, 0, "approve", first, who="grace"))
    with counting("a request is approved and applied", total) as figures:
        for point in chosen(total, tries):
            service = f"made{next(NUMBERS)}"
            world.ask(service)
            passed = dies(world, point, "approve", service, who="grace")
            figures.kills += len(passed) == point
            view = world.view(service)
            if view["status"] == "waiting":  # it died before the approval was written down
                view = world.json("approve", service, who="grace")
                figures.began_anew += 1
            elif view["status"] == "done":
                figures.had_ended += 1
            else:
                view = world.json("resume", service, who="grace")
                figures.resumed += 1
            assert view["status"] == "done", (passed[-1], view["reason"])
            for part in ("first", "second"):
                assert world.planned(f"{service}-{part}") == [], passed[-1]
            assert (world.repository / view["manifest"]).is_file(), passed[-1]


@some
def test_what_nobody_approved_is_not_applied_at_any_point(world: World, tries: int) -> None:
    """The component makes something else than what was approved: killed anywhere, it is decided anew."""
    counted = f"moved{next(NUMBERS)}"
    world.ask(counted)
    with shouting(world):
        total = len(dies(world, 0, "approve", counted, who="grace"))
    with counting("what was approved is no longer what would be made", total) as figures:
        points = {f"moved{next(NUMBERS)}": point for point in chosen(total, tries)}
        for service in points:
            world.ask(service)
        with shouting(world):
            for service, point in points.items():
                decided_anew(world, figures, service, point)
