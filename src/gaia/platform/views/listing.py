"""What lists and searches show of a repository's records: only what the caller may see, each in few statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gaia.access import rules
from gaia.errors import NotFound, Refused
from gaia.kit import clock
from gaia.platform.engine.steps import APPLY
from gaia.platform.engine.worker import some_work
from gaia.platform.services.faceting import faceted
from gaia.platform.views import views
from gaia.records import lifetimes, origins, previews, requests, resources
from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.platform.model import RequestLine
    from gaia.platform.services.faceting import FacetsView
    from gaia.records.model import Request, RequestStatus
    from gaia.records.origins import Facet
    from gaia.records.sorting import Sorting

MOST_FOUND = 50
"""Of each kind of thing that a search finds."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a search found."""

    kind: str
    """`request`, `service` or `resource`."""
    id: str
    stack: str
    text: str


class Listing:
    """One caller's lists of one repository."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller

    def requests(
        self,
        statuses: Collection[RequestStatus] | None = None,
        *,
        stack: str | None = None,
        named: str | None = None,
        service: str | None = None,
        sorting: Sorting | None = None,
        limit: int | None = None,
    ) -> Sequence[RequestLine]:
        """Requests in these statuses, newest first where no order is wanted, as `requests.find` has it.

        `named` is part of a name, `service` the whole of one.
        """
        with self._platform.database.read() as tx:
            rows = requests.find(
                tx,
                self._platform.repository,
                stack=stack,
                statuses=statuses,
                named=named,
                services=None if service is None else (service,),
                places=rules.places(self._caller, "see"),
                sorting=sorting,
                limit=limit,
            )
            return views.lines(tx, self._platform, rows, engine_runs=some_work(tx, self._platform.home))

    def services(
        self,
        *,
        stack: str | None = None,
        named: str | None = None,
        holding: str | None = None,
        facets: Mapping[Facet, str] | None = None,
        sorting: Sorting = origins.BY_STACK,
        limit: int | None = None,
    ) -> Sequence[RequestLine]:
        """The request that each live service came from, by stack and name or as is wanted, as `origins` has it.

        `named` is a service's whole name, `holding` a part of it; `facets` are values that they have.
        """
        with self._platform.database.read() as tx:
            rows = origins.origins(
                tx,
                self._platform.repository,
                APPLY,
                stack=stack,
                services=None if named is None else (named,),
                holding=holding,
                places=rules.places(self._caller, "see"),
                facets=facets,
                sorting=sorting,
                limit=limit,
            )
            return views.lines(tx, self._platform, rows, engine_runs=some_work(tx, self._platform.home))

    def costs(self, *, stack: str | None = None) -> Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]:
        """What live services cost as they were judged, by tenant and stack: Infracost JSON, empty where none is known.

        Adding up what everything costs takes a moment where there are many: nothing else is read of them.
        """
        places = rules.places(self._caller, "see")
        with self._platform.database.read() as tx:
            rows = origins.origins(tx, self._platform.repository, APPLY, stack=stack, places=places)
            judged = previews.latest_judgements(tx, [(one.id, one.preview) for one in rows if one.preview])
        found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for one in rows:
            judgement = judged.get((one.id, str(one.preview)))
            found.setdefault((one.tenant, one.stack), []).append(judgement.cost if judgement else {})
        return found

    def ending(self, before: datetime, *, limit: int) -> Sequence[RequestLine]:
        """The services that end by themselves before a moment, the first one first."""
        platform = self._platform
        with platform.database.read() as tx:
            lives = lifetimes.ending(tx, platform.repository, before=before, now=clock.now())
            soon = [one.request for one in lives if one.until is not None and one.until < before]
            rows = {one.id: one for one in requests.those(tx, platform.repository, soon)}
            seen = [rows[one] for one in soon if one in rows and self._sees(rows[one])]
            return views.lines(tx, platform, seen[:limit], engine_runs=some_work(tx, platform.home))

    def made_for(self, keys: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """(stack, component) → the service that an instance was made for, where a request made it."""
        with self._platform.database.read() as tx:
            makers = resources.makers(tx, self._platform.repository, keys)
            rows = {one.id: one for one in requests.those(tx, self._platform.repository, {*makers.values()})}
        return {key: rows[maker].service for key, maker in makers.items() if maker in rows and self._sees(rows[maker])}

    def facets(self, chosen: Mapping[Facet, str], *, holding: str | None = None) -> FacetsView:
        """What live services are told apart by, of those in whose name a text stands; `chosen` are values wanted."""
        with self._platform.database.read() as tx:
            places = rules.places(self._caller, "see")
            found = origins.counted(tx, self._platform.repository, APPLY, holding=holding, places=places)
        return faceted(found, chosen)

    def service(self, name: str, stack: str) -> RequestLine:
        """One of them, or `NotFound("service-unknown")`."""
        found = self.services(stack=stack, named=name)
        if not found:
            raise NotFound(
                "service-unknown", f"there is no service {name!r} in {stack!r}", next_step="List the services."
            )
        return found[0]

    def search(self, text: str, *, limit: int = MOST_FOUND) -> Sequence[Found]:
        """Requests, and resources by address or cloud id, in whose names the text stands."""
        places = rules.places(self._caller, "see")
        with self._platform.database.read() as tx:
            rows = requests.find(tx, self._platform.repository, named=text, places=places, limit=limit)
            found = [
                Found("request", row.id, row.stack, f"{row.kind} {row.service} from {row.template}: {row.status}")
                for row in rows
            ]
            made = resources.find(tx, self._platform.repository, text, places=places)
            found += [Found("resource", one.arn or one.cloud_id or one.address, one.stack, one.address) for one in made]
        return found[:limit]

    def _sees(self, row: Request) -> bool:
        return rules.allows(self._caller, "see", row.tenant, row.stage)

    def check_all(self) -> None:
        """Pass where the caller may be told of all tenants together.

        Raises:
            Refused: `not-permitted`.
        """
        if (ANY, ANY) not in rules.places(self._caller, "see"):
            raise Refused(
                "not-permitted",
                f"{self._caller.name} may not see every tenant",
                next_step="Ask an admin for a role that may: viewer in every tenant and stage.",
            )
