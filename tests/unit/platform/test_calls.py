"""What each call writes down: rows, leases, queue and audit log, in one transaction with the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from tests.unit.platform.loop import KEY, STACK, STORE

from gaia.access.callers import authenticate
from gaia.errors import Conflict, GaiaError, NotFound, Refused
from gaia.kit import clock
from gaia.platform.callers.people import People
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.records import approvals, audit, leases, people, requests, runs
from gaia.records.tables import approvals as table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.platform.loop import Loop

    from gaia.records.model import Entry


def entries(loop: Loop, subject: str) -> list[Entry]:
    """What the audit log says of it."""
    with loop.platform.database.read() as tx:
        return list(audit.entries(tx, subject=subject))


def steps(loop: Loop, request: str) -> list[str]:
    """The planned steps of its newest run."""
    with loop.platform.database.read() as tx:
        return [step.step for step in runs.steps_of(tx, loop.run(request).id)]


def parked(loop: Loop, code: str = "terraform-failed", reason: str = "tired") -> None:
    """The approved request's run was parked with this code."""
    with loop.platform.database.begin() as tx:
        run = runs.of_request(tx, loop.request)[-1]
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
        runs.move(tx, run.id, ["running"], "parked", at=clock.now(), code=code, reason=reason)
        leases.release_all(tx, loop.request, at=clock.now())
        requests.move(tx, loop.request, ["applying"], "parked", at=clock.now(), reason=reason)


@pytest.mark.parametrize(("given", "days"), [(None, 7), (timedelta(days=2), 2)])
def test_a_request_is_to_be_decided_within_a_time(loop: Loop, given: timedelta | None, days: int) -> None:
    """A week, or what whoever asks says."""
    view = loop.as_("ann").submit("pair", "photos", STACK, {"text": "x"}, expires=given)
    row = loop.row(view.id)
    assert row.expires_at is not None
    assert abs(row.expires_at - row.created_at - timedelta(days=days)) < timedelta(minutes=1)


def test_a_request_is_written_down_whole(loop: Loop) -> None:
    """With its queued preview, and an entry that says who asked for what, where."""
    request = loop.ask()
    row, run = loop.row(request), loop.run(request)
    assert (row.repository, row.tenant, row.stage, row.stack, row.service) == (
        "platform", "acme", "dev", STACK, "photos",
    )  # fmt: skip
    assert (row.kind, row.template, row.template_version, row.answers) == (
        "provision", "pair", "1.0.0", {"text": "hello", "alone": False},
    )  # fmt: skip
    assert (run.kind, run.status, steps(loop, request)) == ("preview", "queued", list(PREVIEW_STEPS))
    [entry] = entries(loop, request)
    assert (entry.action, entry.actor, entry.outcome) == ("request.submitted", row.requester, "done")
    assert (entry.repository, entry.tenant, entry.stage) == ("platform", "acme", "dev")
    assert entry.facts == {"service": "photos", "stack": STACK}


def test_a_refusal_is_audited(waiting: Loop) -> None:
    """Who tried what on which subject, and with which code."""
    with pytest.raises(Refused):
        waiting.as_("vic").approve(waiting.request)
    entry = entries(waiting, waiting.request)[-1]
    assert (entry.action, entry.outcome, entry.facts) == ("request.approve", "refused", {"code": "not-permitted"})
    assert (entry.repository, entry.tenant, entry.stage) == ("platform", "acme", "dev")
    with pytest.raises(Refused):
        waiting.as_("vic").submit("pair", "music", STACK, {"text": "x"})
    assert entries(waiting, f"{STACK}/music")[-1].action == "request.submit"


def test_whoever_may_not_ask_learns_nothing(done: Loop) -> None:
    """Not even that the name is taken."""
    with pytest.raises(Refused) as refused:
        done.as_("vic").submit("pair", "photos", STACK, {"text": "x"})
    assert refused.value.code == "not-permitted"


def test_a_taken_name_leaves_no_request(done: Loop) -> None:
    """Somebody deleted the manifest by hand: the name is taken all the same, and nothing is written down."""
    done.clone.head = done.clone.commit(done.clone.head, {str(done.row(done.request).manifest): None})
    with pytest.raises(Conflict) as taken:
        done.ask()
    assert taken.value.code == "name-taken"
    with done.platform.database.read() as tx:
        assert [one.id for one in requests.find(tx, "platform")] == [done.request]


def test_a_retirement_knows_what_it_retires(done: Loop) -> None:
    """Template, answers, manifest and origins of the request that the service came from; a week to decide."""
    asked = done.as_("ann").retire("photos", STACK).id
    row, old = done.row(asked), done.row(done.request)
    assert (row.kind, row.template, row.template_version, row.answers) == (
        "retire", old.template, old.template_version, old.answers,
    )  # fmt: skip
    assert (row.manifest, row.origins, row.tenant, row.stage) == (old.manifest, old.origins, "acme", "dev")
    assert row.expires_at is not None
    assert abs(row.expires_at - row.created_at - timedelta(days=7)) < timedelta(minutes=1)
    assert steps(done, asked) == list(PREVIEW_STEPS)
    assert [entry.action for entry in entries(done, asked)] == ["request.submitted"]


