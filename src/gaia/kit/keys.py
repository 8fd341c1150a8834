"""The repository key: one secret in `GAIA_HOME/keys` that digests of sensitive values and signatures are made with.

On one machine a process that can read `GAIA_HOME` can forge; the key protects what leaves it (tables, logs, backups).
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Unavailable
from gaia.kit.files import private_folders, read_regular, sync_folder, write_atomic, write_failed

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 32
_NAME = "repository.key"
OLDER = "older"
"""The folder beside it with those that were replaced, each named by its id."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A secret and its public id, which is stored beside everything made with it."""

    id: str
    secret: bytes
    older: tuple[SecretKey, ...] = field(default=(), compare=False)
    """Those that it came in place of: what they signed and sealed can be read, and they make nothing any more."""

    @property
    def every(self) -> tuple[SecretKey, ...]:
        """This one and those before it."""
        return (self, *self.older)

    def named(self, key_id: str) -> SecretKey | None:
        """The one with this id, of `every`."""
        return next((one for one in self.every if one.id == key_id), None)

    @property
    def fingerprint(self) -> str:
        """What tells it from every other key; the id is the beginning, which somebody could make another key for."""
        return "key-" + hashlib.sha256(self.secret).hexdigest()

    def __repr__(self) -> str:
        return f"SecretKey(id={self.id!r})"


def load_key(folder: Path) -> SecretKey:
    """Read `folder/repository.key`; it is never made here: a new one would void whatever the old one signed.

    Those that it replaced are beside it, in `folder/older`.

    Raises:
        Unavailable: `key-missing`, `key-exposed` when others can read the file, `key-damaged` when it is empty or its
            length is wrong, `key-unreadable`.
    """
    secret = _read(folder / _NAME)
    try:
        before = sorted((folder / OLDER).glob("key-*.key"))
    except OSError as error:
        raise _unreadable(folder / OLDER, error) from error
    older = (key_of(_read(path)) for path in before)
    return SecretKey(_id(secret), secret, tuple(one for one in older if one.id != _id(secret)))


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise Unavailable("key-exposed", f"{path} can be read by others", next_step=f"Run: chmod 600 {path}")
        secret = read_regular(path, _BYTES + 1)
    except FileNotFoundError:
        raise Unavailable(
            "key-missing",
            f"{path} is missing, and what was signed with it cannot be checked without it",
            next_step="Restore it from a backup; a new key would void every approval and the audit log.",
        ) from None
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(secret) != _BYTES:
        fault = "is empty" if not secret else f"does not hold {_BYTES} bytes"
        raise Unavailable("key-damaged", f"{path} {fault}", next_step="Restore it from a backup.")
    return secret


def _unreadable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        "key-unreadable", f"cannot read {path}: {error.strerror}", next_step="Check its owner and rights."
    )


def _id(secret: bytes) -> str:
    return "key-" + hashlib.sha256(secret).hexdigest()[:12]


def key_of(secret: bytes) -> SecretKey:
    """The key that these bytes are.

    Raises:
        ValueError: they are not 32.
    """
    if len(secret) != _BYTES:
        raise ValueError("not as many bytes as a key has")
    return SecretKey(_id(secret), secret)


def given_key(text: str) -> SecretKey:
    """The key that 64 hexadecimal digits are, as `openssl rand -hex 32` makes them.

    Raises:
        Invalid: `key-unusable`; the text is not told.
    """
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) != _BYTES or len(set(secret)) == 1:
        raise Invalid(
            "key-unusable",
            f"GAIA_KEY is no key: it takes {2 * _BYTES} random hexadecimal digits",
            next_step="Make one and keep it as a secret of CI: openssl rand -hex 32",
        )
    return key_of(secret)


def replace_key(folder: Path) -> SecretKey:
    """Another key in the place of the one that is there, which is kept in `folder/older` before.

    Whoever is killed in it leaves the one or the other, each whole. Everybody who read the key before has to read it
    again.

    Raises:
        Unavailable: as `load_key`; `disk-full` or `file-not-writable`.
    """
    before, older = load_key(folder), folder / OLDER
    try:
        private_folders(older)
        write_atomic(older / f"{before.id}.key", before.secret)
        sync_folder(older)
        sync_folder(folder)  # the old one is safe before there is another
        write_atomic(folder / _NAME, secrets.token_bytes(_BYTES))
        sync_folder(folder)
    except OSError as error:
        raise write_failed(folder / _NAME, error) from error
    return load_key(folder)


def make_key(folder: Path) -> SecretKey:
    """Read the key, making it (0600 in a 0700 folder) when it is not there. Only who begins a home calls this.

    It is written aside and linked into place, so that every reader, also after a crash, sees a whole key or none,
    and of two who make one at once both get the same.

    Raises:
        Unavailable: as `load_key`; `disk-full` or `file-not-writable`.
    """
    path = folder / _NAME
    if not path.exists():
        draft = folder / f".{_NAME}.{os.getpid()}-{threading.get_ident()}.draft"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(secrets.token_bytes(_BYTES))
                    file.flush()
                    os.fsync(file.fileno())
                with suppress(FileExistsError):  # somebody else was quicker: theirs is the key
                    path.hardlink_to(draft)
            finally:
                draft.unlink(missing_ok=True)
            sync_folder(folder)
        except OSError as error:
            raise write_failed(path, error) from error
    return load_key(folder)
