"""The journal: what was acknowledged is there, what was not is dropped, a full disk is said and leaves no half line."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Defect, Unavailable
from gaia.operations.journal import Journal, read


def test_entries_are_read_back_in_order(tmp_path: Path) -> None:
    """What is appended is read by another opener, oldest first, with its time."""
    path = tmp_path / "runs" / "journal.jsonl"
    with Journal.open(path) as journal:
        journal.append("begin", operation="apply", instance="dev/key")
        journal.append("start", address="aws_kms_key.this")
    entries = read(path)
    assert [entry.kind for entry in entries] == ["begin", "start"]
    assert entries[0].facts == {"operation": "apply", "instance": "dev/key"}
    assert entries[0].at.endswith("Z")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_journal_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Reading before the first attempt is no error."""
    assert read(tmp_path / "journal.jsonl") == ()


@given(cut=st.integers(min_value=0, max_value=200))
def test_a_torn_last_line_is_dropped_wherever_it_was_cut(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Cut anywhere, the journal reads as its whole lines, and the next entry stands on a line of its own."""
    path = tmp_path_factory.mktemp("torn") / "journal.jsonl"
    with Journal.open(path) as journal:
        for number in range(4):
            journal.append("start", number=number, text="ü" * 3)
    content = path.read_bytes()[:cut]
    path.write_bytes(content)
    whole = content.count(b"\n")
    assert len(read(path)) == whole
    with Journal.open(path) as journal:
        journal.append("next")
    assert [entry.kind for entry in read(path)] == ["start"] * whole + ["next"]


def test_damage_before_the_last_line_is_an_error(tmp_path: Path) -> None:
    """A broken line in the middle is never passed over in silence."""
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"at": "x", "kind": "begin"}\nrubbish\n{"at": "x", "kind": "start"}\n')
    with pytest.raises(Unavailable) as caught:
        read(path)
    assert caught.value.code == "journal-damaged"
    assert "line 2" in caught.value.message


def test_a_full_disk_is_said_and_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills in the middle of a line: the line is taken back, `disk-full` is raised, later it goes on."""
    path = tmp_path / "journal.jsonl"
    journal = Journal.open(path)
    journal.append("begin", operation="apply", instance="a/b")
    real = os.write
    calls = []

    def fills_up(handle: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) == 1:
            return real(handle, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gaia.operations.journal.os.write", fills_up)
    with pytest.raises(Unavailable) as caught:
        journal.append("start", address="aws_kms_key.this")
    assert caught.value.code == "disk-full"
    monkeypatch.undo()
    assert path.read_bytes().endswith(b"\n")
    journal.append("complete", address="aws_kms_key.this")
    journal.close()
    assert [entry.kind for entry in read(path)] == ["begin", "complete"]


def test_lines_are_json_objects(tmp_path: Path) -> None:
    """The format is one JSON object a line with `at` and `kind`, for people with `jq`."""
    path = tmp_path / "journal.jsonl"
    with Journal.open(path) as journal:
        journal.append("lock", id="984153cb")
    (line,) = path.read_text().splitlines()
    assert json.loads(line).keys() == {"at", "kind", "id"}


def test_a_line_and_the_names_of_its_file_and_folders_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each entry is synced before `append` returns; of a new journal its folder and each new folder's folder too."""
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        synced.append(os.path.relpath(path, tmp_path) + f":{os.fstat(handle).st_size if path.endswith('l') else ''}")
        real(handle)

    monkeypatch.setattr("gaia.operations.journal.os.fsync", fsync)
    path = tmp_path / "runs" / "one" / "journal.jsonl"
    with Journal.open(path) as journal:
        assert synced == [".:", "runs:", "runs/one:"]
        journal.append("begin")
        assert synced[3:] == [f"runs/one/journal.jsonl:{path.stat().st_size}"]
    synced.clear()
    with Journal.open(path) as journal:
        assert synced == []
        journal.append("saved")
    assert synced == [f"runs/one/journal.jsonl:{path.stat().st_size}"]


def test_a_closed_journal_gives_its_file_back_once(tmp_path: Path) -> None:
    """Leaving the block closes it, closing again is no error, and nobody else's file is closed."""
    with Journal.open(tmp_path / "journal.jsonl") as journal:
        handle = journal._handle
        os.fstat(handle)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(handle)
    again = os.open(tmp_path, os.O_RDONLY)
    journal.close()
    os.fstat(again)
    os.close(again)


def test_a_system_that_writes_nothing_is_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for ever; one byte at a time is written whole."""
    real = os.write
    monkeypatch.setattr("gaia.operations.journal.os.write", lambda handle, data: real(handle, data[:1]))
    with Journal.open(tmp_path / "journal.jsonl") as journal:
        journal.append("begin")
        monkeypatch.setattr("gaia.operations.journal.os.write", lambda *_: 0)
        with pytest.raises(Defect) as caught:
            journal.append("start")
    assert caught.value.code == "journal-stuck"
    assert [entry.kind for entry in read(tmp_path / "journal.jsonl")] == ["begin"]


def test_a_journal_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """Its folder is a file."""
    (tmp_path / "runs").write_text("")
    with pytest.raises(Unavailable) as caught:
        Journal.open(tmp_path / "runs" / "journal.jsonl")
    assert caught.value.code == "file-not-writable"


@pytest.mark.parametrize("line", ['{"at": "x"}', '{"kind": "x"}', '"text"', "5", "[1]", "null", "{"])
def test_a_whole_line_that_is_no_entry_is_damage(tmp_path: Path, line: str) -> None:
    """Whatever it is instead: it is said, with its number, and nothing is guessed."""
    path = tmp_path / "journal.jsonl"
    path.write_text(f'{{"at": "x", "kind": "begin"}}\n{line}\n')
    with pytest.raises(Unavailable) as caught:
        read(path)
    assert (caught.value.code, "line 2" in caught.value.message) == ("journal-damaged", True)


def test_what_is_no_json_is_not_written(tmp_path: Path) -> None:
    """A number that no other reader of JSON takes would damage the journal."""
    path = tmp_path / "journal.jsonl"
    with Journal.open(path) as journal:
        with pytest.raises(ValueError, match="JSON"):
            journal.append("start", size=float("nan"))
        journal.append("begin")
    assert [entry.kind for entry in read(path)] == ["begin"]


def test_folders_are_synced_without_leaving_files_open(tmp_path: Path) -> None:
    """A process that serves opens many journals."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(3):
        Journal.open(tmp_path / str(number) / "deep" / "journal.jsonl").close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
