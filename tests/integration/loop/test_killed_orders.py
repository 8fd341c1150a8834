"""An order of several services, killed at each commit and each file that is written: all of it, or none of it.

Nothing is applied that nobody signed, nothing is made twice; where the order says so, nothing of it is left when it
cannot be finished.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.loop.conftest import aws
from tests.integration.loop.points import NUMBERS, STACK, chosen, counting, decided_anew, dies, many, shouting, some

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.testing.world import World

pytestmark = [pytest.mark.long(3)]

SOUND = {"notes": {"text": "hello"}, "vaults": {"word": "sesame"}}
BRITTLE = {"notes": {"text": "hello"}, "brittle": {"text": "hello"}}
PARTS = {"notes": ("first", "second"), "vaults": ("vault", "note"), "brittle": ("sound", "broken")}
"""Template → what its instances are called after the service."""


def _written(world: World, name: str, services: dict[str, dict[str, str]]) -> Path:
    """The order's file: a service `NAME-TEMPLATE` of each template."""
    path = world.home.parent / f"{name}.json"
    wishes = [{"template": one, "service": f"{name}-{one}", "answers": given} for one, given in services.items()]
    path.write_text(json.dumps({"name": name, "services": wishes}))
    return path


def _asking(world: World, name: str, services: dict[str, dict[str, str]], *more: str) -> list[str]:
    return ["request", "--file", str(_written(world, name, services)), "-s", STACK, *more]


def _ordered(world: World, kind: str, services: dict[str, dict[str, str]] = SOUND, *more: str) -> str:
    """An order that waits for a person; its name."""
    name = f"{kind}{next(NUMBERS)}"
    view = world.json(*_asking(world, name, services, *more), who="ada")
    assert view["status"] == "waiting", view["reason"]
    return name


