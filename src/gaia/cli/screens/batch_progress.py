"""How far a batch is: a pure model that is fed from several threads, drawn live on a terminal of any size.

A line an instance, whatever the width: what does not fit is cut, since a picture that is drawn anew four times a second
is looked at and not copied from. The screen at the end has everything whole.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from gaia.cli.screens.format import count, span
from gaia.cli.screens.progress import DOING
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence, Set
    from contextlib import AbstractContextManager
    from datetime import datetime

    from rich.console import Console, ConsoleOptions, RenderableType

State = str
"""`waits`, `works`, or how it ended."""
_LOG = 2
"""Lines of the log that are shown."""
_AROUND = 3
"""Lines beside those and the instances': the title, the totals, and one for the cursor."""
_LEAST = 4
"""Lines for instances, however low the terminal is."""
_NEXT = 4
"""Of those that wait their turn, so many are named."""
_PROSE = 24
"""Columns that are left for what an instance does; its name is cut before that is."""
_NAME = 12
"""Columns that a name has in any case."""
_BAR = 16
_ENDING = "Stopping … Ctrl-C again kills it. What is in hand may be half made."
_SAVING = "saving the state"
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
_BAD = ("failed", "parked", "interrupted")
_WORDS = {"works": "under way", "waits": "waiting", "applied": "done", "unchanged": "done"}
_ORDER = (*_BAD, "not tried", "done", "under way", "waiting")
"""Of the totals: what went wrong is not what is cut."""


@dataclass
class Row:
    """One instance."""

    key: str
    needs: Sequence[str] = ()
    resources: int = 0
    """How many its plan changes."""
    replaced: Set[str] = frozenset()
    """Addresses that it replaces: each is done when it was destroyed and created."""
    state: State = "waits"
    since: datetime | None = None
    ended: datetime | None = None
    done: int = 0
    doing: dict[str, str] = field(default_factory=dict)
    """What is under way: address and action."""
    said: str = "planning"
    """What else is done, where no resource is under way."""
    reason: str = ""
    halves: set[str] = field(default_factory=set)
    """Of those that are replaced, of which one half is done."""

    def completed(self, address: str) -> None:
        """One change of an address is done, which may be half of what is done to it."""
        if address in self.replaced and address not in self.halves:
            self.halves.add(address)
            return
        self.done += 1
        if self.done >= self.resources:
            self.said = _SAVING


