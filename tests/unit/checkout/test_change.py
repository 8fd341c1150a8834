"""One instance of a checkout is changed, on a terraform that is played: shown, refused, applied, written down."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import HOME, NET
from tests.unit.platform.loop import STACK
from tests.unit.platform.played import made, refused

from gaia.checkout.change import Change, Seen, ending_well
from gaia.checkout.command import Command
from gaia.checkout.passed_on import WithoutNote, progress
from gaia.checkout.plan_files import PlanFiles
from gaia.errors import Conflict, Invalid, ToolFailed
from gaia.kit import clock
from gaia.kit.files import exclusive
from gaia.kit.procfs import Identity
from gaia.operations.journal import Journal, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.checkout.conftest import Ground

    from gaia.operations.instance import Outcome
    from gaia.operations.model import Log

KEY = "aws_kms_key.this"
_CREATE = {
    "format_version": "1.2",
    "resource_changes": [
        {
            "address": KEY, "mode": "managed", "type": "aws_kms_key", "name": "this",
            "change": {"actions": ["create"], "before": None, "after": {"text": "seen"}, "after_unknown": {}},
        }
    ],
}  # fmt: skip


def change(ground: Ground, *arguments: str, destroy: bool = False) -> Change:
    """A change of `net`."""
    checkout = ground.checkout()
    words = ground.words("destroy" if destroy else "apply", *arguments)
    return Change(checkout, ground.instance(checkout), words, destroy=destroy)


def silent(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
    """Nothing is said."""
    del level, message, event


def seen(one: Change) -> Seen:
    """What its plan would do."""
    found = one.plan()
    assert isinstance(found, Seen)
    return found


def carried_out(ground: Ground, *arguments: str, destroy: bool = False, say: Log = silent) -> Outcome:
    """Checked, planned and applied."""
    one = change(ground, *arguments, destroy=destroy)
    one.check()
    return one.apply(seen(one), say)


def journal(ground: Ground, number: int, **entries: Mapping[str, object]) -> None:
    """Write entries into the journal of the change with this number."""
    checkout = ground.checkout()
    kept = Journal(checkout.records.journal(ground.instance(checkout), number))
    for kind, facts in entries.items():
        kept.append(kind, **facts)


def written(ground: Ground) -> list[int]:
    """The numbers of the journals."""
    checkout = ground.checkout()
    return checkout.records.numbers(ground.instance(checkout))


BEGUN = {"operation": "apply", "instance": NET}
APPLYING = {"digest": "d", "changes": [[KEY, ["create"]]]}


def test_a_plan_shows_what_would_change_and_changes_nothing(ground: Ground) -> None:
    """As it lies there; nothing that holds values stays."""
    view = change(ground).plan().view
    assert (view.instance, view.commit) == (NET, "c" * 40)
    [shown] = view.changes
    assert (shown.address, shown.action, shown.after["text"]) == (KEY, "create", "shared")
    assert (ground.world.states, written(ground), ground.world.unlocked) == ({}, [], [])
    assert ground.left("*.tfvars.json") == ground.left("*.planfile") == []


@pytest.mark.parametrize("name", ["main.tf", "templates/user-data.sh"])
def test_code_that_was_changed_while_somebody_was_asked_is_not_applied(ground: Ground, name: str) -> None:
    """A plan file does not hold scripts and templates; nothing is begun, and the next plan shows what there is."""
    ground.write(**{f"{HOME}/templates/user-data.sh": "echo one\n"})
    one = change(ground)
    one.check()
    shown = seen(one)
    with (ground.home / name).open("a") as file:
        file.write("# changed\n")
    outcome = one.apply(shown, silent)
    assert (outcome.status, outcome.code) == ("parked", "code-changed")
    assert f"{HOME}/{name}" in outcome.reason
    assert ground.world.states == {}
    assert ground.left("*.tfvars.json") == []
    assert carried_out(ground).status == "applied"


def test_a_script_that_can_be_run_now_is_another_one(ground: Ground) -> None:
    """What a file holds is not all of it; a lock file that a run makes is no change."""
    ground.write(**{f"{HOME}/hook.sh": "echo one\n"})
    one = change(ground)
    shown = seen(one)
    ground.write(**{f"{HOME}/.terraform.lock.hcl": "# made by a run\n"})
    (ground.home / "hook.sh").chmod(0o755)
    assert one.apply(shown, silent).left == ()
    assert carried_out(ground).status == "applied"
    shown = seen(one)
    ground.write(**{f"{HOME}/.terraform.lock.hcl": "# edited\n"})
    assert one.apply(shown, silent).code == "code-changed"


def test_a_plan_of_a_destruction(ground: Ground) -> None:
    """What is there would go."""
    made(ground.world, NET, {"text": "shared"})
    [shown] = change(ground, destroy=True).plan().view.changes
    assert shown.action == "delete"
    assert change(ground).plan().view.changes == ()


def test_a_secret_in_a_plan_is_not_shown(ground: Ground) -> None:
    """Also where another attribute quotes it."""
    net = "net: {metadata: {component: key}, vars: {password: hunter-two, text: x}}"
    text = f"import: [_defaults]\ncomponents: {{terraform: {{{net}}}}}\n"
    ground.write(**{"stacks/net.yaml": text})
    ground.world.adds[NET] = {"text": "it is hunter-two"}
    [shown] = change(ground).plan().view.changes
    assert (shown.after["password"], shown.after["text"]) == ("(sensitive)", "(sensitive)")


@pytest.mark.parametrize("fails", [NET, f"init {NET}"])
def test_a_failed_plan_leaves_no_values_behind(ground: Ground, fails: str) -> None:
    """The varfile goes, whatever terraform says."""
    ground.world.breaks[fails] = refused("no such provider")
    with pytest.raises(ToolFailed):
        change(ground).plan()
    assert ground.left("*.tfvars.json") == []


def test_what_was_seen_is_applied_and_written_down(ground: Ground) -> None:
    """Each step in the journal; the kept plan is dropped, and nothing that holds values stays."""
    said: list[str] = []
    one = change(ground)
    one.check()
    outcome = one.apply(seen(one), lambda _level, message, _event=None: said.append(message))
    assert (outcome.status, dict(outcome.changed)) == ("applied", {"create": 1})
    view = one.outcome_view(outcome)
    assert (view.instance, view.commit, view.status, view.resources) == (NET, "c" * 40, "applied", 1)
    assert view.outputs == {"arn": f"arn:{NET}"}
    assert f"{KEY}: begins" in said
    assert ground.world.commands.count(f"plan {NET}") == 1
    checkout = ground.checkout()
    kinds = [entry.kind for entry in read(checkout.records.journal(ground.instance(checkout), 1))]
    assert (kinds[0], kinds[-1]) == ("begin", "outcome")
    assert ground.left("*.tfvars.json") == ground.left("*.planfile") == []


def test_exactly_that_plan_is_applied(ground: Ground) -> None:
    """Whatever another one would do by now: what was shown is what is made."""
    one = change(ground)
    planned = seen(one)
    ground.world.adds[NET] = {"policy": "open"}
    assert one.apply(planned, silent).status == "applied"
    assert "policy" not in ground.world.states[NET]


def test_a_plan_file_that_was_made_before_is_applied(ground: Ground) -> None:
    """It is read, shown and judged like one of now."""
    ground.program.plans(_CREATE)
    checkout = ground.checkout()
    planning = Command(checkout, ground.words("plan"), ground.instance(checkout))
    planning.run()
    files = PlanFiles(checkout, planning.instance)
    file = files.kept()
    assert file is not None
    one = change(ground)
    found = one.plan(file=file)
    assert isinstance(found, Seen)
    assert [shown.after["text"] for shown in found.view.changes] == ["seen"]
    assert one.apply(found, silent).status == "applied"
    assert ground.world.states[NET]["text"] == "seen"
    assert files.kept() is None
    assert f"plan {NET}" not in ground.world.commands


def test_a_destruction_destroys(ground: Ground) -> None:
    """With a journal of its own."""
    carried_out(ground)
    outcome = carried_out(ground, destroy=True)
    assert (outcome.status, dict(outcome.changed), outcome.resources) == ("applied", {"delete": 1}, ())
    assert (ground.world.states, written(ground)) == ({}, [1, 2])


def test_files_that_an_application_leaves_come_back(ground: Ground) -> None:
    """What a provisioner wrote, also before it failed."""
    where = ground.folder / "work" / NET / "tree" / HOME / "made.txt"

    def provisioner(_: str) -> None:
        where.write_text("1")

    ground.world.during = provisioner
    carried_out(ground)
    assert (ground.home / "made.txt").read_text() == "1"


# --- flags -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "planned", "applied"),
    [
        (("-auto-approve", "-target=a.b"), ("-target=a.b",), ()),
        (("-var", "x=1", "-replace", KEY), ("-var", "x=1", "-replace", KEY), ()),
        (("-parallelism=3",), ("-parallelism=3",), ("-parallelism=3",)),
        (("-lock-timeout", "5s", "-var", "a=b"), ("-lock-timeout", "5s", "-var", "a=b"), ("-lock-timeout", "5s")),
        (("-input=false", "-json", "-backup=x"), (), ("-backup=x",)),
        (("-lock=false", "-compact-warnings"),) * 3,
        (("x.plan", "-refresh=false"), ("-refresh=false",), ()),
    ],
)
def test_each_half_gets_the_flags_that_it_takes(
    ground: Ground, typed: tuple[str, ...], planned: tuple[str, ...], applied: tuple[str, ...]
) -> None:
    """Terraform's plan and its apply of a saved plan take different ones."""
    carried_out(ground, *typed)
    assert ground.world.flags == [planned, applied]


