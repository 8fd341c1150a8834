"""`gaia clean`: what it says by kind, what it takes, and what programs read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.cli.screens.clean import size
from gaia.errors import NotFound
from gaia.platform.home import unregistered
from gaia.platform.model import Leftover

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

LEFT = (
    Leftover("log", "run_1", 1500, "2026-05-01T00:00:00.000Z"),
    Leftover("log", "run_2", 700, "2026-04-01T00:00:00.000Z"),
    Leftover("tree", "0a1b", 3_200_000, "2026-06-01T00:00:00.000Z"),
)


def test_what_would_be_removed_is_told_by_kind(gaia: Gaia) -> None:
    """How many, how big, how old; and that it is still there."""
    gaia.platform.leftovers = LEFT
    said = gaia("clean", "--dry-run", "--older-than", "7d")
    lines = [line.split()[:6] for line in said.out.splitlines()]
    assert ["logs", "2", "2.2", "kB", "2026-04-01", "00:00"] in lines
    assert ["exported", "trees", "1", "3.2", "MB", "2026-06-01"] in lines
    assert "Would remove 3 things, 3.2 MB." in said.out
    assert gaia.platform.calls[-1] == ("clean", {"longest": timedelta(days=7), "dry_run": True})


def test_programs_read_each_thing(gaia: Gaia) -> None:
    """With its size in bytes, and whether it is gone."""
    gaia.platform.leftovers = LEFT
    found = json.loads(gaia("clean", "--output", "json").out)
    assert found["dry_run"] is False
    assert found["things"][0] == {"kind": "log", "name": "run_1", "size": 1500, "at": "2026-05-01T00:00:00.000Z"}
    assert gaia.platform.calls[-1] == ("clean", {"longest": None, "dry_run": False})
    assert json.loads(gaia("clean", "--dry-run", "--output", "json").out)["dry_run"] is True


def test_where_there_is_nothing_it_says_so(gaia: Gaia) -> None:
    """One line, no empty table."""
    assert gaia("clean").out == "Nothing to remove: all that there is is needed, or young.\n"


def test_a_home_that_serves_nothing_is_cleaned_of_checkouts(gaia: Gaia) -> None:
    """Without a token; what else forbids it is told."""
    root = gaia.app.root / "infrastructure"
    folder = unregistered.folder_of(gaia.settings.home, root)
    folder.mkdir(parents=True)
    unregistered.note_use(folder, root)
    gaia.platform.fails["clean"] = NotFound("repository-missing", "it serves nothing", next_step="Adopt one.")
    said = gaia("clean", "--older-than", "1d", "--output", "json").json
    assert [(one["kind"], one["name"]) for one in said["things"]] == [("checkout", str(root))]
    assert not folder.exists()
    gaia.platform.fails["clean"] = NotFound("repository-unknown", "it is gone", next_step="Adopt it.")
    assert gaia("clean", "--output", "json").error["error"] == "repository-unknown"


def test_sizes_are_short() -> None:
    """A digit behind the point only where there is one before it."""
    assert [size(number) for number in (0, 999, 1000, 9999, 99_999, 1_500_000, 2e9)] == [
        "0 B", "999 B", "1.0 kB", "10.0 kB", "100 kB", "1.5 MB", "2.0 GB",
    ]  # fmt: skip
