"""`gaia backup` and `gaia restore`: what they take, and what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia


def test_a_backup_says_what_it_holds(gaia: Gaia) -> None:
    """And where the key belongs that was made for it."""
    said = gaia("backup", "gaia.age", "--to", "age1x", "--to", "ssh-ed25519 y", "--new-key", "backup.key")
    assert gaia.app.sealed_for == ("gaia.age", "age1x", "ssh-ed25519 y", "backup.key")
    assert "12" in said.out
    assert "Keep backup.key somewhere else" in said.out
    assert "Copying the records" in said.err
    assert "somewhere else" not in gaia("backup", "gaia.age", "--to", "age1x").out


def test_a_backup_that_nobody_could_open_is_refused(gaia: Gaia) -> None:
    """Before anything is written."""
    refused = gaia("backup", "gaia.age", "--output", "json")
    assert (refused.code, refused.error["error"]) == (2, "recipient-missing")
    assert gaia.app.sealed_for == ()


def test_restoring_says_what_goes_on(gaia: Gaia) -> None:
    """With the next engine; a trial says that all of it was checked."""
    said = gaia("restore", "gaia.age", "--key", "backup.key")
    assert gaia.app.sealed_for == ("gaia.age", "backup.key", "False", "False")
    assert "1 run goes on with the next engine." in said.out
    assert "all of it was read and checked" in gaia("restore", "gaia.age", "--key", "backup.key", "--dry-run").out
    gaia.app.backup = replace(gaia.app.backup, under_way=())
    assert "next engine" not in gaia("restore", "gaia.age", "--key", "backup.key").out
    assert json.loads(gaia("restore", "x", "--key", "y", "--output", "json").out)["dry_run"] is False


def test_whose_backup_it_is_is_named_or_asked(gaia: Gaia) -> None:
    """A person on a terminal is asked about the key in it; a program names the one that it expects."""
    fingerprint = gaia.app.backup.key
    gaia("restore", "gaia.age", "--key", "backup.key", "--expect-key", fingerprint)
    assert gaia.app.sealed_for[-1] == fingerprint
    said = gaia("restore", "gaia.age", "--key", "backup.key", tty=True, given="no\n")
    assert gaia.app.sealed_for[-1] == "False"
    assert fingerprint in said.err
    gaia("restore", "gaia.age", "--key", "backup.key", tty=True, given="yes\n")
    assert gaia.app.sealed_for[-1] == "True"
