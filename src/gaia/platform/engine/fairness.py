"""Whose run is next: no tenant waits behind a thousand runs of another one. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class InLine(Protocol):
    """A run, or what will be one."""

    @property
    def id(self) -> str:
        """By which older ones come first."""
        ...

    @property
    def tenant(self) -> str:
        """Whose it is."""
        ...


T = TypeVar("T", bound=InLine)


def next_in_line(waiting: Iterable[T], under_way: Iterable[InLine], room: int) -> list[T]:
    """At most `room` of those that wait: always the oldest of the tenant that has the fewest under way.

    Args:
        waiting: oldest first.
        under_way: what is carried out now, by whichever worker.
        room: how many more can be.
    """
    busy = Counter(run.tenant for run in under_way)
    lines: defaultdict[str, deque[T]] = defaultdict(deque)
    for run in waiting:
        lines[run.tenant].append(run)
    chosen: list[T] = []
    while lines and len(chosen) < room:
        tenant = min(lines, key=lambda each: (busy[each], lines[each][0].id))
        chosen.append(lines[tenant].popleft())
        busy[tenant] += 1
        if not lines[tenant]:
            del lines[tenant]
    return chosen
