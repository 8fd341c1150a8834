"""Fifty applications of one instance at once: one runs, the others say who does."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground, ids

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = 49
CODE = """
resource "terraform_data" "one" {
  provisioner "local-exec" {
    command = "echo ${self.id} >> MADE/made; while [ ! -e MADE/go ]; do sleep 0.1; done"
  }
}
"""
WORDS = ("apply", "one", "-s", "dev", "--yes", "-o", "json")


def started(ground: Ground) -> subprocess.Popen[str]:
    """One `gaia apply`."""
    return subprocess.Popen(
        [sys.executable, "-m", "gaia", *WORDS],
        cwd=ground.root, env=ground.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.cloud
@pytest.mark.long(1)
def test_one_of_fifty_runs(tmp_path: Path) -> None:
    """All are started at once. What is made is made once, and every other one names the process that makes it."""
    ground = Ground(tmp_path / "repository")
    ground.code(CODE.replace("MADE", str(ground.made)))
    ground.run("describe", "component", "one", "-s", "dev")
    every = [started(ground) for _ in range(OTHERS + 1)]
    deadline = time.monotonic() + 240
    while sum(one.poll() is None for one in every) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    [running] = [one for one in every if one.poll() is None]
    (ground.made / "go").touch()
    out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert json.loads(out)["changed"] == {"create": 1}
    for other in every:
        if other is running:
            continue
        _, said = other.communicate()
        error = json.loads(said)
        assert (other.returncode, error["error"]) == (6, "operation-running"), said
        assert error["facts"]["holder"]["pid"] == running.pid, said
    assert (ground.made / "made").read_text().split() == ids(ground.state("one"))
    ground.run("terraform", "plan", "one", "-s", "dev", "-detailed-exitcode")


@pytest.mark.cloud
@pytest.mark.long(1)
def test_who_loses_the_lease_ends_well_and_is_to_be_reconciled(tmp_path: Path) -> None:
    """Terraform saves its state and gives its lock back; the next application goes on from there."""
    ground = Ground(tmp_path / "repository")
    ground.code(CODE.replace("MADE", str(ground.made)))
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=ground.root, check=True)
    ground.run("adopt", ".")
    running = started(ground)
    deadline = time.monotonic() + 120
    while not (ground.made / "made").exists():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with sqlite3.connect(tmp_path / "home/gaia.db") as database:
        assert database.execute("UPDATE leases SET released_at = acquired_at").rowcount == 1
    out, err = running.communicate(timeout=120)
    assert (running.returncode, json.loads(out)["code"]) == (6, "needs-reconcile"), err
    assert "No state is locked." in ground.run("unlock", "one", "-s", "dev")
    (ground.made / "go").touch()
    ground.run("apply", "one", "-s", "dev", "--yes")
    ground.run("terraform", "plan", "one", "-s", "dev", "-detailed-exitcode")
    with sqlite3.connect(tmp_path / "home/gaia.db") as database:
        ended = database.execute("SELECT status, code FROM runs WHERE kind = 'operation' ORDER BY id").fetchall()
    assert [one for one in ended if one[1] != "adopted"] == [("parked", "needs-reconcile"), ("done", "")]
