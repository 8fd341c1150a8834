"""What there is so much of, by whose it is: no one takes all of it."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.errors import TooMany

if TYPE_CHECKING:
    from collections.abc import Iterator


class Streams:
    """Streams that are open: `most` of all people together, `each` of one. Safe from several threads."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def number(self) -> int:
        """How many are open now."""
        with self._lock:
            return self._open.total()

    def check(self, person: str) -> None:
        """Whether one more may be opened.

        Raises:
            TooMany: `streams-many`.
        """
        with self._lock:
            self._check(person)

    def _check(self, person: str) -> None:
        own = self._open[person] >= self._each
        if own or self._open.total() >= self._most:
            raise TooMany(
                "streams-many",
                "you have too many streams open" if own else "too many streams are open",
                next_step="Close some, or ask for the request now and then.",
                facts={"retry_after": 5},
            )

    @contextmanager
    def one(self, person: str) -> Iterator[None]:
        """One is open while the block runs. It is asked before anything is sent: many may ask at once.

        Raises:
            TooMany: as `check`.
        """
        with self._lock:
            self._check(person)
            self._open[person] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[person] -= 1
                self._open += Counter()  # those who have none any more are forgotten
