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
        journal.append("recovered", number=number, text="ü" * 3)
    content = path.read_bytes()[:cut]
    path.write_bytes(content)
    whole = content.count(b"\n")
    assert len(read(LinesAt(path))) == whole
    journal = Journal(LinesAt(path))
    journal.append("next")
    assert [entry.kind for entry in read(LinesAt(path))] == ["recovered"] * whole + ["next"]


BEGIN = b'{"at": "x", "kind": "begin", "operation": "apply", "instance": "dev/key"}'


@pytest.mark.parametrize(
    "line",
    [
        b"rubbish", b"[]", b"{}", b"1", b'{"at": "x"}', b'{"kind": "saved"}', b'{"at": 1, "kind": "saved"}',
        b'{"at": "x", "kind": []}', b'{"at": "x", "kind": "begin"}',
        b'{"at": "x", "kind": "begin", "operation": "apply"}',
        b'{"at": "x", "kind": "child", "what": "plan", "pid": "7", "started": 1, "boot": "b"}',
        b'{"at": "x", "kind": "lock"}', b'{"at": "x", "kind": "start"}', b'{"at": "x", "kind": "start", "address": 7}',
        b'{"at": "x", "kind": "complete", "address": "a.b"}', b'{"at": "x", "kind": "failed", "action": "create"}',
        b'{"at": "x", "kind": "unanswered"}', b'{"at": "x", "kind": "outcome"}',
        b'{"at": "x", "kind": "outcome", "status": []}', b'{"at": "x", "kind": "applying", "changes": 7}',
        b'{"at": "x", "kind": "applying", "changes": ["a.b"]}',
        b'{"at": "x", "kind": "applying", "changes": [["a.b"]]}',
        b'{"at": "x", "kind": "applying", "changes": [["a.b", 7]]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_line_that_does_not_say_what_its_kind_says_is_an_error(tmp_path: Path, line: bytes) -> None:
    """It is never passed over in silence; the way out of it names the file, and ends with it gone."""
    path = tmp_path / "journal.jsonl"
    path.write_bytes(BEGIN + b"\n" + line + b"\n" + BEGIN + b"\n")
    with pytest.raises(Unavailable) as caught:
        read(LinesAt(path))
    assert caught.value.code == "journal-damaged"
    assert f"line 2 of {path}" in caught.value.message
    assert caught.value.next_step.endswith(f"look at the instance's resources and state by hand, then remove {path}.")


def test_entries_of_every_version_are_read(tmp_path: Path) -> None:
    """Also those with fewer or other facts than today's, and of kinds that nobody knows."""
    path = tmp_path / "journal.jsonl"
    lines: list[dict[str, object]] = [
        {"kind": "begin", "operation": "destroy", "instance": "dev/key"},
        {"kind": "child", "what": "apply", "pid": 7, "started": 70, "boot": "b"},
        {"kind": "lock", "id": "984153cb"},
        {"kind": "applying", "digest": "d"},
        {"kind": "applying", "digest": "d", "changes": [["aws_kms_key.this", ["create"]]]},
        {"kind": "start", "address": "data.aws_region.this", "type": "aws_region", "action": "read", "id": None},
        {"kind": "start", "address": "aws_kms_key.this", "action": "unknown"},
        {"kind": "complete", "address": "aws_kms_key.this", "type": "aws_kms_key", "action": "create", "id": ""},
        {"kind": "failed", "address": "aws_kms_key.this"},
        {"kind": "saved"},
        {"kind": "recovered", "did": "ended 7"},
        {"kind": "outcome", "status": "parked"},
        {"kind": "of-tomorrow"},
    ]
    path.write_bytes(b"".join(json.dumps({"at": "x", **line}).encode() + b"\n" for line in lines))
    assert [entry.kind for entry in read(LinesAt(path))] == [line["kind"] for line in lines]


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
