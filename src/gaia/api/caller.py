"""Who calls, told once a call by its `Authorization` header, and what is handed to the routes in their name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, cast

from fastapi import Depends, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gaia.access.callers import Caller
from gaia.api.cookies import SESSION, check_own_site
from gaia.bootstrap.served import Served
from gaia.errors import Unauthenticated
from gaia.platform.acts.drifting import Drifting
from gaia.platform.acts.service import Platform
from gaia.platform.callers.people import People
from gaia.platform.callers.webhooks import Webhooks
from gaia.platform.views.cataloguing import Cataloguing
from gaia.platform.views.happening import Happening
from gaia.platform.views.listing import Listing
from gaia.platform.views.reading import Reading

BEARER = HTTPBearer(auto_error=False, description="What POST /api/v1/tokens answers with, or an access token.")
_KNOWN_ONES = ("session-ended", "token-expired")
"""What only who has been in before is answered: their browsers and programs go on asking, and nobody is guessing."""
LONGEST = 300
"""Characters of a name in a path or a query."""


def served(request: Request) -> Served:
    """What this server works with."""
    return cast("Served", request.app.state.served)


def caller(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Caller:
    """Who calls.

    Raises:
        Unauthenticated: see `gaia.platform.callers.signing_in.SigningIn.caller` and `in_session`.
        Refused: `cross-site`. TooMany: `login-throttled`, `rate-limited`.
    """
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known
    cookie = request.cookies.get(SESSION) if given is None else None
    secret = given.credentials if given is not None else cookie
    with throttled(request):
        if cookie is not None:
            check_own_site(request)
            found = served(request).signing_in.in_session(cookie)
        else:
            found = _by_token(request, secret)
    request.app.state.throttle.passed(found.token or found.session or found.id)
    request.state.caller = found
    return found


@contextmanager
def throttled(request: Request) -> Iterator[None]:
    """Somebody tries to get in: who fails, and comes from an address from which that failed too often, is held back.

    Raises:
        TooMany: `login-throttled`.
    """
    try:
        yield
    except Unauthenticated as error:
        if error.code not in _KNOWN_ONES:
            request.app.state.throttle.failed(request.app.state.proxies.address(request))
        raise


def _by_token(request: Request, secret: str | None) -> Caller:
    try:
        return served(request).authenticate(secret)
    except Unauthenticated as error:
        if error.code != "token-missing":
            raise
        raise Unauthenticated(
            "token-missing", "no token was given", next_step="Send the header `Authorization: Bearer TOKEN`."
        ) from error


Home = Annotated[Served, Depends(served)]
Who = Annotated[Caller, Depends(caller)]
Repository = Annotated[
    str | None,
    Query(max_length=LONGEST, description="Which repository, where several are served; `/me` names them."),
]
RequestName = Annotated[
    str,
    Path(
        description="An id, the beginning of one, or the service's name for its newest request.",
        examples=["req_019aa8c2d3e47abc9f00112233445566"],
    ),
]
MaybeStack = Annotated[str | None, Query(max_length=LONGEST, description="Only of this stack.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many.")]


def platform(home: Home, who: Who, repository: Repository = None) -> Platform:
    """The platform in the caller's name."""
    return home.platform(who, repository=repository)


def platform_of(home: Home, who: Who, request: RequestName, repository: Repository = None) -> Platform:
    """The platform that has the request, in the caller's name."""
    return home.platform(who, repository=repository, request=request)


def people(home: Home, who: Who, repository: Repository = None) -> People:
    """Tokens and the audit log, in the caller's name."""
    return home.people(who, repository=repository)


def listing(home: Home, who: Who, repository: Repository = None) -> Listing:
    """Lists, in the caller's name."""
    return home.listing(who, repository=repository)


def happening(home: Home, who: Who, repository: Repository = None) -> Happening:
    """What happened, as far as the caller may see it."""
    return home.happening(who, repository=repository)


def cataloguing(home: Home, who: Who, repository: Repository = None) -> Cataloguing:
    """What there is, as entities of Backstage, in the caller's name."""
    return home.cataloguing(who, repository=repository)


def drifting(home: Home, who: Who, repository: Repository = None) -> Drifting:
    """Drift, in the caller's name."""
    return home.drifting(who, repository=repository)


def webhooks(home: Home, who: Who, repository: Repository = None) -> Webhooks:
    """Webhooks, in the caller's name."""
    return home.webhooks(who, repository=repository)


def reading(home: Home, who: Who, repository: Repository = None) -> Reading:
    """The repository's files, in the caller's name."""
    return home.reading(who, repository=repository)


Door = Annotated[Platform, Depends(platform)]
DoorOf = Annotated[Platform, Depends(platform_of)]
Persons = Annotated[People, Depends(people)]
Lists = Annotated[Listing, Depends(listing)]
Happened = Annotated[Happening, Depends(happening)]
Catalogs = Annotated[Cataloguing, Depends(cataloguing)]
Drifts = Annotated[Drifting, Depends(drifting)]
Hooks = Annotated[Webhooks, Depends(webhooks)]
Files = Annotated[Reading, Depends(reading)]
