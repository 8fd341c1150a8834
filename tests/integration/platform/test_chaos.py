"""A server and two workers that are killed, and a PostgreSQL that crashes, while services are asked for and applied.

What happens is drawn by a seed, which is printed. However it goes: nothing that was accepted is lost, nothing that was
made is made again, and every run ends. `GAIA_CHAOS=SEED:REQUESTS` draws another course, or a longer one.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.homes.make import begin
from tests.integration.postgresql import Server, serving

from gaia.kit.procfs import kill_tree
from gaia.testing.world import STACK, World, make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.kit.process import Child

PLATFORM = Path(__file__).parent.parent / "loop/platform"
GIVEN, _, NUMBER = os.environ.get("GAIA_CHAOS", "").partition(":")
SEED = int(GIVEN or random.randrange(1_000_000))  # noqa: S311
PATIENCE = 60.0
"""Seconds that each request gets, and the last ones some more."""
KILLS = (2.0, 8.0)
"""Seconds from one event to the next."""
ENDED = ("done", "parked", "failed", "rejected", "denied", "expired")


CLOCK = """
import datetime
from pathlib import Path
import gaia.kit.clock as clock
right = clock.now
clock.now = lambda: right() + datetime.timedelta(seconds=float(Path({file!r}).read_text()))
"""
"""Python runs it when a process begins."""


@dataclass
class Process:
    """A process of Gaia's that is begun again whenever it was killed."""

    world: World
    words: tuple[str, ...]
    child: Child | None = None

    def clock(self, seconds: float) -> None:
        """Have its clock go wrong by that, from now on."""
        folder = self.world.home.parent / "clock"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(CLOCK.format(file=str(folder / "seconds")))
        (folder / "seconds.new").write_text(str(seconds))
        (folder / "seconds.new").rename(folder / "seconds")
        self.world.extra["PYTHONPATH"] = str(folder)

    def begin(self) -> None:
        """Start it."""
        self.child = self.world.start(*self.words, quiet=True)

    def kill(self) -> None:
        """SIGKILL, with everything that it began."""
        if self.child is not None:
            kill_tree(self.child.identity.pid)
            with suppress(OSError):
                self.child.wait()

    def again(self) -> bool:
        """Whether it had ended, and is begun again as a service manager would: without a database none can begin."""
        if self.child is None or self.child.running:
            return False
        done = self.child.wait()
        assert done.returncode == 8, (self.words, done.stderr[-2000:])
        assert "[database-" in done.stderr
        self.begin()
        return True

    def end(self) -> None:
        """Ask it to end; it does."""
        if self.child is not None:
            self.again()
            os.kill(self.child.identity.pid, signal.SIGTERM)
            done = self.child.wait()
            assert done.returncode == 0, (self.words, done.stderr[-2000:])


