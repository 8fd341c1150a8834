"""A run that somebody wants to end: no further step begins, and what it was doing is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.platform.applying import run_end
from gaia.platform.engine.steps import CANCELLED, Stop
from gaia.records import runs

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop


def test_of_an_application_no_further_step_begins_and_it_is_parked_with_what_is_left(approved: Loop) -> None:
    """Its leases are free, its approval stands: whoever may go on with it resumes."""
    request = approved.request
    approved.carry_out(request, until="rebase")
    approved.as_("gus").cancel(request)
    view = approved.carry_out(request)
    assert (view.status, view.reason) == ("parked", "it was cancelled")
    run = approved.run(request)
    assert run.code == "cancelled"
    assert [one.partition(" ")[0] for one in run.left][-2:] == ["apply", "publish"]
    assert "request.cancelled" in approved.audited(request)
    approved.as_("gus").resume(request)
    assert approved.carry_out(request).status == "done"


def test_a_preview_that_was_cancelled_too_late_is_not_approved_by_itself(loop: Loop) -> None:
    """It has ended, and its request all the same: nothing goes on."""
    request = loop.ask()
    with loop.platform.database.begin() as tx:
        run = runs.of_request(tx, request)[-1]
        runs.move(tx, run.id, ["queued"], "running", at=run.created_at)
        runs.cancel(tx, run.id, 1)
    run_end.end_preview(loop.at(request, "settle"), None)
    assert (loop.row(request).status, loop.row(request).reason) == ("rejected", CANCELLED.reason)


def test_a_preview_that_policies_deny_is_denied_though_it_was_cancelled(loop: Loop) -> None:
    """The reason is worth more."""
    request = loop.ask()
    with loop.platform.database.begin() as tx:
        run = runs.of_request(tx, request)[-1]
        runs.move(tx, run.id, ["queued"], "running", at=run.created_at)
        runs.cancel(tx, run.id, 1)
    run_end.end_preview(loop.at(request, "settle"), Stop("denied", "policy-denied", "no"))
    assert loop.row(request).status == "denied"


@pytest.mark.parametrize("asked", [(1, 2), (2, 1)])
def test_at_once_is_not_taken_back(loop: Loop, asked: tuple[int, ...]) -> None:
    """Whoever says it, and however often."""
    request = loop.ask()
    with loop.platform.database.begin() as tx:
        run = runs.of_request(tx, request)[-1].id
        for times in asked:
            runs.cancel(tx, run, times)
        assert runs.cancelled(tx) == {run: 2}