def test_a_retirement_that_nobody_decided_in_time_makes_way(done: Loop) -> None:
    """The service can be retired by another request."""
    old = done.as_("ann").retire("photos", STACK).id
    done.carry_out(old)
    with done.platform.database.begin() as tx:
        requests.note(tx, old, at=clock.now(), expires_at=clock.now() - timedelta(seconds=1))
    assert done.as_("ann").retire("photos", STACK).status == "submitted"
    assert done.row(old).status == "expired"


def test_an_approval_signs_leases_and_queues(waiting: Loop) -> None:
    """With the reason and by whom; the reason why it waited is no longer said."""
    with waiting.platform.database.begin() as tx:
        requests.note(tx, waiting.request, at=clock.now(), reason="it changed")
    view = waiting.as_("gus").approve(waiting.request, reason="fine")
    [approval] = waiting.approvals(waiting.request)
    assert (approval.decision, approval.reason, view.reason) == ("approved", "fine", "")
    assert approvals.verify(approval, [waiting.platform.key])
    run = waiting.run(waiting.request)
    with waiting.platform.database.read() as tx:
        held = leases.of_request(tx, waiting.request)
    assert [(one.name, one.run) for one in held] == [(KEY, run.id), (STORE, run.id)]
    assert steps(waiting, waiting.request) == ["hold", "rebase", f"apply {KEY}", f"apply {STORE}", "publish"]
    entry = entries(waiting, waiting.request)[-1]
    assert (entry.action, entry.actor) == ("request.approved", approval.person)
    assert entry.facts["approval"] == approval.id
    assert entry.facts["preview"] == approval.preview


def test_nothing_is_approved_while_it_could_not_be_published(waiting: Loop) -> None:
    """Somebody works in the checkout."""
    waiting.clone.dirty = True
    with pytest.raises(Conflict) as dirty:
        waiting.as_("gus").approve(waiting.request)
    assert (dirty.value.code, waiting.approvals(waiting.request)) == ("target-dirty", ())


def test_what_was_not_judged_is_not_decided(loop: Loop) -> None:
    """A request that waits without a judgement has nothing that could be signed."""
    request = loop.ask()
    loop.carry_out(request, until="judge")
    with loop.platform.database.begin() as tx:
        requests.move(tx, request, ["submitted"], "waiting", at=clock.now())
    for decide in (loop.as_("gus").approve, lambda one: loop.as_("gus").reject(one, reason="no")):
        with pytest.raises(GaiaError) as refused:
            decide(request)
        assert refused.value.code == "request-not-waiting"


def test_a_rejection_is_signed_with_its_reason(waiting: Loop) -> None:
    """And audited; nothing is leased or queued."""
    view = waiting.as_("gus").reject(waiting.request, reason="too big")
    [approval] = waiting.approvals(waiting.request)
    assert (view.status, view.reason, approval.decision, approval.reason) == (
        "rejected", "too big", "rejected", "too big",
    )  # fmt: skip
    assert entries(waiting, waiting.request)[-1].action == "request.rejected"
    assert [run.kind for run in view.runs] == ["preview"]