@dataclass
class Chaos:
    """What is there, and what happens to it."""

    world: World
    database: Server
    drawn: random.Random
    address: str
    processes: tuple[Process, ...]
    pause: tuple[float, float]
    """Seconds between two restarts of the database."""
    events: int
    """How much is still to happen."""
    happened: Counter[str] = field(default_factory=Counter)

    def reign(self, ended: threading.Event) -> None:
        """Kill, crash and shift clocks as often as it has been given; then there is peace, and all has to end."""
        restart = time.monotonic() + self.drawn.uniform(*self.pause)
        while not ended.wait(self.drawn.uniform(*KILLS)):
            for one in self.processes:
                self.happened[f"{one.words[0]} could not begin"] += one.again()
            if self.events == 0:
                continue
            self.events -= 1
            if time.monotonic() > restart:
                self.database.stop(self.drawn.choice((signal.SIGINT, signal.SIGQUIT)))
                ended.wait(self.drawn.uniform(0.2, 3))
                self.database.start()
                self.happened["database restarted"] += 1
                restart = time.monotonic() + self.drawn.uniform(*self.pause)
            elif self.drawn.random() < 0.2:
                self.drawn.choice(self.processes).clock(self.drawn.choice((-600, 0, 600)))
                self.happened["clock jumped"] += 1
            else:
                one = self.drawn.choice(self.processes)
                one.kill()
                ended.wait(self.drawn.uniform(0, 2))
                one.begin()
                self.happened[f"{one.words[0]} killed"] += 1

    def call(self, who: str, method: str, path: str, **more: Any) -> httpx.Response | None:
        """An answer of the server, or None where there was none or it could not: the caller asks again, the same."""
        headers = {"Authorization": f"Bearer {self.world.tokens[who]}"} | more.pop("headers", {})
        try:
            answer = httpx.request(method, f"{self.address}/api/v1{path}", headers=headers, timeout=20, **more)
        except httpx.HTTPError:
            return None
        if answer.status_code in (429, 500, 502, 503):
            assert answer.status_code != 500, answer.text
            return None
        return answer

    def asked(self, service: str, seconds: int = 1) -> str:
        """Ask for a service until it is there; the request's id.

        The key of a call whose server was killed is taken for two minutes, so who wants to know sooner looks.
        """
        answers = {"text": "hello", "seconds": seconds}
        body = {"template": "notes", "service": service, "stack": STACK, "answers": answers}

        def ask() -> httpx.Response | None:
            headers = {"Idempotency-Key": f"ask-{service}-{time.monotonic_ns()}"}
            answer = self.call("ada", "POST", "/services", json=body, headers=headers)
            assert answer is None or answer.status_code in (202, 409), answer.text
            there = self.call("ada", "GET", f"/requests/{service}")
            return there if there is not None and there.status_code == 200 else None

        return str(self._until(ask).json()["id"])

    def followed(self, requests: list[str]) -> dict[str, str]:
        """Approve each when it waits; how they ended."""
        ended: dict[str, str] = {}

        def look() -> httpx.Response | None:
            answer = None
            for request in requests:
                if request not in ended and (answer := self.call("ada", "GET", f"/requests/{request}")) is not None:
                    assert answer.status_code == 200, answer.text
                    status = answer.json()["status"]
                    if status == "waiting":
                        said = self.call("grace", "POST", f"/requests/{request}/approve", json={})
                        assert said is None or said.status_code in (202, 409), said.text
                    elif status in ENDED:
                        ended[request] = status
            return answer if len(ended) == len(requests) else None

        self._until(look)
        return ended

    def _until(self, look: Callable[[], httpx.Response | None]) -> httpx.Response:
        while (found := look()) is None:
            assert time.monotonic() < self.until, self.happened
            time.sleep(0.5)
        return found

    until: float = 0.0


