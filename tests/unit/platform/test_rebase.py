"""When the platform repository moved before an application: compared first, written down after, and never applied
unless what would be done now is what was signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.platform.loop import FILES, KEY, MANIFEST, STACK, STORE
from tests.unit.platform.played import refused

from gaia.operations.journal import Journal
from gaia.platform.instances import journals
from gaia.records import previews

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop


def finished(loop: Loop, key: str) -> None:
    """The request's journal says that the instance was applied."""
    journal = Journal(journals.of_request(loop.platform, loop.request, key))
    journal.append("begin", operation="apply", instance=key)
    outcome = {"reason": "", "code": "", "next_step": "", "left": [], "resources": [], "outputs": {}}
    journal.append("outcome", status="applied", sensitive_outputs=[], changed={}, digest="", **outcome)


def begun(loop: Loop, key: str) -> None:
    """The request's journal says that the instance was begun, and not how it ended."""
    journal = Journal(journals.of_request(loop.platform, loop.request, key))
    journal.append("begin", operation="apply", instance=key)
    journal.append("child", what="plan", pid=999_999_999, started=1, boot="boot")


def test_nothing_is_previewed_again_where_nothing_moved(approved: Loop) -> None:
    """The commit that was previewed is the one that is applied."""
    approved.world.commands.clear()
    approved.carry_out(approved.request, until=f"apply {KEY}")
    assert "plan the preview" not in approved.world.commands
    assert not [line for line in approved.lines(approved.request) if "moved" in line]


def test_an_unrelated_commit_does_not_ask_again(approved: Loop) -> None:
    """Previewed on top of it, found to be the same, applied from there, and both are published."""
    signed = approved.row(approved.request).preview
    head = approved.clone.moved()
    approved.carry_out(approved.request, until=f"apply {KEY}")
    row, results = approved.row(approved.request), approved.results[approved.run(approved.request).id]
    assert results["rebase"] == {"base": head, "commit": row.commit, "rules": head}
    assert approved.carry_out(approved.request).status == "done"
    assert (row.base, row.preview) == (head, signed)
    assert [shown.voided for shown in approved.view(approved.request).approvals] == [None]
    assert {MANIFEST, "NOTES.md"} <= approved.clone.files(results["rebase"]["commit"])
    assert {MANIFEST, "NOTES.md"} <= approved.clone.files(approved.clone.head)
    assert f"the platform repository moved to {head[:12]}: previewing again" in approved.lines(approved.request)


def test_what_would_be_done_otherwise_goes_back_to_a_person(approved: Loop) -> None:
    """The approval is void and names why; the new preview waits, and nothing was made."""
    approved.clone.moved()
    approved.world.previews["photos-key"] = {"policy": "open"}
    signed = approved.row(approved.request).preview
    view = approved.carry_out(approved.request)
    assert (view.status, view.runs[-1].code, view.runs[-1].status) == ("waiting", "approval-void", "failed")
    assert 'after.policy: approved (absent), now "open"' in view.reason
    assert view.preview is not None
    assert view.preview.digest != signed
    assert approved.world.states == {}
    [approval] = approved.approvals(approved.request)
    assert approval.voided_at is not None
    [shown] = view.approvals
    assert (shown.decision, shown.reason, shown.voided) == ("approved", "", view.reason)
    with approved.platform.database.read() as tx:
        assert previews.latest_judgement(tx, approved.request, view.preview.digest) is not None


def test_what_is_approved_anew_is_applied(approved: Loop) -> None:
    """By the approval that holds now, not by the older one that is void."""
    approved.clone.moved()
    approved.world.previews["photos-key"] = {"policy": "open"}
    approved.carry_out(approved.request)
    approved.world.adds[KEY] = {"policy": "open"}
    approved.as_("gus").approve(approved.request)
    assert approved.carry_out(approved.request).status == "done"
    assert approved.world.states[KEY]["policy"] == "open"


