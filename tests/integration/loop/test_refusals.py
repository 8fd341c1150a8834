"""Bad input: each with one clear error, a next step, and nothing changed."""

from __future__ import annotations

import os
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = pytest.mark.cloud

STACK = "acme-use1-dev"
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


@pytest.mark.parametrize("code", REFUSED)
def test_bad_input_is_one_error_and_changes_nothing(world: World, code: str) -> None:
    """The code, a message and a next step; no request is written down."""
    before = len(world.json("status", who="ada"))
    error = world.error(*REFUSED[code], who="grace" if code == "request-unknown" else "ada")
    assert error["error"] == code
    assert error["next_step"]
    assert len(world.json("status", who="ada")) == before


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


def test_a_missing_terraform_is_said(world: World) -> None:
    """The preview ends with a word on how to get it; nothing is waiting for approval."""
    world.extra = {"GAIA_TERRAFORM": "/nonexistent/terraform"}
    try:
        ended = world.fails("request", "notes", "toolless", "-s", STACK, "-a", "text=hi", who="ada")
    finally:
        world.extra = {}
    assert (ended["status"], ended["runs"][-1]["code"]) == ("failed", "terraform-missing")
    assert "GAIA_TERRAFORM" in ended["reason"]


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
