"""What people read of an event says what became of the service, and not only of the request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.conftest import loop_at, stages
from tests.unit.platform.loop import STACK

from gaia.notifications import events, words
from gaia.notifications.model import PREFIX, EventData, EventView
from gaia.records import audit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

__all__ = ["loop_at", "stages"]


def said(loop: Loop, request: str) -> list[str]:
    """The sentences of what happened to a request, oldest first."""
    with loop.platform.database.read() as tx:
        entries = audit.entries(tx, subject=request, limit=100)
        found = events.made(tx, [one for one in entries if one.outcome == "done"], None)
    return [words.sentence(one) for one in found]


def test_a_retired_service_is_gone(loop_at: Callable[[str], Loop]) -> None:
    """What happened before its end, happened to its retirement."""
    loop = loop_at("lasting")
    assert said(loop, loop.request)[-1] == f"photos in {STACK} is done."
    request = loop.as_("ann").retire("photos", STACK).id
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    assert loop.carry_out(request).status == "done"
    told = said(loop, request)
    assert told[0] == f"The retirement of photos in {STACK} was asked for by ann."
    assert told[-1] == f"photos in {STACK} is gone: it was retired."


@pytest.mark.parametrize(
    ("kind", "done", "parked"),
    [
        ("change", "photos in s was changed.", "The change of photos in s is parked: somebody has to look at it."),
        (
            "reconcile",
            "photos in s is as published again.",
            "The reconciliation of photos in s is parked: somebody has to look at it.",
        ),
        ("provision", "photos in s is done.", "photos in s is parked: somebody has to look at it."),
    ],
)
def test_other_requests_say_what_they_did(kind: str, done: str, parked: str) -> None:
    """A change and a reconciliation leave a service; of a kind that makes one nothing is said."""
    data = EventData("ann", "p", "acme", "dev", "photos", "s", None, {"kind": kind})
    event = EventView("1.0", "7", "urn:gaia:p", f"{PREFIX}request.done", "", "req_1", "application/json", 7, data)
    assert words.sentence(event) == done
    assert words.sentence(replace(event, type=f"{PREFIX}request.parked")) == parked
    assert words.sentence(replace(event, type=f"{PREFIX}service.kept")) == "photos in s was kept by ann."
