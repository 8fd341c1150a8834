"""Where people sign in: at a provider of identities, with a token, or with a link that holds once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from gaia.access.oidc.code_flow import own_path
from gaia.console.rendering import bare_frame, html, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gaia.bootstrap.served import Served


def sign_in(request: Request, served: Served, _form: Mapping[str, str]) -> Response:
    """The ways in."""
    path = own_path(request.query_params.get("next"), "/")
    way = served.signing_in.way()
    issuer = urlsplit(way.issuer).hostname if way is not None else None
    context = {"next": quote(path, safe=""), "then": path, "issuer": issuer, **bare_frame(request)}
    return html(rendered("sign_in.html", **context))
