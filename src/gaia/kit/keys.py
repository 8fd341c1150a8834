"""The repository key: one secret in `GAIA_HOME/keys` that digests of sensitive values and signatures are made with.

On one machine whoever can read `GAIA_HOME` can forge; the key protects what leaves it (tables, logs, backups).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """A secret and its public id, which is stored beside everything made with it."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key(id={self.id!r})"


def load_key(folder: Path) -> Key:
    """Read `folder/repository.key`, making it (0600 in a 0700 folder) when it is not there.

    Raises:
        Unavailable: `key-exposed` when others can read the file, `key-damaged` when its length is wrong.
    """
    path = folder / "repository.key"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        raise Unavailable("key-exposed", f"{path} can be read by others", next_step=f"Run: chmod 600 {path}")
    secret = path.read_bytes()
    if len(secret) != _BYTES:
        raise Unavailable("key-damaged", f"{path} does not hold {_BYTES} bytes", next_step="Restore it from a backup.")
    return Key("key-" + hashlib.sha256(secret).hexdigest()[:12], secret)
