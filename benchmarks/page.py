"""What a page weighs and how long the server takes for it, at 10,000 services; and 200 who follow one.

Claims: script, style, icons and the page itself are at most 150 KB; a page takes at most 200 ms; what 200 viewers of
one request take of memory stays as it is.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Table

    from gaia.bootstrap.served import Served
    from gaia.records.database import Transaction

ROUNDS, MANY, AT_ONCE, VIEWERS = 5, 10_000, 250, 200
FINDINGS = tuple(
    {"rule": f"rule_{number}", "effect": "warn", "title": "A rule", "message": "Look at it. " * 10, "instance": None}
    for number in range(10)
)
PAGES = (
    "/",
    "/services",
    "/services?sort=name",
    "/services?sort=-asked",
    "/requests",
    "/requests?sort=name",
    "/approvals",
    "/new",
    "/new/object-store",
    "/environments",
    "/policies",
    "/budgets",
)


def main() -> None:
    """Print a line for each page, and one for those who follow: on SQLite, then on PostgreSQL."""
    import psycopg
    from tests.integration.postgresql import serving

    _on("SQLite", {})
    with serving() as server:
        with psycopg.connect(server.url.format("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE pages")
        _on("PostgreSQL", {"GAIA_DATABASE_URL": server.url.format("pages")})


def _on(kind: str, more: dict[str, str]) -> None:
    from gaia.bootstrap import App
    from gaia.settings import Settings

    print(f"{kind}:")
    with tempfile.TemporaryDirectory(prefix="gaia-bench-") as folder:
        settings = Settings.capture({**os.environ, "GAIA_HOME": f"{folder}/home", **more}, Path(folder))
        made = App(settings).initialise(Path("platform"))
        with App(settings).served() as served:
            request = _write(served, made.repository)
            _measure(served, request)


def _write(served: Served, repository: str) -> str:
    """One request that is being previewed, and many that are done, each a service with its course and its price."""
    from dataclasses import replace

    from benchmarks.cost import plan_of

    from gaia.cost.book import PriceBook
    from gaia.cost.estimate import estimate
    from gaia.kit import clock, ids
    from gaia.platform.callers.first_admin import ADMIN
    from gaia.platform.engine.steps import PREVIEW_STEPS, apply_steps
    from gaia.records import people, requests, runs, tables

    at, book = clock.now(), PriceBook.open()
    cost = estimate(plan_of(10), usage={}, book=book, project="one", region_default="us-east-1")
    with served.first.database.begin() as tx:
        row = requests.add(
            tx, repository=repository, tenant="acme", stage="dev", stack="acme-use1-dev", service="followed",
            kind="provision", template="object-store", template_version="1.0.0", answers={"purpose": "photos"},
            requester=people.get_person(tx, ADMIN).id, at=at,
        )  # fmt: skip
        run = runs.add(tx, row, "preview", PREVIEW_STEPS, at=at)
        runs.move(tx, run.id, ["queued"], "running", at=at)
        keys = tuple(f"acme-use1-dev/{{}}-{part}" for part in ("key", "bucket", "identity"))
        done = [
            replace(
                row, id=ids.new_id("req"), service=name, status="done", commit="c" * 40, preview=f"{number:064x}",
                instances=tuple(key.format(name) for key in keys),
            )
            for number in range(MANY)
            for name in (f"s{number}",)
        ]  # fmt: skip
        _all(tx, tables.requests, (_values(one) for one in done))
        made = [(one, kind, ids.new_id("run")) for one in done for kind in ("preview", "apply")]
        _all(tx, tables.runs, (
            {**_values(run), "id": name, "subject": one.id, "request": one.id, "kind": kind, "status": "done"}
            for one, kind, name in made
        ))  # fmt: skip
        _all(tx, tables.steps, (
            {"run": name, "step": step, "position": number, "state": "done", "started_at": at, "ended_at": at,
             "result": {}}
            for one, kind, name in made
            for number, step in enumerate(PREVIEW_STEPS if kind == "preview" else apply_steps(one))
        ))  # fmt: skip
        place = {"repository": repository, "tenant": "acme", "stage": "dev"}
        _all(tx, tables.previews, (
            {**place, "request": one.id, "digest": one.preview, "key_id": "key-0", "commit": one.commit, "made_at": at,
             "document": "d"}
            for one in done
        ))  # fmt: skip
        _all(tx, tables.judgements, (
            {"request": one.id, "digest": "j", "preview": one.preview, "findings": FINDINGS, "undecided": (),
             "cost": cost, "policies": "p", "verdict": "allowed", "made_at": at}
            for one in done
        ))  # fmt: skip
    return row.id


def _all(tx: Transaction, table: Table, rows: Iterable[dict[str, object]]) -> None:
    from sqlalchemy import insert

    rest = list(rows)
    for first in range(0, len(rest), AT_ONCE):
        tx.change(insert(table).values(rest[first : first + AT_ONCE]))


def _values(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in type(row).__slots__}  # type: ignore[attr-defined]


def _measure(served: Served, request: str) -> None:
    import uvicorn

    from gaia.api.app import make_api
    from gaia.console.app import Console

    app = make_api(served, page=partial(Console, streams_each=VIEWERS))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        with httpx.Client(base_url=url, timeout=60, limits=httpx.Limits(max_connections=VIEWERS + 10)) as client:
            entered = client.get(f"/login/{served.admin_link()}").headers["set-cookie"]
            client.headers["cookie"] = entered.split(";")[0]
            for path in (*PAGES, f"/requests/{request}"):
                _page(client, path)
            _follow(app, client, f"/requests/{request}/live")
    finally:
        app.state.ending = True
        server.should_exit = True
        thread.join()


def _page(client: httpx.Client, path: str) -> None:
    times = []
    client.get(path)
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        shown = client.get(path)
        times.append(time.perf_counter() - begun)
    shown.raise_for_status()
    files = set(re.findall(r'(?:src|href)="(/assets/[^"#]+)', shown.text))
    weight = len(shown.content) + sum(len(client.get(one).content) for one in files)
    name = re.sub(r"req_[0-9a-f]+", "REQUEST", path)
    print(f"{name:24} {statistics.median(times) * 1000:6.0f} ms   {weight / 1000:6.1f} KB, not compressed")


def _follow(app: object, client: httpx.Client, path: str) -> None:
    ends, before = threading.Event(), _memory()

    def follow() -> None:
        with client.stream("GET", path, timeout=None) as stream:
            for _ in stream.iter_bytes():
                if ends.is_set():
                    return

    viewers = [threading.Thread(target=follow, daemon=True) for _ in range(VIEWERS)]
    for one in viewers:
        one.start()
    page = app.state.page  # type: ignore[attr-defined]
    until = time.monotonic() + 60
    while page.following < VIEWERS and time.monotonic() < until:
        time.sleep(0.05)
    first = _memory()
    time.sleep(5)
    later = _memory() - first
    print(f"{page.following} viewers of one request: {first - before:.0f} MB more, {later:.0f} MB more after 5 s")
    ends.set()


def _memory() -> float:
    """The most that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
