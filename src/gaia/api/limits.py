"""How much one caller may ask at once, and how large a call may be."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import TooLarge, TooMany

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one server process."""

    body: int = 1_000_000
    """Bytes of a call."""
    patience: float = 20.0
    """Seconds in which the whole body of a call has to come."""
    head_patience: float = 10.0
    """Seconds in which the head of a call has to come."""
    connections: int = 800
    """That may be open at once."""
    connections_each: int = 400
    """Of these from one address; of a proxy that is trusted, so many calls at once from each that it names."""
    calls: int = 200
    """Calls that one token may make at once."""
    calls_per_second: float = 50.0
    """How fast they come back."""
    failures: int = 20
    """Calls without a good token that one address may make at once."""
    failures_per_second: float = 0.2
    streams: int = 100
    """Streams of events that may be open at once."""
    streams_each: int = 20
    """Of these one person's."""
    longest_stream: float = 300.0
    """Seconds after which a stream is closed; who reads it comes again, and misses nothing."""


def too_large(most: int) -> TooLarge:
    """The error for a call with more in it."""
    return TooLarge("body-too-large", f"a call may have {most:,} bytes", next_step="Send less.")


class Buckets:
    """Tokens that run out and come back, by key; safe from several threads."""

    def __init__(self, most: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._per_second, self._clock = float(most), per_second, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def empty(self, key: str) -> int:
        """Seconds until there is one again; 0 while there is one."""
        with self._lock:
            left = self._now(key)
        return 0 if left >= 1 else max(1, round((1 - left) / self._per_second))

    def take(self, key: str) -> bool:
        """Take one; False where there is none."""
        with self._lock:
            left = self._now(key)
            taken = left >= 1
            self._left[key] = (left - taken, self._clock())
            self._left.move_to_end(key)
            while len(self._left) > _MOST_KEYS:
                self._left.popitem(last=False)
        return taken

    def _now(self, key: str) -> float:
        left, at = self._left.get(key, (self._most, 0.0))
        return min(self._most, left + (self._clock() - at) * self._per_second)


_MOST_KEYS = 10_000


class Throttle:
    """Holds back who tries tokens, and a token that calls without a pause.

    Who has a good secret is never held back by what others of the address tried: behind one proxy are many. So a
    secret is looked up first, and only who has none is told to wait; nobody finds one by trying, they are too long.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = Buckets(limits.failures, limits.failures_per_second, clock)
        self._calls = Buckets(limits.calls, limits.calls_per_second, clock)

    def failed(self, address: str) -> None:
        """Count a call whose secret was none.

        Raises:
            TooMany: `login-throttled`: it was one of many.
        """
        if not self._failures.take(address):
            wait = self._failures.empty(address)
            raise TooMany(
                "login-throttled",
                "too many calls without a good token came from this address",
                next_step=f"Wait {wait} s, or call with a good token.",
                facts={"retry_after": wait},
            )

    def passed(self, token: str) -> None:
        """Count a call of a good token.

        Raises:
            TooMany: `rate-limited`.
        """
        if not self._calls.take(token):
            wait = self._calls.empty(token)
            raise TooMany(
                "rate-limited",
                "this token calls too often",
                next_step=f"Wait {wait} s, and ask less often: /events and the streams of requests tell what is new.",
                facts={"retry_after": wait},
            )
