"""The second run of a request: what was signed is applied, in order, and published; else it parks or is void."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from tests.unit.platform.loop import KEY, MANIFEST, STACK, STORE
from tests.unit.platform.played import made, refused

from gaia.errors import Conflict, Next
from gaia.kit import clock
from gaia.operations.journal import Journal, read
from gaia.platform.applying import apply_run
from gaia.platform.engine.steps import Stop, apply_steps
from gaia.platform.instances import journals
from gaia.records import approvals, leases, previews, requests, resources, runs
from gaia.records.tables import approvals as table

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.platform.model import RequestView


def parked(view: RequestView) -> tuple[str, str]:
    """Status and code of a request whose application was stopped."""
    return view.status, view.runs[-1].code


def test_what_was_approved_is_made_in_order_and_published(approved: Loop) -> None:
    """Dependencies first, with their outputs for the next; then the manifest is on the platform's branch."""
    view = approved.carry_out(approved.request)
    assert view.status == "done"
    assert [name for name, _ in view.runs[-1].steps] == ["hold", "rebase", f"apply {KEY}", f"apply {STORE}", "publish"]
    assert [word for word in approved.world.commands if word.startswith("apply")] == [f"apply {KEY}", f"apply {STORE}"]
    assert approved.world.states[STORE]["key"] == f"arn:{KEY}"
    assert approved.world.states[KEY]["text"] == "hello"
    assert MANIFEST in approved.clone.files(approved.clone.head)
    assert approved.row(approved.request).commit == approved.clone.head
    assert f"published {approved.clone.head[:12]}" in approved.lines(approved.request)


def test_each_step_returns_ids_and_scalars(approved: Loop) -> None:
    """What DBOS remembers, and what later steps go by."""
    approved.carry_out(approved.request)
    results = approved.results[approved.run(approved.request).id]
    [approval] = approved.approvals(approved.request)
    row = approved.row(approved.request)
    assert results["hold"] == {"approval": approval.id, "digest": approval.preview, "rules": row.base}
    assert results["rebase"] == {"base": row.base, "commit": row.commit, "rules": row.base}
    assert results[f"apply {KEY}"] == {"status": "applied", "resources": 1}
    assert results["publish"] == {"commit": approved.clone.head}


def test_what_exists_is_written_down_with_the_run_that_made_it(approved: Loop) -> None:
    """And the log says of each instance how it ended."""
    approved.carry_out(approved.request)
    with approved.platform.database.read() as tx:
        found = resources.of_request(tx, approved.request)
    assert [(one.component, one.address, one.cloud_id) for one in found] == [
        ("photos-key", "aws_kms_key.this", f"id:{KEY}"), ("photos-store", "aws_s3_bucket.this", f"id:{STORE}"),
    ]  # fmt: skip
    lines = [line for line in approved.as_("ann").log(approved.request) if line["instance"] == KEY]
    assert lines[-1]["message"] == f"{KEY}: applied"
    [begins] = [line for line in lines if line["message"] == "aws_kms_key.this: begins"]
    assert (begins["level"], begins["event"]["kind"]) == ("info", "start")  # type: ignore[index]
    assert {line["step"] for line in lines[1:]} == {f"apply {KEY}"}


def test_a_retirement_goes_through_the_instances_in_reverse(done: Loop) -> None:
    """From the commit that still has them, by their own word; nothing is left, and neither is the manifest."""
    asked = done.as_("ann").retire("photos", STACK).id
    assert done.carry_out(asked).status == "waiting"
    done.as_("gus").approve(asked)
    view = done.carry_out(asked)
    assert view.status == "done"
    assert [name for name, _ in view.runs[-1].steps][2:4] == [f"destroy {STORE}", f"destroy {KEY}"]
    assert done.world.states == {}
    assert MANIFEST not in done.clone.files(done.clone.head)
    assert f"{STORE}: destroyed" in done.lines(asked)
    with done.platform.database.read() as tx:
        assert resources.of_request(tx, done.request) == ()


def test_what_was_never_made_needs_no_destruction(done: Loop) -> None:
    """An earlier request stopped before it: nothing is planned for it, and the log does not say it was destroyed."""
    del done.world.states[STORE]
    asked = done.as_("ann").retire("photos", STACK).id
    done.carry_out(asked)
    done.as_("gus").approve(asked)
    done.world.commands.clear()
    assert done.carry_out(asked).status == "done"
    assert f"plan {STORE}" not in done.world.commands
    assert f"{STORE}: unchanged" in done.lines(asked)


