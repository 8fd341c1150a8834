"""Recordings under a name: what the emulator held at some time, to go back to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, Next, NotFound
from gaia.kit.clock import rfc3339
from gaia.kit.files import make_private, write_atomic
from gaia.kit.ids import NAME
from gaia.sandbox import emulator
from gaia.sandbox.recording import requests_in

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One of them."""

    name: str
    at: datetime
    requests: int
    size: int
    """Bytes."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {"name": self.name, "at": rfc3339(self.at), "requests": self.requests, "size": self.size}


def snapshots(home: Path) -> tuple[Snapshot, ...]:
    """All of them, by name."""
    found = []
    for path in sorted(_folder(home).glob("*.jsonl")):
        about = path.stat()
        found.append(Snapshot(path.stem, datetime.fromtimestamp(about.st_mtime, UTC), requests_in(path), about.st_size))
    return tuple(found)


def save(home: Path, name: str, *, replace: bool = False) -> Snapshot:
    """Keep what the emulator holds now, or would come back with if it is stopped.

    Raises:
        Conflict: `snapshot-exists`; `not-recorded` where the emulator could not come back with what it holds.
    """
    path = _path(home, name)
    if path.exists() and not replace:
        raise Conflict(
            "snapshot-exists",
            f"there is a snapshot {name}",
            next_step=Next("sandbox snapshot save", name, "Put what is there now in its place", options=("--replace",)),
        )
    status = emulator.status(home)
    ended = emulator.kept(home).ended if status.healthy else ""
    recording = emulator.recording(home)
    if ended or not recording.exists():
        raise Conflict(
            "not-recorded",
            f"what the emulated AWS holds cannot be kept: {ended or 'nothing was recorded'}",
            next_step=Next("sandbox reset", words="Start with an empty one, which is recorded"),
        )
    text = recording.read_bytes()
    make_private(_folder(home))
    write_atomic(path, text[: text.rfind(b"\n") + 1])  # a line that is being written belongs to nobody yet
    return next(one for one in snapshots(home) if one.name == name)


def restore(home: Path, name: str) -> emulator.Sandbox | None:
    """Put it in place of what the emulator holds; None where it does not run, and will begin with it.

    Raises:
        NotFound: `snapshot-unknown`. Conflict, Unavailable: as for `emulator.up`.
    """
    return emulator.exchange(home, _known(home, name))


def remove(home: Path, name: str) -> None:
    """Throw one away.

    Raises:
        NotFound: `snapshot-unknown`.
    """
    _known(home, name).unlink()


def _known(home: Path, name: str) -> Path:
    path = _path(home, name)
    if not path.is_file():
        raise NotFound(
            "snapshot-unknown",
            f"there is no snapshot {name}",
            next_step=Next("sandbox snapshot list", words="Look which there are"),
        )
    return path


def _path(home: Path, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise Invalid(
            "snapshot-name",
            f"{name!r} is no name for a snapshot",
            next_step="Take small letters, digits and dashes, 63 at most, e.g. before-upgrade.",
        )
    return _folder(home) / f"{name}.jsonl"


def _folder(home: Path) -> Path:
    return home / "sandbox/snapshots"
