"""How a service came to be what it is: request by request, who asked, who signed which digest, what it cost from then.

In a number of statements that does not depend on how many requests there were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.kit import clock
from gaia.platform.engine.worker import some_work
from gaia.platform.views import views
from gaia.records import approvals, people, requests, runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.platform.model import ApprovalView, RequestLine
    from gaia.records.model import Request

MOST = 100
"""Requests of one service that are told of, the newest."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One request of a service."""

    line: RequestLine
    approvals: tuple[ApprovalView, ...]
    """All decisions on it, oldest first; of an order of several services, those on the order."""
    applied_at: str | None
    """When its application was done; null where that is not so."""
    commit: str | None
    """What it published."""
    changed: Mapping[str, tuple[object, object]]
    """The answers that differ from those of the request before it that was done: as they were, and as they are."""


class Lineage:
    """One caller's view of the services of one repository."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller

    def of(self, service: str, stack: str) -> Sequence[Ancestor]:
        """Its requests, newest first; nothing for a service that the caller may not see."""
        platform = self._platform
        with platform.database.read() as tx:
            rows = requests.find(
                tx, platform.repository, stack=stack, services=(service,), places=rules.places(self._caller, "see"),
                limit=MOST,
            )  # fmt: skip
            lines = views.lines(tx, platform, rows, engine_runs=some_work(tx, platform.home))
            by = {one.applied_by for one in rows}
            decided, applied = approvals.of_requests(tx, by), runs.applied_at(tx, by)
            names = people.names(tx)
        before = _before(rows)
        return tuple(
            Ancestor(
                line,
                tuple(views.approval(one, names, row) for one in decided if one.request == row.applied_by),
                clock.rfc3339(applied[row.applied_by]) if row.applied_by in applied and row.status == "done" else None,
                row.commit,
                _changed(before.get(row.id), row),
            )
            for row, line in zip(rows, lines, strict=True)
        )


def _before(rows: Sequence[Request]) -> Mapping[str, Request]:
    """Of each, the one before it that was done, unless the service was retired in between."""
    found: dict[str, Request] = {}
    last: Request | None = None
    for row in reversed(rows):
        if last is not None and not last.is_retirement:
            found[row.id] = last
        last = row if row.status == "done" else last
    return found


def _changed(before: Request | None, row: Request) -> dict[str, tuple[object, object]]:
    if before is None or not row.is_change:
        return {}
    names = dict.fromkeys((*row.answers, *before.answers))
    each = {name: (before.answers.get(name), row.answers.get(name)) for name in names}
    return {name: pair for name, pair in each.items() if pair[0] != pair[1]}
