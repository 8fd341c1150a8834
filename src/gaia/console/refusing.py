"""Errors as pages: what happened, and what to do now. Nothing that somebody typed is lost by one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.console import forgery
from gaia.console.rendering import bare_frame, html, page, rendered
from gaia.console.steps import link_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.errors import GaiaError

_TITLES = {
    401: "You are not signed in",
    403: "You may not do this",
    404: "Not found",
    409: "Things have moved on",
    413: "Too much",
    422: "This cannot be used",
    429: "Too many tries",
    503: "Not available now",
}


def page_of(request: Request, error: GaiaError) -> Response:
    """An error as a page of its own, or as the part of one that a script asked for."""
    if "hx-request" in request.headers:
        return part_of(error, error.http_status)
    return html(rendered("refusal.html", **bare_frame(request), **facts(error)), error.http_status)


def part_of(error: GaiaError, status: int) -> Response:
    """An error in the place of a part of a page."""
    return html(rendered("parts/refusal.html", **facts(error)), status)


def within(call: Call, error: GaiaError, template: str, **context: object) -> Response:
    """A page that shows an error in its place, with everything that was typed."""
    return page(call, template, error.http_status, refused=facts(error), **context)


def kept(request: Request, error: GaiaError, form: Mapping[str, str]) -> Response:
    """A form was sent by somebody who is not signed in any more: it waits here until they are."""
    fields = {name: value for name, value in form.items() if name != forgery.FIELD}
    context = {"fields": fields, "action": request.url.path, "next": quote(request.url.path, safe="")}
    return html(rendered("kept.html", **bare_frame(request), **facts(error), **context), 401)


def other_session(call: Call) -> Response:
    """A form of another session, or of nobody's: it is shown to who sent it, and done when they say so."""
    fields = {name: value for name, value in call.form.items() if name != forgery.FIELD}
    return page(call, "again.html", 409, fields=fields, action=call.request.url.path)


def facts(error: GaiaError) -> dict[str, object]:
    """What a page shows of an error."""
    return {
        "title": _TITLES.get(error.http_status, "Something went wrong"),
        "message": error.message,
        "next_step": str(error.next_step),
        "link": link_of(error.next_step),
        "code": error.code,
        "at": str(error.at) if error.at else "",
    }
