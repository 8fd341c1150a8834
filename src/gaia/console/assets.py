"""The page's own files: script, style and icons, each under an address that changes with it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import Response

from gaia.console import rendering

if TYPE_CHECKING:
    from starlette.requests import Request

_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_A_YEAR = "public, max-age=31536000, immutable"


@cache
def _known() -> frozenset[str]:
    found = (one for one in rendering.ASSETS.rglob("*") if one.suffix in _KINDS)
    return frozenset(one.relative_to(rendering.ASSETS).as_posix() for one in found)


def asset(request: Request) -> Response:
    """One of the files. An address of an older one leads to the one that there is, and is not kept."""
    name = str(request.path_params["name"])
    if name not in _known():
        return Response("there is no such file", 404, media_type="text/plain")
    path = rendering.ASSETS / name
    kept = _A_YEAR if request.url.path == rendering.asset(name) else "no-cache"
    headers = {"cache-control": kept, "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(path.read_bytes(), headers=headers, media_type=_KINDS[path.suffix])
