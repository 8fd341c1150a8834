"""What of a batch is not done yet: where the next one goes on with `--resume`."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit import clock
from gaia.kit.files import in_turn, write_atomic, write_failed
from gaia.kit.procfs import Identity
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

Act = Literal["apply", "destroy"]
_SAY = "Say which instances are meant: -s STACK, --components A,B, --affected or --all."


@dataclass(frozen=True, slots=True)
class Left:
    """What a batch did not do."""

    keys: tuple[InstanceKey, ...]
    words: str
    """How the instances were selected, as somebody typed it."""
    since: datetime
    """When the batch began."""


def strike(folder: Path, act: Act, keys: Collection[InstanceKey]) -> None:
    """Before instances are applied or destroyed: no batch that was to do the opposite goes on with them any more.

    Raises:
        Unavailable: `disk-full`, `file-not-writable`.
    """
    BatchRecord(folder, "destroy" if act == "apply" else "apply").strike(keys)


class BatchRecord:
    """The last batch of one act at a checkout, in `FOLDER/batch/ACT/PID.json`; gone once all of it is done.

    Batches that run at the same time have a record each; one that begins replaces those of batches that have ended.
    """

    def __init__(self, folder: Path, act: Act) -> None:
        self._act = act
        self._base = folder
        self._folder = folder / "batch" / act
        self._owner = Identity.of(os.getpid())
        self._path = self._folder / f"{self._owner.pid}.json"
        self._lock = threading.Lock()
        self._left: dict[InstanceKey, None] = {}
        self._about: dict[str, object] = {}

    def begin(self, keys: Iterable[InstanceKey], words: str = "") -> None:
        """These are about to be worked on, which were selected by such words.

        Raises:
            Unavailable: `disk-full`, `file-not-writable`.
        """
        self._left = dict.fromkeys(keys)
        self._about = {"owner": asdict(self._owner), "since": clock.rfc3339(clock.now()), "words": words}
        strike(self._base, self._act, self._left)
        for path in self._paths():
            if not self._runs(path):
                _remove(path)
        self._write()

    def done(self, key: InstanceKey) -> None:
        """One is as it was to be; called from several threads.

        Raises:
            Unavailable: `disk-full`, `file-not-writable`.
        """
        with self._lock:
            self._left.pop(key, None)
            self._write()

    def strike(self, keys: Collection[InstanceKey]) -> None:
        """Batches that have ended are not gone on with for these; what cannot be read is let be."""
        if not self._folder.is_dir():
            return
        with in_turn(self._folder / "strike.lock"):
            for path in self._paths():
                if self._runs(path):
                    continue
                try:
                    record = json.loads(path.read_text())
                    left = _keys(record)
                except (OSError, ValueError, KeyError, TypeError):
                    continue
                if kept := [key for key in left if key not in keys]:
                    if len(kept) < len(left):
                        _save(path, {**record, "left": [asdict(key) for key in kept]})
                else:
                    _remove(path)

    def left(self) -> Left:
        """What the last one did not do.

        Raises:
            NotFound: `batch-none`. Conflict: `batch-running`. Invalid: `batch-damaged`.
        """
        paths = list(self._paths())
        for path in paths:
            if not self._runs(path):
                return self._read(path)
        if paths:
            raise Conflict(
                "batch-running",
                f"an {self._act} of several instances runs here now (process {paths[0].stem})",
                next_step="Wait until it has ended.",
            )
        raise NotFound(
            "batch-none",
            f"there is nothing to go on with: the last {self._act} of several instances here was done",
            next_step=_SAY,
        )

    def _read(self, path: Path) -> Left:
        try:
            record = json.loads(path.read_text())
            return Left(_keys(record), str(record["words"]), clock.parse_rfc3339(str(record["since"])))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Invalid(
                "batch-damaged", f"what the last {self._act} left cannot be read: {path} ({error})", next_step=_SAY
            ) from None

    def _paths(self) -> Iterator[Path]:
        """The records that there are, the newest first."""
        dated = []
        for path in self._folder.glob("*.json"):
            try:
                dated.append((path.stat().st_mtime_ns, path))
            except OSError:  # it has just ended
                continue
        return (path for _, path in sorted(dated, reverse=True))

    def _runs(self, path: Path) -> bool:
        """Whether the batch of a record is still worked on, by another process."""
        try:
            owner = Identity(**json.loads(path.read_text())["owner"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return owner != self._owner and owner.alive()

    def _write(self) -> None:
        if self._left:
            _save(self._path, {**self._about, "left": [asdict(key) for key in self._left]})
        else:
            _remove(self._path)


def _keys(record: Mapping[str, list[Mapping[str, str]]]) -> tuple[InstanceKey, ...]:
    """Stack and component apart: the names of both may hold slashes."""
    return tuple(InstanceKey(one["stack"], one["component"]) for one in record["left"])


def _save(path: Path, record: Mapping[str, object]) -> None:
    write_atomic(path, json.dumps(record, indent=1).encode())


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise write_failed(path, error) from error
