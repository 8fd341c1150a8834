"""The application: routes, limits, and what they all share."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from gaia import __version__
from gaia.api.around import Around, Tagged
from gaia.api.browsers import with_page
from gaia.api.connections import Through
from gaia.api.declared import MAY, PREFIX, RULES
from gaia.api.limits import Limits, Throttle
from gaia.api.once import LONGEST, OnceRoute
from gaia.api.problems import answer_with_problems
from gaia.api.proxies import Proxies
from gaia.api.remembered import Remembered, Remembering
from gaia.api.routes import (
    audit_file,
    catalog,
    delegations,
    drift,
    events,
    files,
    finding,
    health,
    judging,
    money,
    requests,
    services,
    signing_in,
    webhooks,
    who,
    workflows,
)
from gaia.api.shapes import Problem
from gaia.kit import telemetry
from gaia.kit.streams import Streams
from gaia.platform.views.measures import Measures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from gaia.api.browsers import MakePage
    from gaia.bootstrap.served import Served

DOCUMENT = f"{PREFIX}/openapi.json"
ABOUT = (
    "Ask for a service, see what it would create and cost, have it approved, get it, explain it, undo it. Every call "
    "but those for health takes `Authorization: Bearer TOKEN`. Errors are problems (RFC 9457) whose `code` is stable. "
    "What belongs to a tenant that the caller may not see is not found."
)


def make_api(
    served: Served,
    *,
    limits: Limits | None = None,
    proxies: Proxies | None = None,
    log: Callable[[Mapping[str, object]], None] = lambda _: None,
    hide: Callable[[str], str] = str,
    measures: Measures | None = None,
    page: MakePage | None = None,
) -> FastAPI:
    """The API of what is `served`. `log` is given a line a call; `hide` takes the server's own folders out of texts.

    `measures` are those that hear what the process does; without them some are made that hear it while the app lives.
    `proxies` are those whose word counts on where a call comes from; without any, it comes from who calls.
    `page` makes what browsers get at every other address.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with telemetry.listening(*([own] if measures is None else [])):
            yield
        app.state.ending = True
        remembered.close()

    limits, remembered = limits or Limits(), Remembered(lambda: served.first.database)
    app = FastAPI(
        title="Gaia",
        version=__version__,
        description=ABOUT,
        openapi_url=DOCUMENT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    own = measures or Measures()
    app.state.served, app.state.limits, app.state.log, app.state.hide = served, limits, log, hide
    app.state.throttle, app.state.measures = Throttle(limits), own
    app.state.proxies = proxies or Proxies()
    app.state.streams, app.state.ending = Streams(limits.streams, limits.streams_each), False
    shown = with_page(app, page)
    answer_with_problems(app, hide, shown)
    app.include_router(health.router)
    app.include_router(signing_in.browsers)
    api = APIRouter(prefix=PREFIX)
    for part in (
        *(services.router, requests.router, drift.router, files.router, judging.router, money.router, finding.router),
        *(catalog.router, events.router, workflows.router, webhooks.router, webhooks.secrets, audit_file.router),
        *(delegations.router, who.router, who.secrets, signing_in.router, health.metrics_router),
    ):
        api.include_router(part)
    app.include_router(api)
    app.add_middleware(Remembering, remembered=remembered, throttle=app.state.throttle)
    app.add_middleware(Tagged)
    through = Through(limits, app.state.proxies)
    app.add_middleware(Around, log=log, limits=limits, hide=hide, through=through, shown=shown)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once: FastAPI's, with one form of errors, and keys where calls may carry one."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, openapi_version="3.1.0"
    )
    schemas = made["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    once = _once()
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            rule = operation.get(MAY)
            if rule is not None:
                operation["description"] = f"{operation['description']}\n\nWho may: {RULES[rule]}"
            if method in ("post", "put", "delete") and operation["operationId"] in once:
                operation.setdefault("parameters", []).append(_KEY)
            if method == "get" and path.startswith(PREFIX) and "application/json" in _content(operation):
                operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
                operation["responses"]["304"] = {"description": "As `If-None-Match` has it."}
    app.openapi_schema = made
    return made


def _once() -> set[str | None]:
    """The operations that look at an idempotency key."""
    routers = (
        *(services.router, requests.router, drift.router, webhooks.router, workflows.router),
        *(who.router, delegations.router),
    )
    return {route.operation_id for one in routers for route in one.routes if isinstance(route, OnceRoute)}


def _content(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = operation["responses"].get("200", {}).get("content", {})
    return found


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same call with the same key is done once, and answered the same for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[ -~]+$"},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An `ETag` that was answered before.",
    "schema": {"type": "string", "maxLength": 1000},
}
