"""How far a batch is: a pure model that is fed from several threads, drawn live on a terminal of any height."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from gaia.cli.screens.format import count, span
from gaia.cli.screens.progress import DOING
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from rich.console import Console, ConsoleOptions, RenderableType

State = str
"""`waits`, `works`, or how it ended."""
_LOG = 2
"""Lines of the log that are shown."""
_AROUND = 5
"""Lines of the picture beside those of instances."""
_LEFT = 4
"""Of those that wait their turn, so many are named."""
_SIGNS: Mapping[State, tuple[str, str]] = {
    "works": ("●", "busy"),
    "waits": ("○", "quiet"),
    "applied": ("✓", "good"),
    "unchanged": ("✓", "quiet"),
    "not tried": ("○", "quiet"),
    "parked": ("!", "warn"),
    "interrupted": ("!", "warn"),
    "failed": ("✗", "bad"),
}
_GOOD = ("applied", "unchanged")
_WORDS = {"works": "under way", "waits": "waiting", "applied": "done", "unchanged": "done"}
_COLUMNS = (Column(gap=1), Column(style="name", gap=2), Column(gap=2), Column(gap=2), Column(style="quiet", flows=True))


@dataclass
class Row:
    """One instance."""

    key: str
    needs: Sequence[str] = ()
    resources: int = 0
    """How many its plan changes."""
    state: State = "waits"
    since: datetime | None = None
    ended: datetime | None = None
    done: int = 0
    doing: dict[str, str] = field(default_factory=dict)
    """What is under way: address and action."""
    reason: str = ""


@dataclass
class BatchProgress:
    """A batch that is applied or destroyed."""

    title: str
    began: datetime
    rows: dict[str, Row]
    log: deque[str] = field(default_factory=lambda: deque(maxlen=_LOG))

    def begin(self, key: str, at: datetime) -> None:
        """Its turn has come."""
        row = self.rows[key]
        row.state, row.since = "works", at

    def feed(self, key: str, message: str, event: Mapping[str, object] | None) -> None:
        """Something happens to it."""
        row = self.rows[key]
        kind, address, action = (str((event or {}).get(name) or "") for name in ("kind", "address", "action"))
        if kind == "start" and action not in ("read", "noop", "no-op"):
            row.doing[address] = DOING.get(action, action)
        elif kind in ("complete", "failed") and address in row.doing:
            del row.doing[address]
            row.done += kind == "complete"
        if message and kind not in ("progress", "planned"):
            self.log.append(f"{key.rpartition('/')[2]}: {message}")

    def end(self, key: str, state: State, reason: str, at: datetime) -> None:
        """It ended."""
        row = self.rows[key]
        row.state, row.ended, row.reason = state, at, reason
        row.doing.clear()

    def screen(self, now: datetime, height: int) -> RenderableType:
        """As much of it as a terminal of this height holds: what is under way first, then what went wrong."""
        return Group(
            Text.assemble((self.title, "title"), (f"   {span(now - self.began)}", "quiet")),
            Rows(_COLUMNS, list(self._lines(now, max(4, height - _AROUND - _LOG)))),
            self._totals(),
            *(Text(f"  {line}", "quiet", no_wrap=True, overflow="ellipsis") for line in self.log),
        )  # fmt: skip

    def _lines(self, now: datetime, most: int) -> Iterator[Sequence[Text] | Text]:
        by_state: dict[State, list[Row]] = {}
        for row in self.rows.values():
            by_state.setdefault(row.state, []).append(row)
        bad = [row for state, rows in by_state.items() if state in ("failed", "parked", "interrupted") for row in rows]
        shown = [*by_state.get("works", ()), *bad][:most]
        next_up = sorted(by_state.get("waits", ()), key=lambda row: len(self._open(row)))
        shown += next_up[: min(_LEFT, most - len(shown))]
        room = most - len(shown)
        last = sorted(
            (row for name in _GOOD for row in by_state.get(name, ()) if row.since), key=lambda row: str(row.ended)
        )
        for row in [*last[len(last) - min(room, len(last)) :], *shown]:
            yield self._line(row, now)
        hidden = len(next_up) - sum(row.state == "waits" for row in shown)
        if hidden > 0:
            yield Text(f"  and {hidden} more that wait", "quiet")

    def _open(self, row: Row) -> list[str]:
        return [key for key in row.needs if key in self.rows and self.rows[key].state not in _GOOD]

    def _line(self, row: Row, now: datetime) -> list[Text]:
        sign, style = _SIGNS[row.state]
        spent = span((row.ended or now) - row.since) if row.since else ""
        of = f"{row.done} of {row.resources}" if row.resources and row.since else ""
        if row.state == "works":
            first, *more = row.doing.items() or [("", "planning")]
            said = f"{first[1]} {first[0]}".strip() + (f" and {len(more)} more" if more else "")
        elif row.state == "waits":
            open_needs = self._open(row)
            said = f"waits for {open_needs[0].rpartition('/')[2]}" if open_needs else "waits for its turn"
            said += f" and {len(open_needs) - 1} more" if len(open_needs) > 1 else ""
        else:
            said = row.reason or row.state
        return [Text(sign, style), Text(row.key), Text(of), Text(spent), Text(said)]

    def _totals(self) -> Text:
        tally: dict[str, int] = {}
        for row in self.rows.values():
            word = {"works": "under way", "waits": "waiting", "applied": "done", "unchanged": "done"}.get(
                row.state, row.state
            )
            tally[word] = tally.get(word, 0) + 1
        order = ("done", "under way", "waiting", "failed", "parked", "interrupted", "not tried")
        said = ", ".join(f"{tally[word]} {word}" for word in order if word in tally)
        return Text(f"  {count(len(self.rows), 'instance')}: {said}", "quiet")


class Picture:
    """Asks for the time and the terminal's height at each drawing."""

    def __init__(self, progress: BatchProgress, now: object, lock: object) -> None:
        self._progress, self._now, self._lock = progress, now, lock

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The picture as it is now."""
        with self._lock:  # type: ignore[attr-defined]
            yield self._progress.screen(self._now(), console.size.height)  # type: ignore[operator]