def test_nothing_of_the_request_changes_before_the_comparison_is_over(approved: Loop) -> None:
    """Killed at any point until then, the next attempt compares again: base, commit and preview are as they were."""
    before, looked = approved.row(approved.request), []
    approved.clone.moved()
    approved.world.previews["photos-key"] = {"policy": "open"}

    def look(_: object) -> list[object]:
        looked.append(approved.row(approved.request))
        return []

    approved.rules.says["data.gaia.plan.polite.deny"] = look
    approved.carry_out(approved.request, until="settle")
    assert [(row.base, row.commit, row.preview) for row in (*looked, approved.row(approved.request))] == [
        (before.base, before.commit, before.preview)
    ] * (len(looked) + 1)
    assert len(looked) == 2


def test_a_stricter_judgement_goes_back_to_a_person(approved: Loop) -> None:
    """The same plan, and a rule that says no now."""
    approved.clone.moved()
    approved.rules.always("plan.polite.deny", "rude", address="aws_kms_key.this")
    view = approved.carry_out(approved.request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert view.reason == "deny: rude; deny: rude"


def test_what_was_undecided_when_it_was_signed_is_no_reason(loop: Loop) -> None:
    """It stands in what was signed; the instance's own plan is judged before its apply. A warning is none either."""
    loop.rules.always("plan.polite.undecided", "who knows", address="aws_kms_key.this")
    request = loop.approved()
    loop.clone.moved()
    loop.rules.always("plan.polite.warn", "hm", address="aws_kms_key.this")
    loop.carry_out(request, until=f"apply {KEY}")
    results = loop.results[loop.run(request).id]
    assert "stop" not in results["rebase"]


def test_an_undecided_rule_that_became_a_denial_is_one(loop: Loop) -> None:
    """The same rule about the same resource says more than what was signed."""
    loop.rules.always("plan.polite.undecided", "who knows", address="aws_kms_key.this")
    request = loop.approved()
    loop.clone.moved()
    loop.rules.always("plan.polite.deny", "rude", address="aws_kms_key.this")
    assert loop.carry_out(request).status == "waiting"


def test_of_what_was_applied_nothing_may_be_left_to_do(approved: Loop) -> None:
    """An earlier attempt finished the key, and now a change of it is planned: that was never approved."""
    finished(approved, KEY)
    approved.clone.moved()
    view = approved.carry_out(approved.request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert f"{KEY} aws_kms_key.this: approved (absent), now create" in view.reason
    assert STORE not in view.reason


def test_what_was_applied_and_stands_is_no_difference(approved: Loop) -> None:
    """The key was made by an earlier attempt; the store is what was approved, with a key that is known by now."""
    approved.carry_out(approved.request, until=f"apply {STORE}")
    approved.results.clear()
    approved.clone.moved()
    assert approved.carry_out(approved.request).status == "done"


def test_what_was_begun_is_judged_by_its_own_plan(approved: Loop) -> None:
    """It may be half made: neither its preview nor the rules about it hold the run up here."""
    begun(approved, KEY)
    approved.clone.moved()
    approved.world.previews["photos-key"] = {"policy": "open"}
    approved.rules.says["data.gaia.plan.polite.deny"] = lambda document: (
        [{"message": "rude"}] if document["gaia"]["instances"] == [KEY] else []
    )
    approved.carry_out(approved.request, until=f"apply {KEY}")
    assert "stop" not in approved.results[approved.run(approved.request).id]["rebase"]


def test_the_order_of_a_set_is_no_difference(loop: Loop) -> None:
    """The provider says that there is one; it is asked for the instance's own schema."""
    loop.world.previews["photos-key"] = {"zones": ["a", "b"]}
    request = loop.approved()
    loop.clone.moved()
    loop.world.previews["photos-key"] = {"zones": ["b", "a"]}
    loop.carry_out(request, until=f"apply {KEY}")
    assert "stop" not in loop.results[loop.run(request).id]["rebase"]
    assert f"schemas {KEY}" in loop.world.commands


def test_at_most_ten_reasons_are_told(approved: Loop) -> None:
    """The rest is in the new preview."""
    approved.clone.moved()
    approved.world.previews["photos-key"] = {f"a{number:02}": "x" for number in range(12)}
    view = approved.carry_out(approved.request)
    assert view.reason.count("approved (absent)") == 10
    assert "after.a09" in view.reason


def test_a_retirement_is_described_by_the_commit_that_has_the_manifest(done: Loop) -> None:
    """It moved: proposed on the new head, planned from it, and destroyed all the same."""
    asked = done.as_("ann").retire("photos", STACK).id
    done.carry_out(asked)
    done.as_("gus").approve(asked)
    head = done.clone.moved()
    assert done.carry_out(asked).status == "done"
    assert done.row(asked).base == head
    assert done.world.states == {}
    assert {MANIFEST} & done.clone.files(done.clone.head) == set()


def test_a_retirement_of_what_was_never_published_stands_on_its_own_manifest(approved: Loop) -> None:
    """Its ground is not the head: it is proposed there again when that moves, and published with it."""
    approved.world.fails[STORE] = refused("no more quota")
    approved.carry_out(approved.request)
    asked = approved.as_("ann").retire("photos", STACK).id
    approved.carry_out(asked)
    approved.as_("gus").approve(asked)
    head, before = approved.clone.moved(), approved.row(asked)
    assert approved.carry_out(asked).status == "done"
    row, clone = approved.row(asked), approved.clone
    assert clone.parents[str(row.base)] == head != before.base
    assert clone.parents[str(row.commit)] == row.base
    assert approved.world.states == {}
    assert MANIFEST in clone.files(str(row.base))
    assert MANIFEST not in clone.files(clone.head)


def test_a_rule_that_had_to_decide_later_must_still_be_there(waiting: Loop) -> None:
    """The approver was told that it would be asked again: without it somebody decides anew."""
    waiting.rules.always("plan.polite.undecided", "who knows")
    request = waiting.previewed("music")
    waiting.as_("gus").approve(request)
    polite = FILES["policies/plan/polite.rego"]
    kind = polite.replace("plan.polite", "plan.kind").encode()
    other = {"policies/plan/polite.rego": None, "policies/plan/kind.rego": kind}
    waiting.clone.head = waiting.clone.commit(waiting.clone.head, other)
    view = waiting.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert "the rule plan.polite, which had to decide later, is gone" in view.reason
    assert waiting.world.states == {}


def test_code_that_a_plan_does_not_show_goes_back_to_a_person(approved: Loop) -> None:
    """Whatever a provisioner would run: the plan is the same, the code is another one."""
    code = approved.clone.commits[approved.clone.head]["components/key/main.tf"].decode()
    approved.clone.moved(**{"components/key/main.tf": code + "# local-exec\n"})
    view = approved.carry_out(approved.request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert f"the code of {KEY} is another one than was previewed" in view.reason
    assert approved.world.states == {}


def test_code_of_another_component_does_not_ask_again(approved: Loop) -> None:
    """Only what the request's own instances run counts."""
    approved.clone.moved(**{"components/other/main.tf": "# anything\n"})
    assert approved.carry_out(approved.request).status == "done"


def test_what_would_be_done_in_another_place_goes_back_to_a_person(approved: Loop) -> None:
    """The same changes in another region are another preview: it has a digest of its own, and nobody has signed it."""
    signed = approved.row(approved.request).preview
    approved.clone.moved()
    approved.world.environ["AWS_REGION"] = "us-east-1"
    view = approved.carry_out(approved.request)
    assert view.status == "waiting"
    assert f"{KEY} would be applied somewhere else: region eu-west-1 → us-east-1" in view.reason
    assert view.preview
    assert view.preview.digest != signed
    assert view.preview.targets[0].region == "us-east-1"
    assert approved.world.states == {}
