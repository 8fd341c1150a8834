"""Whether a service still is as it is published: what the last looks found, a look now, putting it back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.console import refusing
from gaia.console.pages.about_service import about
from gaia.console.rendering import page, to
from gaia.errors import Conflict, GaiaError, Unauthenticated
from gaia.operations.drift.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from starlette.responses import Response

    from gaia.console.call import Call


def drift(call: Call) -> Response:
    """The last look at each instance, with what is otherwise, attribute by attribute."""
    return _shown(call)


def look(call: Call) -> Response:
    """Have one instance looked at now, or all of them."""
    base = about(call, "drift")
    line, wanted = base["line"], call.typed("component")
    try:
        for key in line.instances:
            stack, _, component = key.partition("/")
            if wanted in ("", component):
                _look(call, stack, component, alone=bool(wanted))
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, error.http_status, refusing.facts(error))
    return to(f"{base['base']}/drift")


def _look(call: Call, stack: str, component: str, *, alone: bool) -> None:
    if alone:
        call.drifting.look(stack, component)
        return
    with suppress(Conflict):  # it is looked at already, or being changed: the others are looked at all the same
        call.drifting.look(stack, component)


def reconcile(call: Call) -> Response:
    """Ask for it to be made again as it is published, which somebody decides about."""
    try:
        view = call.platform.reconcile(call.named("service"), call.named("stack"))
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, error.http_status, refusing.facts(error))
    return to(f"/requests/{quote(view.id, safe='')}")


def _shown(call: Call, status: int = 200, refused: object = None) -> Response:
    base = about(call, "drift")
    looks = call.drifting.of(base["line"].stack, base["line"].instances)
    context = {
        "looks": [{"view": one, "kinds": by_kind(one.findings)} for one in looks],
        "looking": any(one.looking for one in looks),
        "refused": refused,
    }
    return page(call, "service_drift.html", status, **{**base, **context})


def by_kind(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Findings by their class, what somebody has to do something about first; what is let be last."""
    let_be = [one for one in findings if one["ignored"]]
    found = [(kind, [one for one in findings if one["kind"] == kind and not one["ignored"]]) for kind in KINDS]
    return [(kind, listed) for kind, listed in [*found, ("let be by a rule", let_be)] if listed]
