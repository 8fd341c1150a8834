"""A home whose previews, plans, logs and journals are rows: the whole loop, a kill in it too, and no such file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gaia.kit.procfs import kill_tree
from gaia.testing.world import make_world

STACK = "acme-use1-dev"

pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]


def test_the_loop_with_documents_in_the_database(tmp_path: Path) -> None:
    """Asked for, approved, killed while it is made, resumed by another process, explained, retired."""
    world = make_world(tmp_path, Path(__file__).parent / "platform", documents="database")
    try:
        world.ask("rows")
        child = world.start("approve", "rows", who="grace", quiet=True)
        while not (begun := _lines(world.home / "gaia.db", "journal", '"kind": "start"')) and child.identity.alive():
            pass
        kill_tree(child.identity.pid)
        child.wait()
        assert begun
        assert world.json("resume", "rows", who="grace")["status"] == "done"
        assert "published" in world.run("logs", "rows", who="ada", quiet=True).stdout
        del world.extra["GAIA_DOCUMENTS"]  # the home knows it
        assert world.json("retire", "rows", "-s", STACK, "--yes", who="ada")["status"] == "done"
        world.extra["GAIA_DOCUMENTS"] = "folder"
        assert world.error("status", who="ada")["error"] == "documents-elsewhere"
    finally:
        world.run("sandbox", "down", quiet=True)
    assert not [name for name in ("previews", "plans", "runs", "journals") if (world.home / name).exists()]


def _lines(database: Path, kind: str, holding: str) -> bool:
    reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        found = reader.execute("select line from document_lines where kind = ?", (kind,)).fetchall()
    finally:
        reader.close()
    return any(holding.encode() in line for (line,) in found)
