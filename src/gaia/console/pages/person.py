"""One person: which role they have where, their groups and tokens, what was done about them. An admin's business."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, get_args
from urllib.parse import quote

from gaia.console import refusing
from gaia.console.rendering import page, to
from gaia.errors import GaiaError, Unauthenticated
from gaia.records import people
from gaia.records.model import ANY, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.callers.people import People
    from gaia.platform.model import PersonView

ROLES: tuple[Role, ...] = get_args(Role)
_ENTRIES = 30
"""Of the audit log; the rest is on its own page."""


def one(call: Call) -> Response:
    """Who they are here."""
    return _shown(call, _person(call))


def give(call: Call) -> Response:
    """A role, somewhere or everywhere."""
    return _done(call, lambda door, who: door.give(who, call.typed("role"), **_place(call)))


def take(call: Call) -> Response:
    """A role that they were given; the last admin keeps theirs."""
    return _done(call, lambda door, who: door.withdraw(who, call.typed("role"), **_place(call)))


def join(call: Call) -> Response:
    """Into a group, which rules of approval may ask for."""
    return _done(call, lambda door, who: door.join(who, call.typed("group")))


def leave(call: Call) -> Response:
    """Out of a group."""
    return _done(call, lambda door, who: door.leave(who, call.typed("group")))


def shut_out(call: Call) -> Response:
    """At once, however they call."""
    return _done(call, lambda door, who: door.set_disabled(who, disabled=True))


def let_in(call: Call) -> Response:
    """Again."""
    return _done(call, lambda door, who: door.set_disabled(who, disabled=False))


def places(call: Call) -> dict[str, list[str]]:
    """Tenants and stages that there are, to choose from; none where the repository's files cannot be read."""
    stacks: list[dict[str, str]] = []
    with suppress(GaiaError):
        stacks = [dict(each) for each in call.reading.stacks()]
    return {name: sorted({each[name] for each in stacks} - {""}) for name in ("tenant", "stage")}


def _place(call: Call) -> dict[str, str]:
    return {name: call.typed(name) or ANY for name in ("tenant", "stage")}


def _person(call: Call) -> PersonView:
    wanted = call.named("person")
    found = next((each for each in call.people.everybody() if each.id == wanted), None)
    if found is None:
        raise people.unknown(wanted)
    return found


def _done(call: Call, act: Callable[[People, str], object]) -> Response:
    who = call.named("person")
    try:
        act(call.people, who)
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, _person(call), error.http_status, refusing.facts(error))  # who is no admin is told so there
    return to(f"/people/{quote(who, safe='')}")


def _shown(call: Call, who: PersonView, status: int = 200, refused: object = None) -> Response:
    entries = call.people.entries(subject=who.id, limit=_ENTRIES)
    return page(
        call,
        "person.html",
        status,
        who=who,
        roles=ROLES,
        places=places(call),
        tokens=[each for each in call.people.tokens(who.id) if each.revoked_at is None],
        entries=list(reversed(entries)),
        most=_ENTRIES,
        refused=refused,
        typed=call.form,
    )