def _rows(world: World, statement: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{world.home / 'gaia.db'}?mode=ro", uri=True)) as database:
        return database.execute(statement, values).fetchall()


def _made_whole(world: World, name: str, view: dict[str, Any]) -> None:
    """Each service is there, alone, once, as it was signed, and published; the order is one that is done."""
    assert _rows(world, "SELECT status FROM requests WHERE service = ?", name) == [("done",)]
    for template in SOUND:
        part = world.view(f"{name}-{template}")
        assert part["status"] == "done"
        assert (world.repository / part["manifest"]).is_file()
        for one in PARTS[template]:
            assert world.planned(f"{name}-{template}-{one}") == []
    parts = _rows(world, "SELECT service, count(*) FROM requests WHERE service LIKE ? GROUP BY 1", f"{name}-%")
    assert sorted(parts) == sorted((f"{name}-{template}", 1) for template in SOUND)
    told = _rows(world, "SELECT a.subject FROM audit a JOIN requests r ON r.id = a.subject "
                 "WHERE a.action = 'request.done' AND r.service LIKE ?", f"{name}%")  # fmt: skip
    assert sorted(Counter(told).values()) == [1] * (1 + len(SOUND)), told
    assert not _made_again(world, view["id"])


def _made_again(world: World, request: str) -> list[str]:
    """What was begun although it was there: a whole thing that its journal begins once more."""
    found = []
    for journal in (world.home / "journals" / request).glob("**/journal.jsonl"):
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        for address in {str(line["address"]) for line in lines if line["kind"] == "complete"}:
            mine = [line["kind"] for line in lines if line.get("address") == address]
            found += [f"{journal}: {address}"] if "start" in mine[mine.index("complete") :] else []
    return found


def _held(world: World, name: str) -> list[str]:
    """What states of an order's instances hold."""
    s3, found = aws(world, "s3"), []
    for bucket in s3.list_buckets()["Buckets"]:
        for one in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            if name in one["Key"]:
                body = s3.get_object(Bucket=bucket["Name"], Key=one["Key"])["Body"].read()
                held = json.loads(body).get("resources", []) if body.startswith(b"{") else []
                found += [f"{one['Key']}: {each['type']}.{each['name']}" for each in held]
                assert not one["Key"].endswith(".tflock"), one["Key"]
    return found


@many
def test_an_order_killed_while_it_is_asked_for_is_there_whole_or_not_at_all(world: World, tries: int) -> None:
    """Of its services none is asked for alone; another process goes on, and one preview of all waits for a person."""
    total = len(dies(world, 0, *_asking(world, f"list{next(NUMBERS)}", SOUND), who="ada"))
    with counting("an order is asked for and previewed", total) as figures:
        for point in chosen(total, tries):
            name = f"list{next(NUMBERS)}"
            asking = _asking(world, name, SOUND)
            passed = dies(world, point, *asking, who="ada")
            figures.kills += len(passed) == point
            rows = _rows(world, "SELECT service FROM requests WHERE service LIKE ?", f"{name}%")
            assert rows in ([], [(name,)]), passed[-1]
            if not rows:
                world.json(*asking, who="ada")
                figures.began_anew += 1
            view = world.view(name)
            if view["status"] == "submitted":
                view = world.json("resume", name, who="ada")
                figures.resumed += 1
            elif rows:
                figures.had_ended += 1
            assert view["status"] == "waiting", (passed[-1], view["reason"])
            assert len({change["instance"] for change in view["preview"]["changes"]}) == 4, passed[-1]
            assert not list((world.home / "plans").glob("*")), passed[-1]


@some
def test_an_order_killed_while_it_is_applied_ends_with_all_of_its_services(world: World, tries: int) -> None:
    """Each is a service of its own then, made once, as it was signed."""
    total = len(dies(world, 0, "approve", _ordered(world, "shop"), who="grace"))
    with counting("an order is approved and applied", total) as figures:
        for point in chosen(total, tries):
            name = _ordered(world, "shop")
            passed = dies(world, point, "approve", name, who="grace")
            figures.kills += len(passed) == point
            view = world.view(name)
            if view["status"] == "waiting":
                view = world.json("approve", name, who="grace")
                figures.began_anew += 1
            elif view["status"] == "done":
                figures.had_ended += 1
            else:
                assert not _rows(world, "SELECT 1 FROM requests WHERE service LIKE ?", f"{name}-%"), passed[-1]
                view = world.json("resume", name, who="grace")
                figures.resumed += 1
            assert view["status"] == "done", (passed[-1], view["reason"])
            _made_whole(world, name, view)


@many
def test_of_an_order_nothing_is_applied_that_nobody_signed(world: World, tries: int) -> None:
    """A component makes something else than was signed: killed anywhere, all of it is decided anew."""
    counted = _ordered(world, "strayed")
    with shouting(world):
        total = len(dies(world, 0, "approve", counted, who="grace"))
    with counting("what was signed of an order is no longer what would be made", total) as figures:
        points = {_ordered(world, "strayed"): point for point in chosen(total, tries)}
        with shouting(world):
            for name, point in points.items():
                last = decided_anew(world, figures, name, point)
                assert _held(world, name) == [], last


@many
def test_of_an_order_that_is_to_be_undone_nothing_is_left(world: World, tries: int) -> None:
    """One service breaks as it is made: killed while it is made or while that is undone, it ends with nothing there."""
    total = len(dies(world, 0, "approve", _ordered(world, "shaky", BRITTLE, "--undo"), who="grace"))
    with counting("an order breaks and is undone", total) as figures:
        for point in chosen(total, tries):
            name = _ordered(world, "shaky", BRITTLE, "--undo")
            passed = dies(world, point, "approve", name, who="grace")
            figures.kills += len(passed) == point
            status = world.view(name)["status"]
            if status == "failed":
                figures.had_ended += 1
            else:
                words = ("approve" if status == "waiting" else "resume", name, "--output", "json")
                world.run(*words, who="grace", quiet=True, refused=True)
                figures.began_anew += status == "waiting"
                figures.resumed += status != "waiting"
            view = world.view(name)
            assert view["status"] == "failed", (passed[-1], view["reason"])
            assert view["reason"].endswith("What it had made was destroyed again"), passed[-1]
            assert _held(world, name) == [], passed[-1]
            assert not _made_again(world, view["id"]), passed[-1]
            assert not list(world.repository.glob(f"stacks/**/{name}*")), passed[-1]
            assert not _rows(world, "SELECT 1 FROM requests WHERE service LIKE ?", f"{name}-%"), passed[-1]
            living = "SELECT 1 FROM resources WHERE request = ? AND destroyed_at IS NULL"
            assert not _rows(world, living, view["id"]), passed[-1]
