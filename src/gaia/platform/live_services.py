"""Which services are live, as the newest of each service's requests says."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.platform.steps import APPLY
from gaia.records import requests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Request
    from gaia.stacks.model import Instance


def by_name(
    tx: Transaction, repository: str, stack: str | None = None, *, named: Collection[str] | None = None
) -> dict[tuple[str, str], Request]:
    """(stack, service) → the request that it came from, for every service (or those so `named`) not retired since.

    Whatever began to be applied counts, however its request ended: some of its resources may exist.
    """
    found = requests.origins(tx, repository, APPLY, stack=stack, services=named)
    return {(request.stack, request.service): request for request in found}


def origin(tx: Transaction, repository: str, stack: str, service: str) -> Request | None:
    """The request that a live service came from; None: none is live under this name."""
    found = requests.origins(tx, repository, APPLY, stack=stack, services=[service])
    return found[0] if found else None


def is_live(tx: Transaction, request: Request) -> bool:
    """Whether a service is live that came from this very request."""
    found = origin(tx, request.repository, request.stack, request.service)
    return found is not None and found.id == request.id


def count(tx: Transaction, repository: str, stack: str) -> int:
    """How many live services a stack has."""
    return len(by_name(tx, repository, stack))


def unpublished(
    platform: PlatformContext, here: Collection[str], *, but: tuple[str, str] = ("", "")
) -> Iterator[Instance]:
    """Instances of live services that are not among those `here`: what their states hold is theirs, and nobody else's.

    `but` is a stack and a service that do not count.
    """
    with platform.database.read() as tx:
        live = by_name(tx, platform.repository)
    for other in live.values():
        missing = [key for key in other.instances if key not in here]
        if not missing or (other.stack, other.service) == but:
            continue
        with suppress(GaiaError):  # a commit that has gone: then the guard asks once too often
            yield from platform.snapshot(other.source_commit).instances(missing)