def test_a_variable_file_is_the_components_own(ground: Ground) -> None:
    """Also where it is planned again in another folder."""
    (ground.home / "more.tfvars").write_text("")
    change(ground, "-var-file=more.tfvars").plan()
    assert ground.world.flags == [(f"-var-file={ground.home / 'more.tfvars'}",)]


# --- terraform's own words ---------------------------------------------------------------------------------------


def test_a_plan_in_terraforms_words(ground: Ground) -> None:
    """They go where the caller says; a plan that changes something is read, with what it would do."""
    ground.program.plans(_CREATE)
    got = bytearray()
    found = change(ground, "-target=a.b").plan_aloud(got.extend)
    assert isinstance(found, Seen)
    assert [one.action for one in found.view.changes] == ["create"]
    assert got == b"planned\n"
    [asked] = ground.program.asked
    assert asked[0] == "plan"
    assert asked[-2:] == ["-target=a.b", "-detailed-exitcode"]
    assert "-destroy" not in asked


def test_it_is_planned_into_a_file_whatever_else_is_said(ground: Ground) -> None:
    """`skip_planfile` of atmos.yaml, and a file that somebody names: what is applied is read from Gaia's own."""
    atmos = (ground.root / "atmos.yaml").read_text()
    more = "base_path: components, plan: {skip_planfile: true}"
    ground.write(**{"atmos.yaml": atmos.replace("base_path: components}", f"{more}}}")})
    ground.program.plans(_CREATE)
    for typed in ((), ("-out=x.plan",), ("-out", "x.plan")):
        found = change(ground, *typed).plan_aloud(lambda _: None)
        assert isinstance(found, Seen)
        assert [word for word in ground.program.asked[-1] if word.startswith("-out")] == [f"-out={STACK}-net.planfile"]


