"""People and their tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.console import refusing
from gaia.console.pages.person import ROLES, places
from gaia.console.rendering import page, to
from gaia.errors import GaiaError, Invalid, Unauthenticated
from gaia.kit.numbers import whole
from gaia.kit.visible import cut
from gaia.platform.callers.first_admin import TOKEN_LIFE
from gaia.records.model import ANY
from gaia.records.people import LONGEST_TOKEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.model import PersonView

_MOST = 200
_LONGEST = 40
"""Characters of what was typed, in an error."""


def everybody(call: Call) -> Response:
    """Everybody with their roles for an admin; the caller's own tokens for all."""
    return _shown(call)


def _shown(call: Call, status: int = 200, **more: object) -> Response:
    admin = call.offering.administers
    asked = {name: call.asked(name) for name in ("may", "tenant", "stage")}
    found = _who_may(call.people.everybody(), **asked) if admin else []
    context = {
        "admin": admin,
        "people": found[:_MOST],
        "more": max(0, len(found) - _MOST),
        "asked": asked,
        "places": places(call) if admin else {},
        "tokens": [one for one in call.people.tokens() if one.revoked_at is None][:_MOST],
        "refused": None,
        "link": "",
        "secret": "",
        "whose": "",
        "roles": ROLES,
        **more,
    }
    return page(call, "people.html", status, **context)


def _who_may(everybody: Sequence[PersonView], *, may: str, tenant: str, stage: str) -> list[PersonView]:
    """Those who have a role that lets them do something there; all of them where nothing is asked."""
    if not (may or tenant or stage):
        return list(everybody)
    fitting = {role for role in ROLES if not may or may in rules.ROLES[role]}
    return [
        one
        for one in everybody
        if not one.disabled
        if any(
            given.role in fitting
            and (not tenant or given.tenant in (ANY, tenant))
            and (not stage or given.stage in (ANY, stage))
            for given in one.grants
        )
    ]


def link(call: Call) -> Response:
    """A link that signs somebody in once; it is shown now or never."""
    person = call.typed("person")
    try:
        secret = call.people.sign_in_link(person)
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, error.http_status, refused=refusing.facts(error))
    address = call.served.first.public_url or f"{call.request.url.scheme}://{call.request.url.netloc}"
    return _shown(call, link=f"{address}/login/{secret}", whose=person)


def token(call: Call) -> Response:
    """A token; its secret is shown now or never."""
    person, role = call.typed("person"), call.typed("role")
    tenant, stage = call.typed("tenant") or "*", call.typed("stage") or "*"
    try:
        _, secret = call.people.create_token(
            person, roles=[role] if role else [], tenant=tenant, stage=stage, life=_life(call.typed("days"))
        )
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, error.http_status, refused=refusing.facts(error))
    return _shown(call, secret=secret, whose=person)


def revoke(call: Call) -> Response:
    """End a token now."""
    call.people.revoke(call.typed("of"))
    return to("/people")


def _life(days: str) -> timedelta:
    if not days:
        return TOKEN_LIFE
    number = whole(days, LONGEST_TOKEN.days)
    if not number:
        step = f"Write 1 to {LONGEST_TOKEN.days:,}."
        raise Invalid("days-invalid", f"{cut(days, _LONGEST)!r} is no number of days", next_step=step)
    return timedelta(days=number)
