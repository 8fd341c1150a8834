"""The doctor's checks, each on a machine of its own making."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pytest

from gaia.bootstrap import App
from gaia.cli import checks
from gaia.cli.checks import Diagnosis, examine
from gaia.errors import Unavailable
from gaia.kit.procfs import Identity
from gaia.records.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

    from gaia.settings import Settings


def program(folder: Path, name: str, says: str) -> None:
    """Put a program on a PATH of the test."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / name).chmod(0o755)


def test_git_is_looked_for_on_the_path(settings: Settings, tmp_path: Path) -> None:
    """Its version, or how to get it."""
    program(tmp_path / "bin", "git", "git version 9.9.9")
    assert checks.check_git(App(replace(settings, environ={"PATH": str(tmp_path / "bin")}))).message == "9.9.9"
    missing = checks.check_git(App(replace(settings, environ={"PATH": str(tmp_path)})))
    assert (missing.state, "package manager" in missing.remedy) == ("fail", True)


def test_a_missing_terraform_is_a_failure_with_a_remedy(settings: Settings, tmp_path: Path) -> None:
    """What `find_tool` says."""
    found = examine(checks.check_terraform, App(replace(settings, environ={"PATH": str(tmp_path)})))
    assert found.state == "fail"
    assert "gaia tools install" in found.remedy


def test_a_fresh_home_warns_and_makes_nothing(settings: Settings) -> None:
    """Once, with what to do. Looking must not make a database or a key."""
    found = examine(checks.check_repository, App(settings))
    assert (found.state, "gaia init" in found.remedy) == ("warn", True)
    for check in (checks.check_database, checks.check_keys, checks.check_admins):
        found = examine(check, App(settings))
        assert (found.state, found.remedy) == ("ok", "")
    assert checks.check_sandbox(App(settings)).state == "ok"
    assert checks.check_engine(App(settings)).state == "ok"
    assert not settings.home.exists()


@pytest.mark.slow
def test_who_holds_the_database_is_named(settings: Settings) -> None:
    """By the process's number and its command; when it has ended, everything is well."""
    path = settings.home / "gaia.db"
    settings.home.mkdir(parents=True)
    Database.open(path, create=True).close()
    opened = f"import sqlite3; held = sqlite3.connect({str(path)!r}); held.execute('BEGIN IMMEDIATE')"
    hold = f"{opened}; print(1, flush=True); input()"
    command = [sys.executable, "-c", hold]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "1\n"
        found = examine(checks.check_database, App(settings))
        other.communicate("\n")
    assert found.state == "fail"
    assert f"process {other.pid}: {sys.executable} -c import sqlite3"[:60] in found.message
    assert examine(checks.check_database, App(settings)).state == "ok"


def test_keys_that_others_can_read_are_a_failure(settings: Settings) -> None:
    """And the command that repairs it is shown."""
    folder = settings.home / "keys"
    folder.mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    (folder / "repository.key").write_bytes(b"0" * 32)
    (folder / "repository.key").chmod(0o644)
    found = checks.check_keys(App(settings))
    assert (found.state, found.remedy) == ("fail", f"chmod -R go= {folder}")
    (folder / "repository.key").chmod(0o600)
    assert checks.check_keys(App(settings)).state == "ok"


@pytest.mark.parametrize(("free", "state"), [(100 << 30, "ok"), (1 << 30, "warn"), (10 << 20, "fail")])
def test_little_room_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    """Below what a provider needs, a warning; almost none, a failure."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert checks.check_disk(App(settings)).state == state


def test_an_engine_in_another_process_is_seen(settings: Settings) -> None:
    """By the name in its lock, without touching the lock; the name of one that has died counts for nothing."""
    from gaia.kit.files import exclusive

    lock = settings.home / "engine.lock"
    settings.home.mkdir(parents=True)
    lock.write_text(json.dumps(asdict(Identity.of(os.getpid()))))
    assert checks.check_engine(App(settings)).message == "one runs"
    with exclusive(lock) as mine:
        assert mine
        lock.write_text(json.dumps(asdict(Identity.of(os.getpid())) | {"started": 1}))
        assert "none runs" in checks.check_engine(App(settings)).message
        lock.write_text("")
        assert "none runs" in checks.check_engine(App(settings)).message


def test_an_error_of_a_check_is_a_finding(settings: Settings) -> None:
    """Nothing that a check meets ends the examination."""

    def check_the_moon(_: App) -> Diagnosis:
        raise Unavailable("moon-down", "no moon", next_step="Wait.")

    def check_the_door(_: App) -> Diagnosis:
        raise OSError("stuck")

    assert examine(check_the_moon, App(settings)) == Diagnosis("the moon", "fail", "no moon", "Wait.")

    def check_the_safe(_: App) -> Diagnosis:
        raise PermissionError(13, "Permission denied", "/safe")

    assert examine(check_the_door, App(settings)).state == "fail"
    remedy = "Check the owner and the rights."
    assert examine(check_the_safe, App(settings)) == Diagnosis("the safe", "fail", "/safe: Permission denied", remedy)


def test_doctor_ends_with_one_when_something_is_missing(gaia: Gaia, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings are no failure; JSON has every check."""
    monkeypatch.setattr("gaia.cli.repository_checks.CHECKS", ())
    found = [Diagnosis("a", "ok", "fine"), Diagnosis("b", "warn", "so so", "Do this.")]

    def serve(*given: Diagnosis) -> None:
        monkeypatch.setattr("gaia.cli.checks.CHECKS", tuple(lambda _, each=each: each for each in given))

    serve(*found)
    assert gaia("doctor").code == 0
    assert "→ Do this." in gaia("doctor").out
    assert gaia("doctor", "-o", "json").json["healthy"] is True
    serve(*found, Diagnosis("c", "fail", "gone", "Get it."))
    said = gaia("doctor")
    assert (said.code, "1 thing missing" in said.out) == (1, True)
    assert gaia("doctor", "-o", "json").json["checks"][-1]["remedy"] == "Get it."


def test_every_check_is_a_function_with_a_name() -> None:
    """Which the finding carries when it fails."""
    assert all(check.__name__.startswith("check_") and check.__doc__ for check in checks.CHECKS)
