"""What this process did, as lines of its log: ids, words of Gaia's own and figures, see `gaia.kit.telemetry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.kit.telemetry import Span

_TOLD = ("run", "wait", "step", "terraform", "takeover", "broken-off")


class LogLines:
    """Hears what runs do, and which chore failed. (Calls have a line of their own, made where they are answered.)"""

    def __init__(self, write: Callable[[Mapping[str, object]], None]) -> None:
        self._write = write

    def begun(self, span: Span) -> None:
        """See `telemetry.Listener`."""

    def ended(self, span: Span) -> None:
        """See `telemetry.Listener`."""
        failed = span.name == "chore" and span.facts.get("outcome") != "done"
        if span.name not in _TOLD and not failed:
            return
        ids = {"run_id": span.run, "trace_id": span.trace}
        line = {name: value for name, value in ids.items() if value}
        self._write({"event": span.name, **line, "ms": round((span.seconds or 0.0) * 1000, 1), **span.facts})
