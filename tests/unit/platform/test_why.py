"""From a service back to who asked for it, what was answered, and who approved what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop


def test_an_approval_that_no_longer_holds_is_not_told_as_one_that_does(approved: Loop) -> None:
    """The first was void as the repository moved; the second is what was applied."""
    approved.clone.moved()
    approved.world.previews["photos-key"] = {"policy": "open"}
    assert approved.carry_out(approved.request).status == "waiting"
    approved.as_("gus").approve(approved.request, reason="as it is now")
    approved.carry_out(approved.request)
    first, second = [line.text for line in approved.as_("ann").why("photos").lines if line.what == "approval"]
    assert ", no longer holds: " in first
    assert second.endswith("(as it is now)")


def test_a_service_is_explained_by_its_request(done: Loop) -> None:
    """Who asked, with which answers, from which template, and the commit that it is in."""
    lines = [(line.what, line.text) for line in done.as_("ann").why("photos").lines]
    assert ("answer", "text = hello") in lines
    assert ("template", "pair 1.0.0") in lines
    assert any(what == "request" and "ann asked to provision photos" in text for what, text in lines)
    assert any(what == "approval" and "approved by gus" in text and "no longer" not in text for what, text in lines)
    assert lines[-1] == ("commit", str(done.row(done.request).commit))
