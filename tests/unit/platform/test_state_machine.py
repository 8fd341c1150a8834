"""Whatever people do, in whatever order, and wherever the process dies: nothing is applied that nobody signed.

Hypothesis asks, approves, rejects, cancels, moves the ground, lets time run out, takes tokens and roles away, kills and
goes on. Each time terraform applies something, the machine looks for a signature that holds, and for what was shown to
who gave it.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import update
from tests.unit.platform import played
from tests.unit.platform.loop import STACK, Loop, copy_of

from gaia.access import callers, rules
from gaia.errors import GaiaError
from gaia.kit import clock
from gaia.kit.slots import Slots
from gaia.platform.engine.steps import apply_steps
from gaia.records import approvals, people, requests, runs
from gaia.records.model import LIVE, Grant
from gaia.records.tables import requests as table

if TYPE_CHECKING:
    from gaia.platform.model import RequestView
    from gaia.records.model import Approval

pytestmark = pytest.mark.hypothesis
SERVICES = st.sampled_from(["photos", "notes"])
TEXTS = st.sampled_from(["hello", "goodbye"])
STEPS = st.integers(0, 8)
SIGNS = st.sampled_from(["gus", "gus", "gus", "root", "ann"])
WHOSE = st.sampled_from(["gus", "ann", "root", "vic", "bob"])
_BEGUN: list[Loop] = []


class Requests(RuleBasedStateMachine):
    """Two services of one stack."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="gaia-machine-"))
        [begun] = _BEGUN
        copied = copy_of(begun, self.folder / "home", self.folder.parent / f"{self.folder.name}-trees")
        one = Slots(self.folder / "slots", 1, pause=lambda: None)  # the same order each time
        self.loop = replace(copied, platform=replace(copied.platform, slots=one))
        self.loop.world.during = self._applies
        self.shown: dict[str, set[str]] = {}
        """By request, the texts that stood in what somebody approved."""
        self.first: dict[str, str] = {}
        """By request, the digest that somebody read first, and may come back with."""
        self.signed: dict[str, set[tuple[str, str]]] = {}
        """By request, who approved, and the digest of the preview that they were shown."""
        with self.loop.platform.database.begin() as tx:
            self.ids = {people.get_person(tx, name).id: name for name in ("ann", "gus", "root", "vic", "bob")}
            people.grant(tx, "ann", Grant("approver", "acme"))  # and still not of what she asks for
        self.carried = ""
        """The request whose run is carried out."""
        self.applied = self.moved = 0
        self.wrong: list[str] = []
        """Kept for the next look: whatever a step raises only ends its run."""

    def teardown(self) -> None:
        """Leave nothing."""
        self.loop.platform.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.folder.parent / f"{self.folder.name}-trees", ignore_errors=True)

    def _applies(self, instance: str) -> None:
        """Terraform begins to change an instance."""
        self.applied += 1
        row = self.loop.row(self.carried)
        goes = row.kind == "retire" or instance in row.leaving
        live = [
            one
            for one in self.loop.approvals(self.carried)
            if one.decision == "approved" and one.voided_at is None and approvals.verify(one, [self.loop.platform.key])
        ]
        text = self.loop.world.variables.get("text")
        makes = row.kind != "retire" and instance.endswith("-key")
        rules = {
            "nobody's approval holds": bool(live),
            "who asked signed": all(one.person not in (None, row.requester) for one in live),
            "another preview was shown": all(self._was_shown(one) for one in live),
            "it is not what was previewed": goes or instance not in self.loop.world.adds,
            f"{text!r} was never shown": not makes or text in self.shown[self.carried],
        }
        self.wrong += [f"{instance} of {row.kind} is changed, and {what}" for what, holds in rules.items() if not holds]

    def _was_shown(self, approval: Approval) -> bool:
        """Whether who gave it was shown what it is of."""
        name = self.ids.get(approval.person or "", "")
        return (name, approval.preview) in self.signed.get(approval.request, ())

    def _every(self) -> list[str]:
        with self.loop.platform.database.read() as tx:
            return [one.id for one in requests.find(tx, "platform")]

    def _newest(self, service: str) -> str | None:
        with self.loop.platform.database.read() as tx:
            found = requests.find(tx, "platform", stack=STACK, services=[service])
        return max((one.id for one in found), default=None)

    def _view(self, request: str) -> RequestView:
        return self.loop.view(request)

    # --- what people do --------------------------------------------------------------------------------------

    @rule(service=SERVICES, text=TEXTS)
    def ask(self, service: str, text: str) -> None:
        """ann wants a service."""
        with suppress(GaiaError):
            self.loop.ask(service, text)

    @rule(service=SERVICES, text=TEXTS, alone=st.booleans())
    def change(self, service: str, text: str, alone: bool) -> None:
        """ann wants it otherwise, also while it is being made or changed."""
        with suppress(GaiaError):
            self.loop.as_("ann").change(service, STACK, {"text": text, "alone": alone})

    @rule(service=SERVICES)
    def retire(self, service: str) -> None:
        """ann wants it gone."""
        with suppress(GaiaError):
            self.loop.as_("ann").retire(service, STACK)

    @rule(service=SERVICES, who=WHOSE, at_sight=st.booleans())
    def approve(self, service: str, who: str, at_sight: bool) -> None:
        """Somebody signs what she sees, or an older digest."""
        request = self._newest(service)
        if request is None:
            return
        view = self._view(request)
        seen = view.preview.digest if view.preview else ""
        digest = seen if at_sight else self.first.setdefault(request, seen)
        with suppress(GaiaError):
            self.loop.as_(who).approve(request, digest=digest)
            assert who in ("gus", "root")
            self.signed.setdefault(request, set()).add((who, digest))
            self.shown.setdefault(request, set()).add(str(view.answers["text"]))

    @rule(service=SERVICES, who=WHOSE)
    def reject(self, service: str, who: str) -> None:
        """Somebody says no."""
        if request := self._newest(service):
            with suppress(GaiaError):
                self.loop.as_(who).reject(request, reason="no")

    @rule(service=SERVICES, who=WHOSE, now=st.booleans())
    def cancel(self, service: str, who: str, now: bool) -> None:
        """Somebody ends what is under way."""
        if request := self._newest(service):
            with suppress(GaiaError):
                self.loop.as_(who).cancel(request, now=now)

    @rule(service=SERVICES, who=WHOSE)
    def resume(self, service: str, who: str) -> None:
        """Somebody goes on with what was parked."""
        if request := self._newest(service):
            with suppress(GaiaError):
                self.loop.as_(who).resume(request)

    @rule(service=SERVICES, text=TEXTS, at=STEPS, moves=st.booleans(), who=SIGNS)
    def ask_and_sign(self, service: str, text: str, at: int, moves: bool, who: str) -> None:
        """What mostly happens: asked, previewed, approved, and begun; the ground moves before that, or not."""
        self.ask(service, text)
        self.carry_out(service, 0)
        self.approve(service, who, at_sight=True)
        if moves:
            self.ground_moves()
        self.carry_out(service, at)

    @rule(service=SERVICES, text=TEXTS, alone=st.booleans(), at=STEPS, moves=st.booleans())
    def change_and_sign(self, service: str, text: str, alone: bool, at: int, moves: bool) -> None:
        """The same, of a change."""
        self.change(service, text, alone)
        self.carry_out(service, 0)
        self.approve(service, "gus", at_sight=True)
        if moves:
            self.ground_moves()
        self.carry_out(service, at)

    @rule(service=SERVICES, at=STEPS)
    def retire_and_sign(self, service: str, at: int) -> None:
        """The same, of a retirement."""
        self.retire(service)
        self.carry_out(service, 0)
        self.approve(service, "gus", at_sight=True)
        self.carry_out(service, at)

    # --- what happens ----------------------------------------------------------------------------------------

    @rule(service=SERVICES, at=STEPS)
    def carry_out(self, service: str, at: int) -> None:
        """The engine does what is queued, and is killed at a step, or not."""
        request = self._newest(service)
        if request is None or not self._working(request):
            return
        self.carried = request
        names = ("", *apply_steps(self.loop.row(request)), "")
        until = names[at] if at < len(names) and self.loop.run(request).kind == "apply" else ""
        kept = self.loop.results.get(self.loop.run(request).id, {})
        self.loop.carry_out(request, until="" if until in kept else until)

    def _working(self, request: str) -> bool:
        """What waits in line has no run yet."""
        with self.loop.platform.database.read() as tx:
            return any(run.status in LIVE for run in runs.of_request(tx, request))

    @rule()
    def ground_moves(self) -> None:
        """An instance's own plan holds more than the preview, or no longer."""
        adds = self.loop.world.adds
        if adds:
            adds.clear()
        else:
            adds.update({f"{STACK}/{service}-key": {"more": True} for service in ("photos", "notes")})

    @rule()
    def branch_moves(self) -> None:
        """Somebody publishes something else."""
        self.moved += 1
        self.loop.clone.moved(**{"NOTES.md": str(self.moved)})

    @rule(service=SERVICES)
    def time_runs_out(self, service: str) -> None:
        """Nobody may decide any longer."""
        if request := self._newest(service):
            with self.loop.platform.database.begin() as tx:
                tx.change(update(table).where(table.c.id == request).values(expires_at=clock.now() - timedelta(1)))

    @rule()
    def gus_loses_his_role(self) -> None:
        """And gets it back: what he signed holds, what he signs meanwhile does not."""
        with self.loop.platform.database.begin() as tx:
            given = people.get_person(tx, "gus").grants
            if given:
                people.withdraw(tx, "gus", given[0])
            else:
                people.grant(tx, "gus", Grant("approver", "acme"))

    @rule(service=SERVICES, who=st.sampled_from(["gus", "root"]))
    def token_is_revoked(self, service: str, who: str) -> None:
        """Whoever has called with it before approves of nothing any more, until there is a new one."""
        self.ask(service, "hello")
        self.carry_out(service, 0)
        door, request, now = self.loop.as_(who), self._newest(service), clock.now()
        with self.loop.platform.database.begin() as tx:
            for token in people.list_tokens(tx, who):
                people.revoke_token(tx, token.id, at=now)
        if request is not None:
            with pytest.raises(GaiaError):
                door.approve(request)
        with self.loop.platform.database.begin() as tx:
            self.loop.tokens[who] = people.create_token(tx, who, at=now, expires=now + timedelta(days=1))[1]

    # --- what always holds -----------------------------------------------------------------------------------

    @invariant()
    def nothing_was_applied_that_nobody_signed(self) -> None:
        """As terraform began to."""
        assert not self.wrong

    @invariant()
    def done_means_signed(self) -> None:
        """A request that is done was approved by somebody else, of the digest that was applied."""
        for request in self._every():
            row = self.loop.row(request)
            if row.status == "done":
                decided = [one for one in self.loop.approvals(request) if one.decision == "approved"]
                assert decided
                last = decided[-1]
                assert last.person not in (None, row.requester)
                assert last.voided_at is None
                assert approvals.verify(last, [self.loop.platform.key])
                assert last.preview == row.preview
                assert self._was_shown(last)

    @invariant()
    def at_most_one_run_is_live(self) -> None:
        """Of a request."""
        with self.loop.platform.database.read() as tx:
            for request in self._every():
                assert sum(run.status in LIVE for run in runs.of_request(tx, request)) <= 1

    @precondition(lambda self: self.applied > 0)
    @invariant()
    def nothing_is_there_twice(self) -> None:
        """Whatever was made is in a state, once; a service that is done has what was asked for, or nothing."""
        world = self.loop.world
        assert dict.fromkeys(world.states, 1) == +world.there
        for service in ("photos", "notes"):
            newest = self._newest(service)
            row = self.loop.row(newest) if newest is not None else None
            if row is not None and row.status == "done":
                both = {f"{STACK}/{service}-{component}" for component in ("key", "store")}
                asked = both - {f"{STACK}/{service}-store"} if row.answers["alone"] else both
                assert both & world.states.keys() == (set() if row.kind == "retire" else asked)


def run(loop: Loop, **more: Any) -> None:
    """The machine, on copies of the loop."""
    from hypothesis.stateful import run_state_machine_as_test

    loop.platform.database.close()
    _BEGUN[:] = [loop]
    try:
        run_state_machine_as_test(Requests, settings=settings(**{"stateful_step_count": 10} | more))
    finally:
        _BEGUN.clear()


def test_nothing_is_applied_that_nobody_signed(loop: Loop) -> None:
    """Whatever is done in whatever order; see the machine."""
    run(loop)


BROKEN: dict[str, tuple[Any, str, Any]] = {
    "who asked may approve": (rules, "permit_approval", lambda *_: None),
    "revoked tokens hold": (callers, "current", lambda *given: given[1]),
    "what was made is in no state": (played, "made", lambda *_: None),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BROKEN)
def test_the_machine_notices(loop: Loop, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """What it says would not be found by itself is found where the code is broken so."""
    monkeypatch.setattr(*BROKEN[what])
    with pytest.raises((AssertionError, pytest.fail.Exception, ExceptionGroup)):
        # Long lives, of which it needs few: it ends at the first that notices.
        run(loop, phases=[Phase.generate], derandomize=True, stateful_step_count=40)
