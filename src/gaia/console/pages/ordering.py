"""Asking for a service: a template is picked, its questions are answered, and what would come of it is seen."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.console import answers, refusing
from gaia.console.rendering import page, to
from gaia.errors import GaiaError, Invalid, Unauthenticated
from gaia.platform.drafts.drafting import Outlook, Wish
from gaia.platform.model import totals_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.model import RequestLine
    from gaia.scaffold.template import Template

_LIKE = 20
"""Services that are looked at for one like this."""


def choose(call: Call) -> Response:
    """The templates that there are."""
    return page(call, "choose.html", templates=call.reading.templates())


def form(call: Call) -> Response:
    """The questions of one, with their defaults."""
    template = call.reading.template(call.named("template"))
    return _form(call, template, {**answers.defaults(template), **call.request.query_params})


def tried(call: Call) -> Response:
    """What would come of the form as it is now."""
    template = call.reading.template(call.named("template"))
    return page(call, "parts/outlook.html", **_outlook(call, template, answers.typed(call)))


def ask(call: Call) -> Response:
    """Ask for it; what cannot be used is shown where it was typed."""
    template = call.reading.template(call.named("template"))
    typed = answers.typed(call)
    if call.form.get("act") == "look":  # without script: look, and go on writing
        return _form(call, template, typed, looked=True)
    try:
        answers.check_same(template, call)
        wish = _wish(template, typed)
        view = call.platform.submit(template.name, wish.service, wish.stack, wish.answers, ttl=wish.ttl)
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _form(call, template, typed, looked=True, status=error.http_status, refused=refusing.facts(error))
    return to(f"/requests/{quote(view.id, safe='')}")


def _form(
    call: Call,
    template: Template,
    typed: Mapping[str, str],
    *,
    looked: bool = False,
    status: int = 200,
    refused: Mapping[str, object] | None = None,
) -> Response:
    offering = call.offering
    stacks = [one for one in call.reading.stacks() if offering.asks_in(one["tenant"], one["stage"])]
    nothing: dict[str, object] = {"outlook": Outlook(), "like": None, "begun": False, "titles": {}}
    context = _outlook(call, template, typed) if looked else nothing
    return page(
        call,
        "order.html",
        status,
        template=template,
        typed=typed,
        stacks=stacks,
        refused=refused,
        looked=looked,
        questions=answers.digest_of(template),
        was={},
        **context,
    )


def _outlook(call: Call, template: Template, typed: Mapping[str, str]) -> dict[str, object]:
    begun = bool(typed.get("service")) and bool(typed.get("stack"))
    try:
        wish = _wish(template, typed)
        outlook = call.served.drafting(call.caller, repository=call.repository).look(wish)
    except Invalid as error:
        outlook = Outlook(placed={"ttl": error})
    like = _like(call, template.name, typed.get("stack", ""))
    return {"outlook": outlook, "like": like, "begun": begun, "titles": answers.titles(template)}


def _like(call: Call, template: str, stack: str) -> Mapping[str, object] | None:
    """What the newest service of the same template costs: nothing knows the price of this one before its plan."""
    found: Sequence[RequestLine] = ()
    with suppress(GaiaError):
        found = call.listing.requests(("done", "waiting"), named=template, limit=_LIKE)
    same = [one for one in found if one.template == template and one.cost and not one.is_retirement]
    same.sort(key=lambda one: one.stack != stack)
    if not same:
        return None
    totals = totals_of(same[0].cost)
    return {"line": same[0], "monthly": totals.get("expected") or totals.get("monthly"), "currency": totals["currency"]}


def _wish(template: Template, fields: Mapping[str, str]) -> Wish:
    """What was typed as a wish."""
    return Wish(
        template.name,
        fields.get("service", "").strip(),
        fields.get("stack", "").strip(),
        answers.given(template, fields),
        answers.life(fields.get("ttl", "")),
    )
