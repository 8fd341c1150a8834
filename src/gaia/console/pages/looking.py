"""What is looked up: a search over everything, policies, budgets; and how the page looks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gaia.access.oidc.code_flow import own_path
from gaia.console.call import REPOSITORY, THEME
from gaia.console.estimates import share_of
from gaia.console.looks import THEMES, page, to
from gaia.console.pages.home import budgets as bars
from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from gaia.bootstrap.served import Served
    from gaia.console.call import Call
    from gaia.platform.model import RequestLine

_SHORTEST, _MOST = 2, 12
_A_YEAR = 31_536_000


def search(call: Call) -> Response:
    """Services, requests, resources and stacks in whose names a text stands."""
    text = call.asked("q")
    services, found, stacks = [], [], []
    asked: Sequence[RequestLine] = ()
    if len(text) >= _SHORTEST:
        services = list(call.listing.services(holding=text, limit=_MOST))
        asked = call.listing.requests(named=text, limit=_MOST)
        found = [one for one in call.listing.search(text) if one.kind == "resource"][:_MOST]
        with suppress(GaiaError):
            stacks = [one["stack"] for one in call.reading.stacks() if text.lower() in one["stack"].lower()][:_MOST]
    template = "parts/found.html" if call.part else "search.html"
    return page(
        call,
        template,
        text=text,
        short=len(text) < _SHORTEST,
        services=services,
        requests=asked,
        resources=found,
        stacks=stacks,
    )


def policies(call: Call) -> Response:
    """The rules that everything is judged by."""
    reading = call.reading
    text = call.asked("q").lower()
    rules = [
        one
        for one in reading.policies.rules
        if text in f"{one.name} {one.title} {one.severity} {one.subject} {' '.join(one.controls)}".lower()
    ]
    subjects: dict[str, list[Any]] = {}
    for one in rules:
        subjects.setdefault(one.subject, []).append(one)
    template = "parts/rules.html" if call.part else "policies.html"
    return page(call, template, subjects=subjects, text=text, count=len(rules))


def budgets(call: Call) -> Response:
    """What may be spent and taken, and how far that is."""
    quotas = [{**one, "taken": share_of(one["used"], one["most"])} for one in call.reading.money()["quotas"]]
    return page(call, "budgets.html", budgets=bars(call), quotas=quotas)


def spend(call: Call) -> Response:
    """How far budgets go: of everything that is seen, or those that hold a service, as a part of other pages.

    Adding up what everything costs takes a moment where there are many services, so pages do not wait for it.
    """
    wanted = {name: call.asked(name) for name in ("tenant", "stage", "service")}
    found = [one for one in bars(call) if all(not text or one[name] in (None, "", "*", text)
                                             for name, text in wanted.items())]  # fmt: skip
    return page(call, "parts/spend.html", budgets=found)


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
