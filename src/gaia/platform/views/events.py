"""What happens to one request, in order and numbered: a reader that was cut off goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.access import callers, rules
from gaia.kit import clock
from gaia.platform.log import read_log
from gaia.platform.model import FINAL, WORKING
from gaia.records import approvals, comments, requests, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.platform.model import RequestView


@dataclass(frozen=True, slots=True)
class Event:
    """`number` counts the lines of the logs of a request's runs from 1; a view of the request has none of its own."""

    kind: str
    """`log`, or `request` when it is not as it was."""
    data: Mapping[str, object]
    number: int | None = None


class Feed:
    """The events of one request for one reader, after the number that it has seen."""

    def __init__(
        self,
        platform: PlatformContext,
        caller: Caller,
        request: str,
        look: Callable[[], RequestView],
        after: int = 0,
    ) -> None:
        self._platform = platform
        self._caller = caller
        self._request = request
        self._look = look
        self._after = after
        self._number = 0
        self._positions: dict[str, int] = {}
        self._seen: tuple[object, ...] = ()
        self.ended = False
        """Whether nothing more comes for now: the request waits, or has ended."""
        self.over = False
        """Whether nothing more comes at all: the request has ended."""

    def news(self) -> Sequence[Event]:
        """What there is that this reader has not seen.

        Raises:
            Unauthenticated: the reader is nobody any more. NotFound: who may not see the request any more.
        """
        with self._platform.database.read() as tx:
            caller = callers.still(tx, self._caller, clock.now())
            row = requests.get(tx, self._request)
            rules.permit(caller, "see", row.tenant, row.stage, missing=requests.unknown(self._request))
            found = runs.of_request(tx, self._request)
            steps = tuple((step.step, step.state) for run in found for step in runs.steps_of(tx, run.id))
            said = (
                tuple((one.id, one.voided_at) for one in approvals.of_request(tx, self._request)),
                len(comments.of_request(tx, self._request)),
            )
        ended = row.status not in WORKING  # before the logs are read: what is written later is not lost
        events: list[Event] = []
        for run in found:
            lines, self._positions[run.id] = read_log(self._platform.documents, run.id, self._positions.get(run.id, 0))
            for line in lines:
                self._number += 1
                if self._number > self._after:
                    events.append(Event("log", line, self._number))
        now = (row.status, row.updated_at, steps, said, tuple((run.id, run.status) for run in found))
        if now != self._seen:
            self._seen = now
            events.append(Event("request", self._look().as_json()))
        self.ended, self.over = ended, row.status in FINAL
        return events
