"""The browser's session: a cookie that no script reads, no other host sets, and no other site can act with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gaia.access.oidc.checked import LOOPBACK
from gaia.access.oidc.code_flow import LIFE as ATTEMPT_LIFE
from gaia.errors import Refused, Unavailable
from gaia.platform.callers.signing_in import SESSION_LIFE

if TYPE_CHECKING:
    from fastapi import Request, Response

SESSION = "__Host-gaia-session"
ATTEMPT = "__Host-gaia-sign-in"
_SAFE = ("GET", "HEAD", "OPTIONS")


def keep(response: Response, name: str, value: str) -> None:
    """Have the browser keep it."""
    life = SESSION_LIFE if name == SESSION else ATTEMPT_LIFE
    response.set_cookie(
        name, value, max_age=int(life.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )


def drop(response: Response, name: str) -> None:
    """Have the browser forget it."""
    response.set_cookie(name, "", max_age=0, path="/", secure=True, httponly=True, samesite="lax")


def own_address(request: Request) -> str:
    """Where the browser reaches this server: as it is set, else on this machine. `Host` could be anything.

    Raises:
        Unavailable: `sign-in-not-set`.
    """
    public: str | None = request.app.state.served.first.public_url
    if public is not None:
        return public
    if request.url.hostname in LOOPBACK:
        return f"{request.url.scheme}://{request.url.netloc}"
    raise Unavailable(
        "sign-in-not-set",
        "this server does not know where browsers reach it",
        next_step="Set GAIA_PUBLIC_URL to https://HOST where the server runs.",
    )


def check_own_site(request: Request) -> None:
    """Pass what a page of our own asked for: a cookie goes along with what another site's page sends, too.

    Raises:
        Refused: `cross-site`.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site == "same-origin"
    else:
        own = origin is not None and _origin(origin) == _origin(own_address(request))
    if not own:
        raise Refused(
            "cross-site",
            "a page of another site asked for this",
            next_step="Do it on Gaia's own page, or call with a token.",
        )


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
