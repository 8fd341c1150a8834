"""The store of documents in a folder: where files lie, what is durable, what a killed writer leaves."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError, Invalid, Unavailable
from gaia.records.document_files import FolderDocuments
from gaia.records.document_model import Lines

if TYPE_CHECKING:
    from gaia.kit.keys import SecretKey


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A GAIA_HOME; not made yet."""
    return tmp_path / "gaia-home"


@pytest.fixture
def folder(home: Path, key: SecretKey) -> FolderDocuments:
    """The store."""
    return FolderDocuments(home, key)


def test_files_lie_where_they_always_have(folder: FolderDocuments, home: Path) -> None:
    """Homes of before go on; files and folders are their owner's."""
    folder.put("preview", "0a1b", b"p")
    folder.append("log", "run_1", b"l")
    folder.append("journal", "req_1/acme-use1-dev/photos-key", b"j")
    folder.put("plans", "run_1", b"s")
    assert (home / "previews/0a1b.json").read_bytes() == b"p"
    assert (home / "runs/run_1/log.jsonl").read_bytes() == b"l\n"
    assert (home / "journals/req_1/acme-use1-dev/photos-key/journal.jsonl").read_bytes() == b"j\n"
    for path in home.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o600 if path.is_file() else 0o700), path
    assert folder.where("preview", "0a1b") == str(home / "previews/0a1b.json")
    assert sorted(path.name for path in home.rglob("*") if path.is_file()) == [
        "0a1b.json", "journal.jsonl", "log.jsonl", "run_1.sealed"
    ]  # fmt: skip


@pytest.mark.parametrize("rest", [b"half a li", b"x" * 200_000, b"\x00" * 70_000])
@pytest.mark.parametrize("before", [b"", b"one\n", b"one\n" + b"y" * 70_000 + b"\n"])
def test_an_unfinished_last_line_is_dropped(folder: FolderDocuments, home: Path, before: bytes, rest: bytes) -> None:
    """A killed writer never had it acknowledged: readers do not see it, the next writer cuts it off."""
    path = home / "journals/r/journal.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(before + rest)
    known = tuple(before.splitlines())
    assert folder.lines("journal", "r") == Lines(known, len(before))
    folder.append("journal", "r", b"two")
    assert path.read_bytes() == before + b"two\n"
    assert folder.lines("journal", "r", len(before)).lines == (b"two",)


def test_a_line_is_durable_before_append_returns(
    folder: FolderDocuments, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders first, up to the home, when it is the first line; then the file, after it was written to."""
    synced: list[tuple[str, int]] = []
    real = os.fsync

    def note(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        synced.append((os.path.relpath(path, home), os.fstat(handle).st_size if path.endswith("jsonl") else 0))
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    folder.append("journal", "a/b", b"one")
    assert synced == [
        ("journals/a/b", 0),
        ("journals/a", 0),
        ("journals", 0),
        (".", 0),
        ("journals/a/b/journal.jsonl", 4),
    ]
    synced.clear()
    folder.append("journal", "a/b", b"two")
    assert synced == [("journals/a/b/journal.jsonl", 8)]
    synced.clear()
    folder.append("log", "r", b"one", durable=False)
    assert synced == []
    folder.put("preview", "p", b"content")
    assert [path for path, _ in synced][1:] == ["previews", "."]
    assert synced[0][0].startswith("previews/.p.json.")
    synced.clear()
    folder.delete("journal", "a/b")
    assert [path for path, _ in synced] == ["journals"]


def test_a_line_that_could_not_be_written_leaves_the_document_as_it_was(
    folder: FolderDocuments, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk takes half a line; it is cut back, and the error says what it was."""
    folder.append("journal", "r", b"one")
    real = os.write

    def fail(handle: int, data: bytes) -> int:
        if len(data) > 2:
            return real(handle, data[:2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fail)
        with pytest.raises(Unavailable) as caught:
            folder.append("journal", "r", b"two2")
    assert caught.value.code == "disk-full"
    assert (home / "journals/r/journal.jsonl").read_bytes() == b"one\n"


def test_a_home_that_cannot_be_used_is_an_error(folder: FolderDocuments, home: Path) -> None:
    """Files stand where folders should be, folders where files should be; none of it is a traceback."""
    home.mkdir()
    (home / "previews").write_text("")
    (home / "runs/r/log.jsonl").mkdir(parents=True)
    (home / "journals/r").mkdir(parents=True)
    (home / "journals/r/journal.jsonl").mkdir()
    for act, code in (
        (lambda: folder.put("preview", "a", b""), "file-not-writable"),
        (lambda: folder.get("preview", "a"), "document-missing"),
        (lambda: folder.append("log", "r", b""), "file-not-writable"),
        (lambda: folder.lines("log", "r"), "document-unreadable"),
        (lambda: folder.delete("journal", "r"), "file-not-writable"),
    ):
        with pytest.raises(GaiaError) as caught:
            act()
        assert caught.value.code == code
    assert not folder.exists("log", "r")
    assert folder.find("log") == ()


def test_a_link_leads_nowhere_out(folder: FolderDocuments, home: Path, tmp_path: Path) -> None:
    """What points out of the home is not followed."""
    (tmp_path / "outside").mkdir()
    home.mkdir()
    (home / "previews").symlink_to(tmp_path / "outside")
    with pytest.raises(Invalid) as caught:
        folder.put("preview", "a", b"")
    assert caught.value.code == "path-escapes"
    assert list((tmp_path / "outside").iterdir()) == []


def test_drafts_and_strange_files_are_not_found(folder: FolderDocuments, home: Path) -> None:
    """A draft that a killed writer left, a file of another kind, a folder."""
    folder.put("preview", "a", b"")
    for name in (".a.json.1-2.draft", ".b.json", "c.txt"):
        (home / "previews" / name).write_text("")
    (home / "previews/d.json").mkdir()
    (home / "previews/.hidden").mkdir()
    (home / "previews/.hidden/e.json").write_text("")
    assert [one.name for one in folder.find("preview")] == ["a"]


def test_deleting_leaves_no_empty_folders(folder: FolderDocuments, home: Path) -> None:
    """But what else lies there, and the kind's own folder, stay."""
    folder.append("journal", "r/s/key", b"one")
    folder.append("journal", "r/s/bucket", b"one")
    folder.append("log", "run_1", b"one")
    (home / "runs/run_1/other").write_text("")
    folder.delete("journal", "r/s/key")
    assert not (home / "journals/r/s/key").exists()
    folder.delete("journal", "r/s/bucket")
    assert list((home / "journals").iterdir()) == []
    folder.delete("log", "run_1")
    assert [path.name for path in (home / "runs/run_1").iterdir()] == ["other"]


def test_what_a_killed_writer_began_goes_with_its_document(folder: FolderDocuments, home: Path) -> None:
    """A draft of a process that lives stays: it is about to become the document."""
    folder.put("plans", "run_1", b"{}")
    gone = subprocess.Popen(["true"])
    gone.wait()
    dead, alive = (home / f"plans/.run_1.sealed.{pid}-1.draft" for pid in (gone.pid, os.getpid()))
    for draft in (dead, alive):
        draft.write_bytes(b"half of it")
    assert folder.delete("plans", "run_1")
    assert (dead.exists(), alive.exists()) == (False, True)
    dead.write_bytes(b"half of it")
    assert not folder.delete("plans", "run_1")
    assert not dead.exists()
