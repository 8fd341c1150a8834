"""What a browser remembers of its owner: the theme, and which repository is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.access.oidc.code_flow import own_path
from gaia.console.call import REPOSITORY, THEME
from gaia.console.rendering import THEMES, to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gaia.bootstrap.served import Served
    from gaia.console.call import Call

_A_YEAR = 31_536_000


def theme(request: Request, _served: Served, form: Mapping[str, str]) -> Response:
    """Light, dark, or as the machine has it."""
    response = to(own_path(form.get("back"), "/"))
    wanted = form.get("theme", "")
    life = _A_YEAR if wanted in THEMES else 0
    response.set_cookie(THEME, wanted if life else "", max_age=life, httponly=True, samesite="lax",
                        secure=request.url.scheme == "https")  # fmt: skip
    return response


def repository(call: Call) -> Response:
    """Another repository is looked at from now on."""
    response = to("/")
    wanted = call.typed("repository")
    if wanted in call.served.repositories:
        response.set_cookie(REPOSITORY, wanted, max_age=_A_YEAR, httponly=True, samesite="lax")
    return response
