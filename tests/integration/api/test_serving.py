"""`gaia serve` as a process: what it prints, what it carries out, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


GAIA = [sys.executable, "-m", "gaia"]
ASKED = {
    "template": "object-store",
    "service": "photos",
    "stack": "acme-use1-dev",
    "answers": {
        "purpose": "photos", "owner": "team", "cost_center": "cc-1234",
        "storage_gb": 5, "monthly_writes": 10, "monthly_reads": 20,
    },
}  # fmt: skip


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A server in a platform repository, until the block ends; with what it printed."""
    environ = {**os.environ, "GAIA_HOME": str(folder / "home"), "GAIA_TERRAFORM": "/nowhere/terraform"}
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            [*GAIA, "serve", "--port", "0", "-o", "json", *options],
            cwd=folder / "platform",
            env=environ,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        said = ""
        while not said.endswith("}\n"):
            line = process.stdout.readline()
            assert line, (folder / "log").read_text()
            said += line
        yield process, json.loads(said)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(name="made")
def initialised(tmp_path: Path) -> tuple[Path, str]:
    """A folder with a platform repository, and its admin's token."""
    environ = {**os.environ, "GAIA_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [*GAIA, "init", "platform", "-o", "json"], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    return tmp_path, json.loads(done.stdout)["token"]


def until(client: httpx.Client, path: str, field: str, *wanted: str) -> dict[str, Any]:
    """Ask until a field has one of these values."""
    for _ in range(300):
        found: dict[str, Any] = client.get(path).json()
        if found.get(field) in wanted:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


@pytest.mark.cloud
def test_a_server_answers_carries_out_and_ends_well(made: tuple[Path, str]) -> None:
    """What is asked for is worked on without another command; SIGTERM ends it with exit code 0, open streams too."""
    folder, token = made
    with serving(folder) as (process, said):
        assert said["address"].startswith("http://127.0.0.1:")
        assert said["admin_token"] is None
        with httpx.Client(base_url=said["api"], headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
            assert client.get(f"{said['address']}/readyz").json() == {"status": "ok"}
            asked = client.post("/services", json=ASKED)
            assert asked.status_code == 202, asked.text
            at = asked.json()["links"]["self"].removeprefix("/api/v1")
            ended = until(client, at, "status", "failed", "waiting", "parked")
            assert ended["runs"][0]["steps"][0] == ["admit", "done"]
            assert all(client.get(f"{said['address']}/healthz").status_code == 200 for _ in range(50))
            text = client.get("/metrics").text
            assert f'gaia_requests{{repository="platform",status="{ended["status"]}"}} 1.0' in text
            assert 'gaia_http_requests_total{method="POST",route="/api/v1/services",status="202"} 1.0' in text
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    assert {"/api/v1/services", "/readyz"} <= {line.get("route") for line in lines}
    assert token not in (folder / "log").read_text()


@pytest.mark.cloud
def test_a_second_server_answers_and_takes_over(made: tuple[Path, str]) -> None:
    """One process is the engine; when it is killed, another goes on."""
    folder, token = made
    with serving(folder) as (first, one), serving(folder) as (_, two):
        headers = {"Authorization": f"Bearer {token}"}
        for said in (one, two):
            assert httpx.get(f"{said['api']}/me", headers=headers).json()["name"] == "admin"
        first.kill()
        first.wait()
        with httpx.Client(base_url=two["api"], headers=headers, timeout=30) as client:
            at = client.post("/services", json=ASKED).json()["links"]["self"].removeprefix("/api/v1")
            until(client, at, "status", "failed", "waiting", "parked")
    assert "Another process is the engine of this home" in (folder / "log").read_text()


@pytest.mark.cloud
def test_a_server_without_an_engine_leaves_it_to_others(made: tuple[Path, str]) -> None:
    """With `--no-engine` what is asked for is queued, and stays so until somebody carries out."""
    folder, token = made
    headers = {"Authorization": f"Bearer {token}"}
    with serving(folder, "--no-engine") as (process, said):
        with httpx.Client(base_url=said["api"], headers=headers, timeout=30) as client:
            at = client.post("/services", json=ASKED).json()["links"]["self"].removeprefix("/api/v1")
            time.sleep(3)
            found = client.get(at).json()
            assert (found["status"], [one["status"] for one in found["runs"]]) == ("submitted", ["queued"])
            with serving(folder):
                until(client, at, "status", "failed", "waiting", "parked")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.cloud
def test_the_terminal_says_the_same_from_elsewhere(made: tuple[Path, str]) -> None:
    """With GAIA_URL the commands of the platform ask the server; each answers as in the server's own home."""
    folder, token = made
    (folder / "away").mkdir()

    def gaia(*words: str, url: str = "") -> subprocess.CompletedProcess[str]:
        """Here, or elsewhere by the address of the server."""
        own = {"GAIA_HOME": str(folder / ("nowhere" if url else "home")), "GAIA_TOKEN": token, "COLUMNS": "100"}
        environ = {**os.environ, **own, **({"GAIA_URL": url} if url else {})}
        where = folder / ("away" if url else "platform")
        return subprocess.run([*GAIA, *words], cwd=where, env=environ, capture_output=True, text=True, check=False)

    def plain(text: str) -> str:
        """Without how long ago something was, how long it lasts, and how wide a column is for that."""
        return re.sub(r" +", " ", re.sub(r"in \d+d", "in days", re.sub(r"\d+[sm] ago", "ago", text)))

    with serving(folder) as (_, said):
        answers = [part for name, value in ASKED["answers"].items() for part in ("-a", f"{name}={value}")]  # type: ignore[attr-defined]
        asked = gaia("request", "object-store", "photos", "-s", "acme-use1-dev", *answers, url=said["address"])
        assert asked.returncode == 7, asked.stderr  # there is no terraform
        assert "photos" in asked.stdout
        for words in (
            ["status", "--output", "json"],
            ["status"],
            ["status", "photos"],
            ["status", "photos", "-o", "json"],
            ["logs", "photos"],
            ["approve", "photos"],
            ["approve", "nothing", "-o", "json"],
            ["why", "photos"],
            ["token", "list"],
            ["audit", "list", "-o", "json"],
            ["audit", "verify"],
            ["retire", "nothing", "-s", "acme-use1-dev", "-o", "json"],
        ):
            here, there = gaia(*words), gaia(*words, url=said["address"])
            assert plain(there.stdout + there.stderr) == plain(here.stdout + here.stderr), words
            assert there.returncode == here.returncode
        refused = gaia("clean", url=said["address"])
        assert "not-from-here" in refused.stderr
    away = gaia("status", url=said["address"])
    assert (away.returncode, "server-unreachable" in away.stderr) == (8, True)
    assert "url-invalid" in gaia("status", url="elsewhere").stderr


@pytest.mark.cloud
def test_a_port_that_is_taken_is_said(made: tuple[Path, str]) -> None:
    """Exit code 8, and what to do."""
    folder, _ = made
    with serving(folder) as (_, said):
        port = said["address"].rpartition(":")[2]
        environ = {**os.environ, "GAIA_HOME": str(folder / "home")}
        done = subprocess.run(
            [*GAIA, "serve", "--port", port],
            check=False,
            cwd=folder / "platform",
            env=environ,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 8
    assert "port-unusable" in done.stderr
