"""Killing a command at some of the points that it passes, drawn by a seed: what tests of every command share."""

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
IN_CLOUD, IN_CHAOS = 2, 60
"""How many points of each command `make test-cloud` and `make chaos` try, spread over the whole; with a fresh seed."""
SEED = int(os.environ.get("GAIA_SEED") or random.SystemRandom().randrange(10**6))
"""Of the points that are tried. Read here, because tests run without the environment's GAIA_*."""
SLICE = os.environ.get("GAIA_POINTS", "")
"""`2/4`: every fourth point from the second one on, instead of some; `make nightly` so tries all of them."""
SHOUT = ("text = var.text,", 'text = "${var.text}!",')

# A test that is marked so tries a few points in the cloud's slice, and many in chaos.
some = pytest.mark.parametrize(
    "tries",
    [
        pytest.param(IN_CLOUD, marks=pytest.mark.cloud, id="few"),
        pytest.param(IN_CHAOS, marks=pytest.mark.chaos, id="many"),
    ],
)
many = pytest.mark.parametrize("tries", [pytest.param(IN_CHAOS, marks=pytest.mark.chaos, id="many")])
"""In chaos alone: in the cloud's slice another command stands for it."""


def dies(world: World, at: int, *arguments: str, who: str) -> list[str]:
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


def chosen(total: int, tries: int) -> list[int]:
    """Some of `total` points: one at random of each of `tries` equal stretches; a seed says which (GAIA_SEED)."""
    if SLICE:
        first, each = map(int, SLICE.split("/"))
        return list(range(first, total + 1, each))
    chance = random.Random(SEED)  # noqa: S311 - repeated on purpose
    print(f"GAIA_SEED={SEED}")  # noqa: T201 - pytest shows it where the test fails
    stretches = [(total * each // tries, total * (each + 1) // tries - 1) for each in range(min(tries, total))]
    return [1 + chance.randint(first, max(first, last)) for first, last in stretches]


@contextlib.contextmanager
def counting(killed_while: str, total: int) -> Iterator[Figures]:
    """The figures of a test, noted when it has passed."""
    figures = Figures(killed_while, points=total, seconds=-time.monotonic(), seeds=[] if SLICE else [str(SEED)])
    yield figures
    figures.seconds += time.monotonic()
    figures.note()


@contextlib.contextmanager
def shouting(world: World) -> Iterator[None]:
    """The component `note` makes something else for a while."""
    main = world.repository / "components/terraform/note/main.tf"
    before = main.read_text()
    main.write_text(before.replace(*SHOUT))
    world.commit("Shout")
    try:
        yield
    finally:
        main.write_text(before)
        world.commit("Stop shouting")


def decided_anew(world: World, figures: Figures, service: str, point: int) -> str:
    """An approval is killed at a point, of what is no longer what would be made: it waits, and nothing was begun.

    The name of the last point that it passed.
    """
    passed = dies(world, point, "approve", service, who="grace")
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
    return passed[-1]
