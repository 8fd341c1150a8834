"""Several workers on one PostgreSQL, each in a GAIA_HOME of its own as on machines of their own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.postgresql import server

from gaia.kit.procfs import kill_tree
from gaia.testing.world import STACK, World, make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.kit.process import Child

pytestmark = pytest.mark.cloud
__all__ = ["server"]
_PATIENCE = 180.0


@pytest.fixture(scope="module")
def world(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose records are on the server; no engine runs in it."""
    import psycopg

    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        # Tests of other files may come between those of this one: then a world is made once more, on the same server.
        connection.execute("DROP DATABASE IF EXISTS workers WITH (FORCE)")
        connection.execute("CREATE DATABASE workers")
    extra = Path(__file__).parent.parent / "loop/platform"
    made = make_world(tmp_path_factory.mktemp("workers"), extra, database=server.format("workers"))
    yield made
    made.run("sandbox", "down", quiet=True)


def until(world: World, service: str, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The view of a request once that is so of it."""
    deadline = time.monotonic() + _PATIENCE
    while not so(view := world.view(service)):
        assert view["status"] not in ("failed", "parked"), view["reason"]
        assert time.monotonic() < deadline, (service, view["status"], view["reason"], world.lines[-20:])
        time.sleep(0.2)
    return view


def asked(world: World, service: str, seconds: int = 0) -> None:
    """Queue a request of ada's; nobody carries it out here."""
    answers = ("-a", "text=hello", "-a", f"seconds={seconds}")
    world.json("request", "notes", service, "-s", STACK, *answers, "--detach", who="ada")


def is_applying(view: dict[str, Any]) -> bool:
    """Whether an instance is under way."""
    return any(state == "running" and "apply" in name for name, state in view["runs"][-1]["steps"])


def is_done(view: dict[str, Any]) -> bool:
    """Whether it came to exist."""
    return bool(view["status"] == "done")


def ended_well(child: Child) -> None:
    """Told to end, a worker ends."""
    os.kill(child.identity.pid, signal.SIGTERM)
    assert child.wait().returncode == 0


def test_what_a_killed_worker_was_applying_another_one_finishes(world: World, server: str) -> None:
    """The first one dies with its terraform in the middle of an apply; nothing is lost, and nothing is made twice."""
    first = world.start("worker", quiet=True)
    asked(world, "killed", seconds=20)
    until(world, "killed", lambda view: view["status"] == "waiting")
    world.json("approve", "killed", "--detach", who="grace")
    until(world, "killed", is_applying)
    until_begun(server, "killed")
    kill_tree(first.identity.pid)
    first.wait()
    second = world.elsewhere("second").start("worker", quiet=True)
    done = until(world, "killed", is_done)
    assert done["status"] == "done"
    ended_well(second)


def test_workers_share_what_is_queued_and_a_restart_of_the_server_loses_nothing(world: World, server: str) -> None:
    """Two work; the server goes away for a moment in the middle; each request waits for its approver afterwards."""
    both = (world.elsewhere("third"), world.elsewhere("fourth"))
    names = [f"shared-{number}" for number in range(10)]  # more than one worker takes at once
    for name in names:
        asked(world, name)
    children = [each.start("worker", quiet=True) for each in both]
    until(world, names[0], lambda view: view["status"] == "waiting")
    restart(server)
    for name in names:
        until(world, name, lambda view: view["status"] == "waiting")
    assert len(workers_of(server, "shared-%")) >= len(both)  # one that had to begin again is another one
    for child in children:
        ended_well(child)


def test_what_another_worker_made_and_nobody_published_is_known(world: World, server: str) -> None:
    """Its state lies there and no instance of the branch claims it: only its own commit says whose it is."""
    maker = world.start("worker", quiet=True)
    asked(world, "unpublished", seconds=15)
    until(world, "unpublished", lambda view: view["status"] == "waiting")
    world.json("approve", "unpublished", "--detach", who="grace")
    until(world, "unpublished", is_applying)
    until_begun(server, "unpublished")
    kill_tree(maker.identity.pid)
    maker.wait()
    other = world.elsewhere("other").start("worker", quiet=True)
    asked(world, "beside")
    until(world, "beside", lambda view: view["status"] == "waiting")
    until(world, "unpublished", is_done)
    ended_well(other)


def test_a_server_that_is_away_for_a_moment_stops_no_apply(world: World, server: str) -> None:
    """The worker goes on with what it was doing, as the same one; nobody takes it over."""
    child = world.elsewhere("fifth").start("worker", quiet=True)
    asked(world, "going-on", seconds=8)
    until(world, "going-on", lambda view: view["status"] == "waiting")
    world.json("approve", "going-on", "--detach", who="grace")
    until(world, "going-on", is_applying)
    until_begun(server, "going-on")
    restart(server)
    until(world, "going-on", is_done)
    assert len(workers_of(server, "going-on")) == 1
    ended_well(child)


def test_who_stands_by_takes_nothing(world: World, server: str) -> None:
    """A second worker of one home waits until the first one ends: what it took, nobody would carry out."""
    here = world.elsewhere("sixth")
    first, second = (here.start("worker", quiet=True) for _ in range(2))
    for name in ("stood-by-1", "stood-by-2"):
        asked(world, name)
        until(world, name, lambda view: view["status"] == "waiting")
    assert len(workers_of(server, "stood-by-%")) == 1
    for child in (first, second):
        ended_well(child)


def until_begun(server: str, service: str) -> None:
    """A journal of the service says that a resource is being made."""
    deadline = time.monotonic() + _PATIENCE
    wanted = (  # a name of the test's own
        "SELECT 1 FROM document_lines AS lines JOIN requests ON lines.name LIKE '%' || requests.id || '%' WHERE "  # noqa: S608
        f"lines.kind = 'journal' AND service = '{service}' AND convert_from(line, 'UTF8') LIKE '%\"start\"%'"
    )
    while not query(server, wanted):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def workers_of(server: str, services: str) -> list[tuple[Any, ...]]:
    """Those that carried out runs of these."""
    wanted = "SELECT DISTINCT worker FROM runs JOIN requests ON requests.id = request WHERE service LIKE"
    return query(server, f"{wanted} '{services}'")


def restart(server: str) -> None:
    """Every session ends, as when the server is started again."""
    query(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'workers'", "postgres")


def query(server: str, statement: str, database: str = "workers") -> list[tuple[Any, ...]]:
    """The rows."""
    import psycopg

    with psycopg.connect(server.format(database), autocommit=True) as connection:
        return list(connection.execute(statement.encode()).fetchall())
