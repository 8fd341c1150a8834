"""Gaia dies by SIGKILL at each commit and each file that it writes; another process goes on.

On components without a cloud, so that a death takes seconds. Whatever the point: a request that was approved ends done,
holding exactly what was approved; one whose ground moved since is never applied.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.nightly.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.testing.world import World

STACK = "acme-use1-dev"
NUMBERS = itertools.count()
IN_CLOUD, IN_CHAOS = 4, 60
"""How many points of each command `make test-cloud` and `make chaos` try, spread over the whole; with a fresh seed."""
SEED = int(os.environ.get("GAIA_SEED") or random.SystemRandom().randrange(10**6))
"""Of the points that are tried. Read here, because tests run without the environment's GAIA_*."""
SLICE = os.environ.get("GAIA_POINTS", "")
"""`2/4`: every fourth point from the second one on, instead of some; `make nightly` so tries all of them."""
SHOUT = ("text = var.text,", 'text = "${var.text}!",')

pytestmark = [pytest.mark.long(2)]
some = pytest.mark.parametrize(
    "tries",
    [
        pytest.param(IN_CLOUD, marks=pytest.mark.cloud, id="few"),
        pytest.param(IN_CHAOS, marks=pytest.mark.chaos, id="many"),
    ],
)


def _dies(world: World, at: int, *arguments: str, who: str) -> list[str]:
    """The points that a command passed; it is killed at the one with this number, if it comes so far."""
    log = world.home.parent / f"points-{next(NUMBERS)}"
    world.start("status", who=who, quiet=True).wait()  # the same environment, once, so that caches are warm
    subprocess.run(
        [sys.executable, str(Path(__file__).with_name("dying.py")), str(at), str(log), *arguments],
        env={
            **os.environ, "GAIA_HOME": str(world.home), "GAIA_CACHE_DIR": str(world.settings.cache),
            "GAIA_TOKEN": world.tokens[who], "PYTHONPATH": str(Path(__file__).parents[3] / "src"),
        },
        cwd=world.home.parent, capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    return log.read_text().splitlines()


def _points(total: int, tries: int) -> list[int]:
    """Some of `total` points: one at random of each of `tries` equal stretches; a seed says which (GAIA_SEED)."""
    if SLICE:
        first, each = map(int, SLICE.split("/"))
        return list(range(first, total + 1, each))
    chance = random.Random(SEED)  # noqa: S311 - repeated on purpose
    print(f"GAIA_SEED={SEED}")  # noqa: T201 - pytest shows it where the test fails
    stretches = [(total * each // tries, total * (each + 1) // tries - 1) for each in range(min(tries, total))]
    return [1 + chance.randint(first, max(first, last)) for first, last in stretches]


def _began(killed_while: str, total: int) -> Figures:
    return Figures(killed_while, points=total, seconds=-time.monotonic(), seeds=[] if SLICE else [str(SEED)])


def _ended(figures: Figures) -> None:
    figures.seconds += time.monotonic()
    figures.note()


def _asking(service: str) -> list[str]:
    return ["request", "notes", service, "-s", STACK, "-a", "text=hello"]


@contextlib.contextmanager
def _shouting(world: World, main: Path) -> Iterator[None]:
    """The component makes something else for a while."""
    before = main.read_text()
    main.write_text(before.replace(*SHOUT))
    world.commit("Shout")
    try:
        yield
    finally:
        main.write_text(before)
        world.commit("Stop shouting")


@some
def test_a_request_killed_at_any_point_waits_for_a_person(world: World, tries: int) -> None:
    """Whatever was written down: another process goes on, and the preview is judged; no plan is left behind."""
    total = len(_dies(world, 0, *_asking(f"asked{next(NUMBERS)}"), who="ada"))
    figures = _began("a request is asked for and previewed", total)
    for point in _points(total, tries):
        service = f"asked{next(NUMBERS)}"
        passed = _dies(world, point, *_asking(service), who="ada")
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
    _ended(figures)


@some
def test_an_application_killed_at_any_point_ends_with_what_was_approved(world: World, tries: int) -> None:
    """Everything is there, once, and published; planning it again finds nothing to do."""
    first = f"made{next(NUMBERS)}"
    world.ask(first)
    total = len(_dies(world, 0, "approve", first, who="grace"))
    figures = _began("a request is approved and applied", total)
    for point in _points(total, tries):
        service = f"made{next(NUMBERS)}"
        world.ask(service)
        passed = _dies(world, point, "approve", service, who="grace")
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
    _ended(figures)


@some
def test_what_nobody_approved_is_not_applied_at_any_point(world: World, tries: int) -> None:
    """The component makes something else than what was approved: killed anywhere, it is decided anew."""
    main = world.repository / "components/terraform/note/main.tf"
    counted = f"moved{next(NUMBERS)}"
    world.ask(counted)
    with _shouting(world, main):
        total = len(_dies(world, 0, "approve", counted, who="grace"))
    figures = _began("what was approved is no longer what would be made", total)
    points = {f"moved{next(NUMBERS)}": point for point in _points(total, tries)}
    for service in points:
        world.ask(service)
    with _shouting(world, main):
        for service, point in points.items():
            passed = _dies(world, point, "approve", service, who="grace")
            figures.kills += len(passed) == point
            view = world.view(service)
            if view["status"] == "applying":
                world.run("resume", service, "--output", "json", who="grace", quiet=True, refused=True)
                view = world.view(service)
                figures.resumed += 1
            else:
                figures.had_ended += 1
            figures.parked += 1
            assert view["status"] == "waiting", (passed[-1], view["reason"])
            assert not list((world.home / "journals" / view["id"]).glob("**/journal.jsonl")), passed[-1]
    _ended(figures)
