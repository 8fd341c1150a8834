"""Sealed archives: what was put in comes out, and nothing else ever does."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.kit import archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BIG = os.urandom(400_000)


@pytest.fixture(name="made")
def an_archive(tmp_path: Path) -> Path:
    """One of three files."""
    (tmp_path / "state").write_bytes(BIG)
    with archive.writing(tmp_path / "some.age", [archive.new_identity(tmp_path / "key")]) as into:
        into.add("a/b.json", b"{}")
        into.add_file("home/state", tmp_path / "state")
        into.add("end", b"")
    return tmp_path / "some.age"


def _held(path: Path, key: Path) -> dict[str, bytes]:
    with archive.reading(path, key) as files:
        return {name: content.read() for name, _, content in files}


def test_what_was_put_in_comes_out(made: Path) -> None:
    """For whoever has the secret key; the archive and the key are for nobody else to read."""
    key = made.with_name("key")
    assert _held(made, key) == {"a/b.json": b"{}", "home/state": BIG, "end": b""}
    assert BIG[:1000] not in made.read_bytes()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (made, key)} == {0o600}
    assert sorted(path.name for path in made.parent.iterdir()) == ["key", "some.age", "state"]


def test_an_ssh_key_opens_one_too(tmp_path: Path) -> None:
    """Of those that people have anyway."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = Ed25519PrivateKey.generate()
    form, none = serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    (tmp_path / "id").write_bytes(secret.private_bytes(serialization.Encoding.PEM, form, none))
    public = secret.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    with archive.writing(tmp_path / "some.age", [public.decode()]) as into:
        into.add("x", b"1")
    assert _held(tmp_path / "some.age", tmp_path / "id") == {"x": b"1"}


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:500] + bytes([whole[500] ^ 1]) + whole[501:],
        lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
        lambda whole: whole + b"more",
        lambda _: b"",
        lambda _: b"no archive",
    ],
)
def test_what_was_cut_off_or_changed_is_refused(made: Path, change: Callable[[bytes], bytes]) -> None:
    """Wherever it was."""
    made.write_bytes(change(made.read_bytes()))
    with pytest.raises(GaiaError) as caught:
        _held(made, made.with_name("key"))
    assert caught.value.code == "archive-unreadable"


def test_another_key_opens_nothing(made: Path) -> None:
    """Nor does what is no key, or not there."""
    archive.new_identity(made.with_name("other"))
    made.with_name("empty").write_text("# nothing\n")
    codes = {"other": "archive-unreadable", "empty": "identity-invalid", "state": "identity-invalid"}
    for name, code in {**codes, "gone": "file-not-found"}.items():
        with pytest.raises(GaiaError) as caught:
            _held(made, made.with_name(name))
        assert caught.value.code == code, name


def test_nothing_is_written_over(made: Path) -> None:
    """Neither an archive nor a key; what is in the block is not done."""
    whole = made.read_bytes()
    with pytest.raises(GaiaError) as caught, archive.writing(made, [archive.new_identity(made.with_name("k2"))]):
        raise AssertionError
    assert caught.value.code == "file-exists"
    with pytest.raises(GaiaError) as caught:
        archive.new_identity(made.with_name("key"))
    assert caught.value.code == "file-exists"
    assert made.read_bytes() == whole


def test_what_breaks_off_leaves_nothing(made: Path) -> None:
    """No half of an archive has its name."""
    path = made.with_name("half.age")
    recipient = archive.new_identity(made.with_name("k2"))
    with pytest.raises(GaiaError), archive.writing(path, [recipient]) as into:
        into.add_file("x", made.with_name("gone"))
    assert not [each for each in made.parent.iterdir() if "half" in each.name]


@pytest.mark.parametrize("text", ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1", "\x1b[2J", "age1" + "q" * 5000])
def test_what_is_no_public_key_is_refused(tmp_path: Path, text: str) -> None:
    """Before anything is written."""
    with pytest.raises(GaiaError) as caught, archive.writing(tmp_path / "some.age", [text]):
        raise AssertionError
    assert caught.value.code == "recipient-invalid"
    assert caught.value.message.isprintable()
    assert not list(tmp_path.iterdir())
