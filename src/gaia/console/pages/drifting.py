"""Drift over everything that is seen, and of one instance: what the looks found, and a look now."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from gaia.console import refusing
from gaia.console.pages.service_drift import by_kind
from gaia.console.rendering import page, to
from gaia.errors import GaiaError, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.records.drift_model import DriftResult

MOST = 100
TABS: Mapping[str, tuple[str, DriftResult | None]] = {
    "": ("Drifted", "drifted"),
    "unknown": ("Not known", "not-checked"),
    "clean": ("As published", "clean"),
    "all": ("All", None),
}


def everything(call: Call) -> Response:
    """The last look at each instance, those that drifted first asked for."""
    tab, after = call.asked("show"), call.asked("after")
    tab = tab if tab in TABS else ""
    stack_after, _, component_after = after.partition("/")
    found = call.drifting.list(
        state=TABS[tab][1], after=(stack_after, component_after) if after else None, limit=MOST + 1
    )
    following = urlencode({"show": tab, "after": found[MOST - 1].instance}) if len(found) > MOST else ""
    made_for = call.listing.made_for({(one.stack, one.component) for one in found[:MOST]})
    return page(call, "drift.html", looks=found[:MOST], made_for=made_for, tab=tab, tabs=TABS, following=following)


def instance(call: Call) -> Response:
    """What the last look found, and the looks before."""
    return _shown(call, call.asked("component"))


def look(call: Call) -> Response:
    """Look at it now."""
    stack, component = call.named("stack"), call.typed("component")
    try:
        call.drifting.look(stack, component)
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, component, error.http_status, refusing.facts(error))
    return to(f"/environments/{quote(stack, safe='')}/drift?{urlencode({'component': component})}")


def _shown(call: Call, component: str, status: int = 200, refused: object = None) -> Response:
    stack = call.named("stack")
    view = call.drifting.show(stack, component)
    may_look = view.newest is not None and call.offering.asks_in(view.newest.tenant, view.newest.stage)
    context = {"view": view, "stack": stack, "component": component, "may_look": may_look}
    return page(call, "instance_drift.html", status, **context, kinds=by_kind(view.findings), refused=refused)
