"""How runs and their requests end: in one transaction, once, for the right request, and with nothing left behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from tests.unit.platform.loop import KEY, STACK, STORE

from gaia.errors import Conflict, Refused, Unavailable
from gaia.kit import clock
from gaia.platform.applying import run_end
from gaia.platform.engine.steps import PREVIEW_STEPS, Stop
from gaia.records import approvals, audit, leases, previews, requests, resources, runs
from gaia.records.tables import judgements

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.records.model import Entry

AUTO = "data.gaia.request.auto_approve"


def entry(loop: Loop, request: str, action: str) -> Entry:
    """The one entry of the audit log about it."""
    with loop.platform.database.read() as tx:
        [found] = [one for one in audit.entries(tx, subject=request) if one.action == action]
    return found


def leased(loop: Loop, request: str) -> list[str]:
    """What the request holds."""
    with loop.platform.database.read() as tx:
        return [one.name for one in leases.of_request(tx, request)]


def running(loop: Loop, request: str) -> None:
    """Its newest run has begun."""
    loop.carry_out(request, until="admit" if loop.run(request).kind == "preview" else "hold")


# --- after a preview -------------------------------------------------------------------------------------------------


def test_a_preview_that_ended_well_waits_for_a_person(waiting: Loop) -> None:
    """The run is done, which is audited with what can be read up later."""
    row, run = waiting.row(waiting.request), waiting.run(waiting.request)
    assert (row.status, run.status) == ("waiting", "done")
    noted = entry(waiting, waiting.request, "request.waiting")
    assert noted.actor == "engine"
    assert (noted.repository, noted.tenant, noted.stage) == ("platform", "acme", "dev")
    named = {"service": "photos", "stack": STACK}
    assert noted.facts == {**named, "run": run.id, "preview": row.preview, "commit": row.commit, "code": ""}
    assert waiting.approvals(waiting.request) == ()


def test_no_plan_stays_when_a_preview_has_ended(waiting: Loop) -> None:
    """Plans hold secrets."""
    assert not waiting.platform.documents.exists("plans", waiting.run(waiting.request).id)
    assert not (waiting.platform.folder / "preview" / waiting.run(waiting.request).id).exists()


def test_a_policy_may_approve_what_the_rules_allow(loop: Loop) -> None:
    """In the policy's name: signed, leased and queued together."""
    loop.rules.says[AUTO] = lambda _: True
    request = loop.previewed()
    [approval] = loop.approvals(request)
    row, run = loop.row(request), loop.run(request)
    assert (row.status, run.kind, run.status) == ("applying", "apply", "queued")
    assert (approval.person, approval.decision, approval.preview) == (None, "approved", row.preview)
    assert approvals.verify(approval, [loop.platform.key])
    assert leased(loop, request) == [KEY, STORE]
    assert entry(loop, request, "request.approved").actor == "policy"
    with loop.platform.database.read() as tx:
        steps = [step.step for step in runs.steps_of(tx, run.id)]
    assert steps == ["hold", "rebase", f"apply {KEY}", f"apply {STORE}", "publish"]
    assert loop.carry_out(request).status == "done"


def test_a_retirement_that_a_policy_approves_of_waits_for_the_word_of_who_asked(done: Loop) -> None:
    """Nothing is destroyed that nobody looked at; confirmed, the policy signs exactly the plan that was looked at."""
    done.rules.says[AUTO] = lambda _: True
    ann = done.as_("ann")
    request = ann.retire("photos", STACK).id
    view = done.carry_out(request)
    assert (view.status, view.confirms, view.runs[-1].code) == ("waiting", True, "policy-approves")
    assert view.preview
    with pytest.raises(Conflict) as changed:
        ann.approve(request, digest="sha256:" + "0" * 64)
    assert changed.value.code == "preview-changed"
    confirmed = ann.approve(request, digest=view.preview.digest)
    assert (confirmed.status, confirmed.approvals[-1].by) == ("applying", "policy")
    assert [entry(done, request, f"request.{what}").actor == "policy" for what in ("confirmed", "approved")] == [
        False,
        True,
    ]
    assert done.carry_out(request).status == "done"
    assert KEY not in done.world.states


def test_another_judgement_than_was_read_is_not_confirmed(done: Loop) -> None:
    """As for who approves: the digest of the judgement is what was looked at, and of the one that is there."""
    done.rules.says[AUTO] = lambda _: True
    request = done.as_("ann").retire("photos", STACK).id
    assert done.carry_out(request).confirms
    with done.platform.database.read() as tx:
        judged = previews.latest_judgement(tx, request, str(done.row(request).preview))
    assert judged is not None
    with pytest.raises(Conflict) as refused:
        done.as_("ann").approve(request, judgement="0" * 64)
    assert refused.value.code == "judgement-changed"
    assert done.row(request).status == "waiting"
    assert done.as_("ann").approve(request, judgement=judged.digest).status == "applying"