def free_port() -> int:
    """One that nobody listens on: a server that is begun again has to be found again."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def reigning(folder: Path, seed: int, events: int, pause: tuple[float, float] = (5, 40)) -> Iterator[Chaos]:
    """The platform, its server and two workers, and what befalls them while the block runs."""
    import psycopg

    with serving() as database:
        with psycopg.connect(database.url.format("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE chaos")
        world = make_world(folder, PLATFORM, database=database.url.format("chaos"))
        port = free_port()
        processes = (
            Process(replace(world, extra=dict(world.extra), _begun=[]), ("serve", "--port", str(port))),
            Process(world.elsewhere("one"), ("worker",)),
            Process(world.elsewhere("two"), ("worker",)),
        )
        made = Chaos(world, database, random.Random(seed), f"http://127.0.0.1:{port}", processes, pause, events)  # noqa: S311
        ended = threading.Event()
        for one in processes:
            one.clock(0)
            one.begin()
        try:
            with ThreadPoolExecutor(1) as thread:
                reign = thread.submit(made.reign, ended)
                try:
                    yield made
                finally:
                    ended.set()
            reign.result()
            for one in processes:
                one.end()
        finally:
            for one in processes:
                one.kill()
            world.run("sandbox", "down", quiet=True)


def query(chaos: Chaos, statement: str) -> list[tuple[Any, ...]]:
    """Rows of the records."""
    import psycopg

    with psycopg.connect(chaos.database.url.format("chaos"), autocommit=True) as connection:
        return list(connection.execute(statement.encode()).fetchall())


def check_that_nothing_was_lost_or_made_twice(chaos: Chaos, ended: dict[str, str]) -> None:
    """By the records themselves."""
    known = dict(query(chaos, "SELECT id, status FROM requests"))
    assert known == ended, "every request that was accepted is there, and no other"
    begun = live = set(query(chaos, "SELECT id FROM runs WHERE status IN ('queued', 'running')"))
    while live & begun:  # a look for drift is due now and then, and ends by itself
        assert time.monotonic() < chaos.until, live & begun
        time.sleep(0.5)
        live = set(query(chaos, "SELECT id FROM runs WHERE status IN ('queued', 'running')"))
    told = Counter(query(chaos, "SELECT subject, action FROM audit WHERE action = 'request.done'"))
    assert set(told.values()) <= {1}, told
    assert {subject for subject, _ in told} == {request for request, status in ended.items() if status == "done"}
    made: dict[tuple[str, str], list[str]] = defaultdict(list)
    applied: Counter[str] = Counter()
    for name, line in query(chaos, "SELECT name, line FROM document_lines WHERE kind = 'journal' ORDER BY name, seq"):
        entry = json.loads(bytes(line))
        if entry["kind"] in ("start", "complete"):
            made[name, entry["address"]].append(entry["kind"])
        applied[name] += entry["kind"] == "outcome" and entry["status"] == "applied"
    again = {key: kinds for key, kinds in made.items() if "complete start" in " ".join(kinds)}
    assert not again, f"what was made whole was made again: {again}"
    assert set(applied.values()) <= {0, 1}, applied
    assert applied.total() >= 2 * sum(status == "done" for status in ended.values())
    living = "SELECT stack, component, address, count(*) FROM resources WHERE destroyed_at IS NULL GROUP BY 1, 2, 3"
    rows = query(chaos, living)
    assert all(count == 1 for *_, count in rows), rows
    assert chaos.world.json("audit", "verify", who="admin")


def course(folder: Path, seed: int, number: int, pause: tuple[float, float]) -> Counter[str]:
    """Ask for so many services while that reigns; how they ended, and what happened."""
    print(f"chaos: GAIA_CHAOS={seed}:{number}")  # noqa: T201
    with reigning(folder, seed, number, pause) as chaos:
        chaos.until = time.monotonic() + PATIENCE * (number + 5)
        requests = [chaos.asked(f"svc-{each}") for each in range(number)]
        ended = chaos.followed(requests)
        check_that_nothing_was_lost_or_made_twice(chaos, ended)
        result = chaos.happened + Counter(ended.values())
    print(f"chaos: seed {seed}, {number} requests: {dict(result)}")  # noqa: T201 - what the night's table shows
    return result


@pytest.mark.cloud
@pytest.mark.long(2)
def test_nothing_is_lost_while_a_few_are_asked_for(tmp_path: Path) -> None:
    """A thin slice of what the night does: kills and crashes come often."""
    result = course(tmp_path, SEED, 10, (5, 15))
    assert result["done"] + result["parked"] == 10


@pytest.mark.chaos
def test_nothing_is_lost_while_a_hundred_are_asked_for(tmp_path: Path) -> None:
    """The whole: the database is restarted 5 to 40 s apart."""
    number = int(NUMBER or 100)
    result = course(tmp_path, SEED, number, (5, 40))
    assert result["done"] + result["parked"] == number


@pytest.mark.chaos
def test_a_database_that_is_away_for_a_minute_loses_no_apply(tmp_path: Path) -> None:
    """Terraform is told to end when nobody answers any more; when the database is back, another attempt finishes."""
    with reigning(tmp_path, SEED, 0) as chaos:
        chaos.until = time.monotonic() + 10 * PATIENCE
        request = chaos.asked("away", seconds=20)
        applying = threading.Thread(target=lambda: ended.update(chaos.followed([request])))
        ended: dict[str, str] = {}
        applying.start()
        begun = "SELECT 1 FROM document_lines WHERE kind = 'journal' AND convert_from(line, 'UTF8') LIKE '%\"start\"%'"
        while not query(chaos, begun):
            assert time.monotonic() < chaos.until
            time.sleep(0.2)
        chaos.database.stop(signal.SIGQUIT)
        time.sleep(60)
        chaos.database.start()
        applying.join()
        check_that_nothing_was_lost_or_made_twice(chaos, ended)
        assert ended == {request: "done"}


@pytest.mark.chaos
def test_a_disk_that_is_full_ends_no_request(tmp_path: Path) -> None:
    """While nothing can be written the run waits or is parked; when there is room again, it is finished."""
    world = begin(tmp_path)
    worker = world.start("worker", quiet=True)
    world.json("request", "notes", "full", "-s", STACK, "-a", "text=hello", "-a", "seconds=3", "--detach", who="ada")
    reached(world, "full", "waiting")
    world.json("approve", "full", "--detach", who="grace")
    for size in (4096, resource.RLIM_INFINITY):
        resource.prlimit(worker.identity.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        time.sleep(20 if size == 4096 else 0)
    assert reached(world, "full", "done", "parked") == "done" or world.json("resume", "full", who="grace")
    assert world.view("full")["status"] == "done"
    os.kill(worker.identity.pid, signal.SIGTERM)
    done = worker.wait()
    assert done.returncode == 0
    assert "broken-off" in done.stderr or "disk" in done.stderr, "it was felt"
    assert world.json("audit", "verify", who="admin")


def reached(world: World, service: str, *wanted: str) -> str:
    """Wait until a request stands like one of these."""
    deadline = time.monotonic() + 4 * PATIENCE
    while (status := str(world.view(service)["status"])) not in wanted:
        assert time.monotonic() < deadline, status
        time.sleep(0.5)
    return status


@pytest.mark.chaos
def test_a_file_system_that_is_full_ends_no_request(tmp_path: Path) -> None:
    """The home has not a byte left, in the middle of an apply: it waits or is parked, and is finished with room."""
    small = tmp_path / "home"
    small.mkdir()
    with file_system(small):
        world = begin(tmp_path)  # states lie in the checkout, where there is room
        worker = world.start("worker", quiet=True)
        request = ("request", "notes", "tight", "-s", STACK, "-a", "text=hello", "-a", "seconds=5")
        world.json(*request, "--detach", who="ada")
        reached(world, "tight", "waiting")
        world.json("approve", "tight", "--detach", who="grace")
        reached(world, "tight", "applying")
        while not list((world.home / "journals").glob("**/journal.jsonl")):
            time.sleep(0.2)
        filled = fill(small)
        time.sleep(20)
        filled.unlink()
        if reached(world, "tight", "done", "parked") == "parked":
            world.json("resume", "tight", who="grace")
        assert world.view("tight")["status"] == "done"
        for part in ("first", "second"):
            assert world.planned(f"tight-{part}") == []
        os.kill(worker.identity.pid, signal.SIGTERM)
        assert worker.wait().returncode == 0
        assert world.json("audit", "verify", who="admin")


@contextmanager
def file_system(folder: Path) -> Iterator[None]:
    """A small one of its own in a folder, for the block."""
    words = ("mount", "-t", "tmpfs", "-o", "size=256m,mode=700", "tmpfs", str(folder))
    if os.geteuid() or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("optional: only who may mount can make a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all that is left."""
    path = folder / "filled"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return path


