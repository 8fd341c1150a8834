"""Requests: the lists, and the page of one, which follows what happens to it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from gaia.console import differences, drawing, estimates, sorting
from gaia.console.rendering import page
from gaia.errors import GaiaError
from gaia.platform.model import FINAL, WORKING
from gaia.records.sorting import Sorting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.model import RequestView
    from gaia.records.model import RequestStatus
    from gaia.records.sorting import Sort

MOST = 100
"""Rows of a list."""
COLUMNS = (
    sorting.Column("Service", "name"),
    sorting.Column("Asked for", "asked", descending=True),
    sorting.Column("State"),
    sorting.Column("A month", kind="end"),
)
_SORTS: Mapping[str, Sort] = {"name": "name", "asked": "asked"}
_LINES = 200
"""Lines of a log that a page shows; the rest is in the log's own page."""
TABS: Mapping[str, tuple[str, tuple[RequestStatus, ...] | None]] = {
    "": ("All", None),
    "waiting": ("Waiting", ("waiting",)),
    "running": ("Running", ("queued", "submitted", "applying")),
    "parked": ("Parked", ("parked",)),
    "done": ("Done", ("done",)),
    "ended": ("Not done", ("denied", "failed", "expired", "rejected")),
}


def listed(call: Call) -> Response:
    """Requests by what becomes of them."""
    tab, text, after = (call.asked(name) for name in ("show", "q", "after"))
    tab = tab if tab in TABS else ""
    order = sorting.asked(call.asked("sort"), COLUMNS, "-asked")
    wanted = Sorting(_SORTS[order.by], order.descending, _place(after, order.by))
    lines = call.listing.requests(TABS[tab][1], named=text or None, sorting=wanted, limit=MOST + 1)
    last = lines[MOST - 1] if len(lines) > MOST else None
    behind = "" if last is None else last.id if order.by == "asked" else f"{last.service}/{last.id}"
    return page(
        call,
        "parts/request_rows.html" if call.part else "requests.html",
        lines=lines[:MOST],
        tab=tab,
        tabs=TABS,
        text=text,
        order=order.text,
        following=_address(tab, text, order.text, behind) if behind else "",
        headings=sorting.headings(COLUMNS, order, lambda way: _address(tab, text, way)),
    )


def _place(after: str, by: str) -> tuple[str, ...]:
    """Behind what a page goes on, as its list is sorted."""
    service, _, name = after.rpartition("/")
    return () if not after else (name,) if by == "asked" else (service, name)


def _address(tab: str, text: str, order: str, after: str = "") -> str:
    asked = {"show": tab, "q": text, "sort": order, "after": after}
    return f"/requests?{urlencode({name: value for name, value in asked.items() if value})}"


def one(call: Call) -> Response:
    """Everything about one request."""
    return shown(call, call.platform_of(call.named("request")).request(call.named("request")))


def shown(call: Call, view: RequestView, status: int = 200, **more: object) -> Response:
    """The page of a request, with what is `more`: an error in its place, what was typed."""
    context = {"refused": None, "reason": "", **context_of(call, view), **more}
    return page(call, "request.html", status, **context)


def context_of(call: Call, view: RequestView, *, until: int | None = None) -> dict[str, Any]:
    """Everything that the page of a request shows, with the lines of its log up to a number, or all of them."""
    preview = view.preview
    lines = list(call.platform_of(view.id).log(view.id))[:until]
    return {
        "view": view,
        "live": view.status in WORKING,
        "final": view.status in FINAL,
        "groups": differences.grouped(preview.changes) if preview else (),
        "counts": differences.counted(preview.changes) if preview else {},
        "cost": estimates.estimate_of(preview.cost) if preview else None,
        "findings": findings(preview.findings) if preview else {},
        "graph": picture(call, view),
        "log": lines[-_LINES:],
        "number": len(lines),
        "offered": call.offering.of_request(view),
        "shape": shape_of(view),
        "undoes": _undoes(call, view),
    }