def test_a_destruction_in_terraforms_words(ground: Ground) -> None:
    """It is a plan with `-destroy`."""
    ground.program.plans({"format_version": "1.2"}, code=0)
    found = change(ground, destroy=True).plan_aloud(lambda _: None)
    assert isinstance(found, Seen)
    assert (found.plan.empty, found.verdict, found.view.changes) == (True, None, ())
    assert "-destroy" in ground.program.asked[0]


def test_a_plan_that_fails_in_terraforms_words(ground: Ground) -> None:
    """Its exit code is all that there is."""
    ground.program.does("exit 1")
    assert change(ground).plan_aloud(lambda _: None) == 1


_RULE = "\x1b[90m\n" + "\u2500" * 30 + "\n"
_NOTE = "\nSaved the plan to: x.planfile\n\nTo perform exactly these actions, run:\n    terraform apply x.planfile\n"


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["Plan: 1 to add.\n"], "Plan: 1 to add.\n"),
        (["Plan: 1 to add.\n" + _RULE + _NOTE], "Plan: 1 to add.\n"),
        (["Plan: 1 to add.\n", _RULE, _NOTE], "Plan: 1 to add.\n"),
        (["Plan\n" + _RULE + "\nNote: objects changed\n"], "Plan\n" + _RULE + "\nNote: objects changed\n"),
        (["a\n" + _RULE + "b\n", "c" * 1300, "d"], "a\n" + _RULE + "b\n" + "c" * 1300 + "d"),
        ([], ""),
    ],
)
def test_what_terraform_says_of_a_plan_file_is_left_out(pieces: list[str], shown: str) -> None:
    """It is applied here and now; a rule that parts other notes from the plan stays."""
    got = bytearray()
    held = WithoutNote(got.extend)
    for piece in pieces:
        held(piece.encode())
    held.end()
    assert got.decode() == shown