@pytest.mark.chaos
@pytest.mark.parametrize("jumps", [(600, -600), (-600, 600)], ids=["forward", "back"])
def test_a_clock_that_jumps_ends_no_request(tmp_path: Path, jumps: tuple[int, int]) -> None:
    """Ten minutes on and back, or the other way, while one waits for its approver and one is applied."""
    world = begin(tmp_path)
    worker = Process(replace(world, extra=dict(world.extra), _begun=[]), ("worker",))
    worker.clock(0)
    worker.begin()
    for service in ("applied", "waiting"):
        request = ("request", "notes", service, "-s", STACK, "-a", "text=hello", "-a", "seconds=4", "--ttl", "1h")
        world.json(*request, "--detach", who="ada")
        reached(world, service, "waiting")
    world.json("approve", "applied", "--detach", who="grace")
    for jump in jumps:
        reached(world, "applied", "applying")
        worker.clock(jump)
        time.sleep(3)
    worker.clock(0)
    assert reached(world, "applied", *ENDED) == "done"
    assert world.view("waiting")["status"] == "waiting", "it has days, whatever the clock says"
    world.json("approve", "waiting", "--detach", who="grace")
    assert reached(world, "waiting", *ENDED) == "done"
    worker.end()
    assert world.json("audit", "verify", who="admin")
