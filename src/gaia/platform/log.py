"""The log of a run: one JSON object a line, redacted, in `GAIA_HOME/runs/RUN/log.jsonl`.

Logs stay in files: DBOS streams reach 70 lines a second on SQLite, a file any number.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gaia.kit import clock, files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gaia.kit.redact import Redactor

Level = Literal["info", "warn", "error"]


@dataclass(frozen=True, slots=True)
class RunLog:
    """Appends to one run's log; safe from several threads."""

    path: Path
    redact: Redactor
    _lock: threading.Lock

    @classmethod
    def of(cls, home: Path, run: str, redact: Redactor) -> RunLog:
        """The log of `run`; its folder is made, 0700."""
        folder = home / "runs" / run
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(folder / "log.jsonl", redact, threading.Lock())

    def write(
        self,
        step: str,
        message: str,
        *,
        level: Level = "info",
        instance: str | None = None,
        event: Mapping[str, object] | None = None,
    ) -> None:
        """Append one line: `{at, level, step, message, instance, event}`.

        Raises:
            Unavailable: `disk-full` or `file-not-writable`.
        """
        entry = {
            "at": clock.rfc3339(clock.now()),
            "level": level,
            "step": step,
            "message": message,
            "instance": instance,
            "event": dict(event) if event is not None else None,
        }
        line = json.dumps(self.redact.data(entry), ensure_ascii=False, default=str)
        with self._lock:
            try:
                handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(handle, "ab") as file:
                    file.write(line.encode() + b"\n")
            except OSError as error:
                raise files.write_failed(self.path, error) from error


def read_log(home: Path, run: str, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The whole lines from byte `offset` on, and the offset to go on from. A run without a log has none."""
    path = home / "runs" / run / "log.jsonl"
    try:
        if path.stat().st_size <= offset:
            return [], offset
    except FileNotFoundError:
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    whole, _, _ = data.rpartition(b"\n")
    if not whole:
        return [], offset
    return [json.loads(line) for line in whole.split(b"\n") if line.strip()], offset + len(whole) + 1


def follow(
    home: Path, news: Callable[[], bool], look: Callable[[], tuple[list[str], bool]], pause: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    """Lines of all runs of a request as they come, until it has ended.

    `look` says which runs it has and whether it has ended; it is asked when there is `news`. `pause` waits between.
    """
    offsets: dict[str, int] = {}
    while True:
        if news():
            runs, ended = look()
        for run in runs:
            lines, offsets[run] = read_log(home, run, offsets.get(run, 0))
            yield from lines
        if ended:
            return
        pause()
