"""A page of a long list of requests against the same page of a short one: milliseconds, and statements.

Claim: the number of statements is the same, and the newest 100 of 10,000 take at most 100 ms.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import event

from gaia.access.callers import Caller, authenticate
from gaia.bootstrap import App
from gaia.kit import clock
from gaia.platform.acts.service import Platform
from gaia.platform.callers.first_admin import ADMIN
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.records import people, requests, runs
from gaia.settings import Settings

if TYPE_CHECKING:
    from gaia.records.database import Database
    from gaia.records.model import Person

ROUNDS, SHORT, LONG, PAGE = 9, 100, 10_000, 100


def main() -> None:
    """Print both medians, and how many statements each took."""
    with tempfile.TemporaryDirectory(prefix="gaia-bench-") as folder:
        settings = Settings.capture({**os.environ, "GAIA_HOME": f"{folder}/home"}, Path(folder))
        made = App(settings).initialise(Path("platform"))
        App(settings).initialised()
        with App(settings).records() as database:
            platform = Platform(App(settings).platform_context(database), _caller(database, made.token))
            person = _admin(database)
            _write(database, made.repository, person, 0, SHORT)
            short = _measure(database, platform)
            _write(database, made.repository, person, SHORT, LONG)
            long = _measure(database, platform)
    print(f"newest {PAGE} of {SHORT:6} requests   {short[0] * 1000:6.1f} ms   {short[1]} statements")
    print(f"newest {PAGE} of {LONG:6} requests   {long[0] * 1000:6.1f} ms   {long[1]} statements")
    print(f"ratio {long[0] / short[0]:.2f} (claim: the same statements, at most 100 ms)")


def _caller(database: Database, secret: str) -> Caller:
    with database.read() as tx:
        return authenticate(tx, secret, clock.now())


def _admin(database: Database) -> Person:
    with database.read() as tx:
        return people.get_person(tx, ADMIN)


def _write(database: Database, repository: str, person: Person, first: int, last: int) -> None:
    with database.begin() as tx:
        for number in range(first, last):
            at = clock.now() - timedelta(days=1)
            row = requests.add(
                tx, repository=repository, tenant="acme", stage="dev", stack="acme-use1-dev", service=f"s{number}",
                kind="provision", template="object-store", template_version="1.0.0", answers={"purpose": "photos"},
                requester=person.id, at=at,
            )  # fmt: skip
            run = runs.add(tx, row, "preview", PREVIEW_STEPS, at=at)
            runs.move(tx, run.id, ["queued"], "running", at=at)
            runs.move(tx, run.id, ["running"], "failed", at=at)
            requests.move(tx, row.id, ["submitted"], "failed", at=at, reason="a benchmark")


def _measure(database: Database, platform: Platform) -> tuple[float, int]:
    asked = 0

    def note(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(database._adapter.engine, "before_cursor_execute", note)  # noqa: SLF001 - counted where they are sent
    times = []
    for _ in range(ROUNDS):
        asked, begun = 0, time.perf_counter()
        assert len(platform.requests(limit=PAGE)) == PAGE  # noqa: S101 - a benchmark of a failure says nothing
        times.append(time.perf_counter() - begun)
    return statistics.median(times), asked


if __name__ == "__main__":
    main()
