"""The log of a run: one JSON object a line, redacted, in the store of documents.

(Not in DBOS's streams, which reach 70 lines a second on SQLite.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gaia.kit.redact import Redactor
    from gaia.records.ports import Documents

Level = Literal["info", "warn", "error"]


@dataclass(frozen=True, slots=True)
class RunLog:
    """Appends to one run's log; safe from several threads."""

    documents: Documents
    run: str
    redact: Redactor

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

        It outlives this process, not a power cut: nothing is decided by a log.

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
        line = json.dumps(entry, ensure_ascii=False, default=str)
        if self.redact(line) != line:  # hardly ever: looking at one text takes a tenth of looking at each in it
            line = json.dumps(self.redact.data(entry), ensure_ascii=False, default=str)
        self.documents.append("log", self.run, line.encode("utf-8", "backslashreplace"), durable=False)


def read_log(documents: Documents, run: str, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The lines after a position (0, or from an earlier call), and the next one. A run without a log has none."""
    lines = documents.lines("log", run, after)
    return [json.loads(line) for line in lines.lines if line.strip()], lines.position


def follow(
    documents: Documents,
    news: Callable[[], bool],
    look: Callable[[], tuple[list[str], bool]],
    pause: Callable[[], None],
) -> Iterator[dict[str, Any]]:
    """Lines of all runs of a request as they come, until it has ended.

    `look` says which runs it has and whether it has ended; it is asked when there is `news`. `pause` waits between.
    """
    positions: dict[str, int] = {}
    while True:
        if news():
            runs, ended = look()
        for run in runs:
            lines, positions[run] = read_log(documents, run, positions.get(run, 0))
            yield from lines
        if ended:
            return
        pause()