def test_a_policy_that_changed_its_mind_approves_nothing(done: Loop) -> None:
    """It is asked again when the word comes; then it takes a second person."""
    done.rules.says[AUTO] = lambda _: True
    request = done.as_("ann").retire("photos", STACK).id
    assert done.carry_out(request).confirms
    done.rules.says[AUTO] = lambda _: False
    with pytest.raises(Refused) as refused:
        done.as_("ann").approve(request)
    assert refused.value.code == "approver-is-requester"
    assert done.as_("gus").approve(request).status == "applying"


@pytest.mark.parametrize("answer", [False, None, "yes", 1])
def test_only_a_plain_yes_of_a_policy_counts(loop: Loop, answer: object) -> None:
    """Everything else is left to a person."""
    loop.rules.says[AUTO] = lambda _: answer
    assert loop.row(loop.previewed()).status == "waiting"


@pytest.mark.parametrize("effect", ["undecided", "deny"])
def test_a_policy_approves_nothing_that_is_undecided_or_denied(loop: Loop, effect: str) -> None:
    """It is not even asked."""
    loop.rules.says[AUTO] = lambda _: True
    loop.rules.always(f"plan.polite.{effect}", "who knows")
    request = loop.previewed()
    assert loop.row(request).status == ("waiting" if effect == "undecided" else "denied")
    assert loop.approvals(request) == ()
    assert loop.rules.documents("request.auto_approve") == []


def test_the_log_says_why_no_policy_was_asked(loop: Loop) -> None:
    """Each undecided rule once, with its title; where all is decided there is no such line."""
    loop.rules.always("plan.polite.undecided", "who knows")
    line = "no policy is asked to approve, for these rules are undecided: Be polite (plan.polite)"
    assert loop.lines(loop.previewed()).count(line) == 1
    loop.rules.says.clear()
    assert not [said for said in loop.lines(loop.previewed("music")) if "no policy" in said]


def test_a_policy_that_cannot_be_asked_said_no(loop: Loop) -> None:
    """A person decides, and the log says why it was not the policy, without secrets."""
    error = Unavailable("policy-engine-crashed", "it crashed at hunter-two", next_step="")
    loop.rules.raises[AUTO] = error
    request = loop.previewed()
    assert loop.row(request).status == "waiting"
    [line] = [line for line in loop.as_("ann").log(request) if "policy" in str(line["message"])]
    assert line["message"] == "no policy could be asked to approve: it crashed at (sensitive)"
    assert (line["level"], line["step"]) == ("warn", "settle")


def test_a_policy_approves_nothing_that_was_not_judged(loop: Loop) -> None:
    """Without a judgement there is nothing to sign."""
    loop.rules.says[AUTO] = lambda _: True
    request = loop.ask()
    loop.carry_out(request, until="judge")
    run_end.end_preview(loop.at(request, "settle"), None)
    assert (loop.row(request).status, loop.approvals(request)) == ("waiting", ())


def test_a_policy_approves_nothing_whose_judgement_was_changed_since(loop: Loop) -> None:
    """A person decides, who is told; the log says it too."""
    loop.rules.says[AUTO] = lambda _: True
    request = loop.ask()
    loop.carry_out(request, until="settle")
    with loop.platform.database.begin() as tx:
        tx.change(update(judgements).values(cost={"totalMonthlyCost": "0"}))
    run_end.end_preview(loop.at(request, "settle"), None)
    assert (loop.row(request).status, loop.approvals(request)) == ("waiting", ())
    [line] = [line for line in loop.as_("ann").log(request) if "no policy was asked" in str(line["message"])]
    assert "was changed since it was made" in str(line["message"])
    assert "was changed since it was made" in loop.as_("gus").request(request).reason


def test_a_run_that_never_began_does_not_end(loop: Loop) -> None:
    """To settle it is a mistake, and is said."""
    with pytest.raises(Conflict) as moved:
        run_end.end_preview(loop.at(loop.ask(), "settle"), Stop("denied", "code", "no"))
    assert moved.value.code == "run-moved"


def test_a_policy_is_told_who_first_asked_and_what_was_found(done: Loop) -> None:
    """A retirement is described by the commit that has the manifest, and by the service's owner."""
    done.rules.always("plan.polite.warn", "hm")
    asked = done.as_("ann").retire("photos", STACK).id
    done.carry_out(asked)
    [document] = done.rules.documents("request.auto_approve")
    row = done.row(asked)
    assert document["gaia"]["owner"] == document["gaia"]["requester"] == row.requester
    assert [finding["instance"] for finding in document["findings"]] == [KEY, STORE]
    [modules] = [modules for reference, _, modules in done.rules.asked if reference == AUTO]
    assert modules == done.platform.snapshot(str(row.base)).policies.modules


