"""A Backstage of `portal/` beside a server of Gaia: what its people do is done over REST, as its pages would."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")
_PATIENCE = 180.0
"""Seconds; what has to come sooner says so itself."""


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(look: Callable[[], T | None], seconds: float = _PATIENCE) -> T:
    """What `look` finds, as soon as it does."""
    end = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < end, f"nothing came within {seconds} s"
        time.sleep(0.2)
    return found


@dataclass(frozen=True)
class Task:
    """How a task of a software template stands."""

    id: str
    status: str
    lines: list[str]
    error: str


@dataclass(frozen=True)
class Backstage:
    """One that runs, as a guest of it sees it."""

    http: httpx.Client
    log: Path

    def entities(self) -> dict[str, dict[str, Any]]:
        """The catalog, by reference."""
        found = self.http.get("/catalog/entities").raise_for_status().json()
        return {f"{one['kind']}:{one['metadata']['name']}".lower(): one for one in found}

    def begin(self, template: str, token: str, /, **values: object) -> str:
        """Start a task in somebody's name at Gaia; its id."""
        answer = self.try_to_begin(template, token, **values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def try_to_begin(self, template: str, token: str, /, **values: object) -> httpx.Response:
        """What a form sends: the token is among the secrets, and a mask where it was typed."""
        ref = f"template:default/{template}"
        body = {"templateRef": ref, "values": values | {"gaiaToken": "*" * 8}, "secrets": {"gaiaToken": token}}
        return self.http.post("/scaffolder/v2/tasks", json=body)

    def task(self, task: str) -> Task:
        """How it stands now."""
        status = self.http.get(f"/scaffolder/v2/tasks/{task}").raise_for_status().json()["status"]
        events = self.http.get(f"/scaffolder/v2/tasks/{task}/events").raise_for_status().json()
        errors = [one["body"].get("error", {}).get("message", "") for one in events if one["type"] == "completion"]
        return Task(task, status, [str(one["body"]["message"]) for one in events], "".join(filter(None, errors)))

    def says(self, task: str, words: str) -> str:
        """The line of a task that holds these words, once it has come."""

        def look() -> str | None:
            now = self.task(task)
            found = next((line for line in now.lines if words in line), None)
            assert found or now.status in ("open", "processing"), now
            return found

        return until(look)

    def ended(self, task: str) -> Task:
        """A task at its end."""

        def look() -> Task | None:
            now = self.task(task)
            return None if now.status in ("open", "processing") else now

        return until(look)


@contextmanager
def backstage(gaia: str, token: str, log: Path) -> Iterator[Backstage]:
    """Run `make portal-up` with nothing on disk, until the block ends."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    config = {
        "app_baseUrl": address,
        "backend_baseUrl": address,
        "backend_listen": {"host": "127.0.0.1", "port": port},
        "backend_database_connection": ":memory:",
    }
    environ = {f"APP_CONFIG_{name}": json.dumps(value) for name, value in config.items()}
    with log.open("w") as out:
        process = subprocess.Popen(
            ["sh", ".ci/portal", "up"],
            cwd=ROOT,
            env={**os.environ, **environ, "GAIA_URL": gaia, "GAIA_PORTAL_TOKEN": token},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"{address}/api", timeout=60) as http:

            def signed_in() -> str | None:
                assert process.poll() is None, log.read_text()[-3000:]
                try:
                    answer = http.post("/auth/guest/refresh", json={})
                except httpx.TransportError:
                    return None
                return answer.json()["backstageIdentity"]["token"] if answer.status_code == 200 else None

            http.headers["Authorization"] = f"Bearer {until(signed_in)}"
            yield Backstage(http, log)
    finally:
        process.terminate()
        process.wait(30)