@dataclass
class BatchProgress:
    """A batch that is applied or destroyed."""

    title: str
    began: datetime
    rows: dict[str, Row]
    word: str = "applied"
    """What is said of a row that ended well: `applied` or `destroyed`."""
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
            if kind == "complete":
                row.completed(address)
        row.said = row.said if event or not message else message
        if message and kind not in ("progress", "planned"):
            self.log.append(f"{self._name(key)}: {message}")

    def end(self, key: str, state: State, reason: str, at: datetime) -> None:
        """It ended."""
        row = self.rows[key]
        row.state, row.ended, row.reason = state, at, reason
        row.doing.clear()
        if state in _GOOD:
            row.done = row.resources  # what is only moved or imported has no events

    def screen(self, now: datetime, width: int, height: int, *, ending: bool = False) -> RenderableType:
        """As much of it as such a terminal holds: what went wrong and what is under way before all else.

        `ending`: a signal came, and nothing more is begun.
        """
        shown = self._shown(max(_LEAST, height - _AROUND - _LOG))
        sizes = [self._of(row) for row in shown], [_spent(row, now) for row in shown]
        of, spent = (max(map(len, column), default=0) for column in sizes)
        room = max(_NAME, width - _PROSE - of - spent - 8)
        names = [self._name(row.key) for row in shown]
        if max(map(len, names), default=0) > room and (shared := self._shared):
            names = [f"…{visible(row.key[len(shared) :])}" for row in shown]
        name = min(max(map(len, names), default=0), room)
        lines = [
            Text.assemble(
                _SIGNS[row.state], " ", (_fitted(each, name), "name"), "  ",
                f"{resources:>{of}}  " if of else "", f"{time:>{spent}}  " if spent else "",
                (visible(self._said(row)), "quiet"),
            )
            for row, each, resources, time in zip(shown, names, *sizes, strict=True)
        ]  # fmt: skip
        log = [Text(f"  {visible(line)}", "quiet") for line in self.log]
        if ending:
            log = [Text(f"  {_ENDING}", "warn"), *log[1:]]
        return Group(*(_one_line(line) for line in (self._title(now), *lines, self._totals(), *log)))

    def _shown(self, most: int) -> Sequence[Row]:
        """Rows in the order of their lives: done, gone wrong, under way, next."""
        by_state: dict[State, list[Row]] = {}
        for row in self.rows.values():
            by_state.setdefault(row.state, []).append(row)
        works = by_state.get("works", [])
        bad = _newest([row for name in _BAD for row in by_state.get(name, ())], max(most // 2, most - len(works)))
        works = works[: most - len(bad)]
        left = most - len(bad) - len(works)
        waits = sorted(by_state.get("waits", ()), key=lambda row: len(self._open(row)))[: min(_NEXT, left)]
        good = [row for name in _GOOD for row in by_state.get(name, ()) if row.since]
        return [*_newest(good, left - len(waits)), *bad, *works, *waits]

    def _open(self, row: Row) -> list[str]:
        return [key for key in row.needs if key in self.rows and self.rows[key].state not in _GOOD]

    def _name(self, key: str) -> str:
        """The component alone where all are of one stack."""
        return visible(key.rpartition("/")[2] if self._stack else key)

    @property
    def _stack(self) -> str:
        stacks = {key.rpartition("/")[0] for key in self.rows}
        return stacks.pop() if len(stacks) == 1 else ""

    @property
    def _shared(self) -> str:
        """What the names of all stacks begin with, up to a dash."""
        stacks = {key.rpartition("/")[0] for key in self.rows}
        if len(stacks) < 2:
            return ""
        return commonprefix(sorted(stacks)).rpartition("-")[0]  # noqa: RUF071 - letters, not folders

    def _of(self, row: Row) -> str:
        return f"{row.done} of {row.resources}" if row.resources and row.since else ""

    def _said(self, row: Row) -> str:
        if row.state == "works":
            if not row.doing:
                return row.said
            address, action = next(iter(row.doing.items()))
            return f"{action} {address}" if len(row.doing) == 1 else f"{action} {len(row.doing)}: {address}"
        if row.state == "waits":
            needs = self._open(row)
            more_needed = f" and {len(needs) - 1} more" if len(needs) > 1 else ""
            return f"waits for {needs[0].rpartition('/')[2]}{more_needed}" if needs else "waits for its turn"
        return " ".join(row.reason.split()) or (self.word if row.state == "applied" else row.state)

    def _title(self, now: datetime) -> Text:
        done, of = (sum(getattr(row, name) for row in self.rows.values()) for name in ("done", "resources"))
        full = _BAR * done // of if of else 0
        text = Text.assemble((self.title, "title"), "  ", ("━" * full, "good"), ("─" * (_BAR - full), "quiet"))
        text.append(f"  {span(now - self.began)}  {done} of {count(of, 'resource')}")
        return text.append(f"  {visible(self._stack)}", "quiet")

    def _totals(self) -> Text:
        tally = Counter(_WORDS.get(row.state, row.state) for row in self.rows.values())
        text = Text("  ")
        for word in (name for name in _ORDER if tally[name]):
            text.append(", " if len(text) > 2 else "", "quiet")
            text.append(f"{tally[word]} {word}", "bad" if word in _BAD else "quiet")
        return text


class Picture:
    """Asks for the time and the terminal's size at each drawing."""

    def __init__(
        self,
        progress: BatchProgress,
        now: Callable[[], datetime],
        lock: AbstractContextManager[object],
        ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self._progress, self._now, self._lock, self._ending = progress, now, lock, ending

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The picture as it is now."""
        with self._lock:
            yield self._progress.screen(self._now(), options.max_width, console.size.height, ending=self._ending())


def _newest(rows: Sequence[Row], most: int) -> Sequence[Row]:
    ordered = sorted(rows, key=lambda row: str(row.ended))
    return ordered[max(0, len(ordered) - most) :]


def _spent(row: Row, now: datetime) -> str:
    return span((row.ended or now) - row.since) if row.since else ""


def _fitted(name: str, width: int) -> str:
    """A name in so many columns; its end is what tells it from others."""
    return name.ljust(width) if len(name) <= width else f"…{name[len(name) - width + 1 :]}"


def _one_line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
