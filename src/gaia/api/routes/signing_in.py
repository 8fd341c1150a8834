"""How people sign in: what a terminal has to know, and where browsers go. The latter are no part of the API."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import ConfigDict, Field

from gaia.access.oidc.code_flow import own_path
from gaia.api.caller import LONGEST, Home, throttled
from gaia.api.cookies import ATTEMPT, SESSION, check_own_site, drop, keep, own_address
from gaia.api.declared import PREFIX, may, problems
from gaia.api.plain import answer
from gaia.api.shapes import Shape
from gaia.errors import Invalid

router = APIRouter(tags=["who"])
browsers = APIRouter(include_in_schema=False)
"""Where a browser goes with nobody's token."""
FIRST_PAGE = f"{PREFIX}/me"
"""Where somebody goes who has signed in and wanted nothing else, where no page is served."""
_MOST_ANSWERS = 10
_LONGEST_SECRET = 1000


class Way(Shape):
    """A provider of identities, at which people sign in for a token of this API."""

    issuer: str
    client_id: str
    audience: str
    audience_parameter: str
    scopes: str
    acr_values: str = Field(description="To ask for where a second factor is needed; empty: nothing.")


class Ways(Shape):
    """How people sign in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "oidc": {
                        "issuer": "https://login.example.com",
                        "client_id": "gaia",
                        "audience": "https://gaia.example.com",
                        "audience_parameter": "resource",
                        "scopes": "openid profile offline_access",
                        "acr_values": "mfa",
                    }
                }
            ]
        }
    )
    oidc: Way | None


@router.get(
    "/login",
    operation_id="get_login",
    summary="Show how people sign in",
    response_model=Ways,
    responses=problems(),
    openapi_extra=may("anyone"),
)
def ways(home: Home) -> Response:
    """The provider of identities, for `gaia login`; null where there are only tokens of `POST /tokens`."""
    way = home.signing_in.way()
    return answer({"oidc": way and {name: getattr(way, name) for name in Way.model_fields}})


@browsers.get("/login")
def begin(
    request: Request,
    home: Home,
    next_path: Annotated[str | None, Query(alias="next", max_length=LONGEST)] = None,
    again: Annotated[bool, Query()] = False,
) -> Response:
    """Send the browser to the provider; `again` has it ask for all factors anew."""
    begun = home.signing_in.begin(f"{own_address(request)}/callback", own_path(next_path, _first(request)), again=again)
    response = _to(begun.url)
    keep(response, ATTEMPT, begun.cookie)
    return response


@browsers.get("/callback")
def finish(request: Request, home: Home) -> Response:
    """Take the browser back, and begin its session. A session that it had before ends."""
    given = dict(list(request.query_params.items())[:_MOST_ANSWERS])
    with throttled(request):
        entered = home.signing_in.finish(request.cookies.get(ATTEMPT), f"{own_address(request)}/callback", given)
    home.signing_in.leave(request.cookies.get(SESSION))
    response = _to(entered.then)
    keep(response, SESSION, entered.secret)
    drop(response, ATTEMPT)
    return response


@browsers.get("/login/{link}")
def follow(request: Request, home: Home, link: Annotated[str, Path(max_length=LONGEST)]) -> Response:
    """Sign in with a link that holds once."""
    with throttled(request):
        entered = home.signing_in.follow(link, _first(request))
    home.signing_in.leave(request.cookies.get(SESSION))
    response = _to(entered.then)
    keep(response, SESSION, entered.secret)
    return response


@browsers.post("/login")
async def enter(request: Request, home: Home) -> Response:
    """Sign in with a token, or with a link that somebody pasted, from the form of the page."""
    check_own_site(request)
    try:
        given = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=_MOST_ANSWERS))
    except ValueError as error:
        raise Invalid("form-unreadable", "the form has too many fields", next_step="Send it from the page.") from error
    secret = given.get("secret", "").strip()[:_LONGEST_SECRET]
    then = own_path(given.get("next"), _first(request))
    with throttled(request):
        if "/" in secret:
            entered = await run_in_threadpool(home.signing_in.follow, secret.rstrip("/").rpartition("/")[2], then)
        else:
            entered = await run_in_threadpool(home.signing_in.enter, secret, then)
    await run_in_threadpool(home.signing_in.leave, request.cookies.get(SESSION))
    response = _to(entered.then)
    keep(response, SESSION, entered.secret)
    return response


@browsers.post("/logout")
def leave(request: Request, home: Home) -> Response:
    """End the browser's session."""
    check_own_site(request)
    home.signing_in.leave(request.cookies.get(SESSION))
    response = _to("/")
    drop(response, SESSION)
    return response


def _first(request: Request) -> str:
    return "/" if request.app.state.page is not None else FIRST_PAGE


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, 303)
