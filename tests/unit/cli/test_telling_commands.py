"""`gaia events`, `gaia webhook` and `gaia audit export`: what they print, and what they do where nobody can read it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.kit import vouching
from gaia.kit.clock import now
from gaia.kit.keys import SecretKey
from gaia.records import audit
from gaia.records.audit_export import export
from gaia.records.database import Database

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/events.md"
KEY = SecretKey("key-1", b"1" * 32)


@pytest.fixture(name="file")
def exported(tmp_path: Path) -> Path:
    """An export of some Gaia elsewhere."""
    database = Database.open(tmp_path / "elsewhere.db", create=True)
    with database.begin() as tx:
        for number in range(3):
            audit.append(tx, KEY, at=now(), actor="ann", action="request.done", subject=f"req_{number}")
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"".join(export(database, KEY, form="jsonl")))
    database.close()
    return path


def test_an_event_is_a_line_and_a_cloud_event(gaia: Gaia) -> None:
    """As the page on events shows it."""
    assert gaia("events").out.split() == [
        "7", "2026-11-23", "23:05", "photos", "in", "acme-use1-dev", "was", "approved", "by", "grace.",
    ]  # fmt: skip
    told = gaia("events", "--type", "dev.gaia.request.*", "--output", "json").json
    [shown] = re.findall(r"<!-- example: events -->\n```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    example = json.loads(shown)
    assert (list(told), list(told["data"])) == (list(example), list(example["data"]))
    assert gaia("events", "--type", "instance.*").out == ""
    assert gaia("events", "--after", "7").out == ""
    assert gaia("events", "--type", "a b").code == 2


def test_a_webhook_is_made_and_looked_at(gaia: Gaia) -> None:
    """Its secret once; a URL that is a secret comes through a pipe."""
    made = gaia("webhook", "add", "webhook", "https://example.com/", "-o", "json").json
    assert made["secret"].startswith("whsec_")
    assert "whsec" not in gaia("webhook", "show", made["id"], "-o", "json").out
    gaia("webhook", "add", "slack", "-", given="https://hooks.slack.com/services/T/B/x\n")
    assert gaia.app.hooks.made[-1].target == "https://hooks.slack.com/services/T/B/x"
    assert gaia("webhook", "add", "slack", "-", given="\n").code == 2
    assert gaia("webhook", "show", "whk_none").code == 3


def test_a_test_that_is_not_taken_ends_with_eight(gaia: Gaia) -> None:
    """And says why."""
    gaia("webhook", "add", "webhook", "https://example.com/")
    assert gaia("webhook", "test", "whk_1").code == 0
    gaia.app.hooks.taken = False
    said = gaia("webhook", "test", "whk_1")
    assert (said.code, "ConnectError" in said.out) == (8, True)


def test_an_export_is_checked_with_its_key_alone(gaia: Gaia, file: Path) -> None:
    """Changed, or checked with another key, it is none."""
    key = vouching.public_key(KEY)
    said = gaia("audit", "verify", str(file), "--key", key)
    assert (said.code, "3 entries, from 1 to 3" in said.out) == (0, True)
    assert gaia("audit", "verify", str(file), "--key", key, "-o", "json").json["intact"] is True
    assert gaia("audit", "verify", str(file)).code == 70  # this Gaia's own key is another
    assert gaia("audit", "verify", str(file), "--key", "none").code == 2
    file.write_bytes(file.read_bytes().replace(b"req_1", b"req_9"))
    said = gaia("audit", "verify", str(file), "--key", key, "-o", "json")
    assert (said.code, json.loads(said.err)["error"]) == (70, "audit-file-broken")
    assert gaia("audit", "verify", "nowhere.jsonl", "--key", key).code == 3


def test_an_export_into_a_file_is_there_whole_or_not_at_all(gaia: Gaia, tmp_path: Path) -> None:
    """For its owner's eyes only; an unusable place or time is one clear error."""
    told = gaia("audit", "export", "--file", str(tmp_path / "a.jsonl"), "-o", "json").json
    assert told["key"].startswith("ed25519:")
    assert ((tmp_path / "a.jsonl").stat().st_mode & 0o777, len((tmp_path / "a.jsonl").read_bytes().splitlines())) == (
        0o600,
        2,
    )
    assert gaia("audit", "export", "--file", str(tmp_path / "none/a.jsonl")).code == 8
    assert gaia("audit", "export", "--since", "yesterday").code == 2
    assert gaia("audit", "export", "--format", "xml").code == 2
    assert gaia("audit", "export").out.count("\n") == 2