@pytest.mark.parametrize(
    ("destroy", "shown"),
    [
        (False, "Apply complete! Resources: 0 added, 0 changed, 2 destroyed."),
        (True, "Destroy complete! Resources: 2 destroyed."),
    ],
)
def test_lines_while_it_is_applied(destroy: bool, shown: str) -> None:
    """Terraform's own as it writes them, Gaia's warnings elsewhere, everything else not at all."""
    out: list[str] = []
    warned: list[str] = []
    log = progress(out.append, warned.append, destroy=destroy)
    log("info", f"{KEY}: Creating...", {"kind": "start"})
    log("info", "what is planned", {"kind": "planned"})
    log("info", "asks the cloud", None)
    log("warn", "the lock of a dead process is released", None)
    log("info", "Apply complete! Resources: 0 added, 0 changed, 2 destroyed.", {"kind": "summary"})
    assert (out, warned) == ([f"{KEY}: Creating...\n", f"\n{shown}\n"], ["the lock of a dead process is released"])


# --- policies and rules ------------------------------------------------------------------------------------------


def test_policies_are_told_that_nobody_asked_a_request_for_it(ground: Ground) -> None:
    """The place, and whether it goes; no service, no requester. They are asked before and while it is applied."""
    carried_out(ground)
    carried_out(ground, destroy=True)
    asked = [document["gaia"] for document in ground.rules.documents("plan.polite.deny")]
    steps = [(about.pop("step"), about.pop("now")[-1]) for about in asked]
    assert steps == [("plan", "Z"), ("apply", "Z")] * 2
    assert asked[0] == asked[1] == {
        "kind": "provision", "service": "", "template": None, "template_version": None, "stack": STACK,
        "tenant": "acme", "stage": "dev", "requester": "", "instances": [NET],
    }  # fmt: skip
    assert asked[2]["kind"] == "retire"


@pytest.mark.parametrize(("effect", "code"), [("deny", "policy-denied"), ("undecided", "policy-undecided")])
def test_policies_of_the_repository_that_say_no(ground: Ground, effect: str, code: str) -> None:
    """It is said with the plan; who applies all the same is parked, and goes on once they agree."""
    ground.rules.always(f"plan.polite.{effect}", "who knows")
    one = change(ground)
    found = seen(one)
    assert found.verdict is not None
    assert (found.verdict.allowed, found.verdict.code, found.verdict.reasons) == (
        False, code, ("Be polite: who knows",),
    )  # fmt: skip
    outcome = one.apply(found, silent)
    assert (outcome.status, outcome.code, ground.world.states) == ("parked", code, {})
    assert outcome.next_step == "Change what is asked for, or the policy, then run the command again."
    ground.rules.says.clear()
    assert carried_out(ground).status == "applied"
    assert written(ground) == [1]


def test_a_waiver_excuses_what_the_rules_say_no_to(ground: Ground) -> None:
    """It is applied; the finding stays, and so does the word that no branch has this waiver."""
    ground.rules.always("plan.polite.deny", "rude")
    found = seen(change(ground))
    assert found.verdict is not None
    [denied] = found.verdict.findings
    soon = (clock.now() + timedelta(days=30)).date()
    fields = f"value: '{denied.value}', reason: tests, owner: ann, expires: '{soon}'"
    text = f"waivers:\n  - {{rule: plan.polite, resource: '-', instance: '{NET}', {fields}}}\n"
    ground.write(**{"waivers/tests.yaml": text})
    excused = seen(change(ground))
    assert excused.verdict is not None
    assert [(one.rule, one.effect) for one in excused.verdict.findings] == [
        ("plan.polite", "waived"), ("waiver.unpublished", "warn"),
    ]  # fmt: skip
    assert carried_out(ground).status == "applied"


