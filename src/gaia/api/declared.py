"""What the document says of every route: who may call it, and which errors it may answer with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from gaia.api.problems import MEDIA_TYPE, TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "/api/v1"
MAY = "x-gaia-may"
May = Literal[
    "anyone",
    "known",
    "own",
    "see",
    "request",
    "approve",
    "take-part",
    "reject",
    "delegate",
    "administer",
    "administer-there",
    "see-everything",
]
RULES: Mapping[May, str] = {
    "anyone": "No token is needed.",
    "known": "Whoever has a good token.",
    "own": "Whoever has a good token; it is about what is theirs, and for an admin about everybody's.",
    "see": "The roles viewer, developer, approver and admin, in the tenant and stage of what is asked about.",
    "request": "The roles developer and admin, in the tenant and stage of the stack.",
    "approve": "The roles approver and admin, in the tenant and stage of the request, and not its requester; who sees "
    "the request, in the name of one of those who has delegated it.",
    "reject": "The roles approver and admin, in the tenant and stage of the request, and its requester.",
    "take-part": "The roles developer, approver and admin, in the tenant and stage of the request.",
    "delegate": "The roles approver and admin, in the tenant and stage that are delegated.",
    "administer": "The role admin in every tenant and stage.",
    "administer-there": "The role admin in the tenant and stage of it.",
    "see-everything": "A role that sees every tenant and stage.",
}
"""What each rule says; a test tries every route with every role against it."""


def may(rule: May) -> dict[str, Any]:
    """The part of a route's document that says who may call it."""
    return {MAY: rule}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors that a route may answer with: these, and what any route may."""
    every = sorted({401, 404, 413, 422, 429, 500, 502, 503, *statuses})
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"description": TITLES[status], "content": {MEDIA_TYPE: reference}} for status in every}
