"""What `gaia doctor` finds in a home that was damaged: each thing once, with the backup as the way on."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.bootstrap import App
from gaia.cli import checks
from gaia.platform.requests.previewing import document_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.platform.conftest import House

    from gaia.settings import Settings

KEPT = (checks.check_database, checks.check_keys, checks.check_previews, checks.check_sandbox)
"""The checks of what a home keeps; the repository's own are on top of them."""


@pytest.fixture
def used(house: House, settings: Settings) -> Settings:
    """A home with a preview that waits."""
    house.previewed()
    home = house.platform.home
    row = {"id": "platform", "source": str(home / "source"), "branch": "main"}
    (home / "repository.json").write_text(json.dumps(row))
    return replace(settings, home=home)


def found(settings: Settings) -> dict[str, tuple[str, str]]:
    """What fails: name of the check → message and remedy."""
    every = [checks.examine(one, App(settings)) for one in (checks.check_repository, *KEPT)]
    return {one.name: (one.message, one.remedy) for one in every if one.state == "fail"}


def preview_of(home: Path) -> Path:
    """The file of the one preview."""
    with sqlite3.connect(home / "gaia.db") as db:
        (digest,) = db.execute("SELECT preview FROM requests").fetchone()
    [path] = [one for one in home.rglob("*") if document_name(digest) in one.name]
    return path


def spoil_row(home: Path) -> None:
    """A moment that is none."""
    with sqlite3.connect(home / "gaia.db") as db:
        db.execute("UPDATE people SET created_at = 'yesterday'")


def spoil_pages(home: Path) -> None:
    """A quarter of the file."""
    with sqlite3.connect(home / "gaia.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = home / "gaia.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\xff" * (size // 4))


def spoil_sandbox(home: Path) -> None:
    """A list in place of the table."""
    (home / "sandbox").mkdir()
    (home / "sandbox/state.json").write_text("[]")


DAMAGE: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "registry lost": (lambda home: (home / "repository.json").unlink(), "repository", "repository.json is missing"),
    "registry damaged": (lambda home: (home / "repository.json").write_text("{"), "repository", "is damaged"),
    "registry a list": (lambda home: (home / "repository.json").write_text("[]"), "repository", "holds no object"),
    "database lost": (lambda home: (home / "gaia.db").rename(home / "elsewhere"), "database", "there is no"),
    "database empty": (lambda home: (home / "gaia.db").write_bytes(b""), "database", "is empty"),
    "database foreign": (lambda home: (home / "gaia.db").write_bytes(b"x" * 5000), "database", "not a database"),
    "a row": (spoil_row, "database", "a row of people cannot be read"),
    "pages": (spoil_pages, "database", ""),
    "key lost": (lambda home: (home / "keys/repository.key").unlink(), "keys", "is missing"),
    "key cut": (lambda home: (home / "keys/repository.key").write_bytes(b"x"), "keys", "does not hold 32 bytes"),
    "preview lost": (lambda home: preview_of(home).unlink(), "previews", "cannot be used"),
    "preview edited": (lambda home: preview_of(home).write_bytes(b"{}"), "previews", "cannot be used"),
    "sandbox": (spoil_sandbox, "sandbox", "holds no object"),
}


def test_a_home_that_is_whole_has_nothing_to_find(used: Settings) -> None:
    """Previews are counted, nothing fails but the repository itself, which is not there."""
    assert [*found(used)] == ["repository"]
    assert checks.check_previews(App(used)).message.startswith("1 ")


@pytest.mark.parametrize("name", DAMAGE)
def test_each_damage_is_found_and_says_how_it_is_mended(used: Settings, name: str) -> None:
    """By the check of what was damaged, in one sentence; most by restoring it. Looking makes and changes no file."""

    def files() -> dict[Path, bytes]:
        kept = [one for one in used.home.rglob("*") if one.is_file() and not one.name.startswith("gaia.db-")]
        return {one: one.read_bytes() for one in kept if "trees" not in one.parts and "clone" not in one.parts}

    damage, check, words = DAMAGE[name]
    damage(used.home)
    before = files()
    message, remedy = found(used)[check]
    assert files() == before
    assert words in message
    assert "Traceback" not in message
    assert ("estore" in remedy) or name == "sandbox"
    assert ("Remove" in remedy) == (name == "sandbox")
