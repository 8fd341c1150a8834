"""gaia.kit.files."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from gaia.errors import Invalid, Unavailable
from gaia.kit import files


def test_a_file_is_written_with_its_folders_for_the_owner_only(tmp_path: Path) -> None:
    """Default rights are 0600, and no draft stays behind."""
    path = tmp_path / "a/b/file"
    files.write_atomic(path, b"content")
    assert path.read_bytes() == b"content"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_every_folder_that_is_made_is_its_owners(tmp_path: Path) -> None:
    """Not the last alone; one that is there keeps its rights, and a file in the way is one error."""
    tmp_path.chmod(0o755)
    for _ in range(2):
        files.make_private(tmp_path / "a/b/c")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in (".", "a", "a/b", "a/b/c")] == [0o755] + [0o700] * 3
    (tmp_path / "file").touch()
    for blocked in ("file", "file/below/it"):
        with pytest.raises(Unavailable) as caught:
            files.make_private(tmp_path / blocked)
        assert caught.value.code == "file-not-writable"


def test_a_lock_is_its_owners(tmp_path: Path) -> None:
    """Who holds it may stand in it."""
    with files.exclusive(tmp_path / "one"), files.in_turn(tmp_path / "two"):
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_an_old_file_is_replaced_whole(tmp_path: Path) -> None:
    """A longer old content leaves no tail."""
    path = tmp_path / "file"
    files.write_atomic(path, b"a long old content")
    files.write_atomic(path, b"new", mode=0o644)
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "disk-full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "file-not-writable"),
    ],
)
def test_a_failed_write_keeps_the_old_file_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    """Full disk and missing rights are different codes; no draft stays behind."""
    path = tmp_path / "file"
    files.write_atomic(path, b"old")

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("gaia.kit.files.os.fsync", fail)
    with pytest.raises(Unavailable) as caught:
        files.write_atomic(path, b"new")
    assert caught.value.code == code
    assert str(path) in caught.value.message
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("relative", ["a", "a/b", "a/../b", ".", "..name"])
def test_paths_inside_a_folder_are_resolved(tmp_path: Path, relative: str) -> None:
    """What stays inside comes back absolute."""
    assert files.inside(tmp_path, relative) == (tmp_path / relative).resolve()


@pytest.mark.parametrize("relative", ["..", "../x", "a/../../x", "/etc/passwd", "link/x"])
def test_paths_that_leave_a_folder_are_refused(tmp_path: Path, relative: str) -> None:
    """By dots, by an absolute path and through a symbolic link."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root/link").symlink_to(tmp_path)
    with pytest.raises(Invalid) as caught:
        files.inside(tmp_path / "root", relative)
    assert caught.value.code == "path-escapes"


def test_a_sibling_with_the_same_beginning_is_outside(tmp_path: Path) -> None:
    """`root-other` is not inside `root`."""
    with pytest.raises(Invalid):
        files.inside(tmp_path / "root", "../root-other/x")


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A pipe would be waited for; a folder, a device and what is missing are errors too."""
    (tmp_path / "file").write_bytes(b"content")
    os.mkfifo(tmp_path / "pipe")
    assert files.read_regular(tmp_path / "file", 4) == b"cont"
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "none", Path(os.devnull)):
        with pytest.raises(OSError, match=path.name):
            files.read_regular(path, 4)


def test_a_circle_of_links_is_found_by_opening_it(tmp_path: Path) -> None:
    """Following links ends; what stays inside of the folder is told apart all the same."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert files.real_path(tmp_path / "link/x") == tmp_path / "real/x"
    with pytest.raises(OSError, match="symbolic links"):
        files.real_path(tmp_path / "loop").open("rb")


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    """A second holder is told at once; after the first has left, the lock is free."""
    path = tmp_path / "locks/one"
    with files.exclusive(path) as first:
        assert first
        with files.exclusive(path) as second:
            assert not second
        with files.exclusive(path) as third:
            assert not third, "the second one must not have released the first one's lock"
    with files.exclusive(path) as again:
        assert again


def test_a_lock_is_freed_by_an_exception(tmp_path: Path) -> None:
    """Whatever ends the block frees the lock."""
    with pytest.raises(KeyError), files.exclusive(tmp_path / "one"):
        raise KeyError
    with files.exclusive(tmp_path / "one") as mine:
        assert mine


def test_who_waits_for_a_lock_comes_after_its_holder(tmp_path: Path) -> None:
    """The second one does its work when the first has left, not at the same time and not never."""
    path, done = tmp_path / "locks/one", list[str]()

    def second() -> None:
        with files.in_turn(path):
            done.append("second")

    waiting = threading.Thread(target=second)
    with files.in_turn(path):
        waiting.start()
        with files.exclusive(path) as free:
            assert not free
        done.append("first")
    waiting.join()
    assert done == ["first", "second"]