def test_nothing_is_applied_without_an_approval(waiting: Loop) -> None:
    """A run that somebody put into the queue finds none; a rejection is none."""
    with waiting.platform.database.begin() as tx:
        row = requests.move(tx, waiting.request, ["waiting"], "applying", at=clock.now())
        runs.add(tx, row, "apply", apply_steps(row), at=clock.now())
    view = waiting.carry_out(waiting.request)
    assert parked(view) == ("parked", "approval-missing")
    assert "Preview it again, for somebody to approve" in view.reason
    assert isinstance(view.next_step, Next)
    assert (view.next_step.act, view.next_step.subject) == ("resume", waiting.request)
    assert waiting.world.states == {}


@pytest.mark.parametrize(
    "forgery", [{"preview": "sha256:" + "f" * 64}, {"decision": "rejected"}, {"reason": "other"}, {"signature": ""}]
)
def test_a_forged_approval_is_none(approved: Loop, forgery: dict[str, str]) -> None:
    """The row was changed after it was signed: nothing is begun."""
    with approved.platform.database.begin() as tx:
        tx.change(update(table).values(**forgery))
    assert parked(approved.carry_out(approved.request)) == ("parked", "approval-missing")
    assert approved.world.states == {}


def test_a_rejection_that_was_signed_is_no_approval(approved: Loop) -> None:
    """Signed by us, for this very preview, and a no."""
    with approved.platform.database.begin() as tx:
        approvals.void(tx, approved.request, "test", at=clock.now())
        [old] = approvals.of_request(tx, approved.request)
        judged = previews.judgement(tx, approved.request, old.judgement)
        approvals.decide(tx, judged, "rejected", person=None, key=approved.platform.key, at=clock.now())
    assert parked(approved.carry_out(approved.request)) == ("parked", "approval-missing")


def test_an_approval_holds_for_its_own_preview_alone(approved: Loop) -> None:
    """The request has another preview by now: the approval of the old one does not begin an application."""
    with approved.platform.database.begin() as tx:
        requests.note(tx, approved.request, at=clock.now(), preview="sha256:" + "e" * 64)
    with pytest.raises(Conflict) as missing:
        apply_run.hold(approved.at(approved.request, "hold"))
    assert missing.value.code == "approval-missing"


def test_an_approval_that_is_voided_meanwhile_stops_the_next_instance(approved: Loop) -> None:
    """Each instance asks anew; what was made before stays, and what is left is named."""

    def void(key: str) -> None:
        if key == KEY:
            with approved.platform.database.begin() as tx:
                approvals.void(tx, approved.request, "key-rotated", at=clock.now())

    approved.world.during = void
    view = approved.carry_out(approved.request)
    assert parked(view) == ("parked", "approval-missing")
    assert list(approved.world.states) == [KEY]
    assert view.runs[-1].left == (f"apply {STORE}", "publish")


def test_nothing_is_published_that_is_no_longer_approved(approved: Loop) -> None:
    """Also after the last instance."""

    def void(key: str) -> None:
        if key == STORE:
            with approved.platform.database.begin() as tx:
                approvals.void(tx, approved.request, "key-rotated", at=clock.now())

    approved.world.during = void
    assert parked(approved.carry_out(approved.request)) == ("parked", "approval-missing")
    assert MANIFEST not in approved.clone.files(approved.clone.head)


def test_what_cannot_be_published_is_not_begun(approved: Loop) -> None:
    """Somebody works in the checkout: nothing is leased anew and nothing is made."""
    approved.clone.dirty = True
    assert parked(approved.carry_out(approved.request)) == ("parked", "target-dirty")
    assert approved.world.states == {}


def test_what_another_request_holds_is_left_alone(approved: Loop) -> None:
    """The lease of one instance is somebody else's: the run parks."""
    other = approved.ask("music")
    with approved.platform.database.begin() as tx:
        leases.release_all(tx, approved.request, at=clock.now())
        run = approved.run(other).id
        leases.acquire(tx, "platform", STORE, request=other, run=run, at=clock.now())
    assert parked(approved.carry_out(approved.request)) == ("parked", "instance-leased")
    assert approved.world.states == {}


def test_a_held_run_leases_every_instance(approved: Loop) -> None:
    """To the run that applies, from `hold` on."""
    with approved.platform.database.begin() as tx:
        leases.release_all(tx, approved.request, at=clock.now())
    approved.carry_out(approved.request, until="rebase")
    with approved.platform.database.read() as tx:
        held = leases.of_request(tx, approved.request)
    assert [(one.name, one.run) for one in held] == [(name, approved.run(approved.request).id) for name in (KEY, STORE)]


def test_a_plan_that_is_not_what_was_signed_is_not_applied(approved: Loop) -> None:
    """One more attribute in the instance's own plan: it parks, names it, and makes nothing."""
    approved.world.adds[KEY] = {"policy": "open"}
    view = approved.carry_out(approved.request)
    assert parked(view) == ("parked", "approval-void")
    assert view.runs[-1].left == (f'{KEY} aws_kms_key.this after.policy: approved (absent), now "open"',)
    assert approved.world.states == {}


