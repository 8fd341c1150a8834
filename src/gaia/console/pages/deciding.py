"""What people do to a request. Each answer leads back to its page; what is refused is shown there, and nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.console import refusing
from gaia.console.pages.requests import shown
from gaia.console.rendering import to
from gaia.errors import GaiaError, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.acts.service import Platform
    from gaia.platform.model import RequestView


def approve(call: Call) -> Response:
    """Sign exactly what the page showed."""
    signed = {name: call.typed(name) or None for name in ("digest", "judgement")}
    name = call.typed("in_name") or None
    return _done(
        call, lambda door, request: door.approve(request, **signed, reason=call.typed("reason"), on_behalf=name)
    )


def reject(call: Call) -> Response:
    """Say no."""
    return _done(call, lambda door, request: door.reject(request, reason=call.typed("reason")))


def comment(call: Call) -> Response:
    """Say something."""
    return _done(call, lambda door, request: door.comment(request, call.typed("reason")))


def cancel(call: Call) -> Response:
    """Have what runs end well."""
    return _done(call, lambda door, request: door.cancel(request, now=call.typed("now") == "yes"))


def resume(call: Call) -> Response:
    """Go on."""
    return _done(call, lambda door, request: door.resume(request))


def _done(call: Call, act: Callable[[Platform, str], RequestView]) -> Response:
    request = call.named("request")
    door = call.platform_of(request)
    try:
        view = act(door, request)
    except Unauthenticated:
        raise
    except GaiaError as error:
        found = door.request(request)  # who may not see it is told so here
        more = {"refused": refusing.facts(error), "reason": call.form.get("reason", "")}
        return shown(call, found, error.http_status, **more)
    return to(f"/requests/{quote(view.id, safe='')}")
