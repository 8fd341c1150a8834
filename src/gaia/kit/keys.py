"""The repository key: one secret in `GAIA_HOME/keys` that digests of sensitive values and signatures are made with.

On one machine a process that can read `GAIA_HOME` can forge; the key protects what leaves it (tables, logs, backups).
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Unavailable
from gaia.kit.files import read_regular, sync_folder, write_failed

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 32
_NAME = "repository.key"


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A secret and its public id, which is stored beside everything made with it."""

    id: str
    secret: bytes

    @property
    def fingerprint(self) -> str:
        """What tells it from every other key; the id is the beginning, which somebody could make another key for."""
        return "key-" + hashlib.sha256(self.secret).hexdigest()

    def __repr__(self) -> str:
        return f"SecretKey(id={self.id!r})"


def load_key(folder: Path) -> SecretKey:
    """Read `folder/repository.key`; it is never made here: a new one would void whatever the old one signed.

    Raises:
        Unavailable: `key-missing`, `key-exposed` when others can read the file, `key-damaged` when it is empty or its
            length is wrong, `key-unreadable`.
    """
    path = folder / _NAME
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
        raise Unavailable(
            "key-unreadable", f"cannot read {path}: {error.strerror}", next_step="Check its owner and rights."
        ) from error
    if len(secret) != _BYTES:
        fault = "is empty" if not secret else f"does not hold {_BYTES} bytes"
        raise Unavailable("key-damaged", f"{path} {fault}", next_step="Restore it from a backup.")
    return key_of(secret)


def key_of(secret: bytes) -> SecretKey:
    """The key that these bytes are.

    Raises:
        ValueError: they are not 32.
    """
    if len(secret) != _BYTES:
        raise ValueError("not as many bytes as a key has")
    return SecretKey("key-" + hashlib.sha256(secret).hexdigest()[:12], secret)


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