def test_what_was_approved_as_null_and_is_read_back_as_a_value_is_another_plan(loop: Loop) -> None:
    """A null that somebody signed is a known value, not an unknown one."""
    loop.world.previews["photos-key"] = {"policy": None}
    request = loop.previewed()
    loop.as_("gus").approve(request)
    loop.world.adds[KEY] = {"policy": "open"}
    view = loop.carry_out(request)
    assert parked(view) == ("parked", "approval-void")
    assert 'approved null, now "open"' in view.runs[-1].left[0]


def test_a_stop_has_no_secret_in_its_reason(approved: Loop) -> None:
    """Terraform quoted the password."""
    approved.world.fails[KEY] = refused("cannot make it with hunter-two")
    view = approved.carry_out(approved.request)
    assert parked(view) == ("parked", "terraform-failed")
    assert "(sensitive)" in view.reason
    assert "hunter-two" not in str(view)


def test_what_was_applied_is_not_applied_again(approved: Loop) -> None:
    """A resumed run goes on where the last one stopped; the finished instance is not even planned."""
    approved.world.fails[STORE] = refused("no more quota")
    assert parked(approved.carry_out(approved.request)) == ("parked", "terraform-failed")
    approved.world.fails.clear()
    approved.world.commands.clear()
    approved.as_("gus").resume(approved.request)
    assert approved.carry_out(approved.request).status == "done"
    assert f"plan {KEY}" not in approved.world.commands
    assert [word for word in approved.world.commands if word.startswith("apply")] == [f"apply {STORE}"]


def test_an_instance_that_another_application_left_in_doubt_is_not_touched(approved: Loop) -> None:
    """Resources of it may exist that no state has: parked, with what is in doubt and how to finish it."""
    journal = Journal(journals.of_request(approved.platform, "req_1", KEY))
    journal.append("begin", operation="apply", instance=KEY)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    view = approved.carry_out(approved.request)
    assert parked(view) == ("parked", "apply-unfinished")
    assert view.runs[-1].left == (f"{KEY}: aws_kms_key.this",)
    assert approved.world.states == {}


@pytest.mark.parametrize("step", ["apply", "publish"])
def test_a_run_that_lost_its_leases_changes_nothing(approved: Loop, step: str) -> None:
    """Thought dead, and another took over: it parks before it touches the account, and before it publishes."""
    approved.carry_out(approved.request, until=f"apply {KEY}" if step == "apply" else "publish")
    before, head = dict(approved.world.states), approved.clone.head
    with approved.platform.database.begin() as tx:
        leases.release_run(tx, approved.run(approved.request).id, at=clock.now())
    assert parked(approved.carry_out(approved.request)) == ("parked", "lease-lost")
    assert (approved.world.states, approved.clone.head) == (before, head)


def test_every_instance_that_was_approved_is_applied_or_none(approved: Loop) -> None:
    """Somebody took one off the request's row: it parks, and nothing is made; a resume previews it again."""
    with approved.platform.database.begin() as tx:
        requests.note(tx, approved.request, at=clock.now(), instances=(KEY,))
    assert parked(approved.carry_out(approved.request)) == ("parked", "request-changed")
    assert approved.world.states == {}
    approved.as_("gus").resume(approved.request)
    assert approved.carry_out(approved.request).status == "waiting"