def test_policies_of_the_package_only_report(ground: Ground) -> None:
    """Until the repository has its own."""
    shutil.move(ground.root / "policies", ground.root.parent / "package/policies")
    ground.rules.always("plan.polite.deny", "who knows")
    one = change(ground)
    found = seen(one)
    assert found.verdict is not None
    assert (found.verdict.allowed, found.verdict.reasons) == (True, ("Be polite: who knows",))
    assert one.apply(found, silent).status == "applied"


def test_rules_that_the_manifest_names_are_asked_before_terraform(ground: Ground) -> None:
    """One of `settings.validation` that says no: nothing is planned."""
    ground.net("settings: {validation: {size: {schema_type: opa, schema_path: size.rego}}}")
    ground.write(**{"size.rego": "package atmos\n"})
    ground.more = {"rego": lambda *_: ["too big"]}
    with pytest.raises(Invalid) as caught:
        change(ground).plan()
    assert (caught.value.code, ground.world.commands) == ("component-invalid", [])


# --- what was begun ----------------------------------------------------------------------------------------------


def test_a_change_while_another_process_works_on_it_is_refused(ground: Ground) -> None:
    """It holds the run's lock."""
    one = change(ground)
    planned = seen(one)
    with exclusive(ground.folder / "work" / NET / "run.lock") as mine:
        assert mine
        with pytest.raises(Conflict) as busy:
            one.apply(planned, silent)
    assert busy.value.code == "operation-running"


@pytest.mark.parametrize(("first", "second"), [("apply", "destroy"), ("destroy", "apply")])
@pytest.mark.parametrize("saved", [False, True])
def test_the_other_change_takes_the_place_of_one_that_was_cut_off(
    ground: Ground, first: str, second: str, *, saved: bool
) -> None:
    """By a plan of what there is, made anew under the lock; the journal says that the first is not resumed."""
    journal(
        ground,
        7,
        begin={"operation": first, "instance": NET},
        applying={"digest": "d", "changes": [[KEY, ["update"]]]},
        start={"address": KEY, "type": "aws_kms_key", "action": "update", "id": "id-1"},
        **({"saved": {}} if saved else {}),
    )
    one = change(ground, destroy=second == "destroy")
    one.check()
    planned = seen(one)
    assert planned.instead_of == first
    ground.world.commands.clear()
    assert one.apply(planned, silent).status in ("applied", "unchanged")
    assert f"plan {NET}" in ground.world.commands
    assert written(ground) == [7]
    checkout = ground.checkout()
    entries = read(checkout.records.journal(ground.instance(checkout), 7))
    assert f"the {first} was interrupted, and is not resumed" in [entry.facts.get("did") for entry in entries]
    assert [entry.facts["operation"] for entry in entries if entry.kind == "begin"] == [first, second]
    assert seen(change(ground)).instead_of == ""


def test_what_changed_nothing_is_not_waited_for(ground: Ground) -> None:
    """An application that ended before it changed anything: a destruction takes its place."""
    journal(ground, 1, begin=BEGUN)
    assert carried_out(ground, destroy=True).status == "unchanged"
    assert written(ground) == [1]


@pytest.mark.parametrize("summary", ["Saved plan is stale", "Saved plan does not match the given state"])
def test_a_plan_file_that_is_stale_has_begun_nothing(ground: Ground, summary: str) -> None:
    """Nothing was applied, so there is nothing to go on with, and whatever comes next begins anew."""
    one = change(ground)
    planned = seen(one)
    ground.world.fails[NET] = ToolFailed(
        "terraform-failed", summary, next_step="-", facts={"diagnostics": [{"summary": summary}]}
    )
    assert one.apply(planned, silent).status == "parked"
    assert not change(ground).goes_on
    ground.world.fails.clear()
    assert carried_out(ground).status == "applied"
    assert written(ground) == [1, 2]


def test_an_apply_goes_on_with_its_own_doubts(ground: Ground) -> None:
    """It is what settles them, with a plan of its own that must be like the one that was seen; others wait."""
    journal(ground, 1, begin=BEGUN, applying=APPLYING)
    with pytest.raises(Conflict) as caught:
        change(ground, destroy=True).check()
    assert caught.value.code == "apply-unfinished"
    one = change(ground)
    one.check()
    planned = seen(one)
    ground.world.commands.clear()
    assert one.apply(planned, silent).status == "applied"
    assert f"plan {NET}" in ground.world.commands
    assert written(ground) == [1]