def _undoes(call: Call, view: RequestView) -> str:
    """How a request that is done could be undone by this caller: by a change, by a retirement, or not (any more)."""
    if view.status != "done" or view.kind not in ("provision", "change") or not view.template:
        return ""
    found = call.listing.services(named=view.service, stack=view.stack, limit=1)
    acts = call.offering.of_service(found[0]) if found and found[0].id == view.id else frozenset()
    wanted = "change" if view.kind == "change" and view.follows else "retire"
    return wanted if wanted in acts else ""


def shape_of(view: RequestView) -> str:
    """What a page shows of a request now, as two digests: of what makes it another page, and of all that changes."""
    preview = (view.preview.digest, view.preview.judgement) if view.preview else None
    page_of = (view.status, view.reason, preview, view.key_replaced)
    runs = [(one.id, one.status, one.steps) for one in view.runs]
    said = [(one.id, one.voided) for one in view.approvals], view.comments, view.expires_at, view.lives_until
    return ".".join(hashlib.sha256(repr(one).encode()).hexdigest()[:12] for one in (page_of, (page_of, runs, said)))


def findings(found: tuple[Mapping[str, Any], ...]) -> dict[str, list[Mapping[str, Any]]]:
    """What policies say, by what follows from it."""
    by_effect: dict[str, list[Mapping[str, Any]]] = {"deny": [], "undecided": [], "warn": []}
    for each in found:
        by_effect.setdefault(str(each["effect"]), []).append(each)
    return {effect: listed for effect, listed in by_effect.items() if listed}


def picture(call: Call, view: RequestView) -> object:
    """The instances and what they need, coloured by how far each is."""
    if not view.instances:
        return ""
    counts = {one.instance: one.counts for one in differences.grouped(view.preview.changes)} if view.preview else {}
    steps = dict(view.runs[-1].steps) if view.runs else {}
    nodes = [
        drawing.Node(
            key.partition("/")[2], _below(counts.get(key, {}), view), tone_of(key, counts.get(key, {}), steps, view)
        )
        for key in view.instances
    ]
    lines: list[tuple[str, str]] = []
    if view.preview is not None and view.preview.kept:
        with suppress(GaiaError):
            commit = None if view.status == "done" else view.preview.commit
            reading = call.served.reading(call.caller, repository=call.repository, commit=commit)
            edges: Any = reading.graph(view.stack)["edges"]
            inner = set(view.instances)
            lines = [
                (each["source"].partition("/")[2], each["target"].partition("/")[2])
                for each in edges
                if each["source"] in inner and each["target"] in inner
            ]
    return drawing.drawn(nodes, lines, f"What {view.service} is made of")


def _below(counts: Mapping[str, int], view: RequestView) -> str:
    if view.status == "done" and not view.is_retirement:
        number = sum(counts.values()) if view.kind == "provision" else 0  # a change counts what it changed, not all
        return f"{number} resource{'' if number == 1 else 's'}" if number else ""
    words = ", ".join(f"{number} to {_SPOKEN.get(action, action)}" for action, number in counts.items())
    return words or "unchanged"


_SPOKEN = {"update": "change", "delete": "destroy"}


def tone_of(key: str, counts: Mapping[str, int], steps: Mapping[str, str], view: RequestView) -> str:
    """What the style colours an instance by: how far its application is, else what would become of it."""
    state = next((state for step, state in steps.items() if step.endswith(f" {key}")), "")
    if state == "running":
        return "stopped" if view.status == "parked" else "running"
    if state == "done" or view.status == "done":
        return "done"
    return next(iter(counts), "same")


def log(call: Call) -> Response:
    """The whole log of a request, as text."""
    platform = call.platform_of(call.named("request"))
    return page(
        call, "log.html", view=platform.request(call.named("request")), log=list(platform.log(call.named("request")))
    )
