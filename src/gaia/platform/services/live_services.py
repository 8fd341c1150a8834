"""Which services are live, as the newest of each service's requests says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.platform.engine.steps import APPLY
from gaia.records import lifetimes, origins, requests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gaia.records.database import Transaction
    from gaia.records.lifetime_model import Lifetime
    from gaia.records.model import Request


def by_name(
    tx: Transaction, repository: str, stack: str | None = None, *, named: Collection[str] | None = None
) -> dict[tuple[str, str], Request]:
    """(stack, service) → the request that it came from, for every service (or those so `named`) not retired since.

    Whatever began to be applied counts, however its request ended: some of its resources may exist.
    """
    found = origins.origins(tx, repository, APPLY, stack=stack, services=named)
    return {(request.stack, request.service): request for request in found}


def before(tx: Transaction, request: Request) -> Iterator[Request]:
    """The requests that a service came from before this one, the newest first."""
    while request.follows is not None:
        request = requests.get(tx, request.follows)
        yield request


def first(tx: Transaction, request: Request) -> Request:
    """The request by which a service came to exist."""
    return next(iter(reversed((request, *before(tx, request)))))


def life(tx: Transaction, request: Request) -> Lifetime | None:
    """The life of the service that came from this request; it is a former request's until a change is done."""
    found = (lifetimes.of(tx, one.id) for one in (request, *unsettled(tx, request)))
    return next((one for one in found if one is not None), None)


def unsettled(tx: Transaction, request: Request) -> Iterator[Request]:
    """What a service that came from this request may still be: all that led to it since one was done."""
    for one in before(tx, request) if request.is_change else ():
        yield one
        if one.status == "done":
            return


def origin(tx: Transaction, repository: str, stack: str, service: str) -> Request | None:
    """The request that a live service came from; None: none is live under this name."""
    found = origins.origins(tx, repository, APPLY, stack=stack, services=[service])
    return found[0] if found else None


def is_live(tx: Transaction, request: Request) -> bool:
    """Whether a service is live that came from this very request."""
    found = origin(tx, request.repository, request.stack, request.service)
    return found is not None and found.id == request.id


def count(tx: Transaction, repository: str, stack: str) -> int:
    """How many live services a stack has."""
    return len(by_name(tx, repository, stack))


def others(tx: Transaction, request: Request) -> int:
    """How many live services its stack has besides the one that a request changes."""
    live = by_name(tx, request.repository, request.stack)
    return len(live.keys() - {(request.stack, request.service)} if request.is_change else live)
