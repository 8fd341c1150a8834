"""Which services stand: the last word of each service's requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.platform.steps import APPLY
from gaia.records import requests, runs

if TYPE_CHECKING:
    from collections.abc import Collection

    from gaia.records.database import Transaction
    from gaia.records.model import Request


def services(
    tx: Transaction, repository: str, stack: str | None = None, *, named: Collection[str] | None = None
) -> dict[tuple[str, str], Request]:
    """(stack, service) → the request that it came from, for every service (or those so `named`) not retired since.

    Whatever began to be applied counts, however its request ended: some of its resources may exist.
    """
    found: dict[tuple[str, str], Request] = {}
    begun = runs.begun(tx, repository, APPLY)
    for request in reversed(requests.find(tx, repository, stack=stack, services=named)):
        key = (request.stack, request.service)
        if request.kind == "provision":
            if request.status in ("done", "parked") or request.id in begun:
                found[key] = request
        elif request.status == "done":
            found.pop(key, None)
    return found


def stands(tx: Transaction, request: Request) -> bool:
    """Whether a service stands that came from this very request."""
    found = services(tx, request.repository, request.stack).get((request.stack, request.service))
    return found is not None and found.id == request.id


def count(tx: Transaction, repository: str, stack: str) -> int:
    """How many services stand in a stack."""
    return len(services(tx, repository, stack))
