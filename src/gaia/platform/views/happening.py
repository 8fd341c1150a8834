"""What happened in one repository, for one reader: a page at a time by a cursor, or as it comes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from gaia.access import callers
from gaia.kit import clock
from gaia.notifications import events
from gaia.notifications.model import EventView
from gaia.platform.views.events import Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext


class Happening:
    """One caller's view: what was done in the places that they may see, and of tokens and people only for an admin."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller

    def after(self, seq: int, *, limit: int) -> Sequence[EventView]:
        """What happened after a sequence number, oldest first."""
        return self._told(seq, limit, newest=False)

    def newest(self, *, limit: int) -> Sequence[EventView]:
        """The last so many, oldest first."""
        return self._told(0, limit, newest=True)

    def between(self, since: datetime, until: datetime, *, limit: int) -> Sequence[EventView]:
        """What happened from a moment until before another: the last so many, oldest first."""
        return self._told(0, limit, newest=True, between=(since, until))

    def _told(
        self, after: int, limit: int, *, newest: bool, between: tuple[datetime, datetime] | None = None
    ) -> Sequence[EventView]:
        platform = self._platform
        with platform.database.read() as tx:
            caller = callers.still(tx, self._caller, clock.now())
            found = events.seen_by(
                tx, platform.repository, caller, after=after, limit=limit, newest=newest, between=between
            )
            return events.made(tx, found, platform.public_url)

    def feed(self, after: int) -> EventFeed:
        """What is new, again and again."""
        return EventFeed(self, after)


class EventFeed:
    """Events for one reader after the number that it has seen; it goes on for ever."""

    ended = False
    _AT_ONCE = 100

    def __init__(self, happening: Happening, after: int) -> None:
        self._happening = happening
        self._after = after

    def news(self) -> Sequence[Event]:
        """What there is that this reader has not seen."""
        found = self._happening.after(self._after, limit=self._AT_ONCE)
        if found:
            self._after = found[-1].seq
        return [Event("event", asdict(one), one.seq) for one in found]


def event_of(event: Event) -> EventView:
    """What one of a feed is of."""
    from gaia.platform.views import wire

    return wire.read(EventView, event.data)
