"""Where browsers get the page, if one is served: at every address that is none of the API's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fastapi import Request

from gaia.api.caller import caller
from gaia.api.cookies import check_own_site
from gaia.api.declared import PREFIX
from gaia.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from gaia.access.callers import Caller
    from gaia.bootstrap.served import Served
    from gaia.errors import GaiaError


class Page(Protocol):
    """What shows Gaia in a browser."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        ...

    def refusal(self, request: Request, error: GaiaError) -> Response:
        """An error as a page."""
        ...


class MakePage(Protocol):
    """Makes it of what is served and of what tells whose browser calls."""

    def __call__(self, served: Served, who: Callable[[Request], Caller]) -> Page:
        """The page."""
        ...


def with_page(app: FastAPI, make: MakePage | None) -> Callable[[Request, GaiaError], Response | None]:
    """Have the app answer with the page where no route of its own does; returns what shows an error to a browser."""
    app.state.page = None
    if make is None:
        return lambda *_: None

    def who(request: Request) -> Caller:
        return caller(Request({**request.scope, "app": app}), None)

    page, missing = make(app.state.served, who), app.router.default
    app.state.page = page

    async def otherwise(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/api" or scope["path"].startswith("/api/"):
            await missing(scope, receive, send)
        else:
            answer = page if (refused := _cross_site(scope)) is None else page.refusal(Request(scope), refused)
            await answer(scope, receive, send)

    def shown(request: Request, error: GaiaError) -> Response | None:
        if request.url.path.startswith(PREFIX) or "text/html" not in request.headers.get("accept", ""):
            return None
        return page.refusal(request, error)

    app.router.default = otherwise
    return shown


def _cross_site(scope: Scope) -> GaiaError | None:
    """The refusal of a form that another site had a browser send; also without a cookie: such a form is not kept."""
    try:
        check_own_site(Request(scope))
    except Refused as error:
        return error
    return None
