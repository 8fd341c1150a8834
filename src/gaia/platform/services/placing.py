"""Where a request is now: the published stacks say it, not the row, which says where the stack was when it was asked.

A stack that was put into a stricter place keeps nothing of its old rules: what is open is decided on by nobody until it
was previewed again there, and a service is kept and retired by the new rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, Next, NotFound
from gaia.platform.acting import Place
from gaia.records import requests

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Request


def place_at(platform: PlatformContext, commit: str, request: Request) -> Place:
    """Tenant and stage of its stack at a commit; those of its row where that has no such stack (any more).

    Raises:
        GaiaError: the stacks cannot be read, or do not agree: then nobody decides by them.
    """
    try:
        scope = platform.snapshot(commit).scope(request.stack)
    except NotFound as error:
        if error.code != "stack-unknown":
            raise
        return Place(request.tenant, request.stage)
    return Place(scope.tenant, scope.stage)


def check(platform: PlatformContext, commit: str, request: Request) -> None:
    """Pass where the request is still where it was asked for.

    Raises:
        Conflict: `scope-changed`.
    """
    now = place_at(platform, commit, request)
    if (now.tenant, now.stage) != (request.tenant, request.stage):
        raise Conflict(
            "scope-changed",
            f"{request.stack} is {now.tenant}/{now.stage} now; request {request.id} was asked for and judged as of "
            f"{request.tenant}/{request.stage}",
            next_step=Next(
                "resume", request.id, "Preview it again where the stack is now, for its approvers to decide"
            ),
        )


def check_made(platform: PlatformContext, commit: str, request: Request) -> None:
    """Pass where the request's own commit leaves its stack where it is: no service moves the stack it is added to.

    Raises:
        Invalid: `manifest-moves-stack`.
    """
    made = place_at(platform, commit, request)
    if (made.tenant, made.stage) != (request.tenant, request.stage):
        raise Invalid(
            "manifest-moves-stack",
            f"{request.manifest or 'the branch'} would put {request.stack} into {made.tenant}/{made.stage}, for all "
            "that is in it",
            next_step="The platform team has to repair the template: it says another scope than the stack has.",
        )


def follow(tx: Transaction, request: Request, place: Place, *, at: datetime) -> Request:
    """Write down where the request is now: who sees it, and what it counts for, goes by that."""
    if (place.tenant, place.stage) == (request.tenant, request.stage):
        return request
    return requests.place(tx, request.id, tenant=place.tenant, stage=place.stage, at=at)
