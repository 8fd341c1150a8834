"""What people read of an event, in Slack and in mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit.visible import shortened
from gaia.notifications.model import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.notifications.model import EventView

_DONE: Mapping[str, str] = {
    "request.submitted": "was asked for by {actor}",
    "request.queued": "was asked for by {actor}, and waits in line",
    "request.undone": "could not be finished, and was undone",
    "request.waiting": "waits for somebody to decide",
    "request.approved": "was approved by {actor}",
    "request.signed": "was approved by {actor}, and needs more approvals",
    "request.commented": "has a comment of {actor}",
    "service.expires-soon": "ends by itself soon: keep it, if somebody needs it",
    "service.expired": "has ended: its time to live was over",
    "service.expiry-failed": "should have ended, and did not: somebody has to look at it",
    "service.kept": "was kept by {actor}",
    "request.confirmed": "was confirmed by {actor}",
    "request.rejected": "was rejected by {actor}",
    "request.denied": "was denied by a policy",
    "request.expired": "expired: nobody decided in time",
    "request.cancelled": "was cancelled by {actor}",
    "request.resumed": "was resumed by {actor}",
    "request.parked": "is parked: somebody has to look at it",
    "request.failed": "failed",
    "request.done": "is done",
    "instance.applied": "was applied by {actor}",
    "instance.destroyed": "was destroyed by {actor}",
    "drift.found": "is not as the stacks say",
    "drift.changed": "has drifted in another way than before",
    "drift.ended": "has no drift any more",
    "drift.failed": "could not be looked at for drift",
    "release.taken-back": "was not well and was taken back: what ran before runs again",
    "release.overtaken": "was not well, and another release came after it",
    "release.parked": "is not well, and needs a person",
    "webhook.test": "is a test: nothing happened",
}
_OF: Mapping[str, str] = {
    "retire": "The retirement of ",
    "change": "The change of ",
    "reconcile": "The reconciliation of ",
}
"""Of a kind of request that makes nothing new: what happens, happens to that, and not to the service."""
_ENDS: Mapping[str, str] = {
    "retire": "is gone: it was retired",
    "change": "was changed",
    "reconcile": "is as published again",
}
"""What is so of the service when such a request is done."""


def sentence(event: EventView) -> str:
    """One line without control characters: `photos in acme-use1-dev was approved by grace.`"""
    kind, data = event.type.removeprefix(PREFIX), event.data
    what = f"{data.service} in {data.stack}" if data.service else event.subject
    asked = str(data.facts.get("kind", ""))
    if kind == "request.done" and asked in _ENDS:
        return _line(f"{what} {_ENDS[asked]}.")
    if kind.startswith("request."):
        what = _OF.get(asked, "") + what
    if kind not in _DONE:  # `token.created` of a token: two words that say it
        return _line(f"{what}: {kind.replace('.', ' ')}, by {data.actor}.")
    said = "".join(f"; {data.facts[name]}" for name in ("told", "why") if data.facts.get(name))
    return _line(f"{what} {_DONE[kind].format(actor=data.actor)}{said}.")


def place(event: EventView) -> str:
    """Where it happened."""
    return _line("/".join(part for part in (event.data.tenant, event.data.stage) if part) or event.data.repository)


def _line(text: str) -> str:
    """Visible, and no second line: that could begin a header of a mail."""
    return " ".join(shortened(" ".join(text.split())).split())
