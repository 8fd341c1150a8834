"""Which services stand: the last word of each service's ended requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.records import requests

if TYPE_CHECKING:
    from gaia.records.database import Transaction
    from gaia.records.model import Request


def services(tx: Transaction, repository: str, stack: str | None = None) -> dict[tuple[str, str], Request]:
    """(stack, service) → the request that it came from, for every service that was not retired since.

    A parked request counts: some of its resources may exist.
    """
    found: dict[tuple[str, str], Request] = {}
    for request in reversed(requests.find(tx, repository, stack=stack, statuses={"done", "parked"})):
        key = (request.stack, request.service)
        if request.kind == "provision":
            found[key] = request
        elif request.status == "done":
            found.pop(key, None)
    return found


def count(tx: Transaction, repository: str, stack: str) -> int:
    """How many services stand in a stack."""
    return len(services(tx, repository, stack))
