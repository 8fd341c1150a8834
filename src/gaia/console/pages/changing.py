"""Asking for a service to be otherwise: its answers of today as a form, and what would come of it while one types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gaia.console import answers, refusing
from gaia.console.pages.about_service import about
from gaia.console.rendering import page, to
from gaia.errors import GaiaError, Refused, Unauthenticated
from gaia.platform.drafts.drafting import Outlook
from gaia.records import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.scaffold.template import Template


def form(call: Call) -> Response:
    """The questions of its template, answered as they are today."""
    base, template, now = _service(call)
    if "change" not in base["acts"]:
        raise Refused(
            "not-permitted",
            f"{call.caller.name} may not change {call.named('service')}",
            next_step="Ask an admin for a role that may, or somebody who has one.",
        )
    then = _then(call, base)
    if then is None:
        return _form(call, base, template, now, answers.filled(template, now))
    return _form(call, base, template, now, answers.filled(template, then), looked=True)


def _then(call: Call, base: Mapping[str, Any]) -> Mapping[str, object] | None:
    """The answers that are to hold again: those of an earlier request of the same service.

    Raises:
        NotFound: `request-unknown`, also for the request of another service.
    """
    wanted = call.asked("as")
    if not wanted:
        return None
    found, line = call.platform.request(wanted), base["line"]
    if (found.service, found.stack) != (line.service, line.stack):
        raise requests.unknown(wanted)
    return found.answers


def tried(call: Call) -> Response:
    """What would come of the form as it is now; what would be destroyed is said."""
    base, template, now = _service(call)
    given = _differing(template, now, answers.typed(call))
    context = {"outlook": _look(call, given), "differing": given, "titles": answers.titles(template)}
    return page(call, "parts/outlook_of_change.html", **base, **context)


def ask(call: Call) -> Response:
    """Ask for it; what cannot be used is shown where it was typed."""
    base, template, now = _service(call)
    typed = answers.typed(call)
    if call.form.get("act") == "look":  # without script: look, and go on writing
        return _form(call, base, template, now, typed, looked=True)
    try:
        answers.check_same(template, call)
        view = call.platform.change(call.named("service"), call.named("stack"), _differing(template, now, typed))
    except Unauthenticated:
        raise
    except GaiaError as error:
        base = {**base, "refused": refusing.facts(error)}
        return _form(call, base, template, now, typed, looked=True, status=error.http_status)
    return to(f"/requests/{quote(view.id, safe='')}")


def _service(call: Call) -> tuple[dict[str, Any], Template, Mapping[str, object]]:
    """What the frame shows, the template as it is now, and the answers of today."""
    base = about(call, "change")
    line = base["line"]
    now = call.platform.request(line.id).answers
    return base, call.reading.template(line.template), now


def _differing(template: Template, now: Mapping[str, object], typed: Mapping[str, str]) -> dict[str, str]:
    """The answers that are not as they are today."""
    was = answers.given(template, answers.filled(template, {name: now[name] for name in now}))
    known = {one.name for one in template.questions} & {*now}
    found = answers.given(template, {**answers.filled(template, now), **typed})
    return {name: text for name, text in found.items() if name not in known or text != was.get(name)}


def _look(call: Call, given: Mapping[str, str]) -> Outlook:
    try:
        redrafting = call.served.redrafting(call.caller, repository=call.repository)
        return redrafting.look(call.named("service"), call.named("stack"), given)
    except Unauthenticated:
        raise
    except GaiaError as error:
        return Outlook(whole=error)


def _form(
    call: Call,
    base: Mapping[str, object],
    template: Template,
    now: Mapping[str, object],
    typed: Mapping[str, str],
    *,
    looked: bool = False,
    status: int = 200,
) -> Response:
    given = _differing(template, now, typed)
    context = {
        "template": template,
        "typed": {**answers.filled(template, now), **typed},
        "was": {name: answers.text_of(now[name]) for name in given if name in now},
        "outlook": _look(call, given) if looked else Outlook(),
        "differing": given if looked else {},
        "titles": answers.titles(template),
        "questions": answers.digest_of(template),
        "looked": looked,
    }
    return page(call, "service_change.html", status, **base, **context)
