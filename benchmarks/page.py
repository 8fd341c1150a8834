"""What a page weighs and how long the server takes for it, at 10,000 requests; and 200 who follow one.

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
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:
    from gaia.bootstrap.served import Served

ROUNDS, MANY, VIEWERS = 5, 10_000, 200
PAGES = (
    "/",
    "/services",
    "/requests",
    "/approvals",
    "/new",
    "/new/object-store",
    "/environments",
    "/policies",
    "/budgets",
)


def main() -> None:
    """Print a line for each page, and one for those who follow."""
    from gaia.bootstrap import App
    from gaia.settings import Settings

    with tempfile.TemporaryDirectory(prefix="gaia-bench-") as folder:
        settings = Settings.capture({**os.environ, "GAIA_HOME": f"{folder}/home"}, Path(folder))
        made = App(settings).initialise(Path("platform"))
        with App(settings).served() as served:
            request = _write(served, made.repository)
            _measure(served, request)


def _write(served: Served, repository: str) -> str:
    from gaia.kit import clock
    from gaia.platform.initialise import ADMIN
    from gaia.platform.steps import PREVIEW_STEPS
    from gaia.records import people, requests, runs

    database, at = served.first.database, clock.now()
    with database.begin() as tx:
        person = people.get_person(tx, ADMIN)
        for number in range(MANY):
            row = requests.add(
                tx, repository=repository, tenant="acme", stage="dev", stack="acme-use1-dev", service=f"s{number}",
                kind="provision", template="object-store", template_version="1.0.0", answers={"purpose": "photos"},
                requester=person.id, at=at,
            )  # fmt: skip
            run = runs.add(tx, row, "preview", PREVIEW_STEPS, at=at)
            runs.move(tx, run.id, ["queued"], "running", at=at)
            if number < MANY - 1:
                runs.move(tx, run.id, ["running"], "done", at=at)
                requests.move(tx, row.id, ["submitted"], "waiting", at=at)
                requests.move(tx, row.id, ["waiting"], "applying", at=at)
                requests.move(tx, row.id, ["applying"], "done", at=at)
    return row.id


def _measure(served: Served, request: str) -> None:
    import uvicorn

    from gaia.api.app import make_api
    from gaia.console.app import Console

    app = make_api(served, page=Console)
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
        with client.stream("GET", path) as stream:
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
