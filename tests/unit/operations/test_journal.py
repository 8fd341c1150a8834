"""The journal: what was acknowledged is there, what was not is dropped, a full disk is said and leaves no half line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Unavailable
from gaia.kit.lines import LinesAt
from gaia.operations.journal import Journal, read

if TYPE_CHECKING:
    from pathlib import Path


def test_entries_are_read_back_in_order(tmp_path: Path) -> None:
    """What is appended is read by another opener, oldest first, with its time."""
    path = tmp_path / "runs" / "journal.jsonl"
    journal = Journal(LinesAt(path))
    journal.append("begin", operation="apply", instance="dev/key")
    journal.append("start", address="aws_kms_key.this")
    entries = read(LinesAt(path))
    assert [entry.kind for entry in entries] == ["begin", "start"]
    assert entries[0].facts == {"operation": "apply", "instance": "dev/key"}
    assert entries[0].at.endswith("Z")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_journal_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Reading before the first attempt is no error."""
    assert read(LinesAt(tmp_path / "journal.jsonl")) == ()


@given(cut=st.integers(min_value=0, max_value=200))
def test_a_torn_last_line_is_dropped_wherever_it_was_cut(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Cut anywhere, the journal reads as its whole lines, and the next entry stands on a line of its own."""
    path = tmp_path_factory.mktemp("torn") / "journal.jsonl"
    journal = Journal(LinesAt(path))
    for number in range(4):
        journal.append("start", number=number, text="ü" * 3)
    content = path.read_bytes()[:cut]
    path.write_bytes(content)
    whole = content.count(b"\n")
    assert len(read(LinesAt(path))) == whole
    journal = Journal(LinesAt(path))
    journal.append("next")
    assert [entry.kind for entry in read(LinesAt(path))] == ["start"] * whole + ["next"]


@pytest.mark.parametrize("line", [b"rubbish", b"[1]", b'"text"', b"7", b"{}", b'{"at": "x"}', b'{"kind": "x"}'])
def test_damage_before_the_last_line_is_an_error(tmp_path: Path, line: bytes) -> None:
    """A broken line in the middle is never passed over in silence, whatever it is."""
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"at": "x", "kind": "begin"}\n' + line + b'\n{"at": "x", "kind": "start"}\n')
    with pytest.raises(Unavailable) as caught:
        read(LinesAt(path))
    assert caught.value.code == "journal-damaged"
    assert "line 2" in caught.value.message


def test_lines_are_json_objects(tmp_path: Path) -> None:
    """The format is one JSON object a line with `at` and `kind`, for people with `jq`."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(LinesAt(path))
    journal.append("lock", id="984153cb")
    (line,) = path.read_text().splitlines()
    assert json.loads(line).keys() == {"at", "kind", "id"}


def test_what_is_no_json_is_not_written(tmp_path: Path) -> None:
    """Others read journals too; nothing of the entry is left."""
    journal = Journal(LinesAt(tmp_path / "journal.jsonl"))
    with pytest.raises(ValueError, match="JSON compliant"):
        journal.append("start", number=float("nan"))
    assert read(LinesAt(tmp_path / "journal.jsonl")) == ()