def test_an_approval_in_time_counts_and_a_late_one_does_not(waiting: Loop) -> None:
    """A request without an end is never too late."""
    with waiting.platform.database.begin() as tx:
        requests.note(tx, waiting.request, at=clock.now(), expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(Conflict) as late:
        waiting.as_("gus").approve(waiting.request)
    assert late.value.code == "request-expired"
    with waiting.platform.database.begin() as tx:
        requests.note(tx, waiting.request, at=clock.now(), expires_at=None)
    assert waiting.as_("gus").approve(waiting.request).status == "applying"


def test_what_nobody_decided_in_time_makes_way_and_nothing_else_does(waiting: Loop) -> None:
    """It is expired for good, by the engine's hand; a request that can still be decided keeps its name."""
    with pytest.raises(Conflict) as busy:
        waiting.ask()
    assert busy.value.code == "service-busy"
    with waiting.platform.database.begin() as tx:
        requests.note(tx, waiting.request, at=clock.now(), expires_at=clock.now() - timedelta(seconds=1))
    other = waiting.ask("music")
    assert waiting.row(waiting.request).status == "waiting"
    waiting.ask()
    assert waiting.row(waiting.request).status == "expired"
    entry = entries(waiting, waiting.request)[-1]
    assert (entry.action, entry.actor) == ("request.expired", "engine")
    assert waiting.row(other).status == "submitted"


@pytest.mark.parametrize("who", ["ann", "gus"])
def test_a_parked_request_is_applied_again_by_its_approval(approved: Loop, who: str) -> None:
    """By whoever may ask, or decide; the same approval, a new run, no reason any more."""
    parked(approved)
    view = approved.as_(who).resume(approved.request)
    assert (view.status, view.reason, [run.kind for run in view.runs]) == (
        "applying", "", ["preview", "apply", "apply"],
    )  # fmt: skip
    assert steps(approved, approved.request)[0] == "hold"
    assert approved.approvals(approved.request)[0].voided_at is None
    assert entries(approved, approved.request)[-1].action == "request.resumed"


@pytest.mark.parametrize("code", ["approval-void", "approval-missing", "preview-damaged", "judgement-damaged"])
def test_what_would_be_parked_again_for_the_same_reason_is_previewed(approved: Loop, code: str) -> None:
    """Its approval is void, with the reason that it was parked for; a person decides on what would be done now."""
    parked(approved, code, "it changed")
    view = approved.as_("gus").resume(approved.request)
    assert (view.status, view.runs[-1].kind, view.reason) == ("submitted", "preview", "")
    assert steps(approved, approved.request) == list(PREVIEW_STEPS)
    assert approved.approvals(approved.request)[0].voided_why == "it changed"


def test_a_reason_to_preview_again_is_said_where_there_is_none(approved: Loop) -> None:
    """What is void says why."""
    parked(approved, "approval-void", "")
    approved.as_("gus").resume(approved.request)
    assert approved.approvals(approved.request)[0].voided_why == "previewed again"


@pytest.mark.parametrize("forgery", [{"reason": "other"}, {"decision": "rejected"}])
def test_what_was_not_signed_is_not_applied_again(approved: Loop, forgery: Mapping[str, str]) -> None:
    """A row that was changed since: it is previewed for somebody to decide."""
    parked(approved)
    with approved.platform.database.begin() as tx:
        tx.change(update(table).values(**forgery))
    assert approved.as_("gus").resume(approved.request).status == "submitted"


def test_an_approval_that_is_gone_is_not_made_up(approved: Loop) -> None:
    """Voided meanwhile."""
    parked(approved)
    with approved.platform.database.begin() as tx:
        approvals.void(tx, approved.request, "key-rotated", at=clock.now())
    assert approved.as_("gus").resume(approved.request).status == "submitted"


def test_what_is_open_is_what_somebody_has_to_look_at(approved: Loop) -> None:
    """Submitted, waiting, applying, parked."""
    for status in ("applying", "parked"):
        if status == "parked":
            parked(approved)
        assert [view.status for view in approved.as_("vic").requests(open_only=True)] == [status]
    with approved.platform.database.begin() as tx:
        requests.move(tx, approved.request, ["parked"], "failed", at=clock.now())
    assert list(approved.as_("vic").requests(open_only=True)) == []
    assert len(approved.as_("vic").requests()) == 1


def test_what_was_made_gives_its_outputs(done: Loop) -> None:
    """By instance, once it is done; none of a retirement, none that the journals have lost."""
    view = done.as_("ann").request(done.request)
    assert view.outputs == {KEY: {"arn": f"arn:{KEY}"}, STORE: {"arn": f"arn:{STORE}"}}
    for journal in done.platform.documents.find("journal"):
        done.platform.documents.delete("journal", journal.name)
    assert done.as_("ann").request(done.request).outputs == {}


def test_an_approval_by_digest_signs_no_other_judgement(waiting: Loop) -> None:
    """The plan is the same, and a rule says something else of it since: whoever read the old words is told."""
    gus = waiting.as_("gus")
    read = gus.request(waiting.request).preview
    assert read
    with pytest.raises(Conflict) as changed:
        gus.approve(waiting.request, digest=read.digest, judgement="sha256:" + "0" * 64)
    assert changed.value.code == "judgement-changed"
    assert gus.approve(waiting.request, digest=read.digest, judgement=read.judgement).status == "applying"


def test_near_names_are_told_to_who_may_see_all_of_them(waiting: Loop) -> None:
    """Another tenant's person learns no name, and the same of a stack that is there as of one that is not."""
    said = set()
    for stack in (STACK, STACK[:-1] + "x"):
        with pytest.raises(NotFound) as unknown:
            waiting.as_("bob").submit("pair", "music", stack, {"text": "x"})
        said.add((unknown.value.code, unknown.value.message.replace(stack, "S"), unknown.value.next_step))
    assert len(said) == 1


def test_a_token_that_somebody_may_not_end_is_written_down(waiting: Loop) -> None:
    """Refusals are entries too."""
    with waiting.platform.database.read() as tx:
        token = next(each.id for each in people.list_tokens(tx, "gus"))
        ann = authenticate(tx, waiting.tokens["ann"], clock.now())
    with pytest.raises(NotFound):
        People(waiting.platform.database, waiting.platform.audit, ann).revoke(token)
    entry = entries(waiting, token)[-1]
    assert (entry.action, entry.outcome, entry.facts) == ("token.revoke", "refused", {"code": "token-not-found"})
