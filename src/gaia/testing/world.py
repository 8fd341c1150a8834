"""A world for tests of the whole loop: an emulated AWS, a platform repository, and three people.

`ada` asks, `grace` approves, `admin` may do everything; every command is a process of its own, as in a terminal.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gaia import sandbox
from gaia.cli.demo_stage import Stage
from gaia.kit.git import Git
from gaia.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

STACK = "acme-use1-dev"


class World(Stage):
    """A stage with a platform repository and the people ada (asks), grace (approves) and admin."""

    lines: list[str]

    @property
    def repository(self) -> Path:
        """The platform repository's checkout."""
        return self.home.parent / "platform"

    @property
    def git(self) -> Git:
        """git in the platform repository."""
        return Git(self.repository, dict(os.environ))

    def commit(self, message: str) -> str:
        """Commit whatever was changed in the platform repository by hand."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git.head()

    def ask(self, service: str, template: str = "notes", **answers: object) -> dict[str, Any]:
        """Request a service as ada; the view when it waits or has ended."""
        given = {"text": "hello"} | answers if template == "notes" else answers
        parts = [part for name, value in given.items() for part in ("-a", f"{name}={value}")]
        return dict(self.json("request", template, service, "-s", STACK, *parts, who="ada"))

    def view(self, service: str) -> dict[str, Any]:
        """How a service's newest request stands."""
        return dict(self.json("status", service, who="ada"))

    def approve(self, service: str) -> dict[str, Any]:
        """Approve as grace and wait for the end."""
        return dict(self.json("approve", service, who="grace"))

    def elsewhere(self, name: str) -> World:
        """Another machine: a home that has nothing but the key, and leads to the same cloud."""
        home = self.home.parent / name / "home"
        (home / "keys").mkdir(parents=True)
        (home / "keys").chmod(0o700)
        home.chmod(0o700)
        shutil.copy(self.home / "keys/repository.key", home / "keys")
        cloud = sandbox.environment(self.home) or {}
        other = replace(self, home=home, extra={**self.extra, **cloud}, _begun=[])
        other.lines = self.lines
        return other

    def here(self, *words: str) -> tuple[str, ...]:
        """The words of an operator's command, at the platform repository's checkout."""
        return ("-C", str(self.repository), *words)

    def planned(self, component: str) -> list[dict[str, Any]]:
        """The changes that an instance's plan has now; nobody's token is given."""
        return list(self.json(*self.here("plan", component, "-s", STACK))["changes"])

    def fails(self, *arguments: str, who: str = "") -> dict[str, Any]:
        """The view that a command ends with, unsuccessfully."""
        done = self.run(*arguments, "--output", "json", who=who, quiet=True, refused=True)
        return dict(json.loads(done.stdout))

    def error(self, *arguments: str, who: str = "") -> dict[str, Any]:
        """The error that a command ends with."""
        done = self.run(*arguments, "--output", "json", who=who, quiet=True, refused=True)
        return dict(json.loads(done.stderr[done.stderr.index("{") :]))

    def log_lines(self) -> list[str]:
        """The lines of all runs' logs, as they stand in the files."""
        return [line for path in (self.home / "runs").glob("*/log.jsonl") for line in path.read_text().splitlines()]

    def everything_written(self) -> str:
        """All text and bytes below GAIA_HOME that could hold a value, except state, plans and terraform's own data."""
        parts = []
        for path in sorted(self.home.rglob("*")):
            inside = path.relative_to(self.home).parts
            if path.is_file() and inside[0] in ("runs", "journals", "previews", "gaia.db", "gaia.db-wal", "engine.db"):
                parts.append(path.read_bytes().decode("utf-8", "replace"))
        return "\n".join([*parts, *self.lines])


def make_world(folder: Path, extra: Path, *, documents: str = "folder", database: str = "") -> World:
    """Start the emulator, make the repository (the blueprint and the files in `extra`) and its people.

    With the URL of a `database`, records and documents are there, for several workers.
    """
    settings = Settings.capture(os.environ, folder)
    lines: list[str] = []
    world = World(settings, folder / "home", lines.append)
    world.lines = lines
    world.extra["GAIA_DOCUMENTS"] = "database" if database else documents
    if database:
        world.extra["GAIA_DATABASE_URL"] = database
    world.run("sandbox", "up", quiet=True)
    world.tokens["admin"] = world.json("init", "platform")["token"]
    for name, roles in {"ada": ("developer",), "grace": ("approver",)}.items():
        given = [part for role in roles for part in ("--role", role)]
        made = world.json("token", "create", name, *given, "--tenant", "acme", "--stage", "dev", who="admin")
        world.tokens[name] = made["token"]
    shutil.copytree(extra, world.repository, dirs_exist_ok=True)
    world.commit("Add what the tests ask for")
    return world
