"""What this process does, told to whoever listens: its log, its measures, its traces.

A place says once what it does (`span`) or what just happened (`tell`); who listens makes a line, a figure or a span of
OpenTelemetry of it. What may be said of each is listed here: ids, words of Gaia's own and numbers. Of what stands
in no list, and of a text that is no word, nothing is handed on. Where nobody listens nothing is made.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, ParamSpec, Protocol, TypeVar

from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from types import TracebackType

P = ParamSpec("P")
R = TypeVar("R")
Fact = str | int | float | bool
Name = Literal["call", "run", "wait", "step", "terraform", "resource", "takeover", "broken-off", "chore"]
FACTS: Mapping[Name, frozenset[str]] = {
    "call": frozenset({"method", "route", "status", "request_id"}),
    # of one from the moment it was queued to its end
    "run": frozenset({"kind", "status", "code", "request", "repository", "tenant", "stage", "attempt", "worker"}),
    "wait": frozenset({"kind", "request"}),  # of a run, until somebody began with it
    "step": frozenset({"step", "instance", "outcome", "code"}),
    "terraform": frozenset({"command", "instance", "outcome", "exit_code", "peak_bytes"}),
    "resource": frozenset({"phase", "type", "action"}),  # a moment of a terraform: no address, whose keys are answers
    "takeover": frozenset({"worker"}),  # a run of a worker that is gone
    "broken-off": frozenset({"error"}),  # a run that goes on with the next engine
    "chore": frozenset({"chore", "repository", "outcome", "code"}),
}
"""What is told of each; anything else stays inside."""
_WORD = re.compile(r"[\w./:@{}()+-]+(?: [\w./:@{}()+-]+)?", re.ASCII)
_LONGEST = 200
MOST_MOMENTS = 128
"""That one span remembers."""
_SECRET = re.compile(r"gaia_[A-Za-z0-9]|eyJ[A-Za-z0-9]|AKIA|ASIA")
"""How tokens begin: Gaia's, those of providers of identities, AWS's keys."""


@dataclass(slots=True)
class Moment:
    """Something that happened during a span."""

    name: Name
    at: datetime
    facts: Mapping[str, Fact]


@dataclass(slots=True)
class Span:
    """Something that takes a while; it has ended when `seconds` is known."""

    name: Name
    facts: dict[str, Fact]
    run: str | None = None
    """The run of which it is a part: its trace is found by that, in whichever process it goes on."""
    parent: Span | None = None
    caller: str | None = None
    """The `traceparent` that somebody sent along."""
    before: tuple[str, ...] = ()
    """Of a run: those of the same request that came before."""
    queued: list[str] = field(default_factory=list)
    """Runs that it queued."""
    moments: list[Moment] = field(default_factory=list)
    began: datetime = field(default_factory=clock.now)
    seconds: float | None = None
    trace: str = ""
    """The id of its trace where there are traces: hexadecimal."""
    kept: object = None
    """What the tracing listener holds of it."""

    def note(self, **facts: Fact | None) -> None:
        """What becomes known on the way."""
        self.facts |= told(self.name, facts)


class Listener(Protocol):
    """Hears of everything. What it raises nobody sees: telling must not stop the work."""

    def begun(self, span: Span) -> None:
        """It has begun."""
        ...

    def ended(self, span: Span) -> None:
        """It has ended; of something of which the end alone was told, `begun` is never called."""
        ...


_CURRENT: ContextVar[Span | None] = ContextVar("gaia_span", default=None)
_LISTENERS: list[Listener] = []
"""Of the whole process, as its loggers are: what is told comes from every room."""


@contextmanager
def listening(*listeners: Listener) -> Iterator[None]:
    """While the block runs these hear of everything that this process does; the first of all hears it first."""
    _LISTENERS.extend(listeners)
    try:
        yield
    finally:
        for one in listeners:
            _LISTENERS.remove(one)


def heard() -> bool:
    """Whether somebody listens."""
    return bool(_LISTENERS)


def told(name: Name, facts: Mapping[str, Fact | None]) -> dict[str, Fact]:
    """Of these facts those that may be told, in a form that holds nothing else."""
    return {key: value for key, given in facts.items() if key in FACTS[name] and (value := _plain(given)) is not None}


def _plain(value: Fact | None) -> Fact | None:
    if not isinstance(value, str):
        return value
    fine = len(value) <= _LONGEST and _WORD.fullmatch(value) and not _SECRET.search(value)
    return value if fine else "?" if value else None


class _Spoken:
    """A span for as long as its block runs."""

    __slots__ = ("_span", "_started", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span:
        self._token = _CURRENT.set(self._span)
        self._started = time.perf_counter()
        for one in tuple(_LISTENERS):
            with suppress(Exception):
                one.begun(self._span)
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _CURRENT.reset(self._token)
        span = self._span
        span.seconds = time.perf_counter() - self._started
        if kind is not None and "outcome" in FACTS[span.name] and "outcome" not in span.facts:
            span.note(outcome="raised", code=getattr(error, "code", None) or kind.__name__)
        _end(span)


class _Unheard:
    """Takes what nobody listens to."""

    __slots__ = ()
    queued: tuple[str, ...] = ()
    trace = ""

    def __enter__(self) -> _Unheard:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def note(self, **_facts: Fact | None) -> None:
        """See `Span.note`."""


_UNHEARD = _Unheard()
Heard = Span | _Unheard
"""What `span` gives its block."""


def span(name: Name, *, run: str | None = None, caller: str | None = None, **facts: Fact | None) -> _Spoken | _Unheard:
    """A block that does one thing: of a run, else of the span around it."""
    if not _LISTENERS:
        return _UNHEARD
    around = _CURRENT.get()
    return _Spoken(Span(name, told(name, facts), run or (around.run if around else None), around, caller))


def tell(
    name: Name,
    *,
    run: str | None = None,
    since: datetime | None = None,
    before: tuple[str, ...] = (),
    **facts: Fact | None,
) -> None:
    """Something has ended that began `since` then, else just now."""
    if _LISTENERS:
        now = clock.now()
        seconds = max(now - (since or now), timedelta()).total_seconds()
        _end(Span(name, told(name, facts), run, before=before, began=since or now, seconds=seconds))


def moment(name: Name, **facts: Fact | None) -> None:
    """Something happened within the span around the caller."""
    around = _CURRENT.get()
    if around is not None and len(around.moments) < MOST_MOMENTS:
        around.moments.append(Moment(name, clock.now(), told(name, facts)))


def queued(run: str) -> None:
    """The call that is being answered queued a run."""
    around = _CURRENT.get()
    if around is not None and around.name == "call":
        around.queued.append(run)


def carried(function: Callable[P, R]) -> Callable[P, R]:
    """`function` for another thread: what it does is part of the span around the caller."""
    around = _CURRENT.get()
    if around is None:
        return function

    def call(*arguments: P.args, **named: P.kwargs) -> R:
        token = _CURRENT.set(around)
        try:
            return function(*arguments, **named)
        finally:
            _CURRENT.reset(token)

    return call


def _end(span: Span) -> None:
    for one in tuple(_LISTENERS):
        with suppress(Exception):
            one.ended(span)