def test_a_rule_that_had_to_decide_is_missed(waiting: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is gone from the tree that is judged by: the instance is not applied."""
    waiting.rules.always("plan.polite.undecided", "who knows")
    request = waiting.previewed("music")
    waiting.as_("gus").approve(request)
    waiting.carry_out(request, until=f"apply {STACK}/music-key")
    commit = waiting.results[waiting.run(request).id]["rebase"]["commit"]
    policies = waiting.platform.snapshot(commit).policies
    other = (replace(rule, name="plan.other") if rule.name == "plan.polite" else rule for rule in policies.rules)
    without = replace(policies, rules=tuple(other))
    monkeypatch.setitem(vars(waiting.platform.snapshot(commit)), "policies", without)  # shared with other tests
    assert parked(waiting.carry_out(request)) == ("parked", "policy-missing")
    assert waiting.world.states == {}


def test_its_own_journal_is_gone_on_with(approved: Loop) -> None:
    """What this very request left in doubt is what its own next attempt settles: it looks for it."""
    journal = Journal(journals.of_request(approved.platform, approved.request, KEY))
    journal.append("begin", operation="apply", instance=KEY)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    journal.append("start", address="aws_kms_key.this", type="aws_kms_key", action="create", id="")
    approved.carry_out(approved.request)
    assert f"searching for what has the tag of {KEY}" in approved.lines(approved.request)
    assert approved.run(approved.request).code != "apply-unfinished"


def test_what_is_gone_already_does_not_keep_the_rest(done: Loop) -> None:
    """The store reads an output of a key that somebody deleted: for a destruction nothing needs it."""
    del done.world.states[KEY]
    asked = done.as_("ann").retire("photos", STACK).id
    done.carry_out(asked)
    done.as_("gus").approve(asked)
    assert done.carry_out(asked).status == "done"
    assert done.world.states == {}


def test_a_destruction_that_was_cut_off_is_finished_although_nothing_is_left(done: Loop) -> None:
    """Its journal has no end yet: it goes on there, and the end is written down."""
    asked = done.as_("ann").retire("photos", STACK).id
    done.carry_out(asked)
    done.as_("gus").approve(asked)
    path = journals.of_request(done.platform, asked, STORE)
    journal = Journal(path)
    journal.append("begin", operation="destroy", instance=STORE)
    del done.world.states[STORE]
    done.carry_out(asked, until=f"destroy {KEY}")
    assert read(path)[-1].kind == "outcome"


def test_policies_are_asked_of_the_plan_that_is_about_to_be_applied(approved: Loop) -> None:
    """What is undecided there parks the run; so does a denial, by its own code. Nothing is made either way."""
    approved.rules.always("plan.polite.undecided", "who knows hunter-two")
    view = approved.carry_out(approved.request)
    assert parked(view) == ("parked", "policy-undecided")
    assert view.runs[-1].left == ("Be polite: who knows (sensitive)",)
    approved.rules.always("plan.polite.deny", "rude")
    approved.as_("gus").resume(approved.request)
    assert parked(approved.carry_out(approved.request)) == ("parked", "policy-denied")
    assert approved.world.states == {}


def test_policies_are_told_whose_plan_it_is(approved: Loop) -> None:
    """The request, and the one instance; the values as they will be applied."""
    approved.rules.asked.clear()
    approved.carry_out(approved.request)
    about = [document["gaia"] for document in approved.rules.documents("plan.polite.deny")]
    assert [one["instances"] for one in about] == [[KEY], [STORE]]
    assert about[0]["service"] == "photos"
    assert about[0]["requester"] == approved.row(approved.request).requester
    [key, store] = approved.rules.documents("plan.polite.deny")
    assert key["resource_changes"][0]["change"]["after"]["text"] == "hello"
    assert store["resource_changes"][0]["change"]["after"]["key"] == f"arn:{KEY}"


def test_a_key_cannot_be_made_twice(approved: Loop) -> None:
    """It exists already, of somebody else's making: its own plan is another one."""
    made(approved.world, KEY, {"text": "theirs", "password": "hunter-two"})
    assert parked(approved.carry_out(approved.request)) == ("parked", "approval-void")


def test_the_left_overs_of_a_conflict_may_be_none() -> None:
    """Facts that are no list tell nothing."""
    assert apply_run._left(Conflict("apply-unfinished", "m", next_step="", facts={"left": "x"})) == ()


def test_a_stop_names_the_instance_and_what_is_left(approved: Loop) -> None:
    """`change` itself: a parked outcome is a stop, with its code."""
    approved.carry_out(approved.request, until=f"apply {KEY}")
    approved.world.adds[KEY] = {"policy": "open"}
    stop = apply_run.change(approved.at(approved.request, f"apply {KEY}"), key=KEY)
    assert isinstance(stop, Stop)
    assert (stop.end, stop.code, len(stop.left)) == ("stopped", "approval-void", 1)


def test_what_was_approved_for_one_place_is_not_applied_in_another(approved: Loop) -> None:
    """A region, an account or an endpoint that is another now parks it; going on previews it for that place."""
    approved.world.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    view = approved.carry_out(approved.request)
    assert parked(view) == ("parked", "target-changed")
    assert "endpoint Amazon's → http://127.0.0.1:1" in view.reason
    assert approved.world.states == {}
    assert approved.as_("ann").resume(approved.request).status == "submitted"
    waiting = approved.carry_out(approved.request)
    assert (waiting.status, waiting.preview and waiting.preview.targets[0].endpoint) == (
        "waiting",
        "http://127.0.0.1:1",
    )


def test_what_was_to_be_destroyed_and_has_no_state_is_not_called_done(done: Loop) -> None:
    """Its backend is another one now, or somebody removed it: the resources may all exist, and nobody would know."""
    request = done.as_("ann").retire("photos", STACK).id
    done.carry_out(request)
    done.as_("gus").approve(request)
    done.world.states.clear()
    view = done.carry_out(request)
    assert parked(view) == ("parked", "state-missing")
    assert done.as_("ann").resume(request).status == "submitted"  # previewed again, as it is now
