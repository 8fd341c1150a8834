"""gaia.kit.keys."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.kit.keys import load_key, make_key

if TYPE_CHECKING:
    from pathlib import Path


def test_a_key_is_made_once_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """The second call reads what the first one made: 32 bytes, 0600, in a 0700 folder."""
    folder = tmp_path / "keys"
    key = make_key(folder)
    assert load_key(folder) == make_key(folder) == key
    assert len(key.secret) == 32
    assert (folder / "repository.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == ["repository.key"]


def test_a_key_that_is_missing_is_never_replaced(tmp_path: Path) -> None:
    """Reading makes none: a new one would void what the old one signed. The next step is the backup."""
    with pytest.raises(Unavailable, match="is missing") as caught:
        load_key(tmp_path)
    assert caught.value.code == "key-missing"
    assert caught.value.next_step.startswith("Restore it from a backup")
    assert not list(tmp_path.iterdir())


def test_a_crash_while_a_key_is_made_leaves_none_or_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written and synced aside: whoever dies before the link leaves no key, and the next call makes one."""

    def die(_handle: int) -> None:
        assert not (tmp_path / "repository.key").exists()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            make_key(tmp_path)
    assert not list(tmp_path.iterdir())
    assert len(make_key(tmp_path).secret) == 32


def test_of_two_who_make_a_key_both_get_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody makes one while ours is being written: theirs is taken, ours forgotten."""
    theirs = tmp_path / "repository.key"
    sync = os.fsync

    def slower(handle: int) -> None:
        sync(handle)
        if not theirs.exists():
            theirs.write_bytes(b"t" * 32)
            theirs.chmod(0o600)

    monkeypatch.setattr(os, "fsync", slower)
    assert make_key(tmp_path).secret == b"t" * 32
    assert [path.name for path in tmp_path.iterdir()] == ["repository.key"]


def test_a_key_that_cannot_be_read_or_written_is_told_as_that(tmp_path: Path) -> None:
    """A folder in its place, and a home that is a file."""
    (tmp_path / "repository.key").mkdir(mode=0o700)
    with pytest.raises(Unavailable, match="cannot read") as caught:
        load_key(tmp_path)
    assert caught.value.code == "key-unreadable"
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot write") as unmade:
        make_key(tmp_path / "file" / "keys")
    assert unmade.value.code == "file-not-writable"


def test_the_id_names_the_secret_and_tells_nothing_of_it(tmp_path: Path) -> None:
    """`key-` and twelve digits of its SHA-256, which stand beside every signature."""
    key = make_key(tmp_path)
    assert key.id == "key-" + hashlib.sha256(key.secret).hexdigest()[:12]


def test_keys_differ_and_so_do_their_ids(tmp_path: Path) -> None:
    """Two repositories share no key."""
    one, other = make_key(tmp_path / "one"), make_key(tmp_path / "other")
    assert one.secret != other.secret
    assert one.id != other.id


def test_printing_a_key_shows_no_secret(tmp_path: Path) -> None:
    """A key in a traceback or log gives its id only."""
    key = make_key(tmp_path)
    assert repr(key) == f"SecretKey(id='{key.id}')"
    assert key.secret.hex() not in f"{key} {key!r}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    """The next step is the command that repairs it."""
    make_key(tmp_path)
    path = tmp_path / "repository.key"
    path.chmod(mode)
    with pytest.raises(Unavailable) as caught:
        load_key(tmp_path)
    assert caught.value.code == "key-exposed"
    assert caught.value.next_step == f"Run: chmod 600 {path}"


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_is_not_used(tmp_path: Path, content: bytes) -> None:
    """A shorter or longer secret, e.g. after a full disk, is no key."""
    make_key(tmp_path)
    (tmp_path / "repository.key").write_bytes(content)
    with pytest.raises(Unavailable) as caught:
        load_key(tmp_path)
    assert caught.value.code == "key-damaged"
    assert ("is empty" in caught.value.message) == (not content)
