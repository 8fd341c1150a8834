"""Files of lines: what was acknowledged is there, a full disk is said and leaves no half line."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Defect, Unavailable
from gaia.kit import lines
from gaia.kit.lines import LinesAt

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_full_disk_is_said_and_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills in the middle of a line: the line is taken back, `disk-full` is raised, later it goes on."""
    file = LinesAt(tmp_path / "lines")
    file.append(b"one")
    real = os.write
    calls = []

    def fills_up(handle: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) == 1:
            return real(handle, data[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fills_up)
        with pytest.raises(Unavailable) as caught:
            file.append(b"two")
    assert caught.value.code == "disk-full"
    assert file.path.read_bytes() == b"one\n"
    file.append(b"three")
    assert file.read() == (b"one", b"three")


def test_a_line_and_the_names_of_its_file_and_folders_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders up to the given one before the first line, the file after each; the next line syncs the file alone."""
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        synced.append(os.path.relpath(path, tmp_path) + f":{os.fstat(handle).st_size if path.endswith('s') else ''}")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    file = LinesAt(tmp_path / "a" / "b" / "lines", below=tmp_path)
    file.append(b"one")
    assert synced == ["a/b:", "a:", ".:", "a/b/lines:4"]
    synced.clear()
    file.append(b"two")
    assert synced == ["a/b/lines:8"]
    synced.clear()
    LinesAt(tmp_path / "a" / "lines").append(b"one")
    assert synced == ["a:", "a/lines:4"]
    synced.clear()
    lines.append(tmp_path / "log", [b"one"], below=tmp_path, durable=False)
    assert synced == []
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_the_folders_of_a_file_are_its_owners(tmp_path: Path) -> None:
    """All that were made for it."""
    LinesAt(tmp_path / "a" / "b" / "lines").append(b"one")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b")] == [0o700, 0o700]


def test_a_system_that_writes_nothing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for ever; one byte at a time is written whole."""
    file = LinesAt(tmp_path / "lines")
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda handle, data: real(handle, data[:1]))
        file.append(b"one")
        patched.setattr(os, "write", lambda *_: 0)
        with pytest.raises(Unavailable) as caught:
            file.append(b"two")
    assert caught.value.code == "file-not-writable"
    assert file.read() == (b"one",)


def test_a_file_that_cannot_be_made_or_read_is_said(tmp_path: Path) -> None:
    """Its folder is a file; in its place is a folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as caught:
        LinesAt(tmp_path / "file" / "lines").append(b"one")
    assert caught.value.code == "file-not-writable"
    with pytest.raises(Unavailable) as caught:
        LinesAt(tmp_path).read()
    assert caught.value.code == "document-unreadable"


def test_a_line_that_holds_the_end_of_one_is_a_defect(tmp_path: Path) -> None:
    """Half of it would be an entry of its own."""
    with pytest.raises(Defect):
        LinesAt(tmp_path / "lines").append(b"one\ntwo")
    assert not (tmp_path / "lines").exists()


@pytest.mark.parametrize("made", [lambda path: path.symlink_to("/dev/zero"), lambda path: path.mkdir(), os.mkfifo])
def test_what_is_no_file_of_lines_is_refused_at_once(tmp_path: Path, made: Callable[[Path], None]) -> None:
    """A link to a device would be read for ever, and a pipe waited for."""
    made(tmp_path / "lines")
    for act in (LinesAt(tmp_path / "lines").read, lambda: LinesAt(tmp_path / "lines").append(b"one")):
        with pytest.raises(Unavailable) as caught:
            act()
        assert caught.value.code in ("document-unreadable", "file-not-writable")
