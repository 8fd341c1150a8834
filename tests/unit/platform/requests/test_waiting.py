"""Requests that wait for a person: until when somebody may decide, each time that they come to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.access.approval_rules import Asked
from gaia.kit import clock
from gaia.platform.requests.waiting import DECIDE_WITHIN, until
from gaia.records.tables import tokens

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

LATER = timedelta(days=8)
"""When what somebody asked for has ended."""
HOUR = timedelta(hours=1)
TWO = "approvals: [{tenant: acme, approvers: 2, within: 1h}]\n"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What every part takes for now: the last one."""
    made = [datetime.now(UTC)]
    monkeypatch.setattr(clock, "now", lambda: made[-1])
    return made


@pytest.fixture
def loop(loop: Loop) -> Loop:
    """Nobody's token ends."""
    with loop.platform.database.begin() as tx:
        tx.change(tokens.update().values(expires_at=datetime(2060, 1, 1, tzinfo=UTC)))
    return loop


def test_what_was_parked_for_longer_than_it_waits_is_decided_anew(loop: Loop, now: list[datetime]) -> None:
    """Previewed again after its end, it waits as long as a new request does, and can be approved."""
    request = loop.approved()
    loop.clone.moved(**{"approvals/rules.yaml": "approvals: [{tenant: acme, approvers: 2}]\n"})
    assert loop.carry_out(request).status == "parked"
    now.append(now[-1] + LATER)
    assert loop.as_("ann").resume(request).status == "submitted"
    assert loop.carry_out(request).status == "waiting"
    assert loop.row(request).expires_at == now[-1] + DECIDE_WITHIN
    loop.as_("gus").approve(request)
    loop.as_("root").approve(request)
    assert loop.carry_out(request).status == "done"


@pytest.mark.parametrize(("rules", "within", "signers"), [(None, DECIDE_WITHIN, 1), (TWO, HOUR, 2)])
def test_what_lost_its_approval_after_its_end_is_decided_anew(
    loop: Loop, now: list[datetime], rules: str | None, within: timedelta, signers: int
) -> None:
    """It waits as long as a new request does, and no longer than the rules let a preview wait."""
    request = loop.approved()
    loop.carry_out(request, until="rebase")
    now.append(now[-1] + LATER)
    loop.world.adds.update({f"{one}": {"more": True} for one in loop.row(request).instances[:1]})
    loop.clone.moved(**{"approvals/rules.yaml": rules} if rules else {"components/key/more.tf": "# other code\n"})
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert loop.row(request).expires_at == now[-1] + within
    loop.world.adds.clear()
    for who in ("gus", "root")[:signers]:
        loop.as_(who).approve(request)
    assert loop.carry_out(request).status == "done"


def test_until_is_the_nearer_end() -> None:
    """A request's own, or that of its preview by the rules; neither where there is none."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert until(None, at, None) is None
    assert until(None, at, Asked()) is None
    assert until(at + LATER, at, Asked()) == at + LATER
    assert until(at + LATER, at, Asked(within=HOUR)) == at + HOUR
    assert until(at, at, Asked(within=HOUR)) == at
    assert until(None, at, Asked(within=timedelta(0))) == at
