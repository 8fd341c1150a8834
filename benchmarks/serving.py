"""The API beside a bare FastAPI handler, idle and with a thousand runs queued; durable steps beside raw commits.

Claims: the busiest call (a request that somebody looks on at) answers at least half as often as a handler that does
nothing, while nobody commits anything; with 1,000 queued runs and the engine paused its slowest hundredth takes at most
twice as long as idle; a page of 10,000 live services takes at most 100 ms.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from fastapi import FastAPI

from gaia.api.app import make_api
from gaia.api.limits import Limits
from gaia.bootstrap import App
from gaia.kit import clock
from gaia.platform.callers.first_admin import ADMIN
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.records import people, requests, runs
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Database, Transaction
    from gaia.records.model import Request

CALLS, WARM = 400, 20
OTHER = "somebody"
QUEUED, SERVICES, STEPS = 1_000, 10_000, 200


def main() -> None:
    """Print each pair, and the ratio."""
    with tempfile.TemporaryDirectory(prefix="gaia-bench-") as folder:
        settings = Settings.capture({**os.environ, "GAIA_HOME": f"{folder}/home"}, Path(folder))
        made = App(settings).initialise(Path("platform"))
        App(settings).initialised()
        with App(settings).records() as database, App(settings).served() as served:
            with database.begin() as tx:
                people.add_person(tx, OTHER, at=clock.now())
            seen = _queued(database, made.repository, 1)[0]
            api = make_api(served, limits=Limits(calls=10**9))
            head = {"Authorization": f"Bearer {made.token}"}
            bare = _calls(_bare(), "/nothing", {})
            idle = _calls(api, f"/api/v1/requests/{seen}", head)
            _told("a handler that does nothing", bare)
            _told("GET /requests/ID, idle", idle, f"{statistics.median(bare) / statistics.median(idle):.2f} of it")
            made_anew = _calls(api, f"/api/v1/requests/{seen}", head, before=lambda: _commit(database))
            _told(
                "  each after a commit",
                made_anew,
                f"{statistics.median(bare) / statistics.median(made_anew):.2f} of it",
            )
            _queued(database, made.repository, QUEUED)
            busy = _calls(api, f"/api/v1/requests/{seen}", head)
            ratio = _slowest(busy) / _slowest(idle)
            _told(f"GET /requests/ID, {QUEUED:,} queued", busy, f"slowest hundredth {ratio:.2f} (claim: at most 2)")
            _live(database, made.repository, SERVICES)
            page = _calls(api, "/api/v1/services", head, calls=9, before=lambda: _commit(database))
            _told(f"GET /services of {SERVICES:,}", page, "claim: a page at most 100 ms")
            raw, step = _commits(database), _steps(database, seen)
        print(f"a commit {raw * 1000:.2f} ms, a step of a run {step * 1000:.2f} ms: {step / raw:.1f} commits")


def _bare() -> FastAPI:
    app = FastAPI()

    @app.get("/nothing")
    def nothing() -> dict[str, bool]:
        return {"ok": True}

    return app


def _calls(
    app: FastAPI, path: str, headers: dict[str, str], calls: int = CALLS, before: Callable[[], object] = lambda: None
) -> list[float]:
    async def each() -> list[float]:
        times = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench", timeout=60) as client:
            for number in range(WARM + calls):
                before()
                begun = time.perf_counter()
                answered = await client.get(path, headers=headers)
                if number >= WARM:
                    times.append(time.perf_counter() - begun)
                assert answered.status_code == 200, answered.text  # noqa: S101 - a failure says nothing
        return times

    return asyncio.run(each())


def _slowest(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def _told(what: str, times: list[float], more: str = "") -> None:
    median, slow = statistics.median(times) * 1000, _slowest(times) * 1000
    print(f"{what:<36} median {median:8.2f} ms   99 of 100 within {slow:8.2f} ms   {more}")


def _queued(database: Database, repository: str, count: int) -> list[str]:
    """Requests whose previews wait for an engine."""
    with database.begin() as tx:
        return [_asked(tx, repository, f"queued{count}-{number}").id for number in range(count)]


def _live(database: Database, repository: str, count: int) -> None:
    """Services that are there."""
    at = clock.now()
    with database.begin() as tx:
        for number in range(count):
            row = _asked(tx, repository, f"live{number}")
            run = runs.of_request(tx, row.id)[-1]
            runs.move(tx, run.id, ["queued"], "running", at=at)
            runs.move(tx, run.id, ["running"], "done", at=at)
            requests.move(tx, row.id, ["submitted"], "applying", at=at)
            requests.move(tx, row.id, ["applying"], "done", at=at)


def _asked(tx: Transaction, repository: str, service: str) -> Request:
    at = clock.now() - timedelta(minutes=1)
    row = requests.add(
        tx, repository=repository, tenant="acme", stage="dev", stack="acme-use1-dev", service=service,
        kind="provision", template="object-store", template_version="1.0.0", answers={"purpose": "photos"},
        requester=people.get_person(tx, ADMIN).id, at=at,
    )  # fmt: skip
    runs.add(tx, row, "preview", PREVIEW_STEPS, at=at)
    return row


def _commit(database: Database) -> None:
    """Of something that was otherwise: SQLite writes nothing down where a row stays as it is."""
    with database.begin() as tx:
        people.set_disabled(tx, OTHER, not people.get_person(tx, OTHER).disabled)


def _commits(database: Database) -> float:
    begun = time.perf_counter()
    for _ in range(STEPS):
        _commit(database)
    return (time.perf_counter() - begun) / STEPS


def _steps(database: Database, request: str) -> float:
    with database.begin() as tx:
        run = runs.of_request(tx, request)[-1]
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
    begun = time.perf_counter()
    for _ in range(STEPS):
        with database.begin() as tx:
            runs.start_step(tx, run.id, PREVIEW_STEPS[0], at=clock.now())
        with database.begin() as tx:
            runs.end_step(tx, run.id, PREVIEW_STEPS[0], at=clock.now(), result={"at": "x"})
    return (time.perf_counter() - begun) / STEPS


if __name__ == "__main__":
    main()
