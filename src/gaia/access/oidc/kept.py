"""What a terminal was given when somebody signed in, a server each, in a file that only they can read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from gaia.access.oidc.device_flow import Way
from gaia.errors import Next, Unavailable
from gaia.kit import clock
from gaia.kit.files import in_turn, make_private, read_failed, read_table, write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

_FILE = "logins.json"


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """The tokens of one server, and how to get new ones."""

    way: Way
    access: str
    refresh: str
    ends_at: datetime


class Logins:
    """Those of one person on one machine, in `GAIA_HOME`."""

    def __init__(self, home: Path) -> None:
        self._path = home / _FILE

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else gets new tokens meanwhile: the old refresh token holds for one of two."""
        make_private(self._path.parent)
        return in_turn(self._path.with_suffix(".lock"))

    def get(self, server: str) -> Kept | None:
        """Those of a server; None where nobody has signed in there.

        Raises:
            Unavailable: `logins-exposed`, `logins-damaged`, `file-not-readable`.
        """
        found = self._read().get(server)
        return None if found is None else _kept(found, self._path)

    def put(self, server: str, kept: Kept) -> None:
        """Keep them, instead of what is kept for that server."""
        row = {**asdict(kept), "ends_at": clock.rfc3339(kept.ends_at)}
        self._write({**self._read(), server: row})

    def drop(self, server: str) -> None:
        """Forget them."""
        known = self._read()
        if known.pop(server, None) is not None:
            self._write(known)

    def _read(self) -> dict[str, object]:
        try:
            mode = self._path.stat().st_mode if self._path.exists() else 0
            if mode & 0o077:
                raise Unavailable(
                    "logins-exposed",
                    f"{self._path} can be read by others",
                    next_step=f"Run: chmod 600 {self._path}",
                )
            return read_table(self._path, lambda why: _damaged(self._path, why)) or {}
        except PermissionError as error:
            raise read_failed(self._path, error) from error

    def _write(self, rows: dict[str, object]) -> None:
        make_private(self._path.parent)
        write_atomic(self._path, json.dumps(rows, indent=1).encode() + b"\n")


def _kept(found: object, path: Path) -> Kept:
    try:
        row = dict(_texts(found))
        return Kept(
            Way(**dict(_texts(found, "way"))), row["access"], row["refresh"], clock.parse_rfc3339(row["ends_at"])
        )
    except (TypeError, ValueError, KeyError) as error:
        raise _damaged(path, f"{path} is damaged") from error


def _texts(found: object, part: str = "") -> Iterator[tuple[str, str]]:
    if not isinstance(found, dict):
        raise TypeError(found)
    if part:
        yield from _texts(found[part])
        return
    yield from ((str(name), value) for name, value in found.items() if isinstance(value, str))


def _damaged(path: Path, why: str) -> Unavailable:
    return Unavailable("logins-damaged", why, next_step=Next("login", words=f"Remove {path}, then sign in again"))
