"""Bad input: each with one clear error, a next step, and nothing changed."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = pytest.mark.cloud

STACK = "acme-use1-dev"
MOST_BYTES = 32 * 1024 * 1024
"""Of a file that a limited process may write: far more than any but the journal has here."""
REFUSED = {
    "template-unknown": ["request", "no-such", "bad", "-s", STACK],
    "stack-unknown": ["request", "notes", "bad", "-s", "acme-use1-nowhere", "-a", "text=hi"],
    "answer-type": ["request", "notes", "bad", "-s", STACK, "-a", "text=hi", "-a", "seconds=many"],
    "answer-is-code": ["request", "notes", "bad", "-s", STACK, "-a", "text=!exec id"],
    "answer-missing": ["request", "notes", "bad", "-s", STACK],
    "name-invalid": ["request", "notes", "Bad_Name", "-s", STACK, "-a", "text=hi"],
    "service-unknown": ["retire", "never-was", "-s", STACK],
    "request-unknown": ["approve", "req_nothing"],
}


def written_down(world: World) -> int:
    """How many requests there are, whoever may see them."""
    with closing(sqlite3.connect(world.home / "gaia.db")) as database:
        return int(database.execute("SELECT count(*) FROM requests").fetchone()[0])


@pytest.mark.parametrize("code", REFUSED)
def test_bad_input_is_one_error_and_changes_nothing(world: World, code: str) -> None:
    """The code, a message and a next step; no request is written down."""
    before = written_down(world)
    error = world.error(*REFUSED[code], who="grace" if code == "request-unknown" else "ada")
    assert error["error"] == code
    assert error["next_step"]
    assert written_down(world) == before


def test_a_name_in_use_is_refused(world: World) -> None:
    """A service that stands keeps its name."""
    world.ask("taken")
    world.approve("taken")
    error = world.error("request", "notes", "taken", "-s", STACK, "-a", "text=hi", who="ada")
    assert error["error"] == "name-taken"


def test_no_token_and_a_wrong_token_are_refused(world: World) -> None:
    """Nobody is anonymous."""
    assert world.error("status")["error"] == "token-missing"
    world.tokens["nobody"] = "gaia_tok_wrong"
    assert world.error("status", who="nobody")["error"] == "token-unknown"


def test_a_locked_database_is_said_after_a_few_seconds(world: World) -> None:
    """Another program that holds the database open for writing is named as the cause."""
    other = sqlite3.connect(world.home / "gaia.db")
    other.execute("BEGIN EXCLUSIVE")
    try:
        error = world.error("request", "notes", "bad", "-s", STACK, "-a", "text=hi", who="ada")
    finally:
        other.rollback()
        other.close()
    assert error["error"] == "database-locked"


def test_a_database_that_is_locked_under_a_run_breaks_it_off_and_resume_goes_on(world: World) -> None:
    """What was made cannot be written down: one error that names the way on, no endless wait, nothing made twice."""
    world.ask("blocked", seconds=3)
    approving = world.start("approve", "blocked", "--output", "json", who="grace", quiet=True)
    while not any("blocked-second" in line and "Creating..." in line for line in world.log_lines()):
        assert approving.identity.alive()
        time.sleep(0.05)
    other = sqlite3.connect(world.home / "gaia.db")
    other.execute("BEGIN IMMEDIATE")
    try:
        done = approving.wait()
    finally:
        other.rollback()
        other.close()
    assert done.returncode == 8, done.stderr
    error = json.loads(done.stderr[done.stderr.index("{") :])
    assert error["error"] == "database-locked"
    assert "gaia resume" in error["next_step"]
    ended = world.json("resume", "blocked", who="grace")
    assert ended["status"] == "done", ended["reason"]
    made = [line for line in world.log_lines() if "blocked-" in line and '"kind": "complete"' in line]
    assert len(made) == len(ended["instances"])


def test_a_missing_terraform_is_said(world: World) -> None:
    """The preview ends with a word on how to get it; nothing is waiting for approval."""
    world.extra = {"GAIA_TERRAFORM": "/nonexistent/terraform"}
    try:
        ended = world.fails("request", "notes", "toolless", "-s", STACK, "-a", "text=hi", who="ada")
    finally:
        world.extra = {}
    assert (ended["status"], ended["runs"][-1]["code"]) == ("failed", "terraform-missing")
    assert "GAIA_TERRAFORM" in ended["reason"]


def test_a_missing_provider_is_said(world: World) -> None:
    """Where the only mirror is empty nothing is waiting for approval, and the word says what to do."""
    mirror = world.home.parent / "empty-mirror"
    mirror.mkdir()
    config = mirror.with_name("empty.tfrc")
    config.write_text(
        f'provider_installation {{\n  dev_overrides {{}}\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    store = {"purpose": "nothing", "owner": "team-media", "cost_center": "cc-4711", "storage_gb": 1}
    answers = store | {"monthly_writes": 1, "monthly_reads": 1}
    given = [part for name, value in answers.items() for part in ("-a", f"{name}={value}")]
    before = world.json("sandbox", "inventory")
    world.extra = {"TF_CLI_CONFIG_FILE": str(config)}
    try:
        ended = world.fails("request", "object-store", "providerless", "-s", STACK, *given, who="ada")
    finally:
        world.extra = {}
    assert (ended["status"], ended["runs"][-1]["code"]) == ("failed", "provider-missing")
    assert "let the doctor say where mirrors belong" in ended["reason"]
    assert world.json("sandbox", "inventory") == before


def test_a_full_disk_parks_before_anything_is_changed(world: World) -> None:
    """When the journal cannot be written nothing is applied; with room again, resume goes on."""
    asked = world.ask("crowded")
    journal = world.home / "journals" / asked["id"] / STACK / "crowded-first/journal.jsonl"
    journal.parent.mkdir(parents=True)
    line = {"at": "2026-11-24T00:00:00.000Z", "kind": "recovered", "did": "x" * (MOST_BYTES - 80)}
    journal.write_text(json.dumps(line) + "\n")
    before = world.json("sandbox", "inventory")
    approving = world.start("approve", "crowded", "--output", "json", who="grace", quiet=True)
    resource.prlimit(approving.identity.pid, resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    done = approving.wait()
    assert done.returncode == 6, done.stderr
    ended = json.loads(done.stdout)
    assert (ended["status"], ended["runs"][-1]["code"]) == ("parked", "disk-full")
    assert str(journal) in ended["reason"]
    assert world.json("sandbox", "inventory") == before
    assert journal.read_text() == json.dumps(line) + "\n"
    journal.unlink()
    assert world.json("resume", "crowded", who="grace")["status"] == "done"


def test_a_port_in_use_is_said(world: World) -> None:
    """A sandbox cannot take a port that something else has."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        world.extra = {"GAIA_HOME": str(world.home.parent / "other-home")}
        try:
            error = world.error("sandbox", "up", "--port", str(taken.getsockname()[1]))
        finally:
            world.extra = {}
    assert error["error"] == "port-taken"


def test_a_sandbox_that_is_down_never_falls_through_to_aws(world: World) -> None:
    """With the emulator dead a request fails; it does not reach for the real cloud."""
    os.kill(world.json("sandbox", "status")["pid"], signal.SIGKILL)
    try:
        ended = world.fails("request", "notes", "offline", "-s", STACK, "-a", "text=hi", who="ada")
    finally:
        world.run("sandbox", "up", quiet=True)
    assert ended["runs"][-1]["code"] == "sandbox-down"
