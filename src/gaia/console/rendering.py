"""Templates, and what every answer with a page carries."""

from __future__ import annotations

import hashlib
import shlex
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gaia import __version__
from gaia.console import words
from gaia.console.call import THEME
from gaia.console.estimates import monthly
from gaia.console.navigation import sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from gaia.console.call import Call

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing of another host, no script or style that stands in a page, nothing evaluated."""
SAFE = {"content-security-policy": POLICY, "cache-control": "private, no-store"}
THEMES = ("light", "dark")


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=words.finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "money": words.money,
        "monthly": monthly,
        "moment": words.moment,
        "span": words.span,
        "name": words.name,
        "answer": words.answer,
        "told": words.told,
        "state": words.state,
        "state_words": lambda status: words.STATES.get(status, (status, ""))[0],
        "commit": words.commit,
        "key": words.key,
        "spoken": words.spoken,
        "typed": shlex.quote,
        "past": words.past,
        "title_of": lambda text: str(text).strip().removesuffix("."),
    }
    made.globals |= {"asset": asset, "since": words.since, "verbs": words.VERBS}
    return made


@cache
def asset(name: str) -> str:
    """The address of a file of ours, which changes with it."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"/assets/{digest}/{name}"


def rendered(template: str, /, **context: object) -> str:
    """A template as text."""
    return _templates().get_template(template).render(context)


def page(call: Call, template: str, status: int = 200, /, **context: object) -> Response:
    """A page, in its frame, for somebody who has signed in; only its part where a script asks for that."""
    frame = {
        "call": call,
        "person": call.caller,
        "token": call.token,
        "repositories": call.served.repositories,
        "repository": call.repository,
        "sections": sections(call),
        "offering": call.offering,
        **bare_frame(call.request),
    }
    return html(rendered(template, **frame, **context), status)


def bare_frame(request: Request) -> Mapping[str, object]:
    """What every page has, whoever looks."""
    theme = request.cookies.get(THEME, "")
    return {"theme": theme if theme in THEMES else "", "path": request.url.path, "version": __version__}


def html(text: str, status: int = 200) -> Response:
    """HTML with its headers."""
    return HTMLResponse(text, status, headers=SAFE)


def to(path: str) -> Response:
    """Go there now: what was sent is not sent again by who reloads."""
    return RedirectResponse(path, 303, headers=SAFE)