def test_a_new_service_has_no_owner_yet(loop: Loop) -> None:
    """Nobody asked for it before."""
    loop.previewed()
    [document] = loop.rules.documents("request.auto_approve")
    assert document["gaia"]["owner"] is None


@pytest.mark.parametrize(("end", "status"), [("denied", "denied"), ("stopped", "failed")])
def test_a_preview_that_stopped_ends_its_request(loop: Loop, end: str, status: str) -> None:
    """With the reason, on the run and on the request, and audited by its code."""
    request = loop.ask()
    running(loop, request)
    run_end.end_preview(loop.at(request, "settle"), Stop(end, "some-code", "because"))  # type: ignore[arg-type]
    row, run = loop.row(request), loop.run(request)
    assert (row.status, row.reason) == (status, "because")
    assert (run.status, run.reason, run.code) == ("failed", "because", "some-code")
    assert entry(loop, request, f"request.{status}").facts["code"] == "some-code"


def test_a_preview_that_was_interrupted_is_queued_again(loop: Loop) -> None:
    """Nothing was changed: another run previews it from the start, and the request does not end."""
    request = loop.ask()
    running(loop, request)
    context = loop.at(request, "settle")
    run_end.end_preview(context, Stop("stopped", "interrupted", "stopped"))
    with loop.platform.database.read() as tx:
        old, new = runs.of_request(tx, request)
        assert [step.step for step in runs.steps_of(tx, new.id)] == list(PREVIEW_STEPS)
    assert (old.status, old.code, old.reason) == ("failed", "interrupted", "stopped")
    assert (new.kind, new.status) == ("preview", "queued")
    assert loop.row(request).status == "submitted"
    run_end.end_preview(context, Stop("stopped", "interrupted", "stopped"))
    with loop.platform.database.read() as tx:
        assert len(runs.of_request(tx, request)) == 2
    assert loop.carry_out(request).status == "waiting"


@pytest.mark.parametrize("stop", [None, Stop("stopped", "code", "again"), Stop("denied", "code", "again")])
def test_a_preview_is_ended_once(waiting: Loop, stop: Stop | None) -> None:
    """Killed after its end was written down, the step runs again: it finds that it has been done."""
    before, audited = waiting.row(waiting.request), waiting.audited(waiting.request)
    run_end.end_preview(waiting.at(waiting.request, "settle"), stop)
    assert waiting.row(waiting.request) == before
    assert waiting.audited(waiting.request) == audited


# --- after an application --------------------------------------------------------------------------------------------


def test_an_application_that_ended_well_leaves_nothing(done: Loop) -> None:
    """No lease, no plan, no file of values, no reason from before."""
    row, run = done.row(done.request), done.run(done.request)
    assert (row.status, row.reason, run.status) == ("done", "", "done")
    assert leased(done, done.request) == []
    assert not done.platform.documents.exists("plans", run.id)
    assert not (done.platform.folder / "preview" / run.id).exists()
    assert {path.read_text() for path in (done.platform.folder / "work").rglob("*.tfvars.json")} <= {"{}\n"}
    assert not [path for path in (done.platform.folder / "work").rglob("*.planfile") if path.is_file()]
    assert entry(done, done.request, "request.done").facts["run"] == run.id


def test_plans_of_a_second_preview_are_gone_too(approved: Loop) -> None:
    """An application that previewed again, because the repository moved, leaves no plan either."""
    approved.clone.moved()
    approved.carry_out(approved.request, until="settle")
    run = approved.run(approved.request).id
    assert approved.platform.documents.exists("plans", run)
    assert approved.carry_out(approved.request).status == "done"
    assert not approved.platform.documents.exists("plans", run)


def test_a_stop_parks_with_what_is_left(approved: Loop) -> None:
    """The leases are given back, the approval holds, and a run can be resumed."""
    running(approved, approved.request)
    stop = Stop("stopped", "lock-foreign", "somebody holds it", ("a", "b"))
    run_end.end_apply(approved.at(approved.request, "settle"), stop)
    row, run = approved.row(approved.request), approved.run(approved.request)
    assert (row.status, row.reason) == ("parked", "somebody holds it")
    assert (run.status, run.code, run.reason, run.left) == ("parked", "lock-foreign", "somebody holds it", ("a", "b"))
    assert leased(approved, approved.request) == []
    assert approved.approvals(approved.request)[0].voided_at is None
    assert entry(approved, approved.request, "request.parked").facts["code"] == "lock-foreign"


