"""The page as an application: its addresses, and what lies around each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Route

from gaia.console import assets, forgery, pages, refusing
from gaia.console.call import SESSION, Call, read_form
from gaia.console.rendering import to
from gaia.errors import GaiaError, NotFound, Unauthenticated
from gaia.kit.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from gaia.access.callers import Caller
    from gaia.bootstrap.served import Served

SIGN_IN = "/sign-in"


class Console:
    """The page of what is served. `who` tells the caller of a browser's session, and keeps guesses back."""

    FIRST = "/"
    """Where somebody goes who has signed in."""

    def __init__(
        self,
        served: Served,
        who: Callable[[Request], Caller],
        *,
        streams: int = 200,
        streams_each: int = 20,
        longest_stream: float = 300.0,
    ) -> None:
        self.served, self.who = served, who
        app = Starlette(
            routes=[
                Route("/assets/{digest}/{name:path}", assets.asset),
                *(_route(self, *one) for one in pages.OPEN),
                *(_route(self, *one, known=True) for one in pages.KNOWN),
            ],
            exception_handlers={HTTPException: self._http},
        )
        app.router.redirect_slashes = False
        self.streams = Streams(streams, streams_each)
        app.state.served, app.state.streams, app.state.longest_stream = served, self.streams, longest_stream
        app.state.ending, app.state.who = (lambda: False), who
        self.app: ASGIApp = app
        self._state = app.state

    @property
    def following(self) -> int:
        """How many pages follow something now."""
        return self.streams.number

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call that no other door knows."""
        outer = scope.get("app")
        if outer is not None:
            self._state.ending = lambda: bool(getattr(outer.state, "ending", False))
        await self.app(scope, receive, send)

    def refusal(self, request: Request, error: GaiaError) -> Response:
        """An error as a page."""
        return refusing.page_of(request, error)

    def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        own = NotFound("page-unknown", "there is no such page", next_step="Go to the first page, or search.")
        return self.refusal(request, own)


def _route(console: Console, methods: str, path: str, work: Callable[..., Response], *, known: bool = False) -> Route:
    """An address. What its function raises becomes a page; a form is looked at before anything is done with it."""

    async def answer(request: Request) -> Response:
        request.scope["route"] = route
        form: dict[str, str] = {}
        try:
            if request.method == "POST":
                form = read_form(await request.body())
            if not known:
                return await run_in_threadpool(work, request, console.served, form)
            return await run_in_threadpool(_known, console, request, form, work)
        except Unauthenticated as error:
            return _signed_out(request, error, form)
        except GaiaError as error:
            return console.refusal(request, error)

    route = Route(path, answer, methods=methods.split())
    return route


def _known(console: Console, request: Request, form: dict[str, str], work: Callable[[Call], Response]) -> Response:
    caller = console.who(request)
    call = Call(request, console.served, caller, form)
    if request.method == "POST" and not forgery.holds(request.cookies.get(SESSION, ""), form.get(forgery.FIELD, "")):
        return refusing.other_session(call)
    return work(call)


def _signed_out(request: Request, error: Unauthenticated, form: dict[str, str]) -> Response:
    """To the place where one signs in; with what was typed, if something was."""
    if "hx-request" in request.headers:
        return refusing.part_of(error, 401)
    if request.method == "POST":
        return refusing.kept(request, error, form)
    query = f"?{request.url.query}" if request.url.query else ""
    return to(f"{SIGN_IN}?next={quote(request.url.path + query, safe='')}")