def test_going_on_never_does_more_than_was_seen(ground: Ground) -> None:
    """What it plans anew is compared."""
    journal(ground, 1, begin=BEGUN, applying=APPLYING)
    one = change(ground)
    planned = seen(one)
    ground.world.adds[NET] = {"policy": "open"}
    outcome = one.apply(planned, silent)
    assert (outcome.status, outcome.code, ground.world.states) == ("parked", "approval-void", {})
    assert outcome.reason == "the instance's own plan is not what was shown"
    assert outcome.next_step.startswith("Run the command again, which plans anew.")


def _child(identity: Identity) -> dict[str, object]:
    return {"what": "plan", "pid": identity.pid, "started": identity.started, "boot": identity.boot}


def test_a_plan_takes_the_lock_unless_what_was_killed_may_hold_it(ground: Ground) -> None:
    """After a kill it does without; while the processes of a change still run it does not."""
    change(ground).plan()
    assert ground.world.unlocked == []
    dead = replace(Identity.of(os.getpid()), started=1)
    journal(ground, 1, begin=BEGUN, child=_child(dead))
    change(ground).plan()
    assert ground.world.unlocked == [NET]
    ground.program.plans({"format_version": "1.2"}, code=0)
    change(ground).plan_aloud(lambda _: None)
    assert "-lock=false" in ground.program.asked[-1]
    journal(ground, 1, child=_child(Identity.of(os.getpid())))
    change(ground).plan()
    journal(ground, 1, outcome={"status": "applied"})
    change(ground).plan()
    change(ground).plan_aloud(lambda _: None)
    assert ground.world.unlocked == [NET]
    assert "-lock=false" not in ground.program.asked[-1]


def test_an_interrupted_change_is_parked_and_the_interrupt_goes_on(ground: Ground) -> None:
    """What terraform did is written down first."""
    one = change(ground)
    planned = seen(one)
    ground.world.during = lambda _: ground.interrupt.ask()
    ground.world.fails[NET] = Conflict("interrupted", "the operation was interrupted", next_step="Resume.")
    with pytest.raises(KeyboardInterrupt):
        one.apply(planned, silent)
    checkout = ground.checkout()
    last = read(checkout.records.journal(ground.instance(checkout), 1))[-1]
    assert (last.kind, last.facts["code"]) == ("outcome", "interrupted")


def test_a_signal_ends_a_plan_and_leaves_nothing(ground: Ground) -> None:
    """Then it is as if Ctrl-C had been typed; other errors stay what they are."""
    checkout = ground.checkout()
    for code, kind in (("interrupted", KeyboardInterrupt), ("state-locked", Conflict)):
        ground.world.breaks[NET] = Conflict(code, "no", next_step="Resume.")
        with pytest.raises(kind), ending_well(checkout):
            change(ground).plan()
    assert ground.left("*.tfvars.json") == []


def test_a_locked_component_is_not_changed(ground: Ground) -> None:
    """Nothing is planned."""
    text = "import: [_defaults]\ncomponents: {terraform: {net: {metadata: {component: key, locked: true}}}}\n"
    ground.write(**{"stacks/net.yaml": text})
    with pytest.raises(Conflict) as caught:
        change(ground).check()
    assert (caught.value.code, ground.world.commands) == ("component-locked", [])


def test_one_at_a_time_changes_an_instance(ground: Ground) -> None:
    """From before the plan on; the others are told who does. When it is closed the next one may."""
    first, second = ground.checkout(), ground.checkout()
    one = Change(first, ground.instance(first), ground.words("apply"), destroy=False)
    one.check()
    one.check()
    other = Change(second, ground.instance(second), ground.words("destroy"), destroy=True)
    with pytest.raises(Conflict, match=rf"apply by \S+, process {os.getpid()}, since") as refused:
        other.check()
    assert refused.value.code == "operation-running"
    assert ground.world.commands == []
    first.held.let_go()
    other.check()
    with pytest.raises(Conflict, match=r"destroy by"):
        one.check()
    second.held.let_go()
    assert ground.left("change.json") == []
