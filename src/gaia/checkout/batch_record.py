"""What of a batch is not done yet: where the next one goes on with `--resume`."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Literal

from gaia.errors import Invalid, NotFound
from gaia.kit.files import write_atomic
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gaia.checkout.batch_model import Ended

Act = Literal["apply", "destroy"]


class BatchRecord:
    """The last batch of one act at a checkout, in `FOLDER/batch/ACT.json`; gone once all of it is done."""

    def __init__(self, folder: Path, act: Act) -> None:
        self._act = act
        self._path = folder / "batch" / f"{act}.json"
        self._lock = threading.Lock()
        self._left: dict[InstanceKey, None] = {}

    def begin(self, keys: Iterable[InstanceKey]) -> None:
        """These are about to be worked on.

        Raises:
            Unavailable: `disk-full`, `file-not-writable`.
        """
        self._left = dict.fromkeys(keys)
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
            NotFound: `batch-none`.
        """
        try:
            named = json.loads(self._path.read_text())["left"]
            return tuple(InstanceKey.parse(str(one)) for one in named)
        except (OSError, ValueError, KeyError, TypeError, Invalid):
            raise NotFound(
                "batch-none",
                f"there is nothing to go on with: the last {self._act} of several instances here was done",
                next_step="Say which instances are meant: -s STACK, --components A,B, --affected or --all.",
            ) from None

    def _write(self) -> None:
        if self._left:
            write_atomic(self._path, json.dumps({"left": [str(key) for key in self._left]}, indent=1).encode())
        else:
            self._path.unlink(missing_ok=True)
