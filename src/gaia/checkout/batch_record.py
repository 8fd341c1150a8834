"""What of a batch is not done yet: where the next one goes on with `--resume`."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.files import write_atomic
from gaia.kit.procfs import Identity
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gaia.checkout.batch_model import Ended

Act = Literal["apply", "destroy"]
_SAY = "Say which instances are meant: -s STACK, --components A,B, --affected or --all."


class BatchRecord:
    """The last batch of one act at a checkout, in `FOLDER/batch/ACT/PID.json`; gone once all of it is done.

    Batches that run at the same time have a record each; one that begins replaces those of batches that have ended.
    """

    def __init__(self, folder: Path, act: Act) -> None:
        self._act = act
        self._folder = folder / "batch" / act
        self._owner = Identity.of(os.getpid())
        self._path = self._folder / f"{self._owner.pid}.json"
        self._lock = threading.Lock()
        self._left: dict[InstanceKey, None] = {}

    def begin(self, keys: Iterable[InstanceKey]) -> None:
        """These are about to be worked on.

        Raises:
            Unavailable: `disk-full`, `file-not-writable`.
        """
        self._left = dict.fromkeys(keys)
        for path in self._paths():
            if not self._runs(path):
                path.unlink(missing_ok=True)
        self._write()

    def ended(self, ended: Ended) -> None:
        """One has ended; called from several threads."""
        if not ended.fine:
            return
        with self._lock:
            self._left.pop(ended.key, None)
            self._write()

    def left(self) -> tuple[InstanceKey, ...]:
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

    def _read(self, path: Path) -> tuple[InstanceKey, ...]:
        try:
            return tuple(InstanceKey.parse(str(one)) for one in json.loads(path.read_text())["left"])
        except (OSError, ValueError, KeyError, TypeError, Invalid) as error:
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
            record = {"owner": asdict(self._owner), "left": [str(key) for key in self._left]}
            write_atomic(self._path, json.dumps(record, indent=1).encode())
        else:
            self._path.unlink(missing_ok=True)
