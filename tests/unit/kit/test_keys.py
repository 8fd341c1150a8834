"""gaia.kit.keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.kit.keys import load_key

if TYPE_CHECKING:
    from pathlib import Path


def test_a_key_is_made_once_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """The second call reads what the first one made: 32 bytes, 0600, in a 0700 folder."""
    folder = tmp_path / "keys"
    key = load_key(folder)
    assert load_key(folder) == key
    assert len(key.secret) == 32
    assert (folder / "repository.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_keys_differ_and_so_do_their_ids(tmp_path: Path) -> None:
    """Two repositories share no key."""
    one, other = load_key(tmp_path / "one"), load_key(tmp_path / "other")
    assert one.secret != other.secret
    assert one.id != other.id


def test_printing_a_key_shows_no_secret(tmp_path: Path) -> None:
    """A key in a traceback or log gives its id only."""
    key = load_key(tmp_path)
    assert repr(key) == f"Key(id='{key.id}')"
    assert key.secret.hex() not in f"{key} {key!r}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    """The next step is the command that mends it."""
    load_key(tmp_path)
    path = tmp_path / "repository.key"
    path.chmod(mode)
    with pytest.raises(Unavailable) as caught:
        load_key(tmp_path)
    assert caught.value.code == "key-exposed"
    assert caught.value.next_step == f"Run: chmod 600 {path}"


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_is_not_used(tmp_path: Path, content: bytes) -> None:
    """A shorter or longer secret, e.g. after a full disk, is no key."""
    load_key(tmp_path)
    (tmp_path / "repository.key").write_bytes(content)
    with pytest.raises(Unavailable) as caught:
        load_key(tmp_path)
    assert caught.value.code == "key-damaged"
