"""Errors as RFC 9457 problems, in one place. Nothing of the server's own leaks: no traces, none of its folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from gaia.api.plain import plain
from gaia.errors import Defect, GaiaError, Invalid, Next, NotAllowed, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI, Request
    from starlette.responses import Response as StarletteResponse

MEDIA_TYPE = "application/problem+json"
TITLES = {
    401: "Who calls is not known",
    403: "Not permitted",
    404: "Not found",
    405: "Not allowed",
    409: "In conflict with how things are",
    413: "Too large",
    422: "Cannot be used",
    429: "Too many calls",
    500: "A defect",
    502: "A tool failed",
    503: "Not available now",
}
"""Of each status, what kind of problem it is."""
ROUTES: Mapping[str, tuple[str, str]] = {
    "approve": ("POST", "/api/v1/requests/{subject}/approve"),
    "audit list": ("GET", "/api/v1/audit"),
    "delegation list": ("GET", "/api/v1/delegations"),
    "describe component": ("GET", "/api/v1/instances"),
    "list stacks": ("GET", "/api/v1/stacks"),
    "login": ("GET", "/login"),
    "looks list": ("GET", "/api/v1/drift"),
    "logs": ("GET", "/api/v1/requests/{subject}/log"),
    "person enable": ("POST", "/api/v1/people/{subject}/enable"),
    "policy list": ("GET", "/api/v1/policies"),
    "reconcile": ("POST", "/api/v1/services/{subject}/reconcile"),
    "reject": ("POST", "/api/v1/requests/{subject}/reject"),
    "request": ("POST", "/api/v1/services"),
    "resume": ("POST", "/api/v1/requests/{subject}/resume"),
    "cancel": ("POST", "/api/v1/requests/{subject}/cancel"),
    "change": ("POST", "/api/v1/services/{subject}/change"),
    "retire": ("POST", "/api/v1/services/{subject}/retire"),
    "status": ("GET", "/api/v1/requests/{subject}"),
    "token create": ("POST", "/api/v1/tokens"),
    "token list": ("GET", "/api/v1/tokens"),
    "webhook list": ("GET", "/api/v1/webhooks"),
    "why": ("GET", "/api/v1/explain?subject={subject}"),
}
"""Which route does what a next step proposes, for each that one does: tests hold them against routes and steps."""


def next_of(step: str) -> dict[str, Any]:
    """A next step as data: its words, what is done to what, and the route that does it, where one does."""
    options = step.options if isinstance(step, Next) else ()
    act = step.as_json() if isinstance(step, Next) else {"act": None, "subject": "", "stack": "", "options": []}
    method, path = ROUTES.get(str(act["act"]), (None, None))
    subject = quote(str(act["subject"]), safe="")
    if path == "/api/v1/requests/{subject}" and not subject:
        path = "/api/v1/requests"
    if path == "/login" and "--step-up" in options:
        path = "/login?again=true"
    apart = {"said": step.words, "after": step.after} if isinstance(step, Next) else {"said": str(step), "after": ""}
    return {"words": str(step), **apart, **act, "method": method, "href": path and path.format(subject=subject)}


def problem(error: GaiaError, instance: str, hide: Callable[[str], str] = str) -> Response:
    """An error as an answer. `hide` takes out of its texts what is only the server's."""
    status = error.http_status
    step = next_of(error.next_step)
    body = {
        "type": f"urn:gaia:problem:{error.code}",
        "title": TITLES.get(status, "A problem"),
        "status": status,
        "detail": hide(error.message),
        "code": error.code,
        "next": {name: hide(value) if isinstance(value, str) else value for name, value in step.items()},
        "instance": instance,
        "at": hide(str(error.at)) if error.at else None,
        "facts": plain(error.facts),
    }
    headers = {"WWW-Authenticate": 'Bearer realm="gaia"'} if status == 401 else {}
    if error.code == "proof-needed":
        headers["WWW-Authenticate"] = _step_up(error.facts)
    if (after := error.facts.get("retry_after")) is not None:
        headers["Retry-After"] = str(after)
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def _step_up(facts: Mapping[str, object]) -> str:
    """The challenge of RFC 9470: what to ask the provider for; facts are numbers and words of our own settings."""
    said = {"error": "insufficient_user_authentication", "max_age": facts["max_age"]}
    said |= {"acr_values": facts["acr_values"]} if facts.get("acr_values") else {}
    return ", ".join(['Bearer realm="gaia"', *(f'{name}="{value}"' for name, value in said.items())])


def defect() -> Defect:
    """What is said of an error that nobody expected; the server's log says which, by the same request id."""
    return Defect(
        "defect",
        "Gaia did something unexpected",
        next_step="Report it with the X-Request-Id of this answer: the server's log says more under it.",
    )


def answer_with_problems(
    app: FastAPI,
    hide: Callable[[str], str],
    shown: Callable[[Request, GaiaError], StarletteResponse | None] = lambda *_: None,
) -> None:
    """Make every error of the app a problem, but for those that are `shown` to a browser."""

    def gaia_error(request: Request, error: Exception) -> StarletteResponse:
        assert isinstance(error, GaiaError)  # noqa: S101 - registered for nothing else
        return shown(request, error) or problem(error, request.url.path, hide)

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return problem(_invalid(error), request.url.path, hide)

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        # the framework takes an error that reading the body ended with for a bad body
        own = error.__cause__ if isinstance(error.__cause__, GaiaError) else _of_http(error)
        made = problem(own, request.url.path, hide)
        for name, value in (error.headers or {}).items():
            made.headers[name] = value
        return made

    app.add_exception_handler(GaiaError, gaia_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def _invalid(error: RequestValidationError) -> Invalid:
    """What the caller gave in a wrong form: each place with what was expected there, and nothing of what was given."""
    wrong = [{"where": ".".join(map(str, one["loc"])), "what": str(one["msg"])} for one in error.errors()]
    first = wrong[0] if wrong else {"where": "body", "what": "invalid"}
    return Invalid(
        "call-invalid",
        f"{first['where']}: {first['what']}",
        next_step="Write it as the document at /api/v1/openapi.json says.",
        facts={"invalid": wrong},
    )


def _of_http(error: HTTPException) -> GaiaError:
    if error.status_code == 404:
        return NotFound("route-unknown", "there is no such route", next_step="See /api/v1/openapi.json.")
    if error.status_code == 405:
        return NotAllowed("method-not-allowed", "the route does not take this method", next_step="See Allow.")
    if error.status_code < 500:
        return Invalid("call-unreadable", "the body cannot be read", next_step="Send JSON in UTF-8.")
    return Unavailable("server-unwilling", "the server cannot answer this now", next_step="Try again later.")
