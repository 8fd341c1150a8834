"""Where people sign in: at a provider of identities, or with a link that holds once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from gaia.access.oidc.code_flow import own_path
from gaia.console.looks import bare_frame, html, rendered, to
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gaia.bootstrap.served import Served

_LONGEST = 1000


def sign_in(request: Request, served: Served, _form: Mapping[str, str]) -> Response:
    """The ways in."""
    path = own_path(request.query_params.get("next"), "/")
    way = served.signing_in.way()
    issuer = urlsplit(way.issuer).hostname if way is not None else None
    ended = bool(request.query_params.get("next"))
    context = {"next": quote(path, safe=""), "issuer": issuer, "ended": ended, **bare_frame(request)}
    return html(rendered("sign_in.html", **context))


def follow(_request: Request, _served: Served, form: Mapping[str, str]) -> Response:
    """Take a link, or its secret, that somebody pasted."""
    given = form.get("link", "").strip()
    secret = urlsplit(given).path.rstrip("/").rpartition("/")[2] if given else ""
    if not secret or len(given) > _LONGEST or not secret.isascii():
        raise Invalid(
            "link-invalid", "this is no link that signs in", next_step="Paste the whole link, as you were given it."
        )
    return to(f"/login/{quote(secret, safe='')}")
