"""How soon a run goes on when its worker is gone, and how long a tenant's first run waits behind another's thousand.

Claims: what a worker was applying that was killed is another's at once; of one whose machine is gone, once it has been
missed for so long that it has surely ended, within 30 s. A tenant's first run begins with the next that there is room
for, whatever others have queued.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.integration.postgresql import serving

from gaia.bootstrap import App
from gaia.kit import clock, ids
from gaia.kit.procfs import kill_tree
from gaia.platform.callers.first_admin import ADMIN
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.records import people, requests, runs
from gaia.records.tables import runs as table
from gaia.settings import Settings
from gaia.testing.world import STACK, World, make_world

if TYPE_CHECKING:
    from gaia.records.database import Database

PLATFORM = Path(__file__).parents[1] / "tests/integration/loop/platform"
QUEUED, PATIENCE, APPLYING = 1_000, 180.0, 40
"""Runs of the other tenant; seconds until nothing is waited for any more; seconds that an application takes."""


def main() -> None:
    """Print both takeovers, and the turn of the first run."""
    with tempfile.TemporaryDirectory(prefix="gaia-bench-") as folder:
        _fairness(Path(folder))
    with tempfile.TemporaryDirectory(prefix="gaia-bench-") as folder, serving() as server:
        with psycopg.connect(server.url.format("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE workers")
        url = server.url.format("workers")
        world = make_world(Path(folder), PLATFORM, database=url)
        try:
            with psycopg.connect(url, autocommit=True) as records:
                _takeover(world, records, "killed", "its process was killed")
                _takeover(world, records, "gone", "its machine is gone", boot="another machine's")
        finally:
            world.run("sandbox", "down", quiet=True)


def _takeover(world: World, records: psycopg.Connection[Any], service: str, why: str, boot: str = "") -> None:
    """Kill the one of two workers that is applying; how long until the other one has its run."""
    children = [world.elsewhere(f"{service}-{name}").start("worker", quiet=True) for name in ("one", "two")]
    try:
        answers = ("-a", "text=hello", "-a", f"seconds={APPLYING}")
        world.json("request", "notes", service, "-s", STACK, *answers, "--detach", who="ada")
        _until(lambda: world.view(service)["status"] == "waiting")
        world.json("approve", service, "--detach", who="grace")
        _until(lambda: _applying(records, service))
        worker, pid = _applying(records, service)
        if boot:  # nobody can look then whether its process lives
            records.execute("UPDATE workers SET boot = %s WHERE id = %s", (boot, worker))
        kill_tree(pid)
        began = time.monotonic()
        _until(lambda: _applying(records, service)[0] != worker, 0.02)
        print(f"the run goes on elsewhere when {why}: {time.monotonic() - began:.1f} s")
    finally:
        for child in children:
            kill_tree(child.identity.pid)
            child.wait()


def _applying(records: psycopg.Connection[Any], service: str) -> Any:  # noqa: ANN401 - a row
    """Which worker, and process, has the application of a service that is under way."""
    return records.execute(
        "SELECT w.id, w.pid FROM requests q JOIN runs r ON r.request = q.id JOIN workers w ON w.id = r.worker "
        "WHERE q.service = %s AND EXISTS (SELECT 1 FROM steps s WHERE s.run = r.id AND s.state = 'running' "
        "AND s.step LIKE 'apply %%')",
        (service,),
    ).fetchone()


def _until(so: Any, pause: float = 0.2) -> None:  # noqa: ANN401 - anything that is true at last
    ends = time.monotonic() + PATIENCE
    while not so():
        if time.monotonic() > ends:
            raise SystemExit("it did not come to that")
        time.sleep(pause)


def _fairness(folder: Path) -> None:
    """A thousand previews of one tenant are queued, then one of another, and an engine begins.

    None has a template any more, so that each ends at once.
    """
    settings = Settings.capture({**os.environ, "GAIA_HOME": f"{folder}/home"}, folder)
    made = App(settings).initialise(Path("platform"))
    world = World(settings, folder / "home", lambda _: None)
    with App(settings).records() as database:
        for tenant, count in (("acme", QUEUED), ("other", 1)):
            _queue(database, made.repository, tenant, count)
        child = world.start("worker", quiet=True)
        began = time.monotonic()
        try:
            _until(lambda: "other" in _begun(database), 0.05)
            waited = time.monotonic() - began
        finally:
            kill_tree(child.identity.pid)
            child.wait()
        turn = _begun(database).index("other") + 1
    print(
        f"first run of a tenant behind {QUEUED:,} of another: number {turn} to begin, {waited:.1f} s after the engine"
    )


def _queue(database: Database, repository: str, tenant: str, count: int) -> None:
    at = clock.now() - timedelta(minutes=1)
    with database.begin() as tx:
        for number in range(count):
            row = requests.add(
                tx, repository=repository, tenant=tenant, stage="dev", stack=f"{tenant}-use1-gone",
                service=f"queued{number}", kind="provision", template="no-more", template_version="1.0.0", answers={},
                requester=people.get_person(tx, ADMIN).id, at=at, named=ids.new_id("req"),
            )  # fmt: skip
            runs.add(tx, row, "preview", PREVIEW_STEPS, at=at)


def _begun(database: Database) -> list[str]:
    """The tenants of the runs that have begun, in that order."""
    mine = select(table.c.tenant).where(table.c.started_at.is_not(None)).order_by(table.c.started_at, table.c.id)
    with database.read() as tx:
        return [row["tenant"] for row in tx.all(mine)]


if __name__ == "__main__":
    main()