def test_a_stop_that_names_nothing_leaves_the_steps_that_are_not_done(approved: Loop) -> None:
    """All of them."""
    approved.carry_out(approved.request, until=f"apply {KEY}")
    run_end.end_apply(approved.at(approved.request, "settle"), Stop("stopped", "code", "because"))
    assert approved.run(approved.request).left == (f"apply {KEY}", f"apply {STORE}", "publish")
    assert approved.row(approved.request).status == "parked"


def test_what_is_void_is_this_requests_approval_alone(approved: Loop) -> None:
    """Back to a person, with what would be done now as the current preview; another request's approval holds."""
    other = approved.approved("music")
    running(approved, approved.request)
    instead = "sha256:" + "e" * 64
    stop = Stop("void", "approval-void", "it changed", instead=instead)
    run_end.end_apply(approved.at(approved.request, "settle"), stop)
    row, run = approved.row(approved.request), approved.run(approved.request)
    assert (row.status, row.reason, row.preview) == ("waiting", "it changed", instead)
    assert (run.status, run.code, run.reason) == ("failed", "approval-void", "it changed")
    [mine] = approved.approvals(approved.request)
    assert (mine.voided_why, mine.voided_at is not None) == ("it changed", True)
    assert approved.approvals(other)[0].voided_at is None
    assert leased(approved, approved.request) == []
    assert leased(approved, other) == [f"{STACK}/music-key", f"{STACK}/music-store"]
    assert entry(approved, approved.request, "request.approval-void").facts["code"] == "approval-void"


@pytest.mark.parametrize("stop", [None, Stop("void", "code", "again", instead="x"), Stop("stopped", "code", "again")])
def test_an_application_is_ended_once(done: Loop, stop: Stop | None) -> None:
    """As a preview is."""
    before, audited = done.row(done.request), done.audited(done.request)
    run_end.end_apply(done.at(done.request, "settle"), stop)
    assert done.row(done.request) == before
    assert done.audited(done.request) == audited


def test_a_retirement_ends_what_was_parked_of_its_service(done: Loop) -> None:
    """Of this service in this stack; another's parked request can still be resumed."""
    parked, other = done.approved("films"), done.approved("music")
    for request in (parked, other):
        running(done, request)
        run_end.end_apply(done.at(request, "settle"), Stop("stopped", "code", "because"))
    asked = done.as_("ann").retire("films", STACK).id
    done.carry_out(asked)
    done.as_("gus").approve(asked)
    assert done.carry_out(asked).status == "done"
    assert (done.row(parked).status, done.row(other).status) == ("failed", "parked")
    assert done.row(parked).reason == f"the service was retired: {asked}"
    assert "request.retired" in done.audited(parked)
    assert done.row(done.request).status == "done"


def test_what_ended_well_but_is_no_retirement_ends_nothing_else(done: Loop) -> None:
    """A provision leaves a parked request of the same name alone."""
    old = done.written("films")
    with done.platform.database.begin() as tx:
        requests.move(tx, old, ["submitted"], "applying", at=clock.now())
        requests.move(tx, old, ["applying"], "parked", at=clock.now())
    new = done.written("films")
    running(done, new)
    with done.platform.database.begin() as tx:
        requests.move(tx, new, ["submitted"], "applying", at=clock.now())
    held = {"hold": {"approval": done.approvals(done.request)[0].id}}
    run_end.end_apply(replace(done.at(new, "settle"), results=held), None)
    assert (done.row(new).status, done.row(old).status) == ("done", "parked")


def test_what_a_retired_instance_held_is_written_down_as_gone(done: Loop) -> None:
    """No row of it stays alive."""
    asked = done.as_("ann").retire("photos", STACK).id
    done.carry_out(asked)
    done.as_("gus").approve(asked)
    done.carry_out(asked)
    with done.platform.database.read() as tx:
        assert resources.of_instance(tx, "platform", STACK, "photos-key") == ()


def test_a_policy_that_was_withdrawn_from_the_branch_approves_nothing(done: Loop) -> None:
    """The commit that was previewed still has it; what the branch says now counts too."""
    answers = [True, True, False]  # of the preview, of the commit that was previewed, of the branch
    done.rules.says[AUTO] = lambda _: answers.pop(0)
    request = done.as_("ann").retire("photos", STACK).id
    assert done.carry_out(request).confirms
    policy = "policies/request/auto_approval.rego"
    done.clone.moved(**{policy: "package gaia.request\n\ndefault auto_approve := false\n# other\n"})
    with pytest.raises(Refused) as refused:
        done.as_("ann").approve(request)
    assert (refused.value.code, answers) == ("approver-is-requester", [])
