"""One instance without a request, on a terraform that is played: what is planned, refused, applied and written down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import KEY, MANIFEST, STACK
from tests.unit.platform.played import made, refused

from gaia.cli.next_step import told
from gaia.errors import Conflict, Invalid, NotFound, Position, ToolFailed
from gaia.kit import clock
from gaia.kit.files import exclusive
from gaia.operations.journal import Journal, read
from gaia.records import audit, leases, resources, runs
from gaia.records.documents import Growing
from gaia.records.model import Subject
from gaia.terraform.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.platform.model import InstanceChangeView, PlanView

NET = f"{STACK}/net"


def numbered(loop: Loop, number: str) -> Growing:
    """The journal of the instance's change with this number."""
    return Growing(loop.platform.documents, "journal", f"direct/{NET}/{number}")


def change(loop: Loop, *, destroy: bool = False, component: str = "net") -> InstanceChangeView:
    """root changes it and agrees to whatever is planned."""
    done = loop.as_("root").direct(component, STACK).change(
        destroy=destroy, confirm=lambda _: True, say=lambda _: None
    )  # fmt: skip
    assert done is not None
    return done


def written(loop: Loop) -> list[str]:
    """The numbers of the journals of the instance's changes."""
    return sorted(path.parent.name for path in (loop.platform.home / "journals/direct" / NET).glob("*/journal.jsonl"))


def test_a_plan_shows_what_would_change_and_changes_nothing(loop: Loop) -> None:
    """As it is committed; nothing that holds values stays, and no row is written."""
    view = loop.as_("vic").direct("net", STACK).plan()
    assert (view.instance, view.commit) == (NET, loop.clone.head)
    [shown] = view.changes
    assert (shown.address, shown.action, shown.after["text"]) == ("aws_kms_key.this", "create", "shared")
    assert loop.world.states == {}
    assert not [path for path in (loop.platform.folder / "plan").rglob("*.tfvars.json") if path.is_file()]
    assert not [path for path in (loop.platform.folder / "plan").rglob("*.planfile") if path.is_file()]
    assert loop.world.unlocked == []
    with loop.platform.database.read() as tx:
        assert runs.of_subject(tx, "platform", NET) == ()


@pytest.mark.parametrize(
    ("heir", "step"),
    [
        ("", f"Nothing in {STACK} inherits from it yet; add a component that does."),
        (", mine: {metadata: {inherits: [base]}}", "Take an instance that inherits from it: mine."),
    ],
)
def test_an_abstract_component_is_refused_before_terraform_starts(loop: Loop, heir: str, step: str) -> None:
    """It is there to be inherited from; what does so is named."""
    base = "base: {metadata: {type: abstract, component: key}, vars: {text: shared}}"
    text = f"import: [_defaults]\ncomponents: {{terraform: {{{base}{heir}}}}}\n"
    loop.clone.moved(**{"stacks/bases.yaml": text})
    with pytest.raises(Invalid) as caught:
        loop.as_("root").direct("base", STACK)
    assert (caught.value.code, caught.value.next_step) == ("component-abstract", step)
    assert caught.value.message == f"base in {STACK} is abstract: it is only there to be inherited from"


def test_a_plan_of_a_destruction(loop: Loop) -> None:
    """What is there would go."""
    made(loop.world, NET, {"text": "shared"})
    [shown] = loop.as_("vic").direct("net", STACK).plan(destroy=True).changes
    assert shown.action == "delete"
    assert loop.as_("vic").direct("net", STACK).plan().changes == ()


def test_a_secret_in_a_plan_is_not_shown(done: Loop) -> None:
    """Also where another attribute quotes it."""
    done.world.adds[KEY] = {"text": "it is hunter-two"}
    [shown] = done.as_("vic").direct("photos-key", STACK).plan().changes
    assert (shown.after["password"], shown.after["text"]) == ("(sensitive)", "(sensitive)")


def test_what_is_agreed_to_is_applied_and_written_down(loop: Loop) -> None:
    """Person, commit, outcome and resources; the lease is given back."""
    seen: list[PlanView] = []
    said: list[str] = []

    def confirm(view: PlanView) -> bool:
        seen.append(view)
        return True

    view = loop.as_("root").direct("net", STACK).change(confirm=confirm, say=said.append)
    assert view is not None
    assert (view.instance, view.commit, view.status, view.changed, view.resources) == (
        NET, loop.clone.head, "applied", {"create": 1}, 1,
    )  # fmt: skip
    assert view.outputs == {"arn": f"arn:{NET}"}
    assert (view.reason, view.code, view.left) == ("", "", ())
    assert [change.action for change in seen[0].changes] == ["create"]
    assert "aws_kms_key.this: begins" in said
    with loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
        entries = audit.entries(tx, subject=NET)
        found = resources.of_instance(tx, "platform", STACK, "net")
        assert leases.holder(tx, "platform", NET) is None
    assert (run.kind, run.status, run.commit, run.tenant, run.stage) == (
        "operation", "done", loop.clone.head, "acme", "dev",
    )  # fmt: skip
    assert [(one.cloud_id, one.run, one.person, one.commit) for one in found] == [
        (f"id:{NET}", run.id, run.person, loop.clone.head)
    ]
    assert [entry.action for entry in entries] == ["instance.applying", "instance.applied"]
    assert {(entry.actor, entry.tenant, entry.stage) for entry in entries} == {(run.person, "acme", "dev")}
    assert entries[0].facts == {"run": run.id}
    assert entries[1].facts == {
        "run": run.id, "commit": loop.clone.head, "status": "applied", "changed": {"create": 1},
    }  # fmt: skip


def test_what_is_not_agreed_to_is_not_applied(loop: Loop) -> None:
    """No run, no journal."""
    instance = loop.as_("root").direct("net", STACK)
    assert instance.change(confirm=lambda _: False, say=lambda _: None) is None
    assert loop.world.states == {}
    assert written(loop) == []
    assert loop.audited(NET) == []


def test_a_destruction_destroys(loop: Loop) -> None:
    """With its own words in the log of what was done, and its own journal."""
    change(loop)
    view = change(loop, destroy=True)
    assert (view.status, view.changed, view.resources) == ("applied", {"delete": 1}, 0)
    assert loop.world.states == {}
    assert loop.audited(NET)[2:] == ["instance.destroying", "instance.destroyed"]
    assert written(loop) == ["1", "2"]
    with loop.platform.database.read() as tx:
        assert resources.of_instance(tx, "platform", STACK, "net") == ()


def test_policies_are_told_that_nobody_asked_a_request_for_it(loop: Loop) -> None:
    """The place, and whether it goes; no service, no requester."""
    change(loop)
    change(loop, destroy=True)
    first, second = (document["gaia"] for document in loop.rules.documents("plan.polite.deny"))
    assert first == {
        "kind": "provision", "service": "", "template": None, "template_version": None, "stack": STACK,
        "tenant": "acme", "stage": "dev", "requester": "", "instances": [NET],
    }  # fmt: skip
    assert second["kind"] == "retire"


def test_a_policy_that_says_no_parks_it(loop: Loop) -> None:
    """Nothing is made; the run says why and what is left, and the next one goes on with the same journal."""
    loop.rules.always("plan.polite.undecided", "who knows")
    view = change(loop)
    assert (view.status, view.code, view.left) == ("parked", "policy-undecided", ("Be polite: who knows",))
    assert view.reason == "Be polite: who knows"
    assert view.next_step
    with loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
        assert leases.of_run(tx, run.id) == ()
    assert (run.status, run.code, run.reason, run.left) == ("parked", "policy-undecided", view.reason, view.left)
    loop.rules.says.clear()
    assert change(loop).status == "applied"
    assert written(loop) == ["1"]


def test_what_is_applied_is_what_was_shown(loop: Loop) -> None:
    """A plan that changed since is not agreed to."""

    def confirm(_: PlanView) -> bool:
        loop.world.adds[NET] = {"policy": "open"}
        return True

    view = loop.as_("root").direct("net", STACK).change(confirm=confirm, say=lambda _: None)
    assert view is not None
    assert (view.status, view.code) == ("parked", "approval-void")
    assert loop.world.states == {}


def test_what_a_request_holds_is_not_changed(approved: Loop) -> None:
    """Its lease is not a direct change's to take; the refusal names the request."""
    approved.clone.publish(str(approved.row(approved.request).branch))
    with pytest.raises(Conflict) as held:
        change(approved, component="photos-key")
    assert (held.value.code, held.value.facts) == ("instance-leased", {"request": approved.request})
    assert approved.request in told(held.value.next_step)
    assert approved.world.states == {}


def test_a_change_while_another_process_works_on_it_is_refused(loop: Loop) -> None:
    """It holds the run's lock."""
    with exclusive(loop.platform.folder / "work" / NET / "run.lock") as mine:
        assert mine
        with pytest.raises(Conflict) as busy:
            change(loop)
    assert busy.value.code == "operation-running"


def test_a_plan_waits_for_a_slot_of_the_machine(loop: Loop) -> None:
    """And hears a wish to end meanwhile."""
    slots = loop.platform.slots
    loop.platform.interrupt.ask()
    with slots.take(lambda: None), slots.take(lambda: None), pytest.raises(KeyboardInterrupt):
        loop.as_("vic").direct("net", STACK).plan()
    assert f"plan {NET}" not in loop.world.commands


def test_a_run_whose_process_died_ends_before_the_next_one(loop: Loop) -> None:
    """Its lease is given back too; one that had ended stays as it was."""
    change(loop)
    with loop.platform.database.begin() as tx:
        dead = runs.add(tx, Subject(NET, "platform", "acme", "dev"), "operation", (), at=clock.now())
        leases.acquire_all(tx, "platform", [NET], run=dead.id, at=clock.now())
        runs.move(tx, dead.id, ["queued"], "running", at=clock.now())
    assert change(loop).status == "unchanged"
    with loop.platform.database.read() as tx:
        found = runs.of_subject(tx, "platform", NET)
    assert [(run.status, run.code) for run in found] == [("done", ""), ("failed", "died"), ("done", "")]
    assert found[1].reason == "its process died"


def test_an_error_ends_the_run_and_gives_the_lease_back(loop: Loop) -> None:
    """What came out as an exception is a failed run, not a live one."""
    with exclusive(loop.platform.folder / "work" / NET / "operation.lock") as mine:
        assert mine
        with pytest.raises(Conflict) as broken:
            change(loop)
    assert broken.value.code == "operation-running"
    with loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
        assert leases.holder(tx, "platform", NET) is None
    assert (run.status, run.code, run.reason) == ("failed", "error", "an error ended it")
    assert change(loop).status == "applied"


def test_an_interrupted_change_is_parked_and_the_interrupt_goes_on(loop: Loop) -> None:
    """What terraform did is written down first."""
    loop.world.during = lambda _: loop.platform.interrupt.ask()
    loop.world.fails[NET] = Conflict("interrupted", "the operation was interrupted", next_step="Resume.")
    with pytest.raises(KeyboardInterrupt):
        change(loop)
    with loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
    assert (run.status, run.code) == ("parked", "interrupted")


@pytest.mark.parametrize(("first", "second"), [("apply", "destroy"), ("destroy", "apply")])
def test_what_was_begun_is_finished_first(loop: Loop, first: str, second: str) -> None:
    """A change of the other kind is refused while the last one may have changed something."""
    journal = Journal(numbered(loop, "7"))
    journal.append("begin", operation=first, instance=NET)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["update"]]])
    with pytest.raises(Conflict) as begun:
        change(loop, destroy=second == "destroy")
    assert begun.value.code == "operation-unfinished"
    assert f"an earlier {first} of {NET}" in begun.value.message
    assert f"gaia terraform {first} net -s {STACK}" in told(begun.value.next_step)
    assert written(loop) == ["7"]


@pytest.mark.parametrize("saved", [False, True])
def test_what_was_begun_counts_whether_or_not_its_state_was_saved(loop: Loop, saved: bool) -> None:
    """Terraform ended by itself and had changed one thing: the rest of that change comes first."""
    journal = Journal(numbered(loop, "1"))
    journal.append("begin", operation="apply", instance=NET)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["update"]]])
    journal.append("start", address="aws_kms_key.this", type="aws_kms_key", action="update", id="id-1")
    if saved:
        journal.append("saved")
    with pytest.raises(Conflict) as begun:
        change(loop, destroy=True)
    assert begun.value.code == "operation-unfinished"


def test_what_changed_nothing_is_not_waited_for(loop: Loop) -> None:
    """An application that ended before it changed anything: a destruction begins anew, with a journal of its own."""
    Journal(numbered(loop, "1")).append("begin", operation="apply", instance=NET)
    assert change(loop, destroy=True).status == "unchanged"
    assert written(loop) == ["1", "2"]


def test_journals_are_numbered_and_never_used_twice(loop: Loop) -> None:
    """The next one after the last by number, not by name; a stray folder is none."""
    for number in ("2", "10", "7x"):
        journal = Journal(numbered(loop, number))
        journal.append("begin", operation="destroy", instance=NET)
        journal.append("outcome", status="applied")
    change(loop)
    assert sorted(written(loop)) == ["10", "11", "2", "7x"]
    kinds = [entry.kind for entry in read(numbered(loop, "11"))]
    assert (kinds[0], kinds[-1]) == ("begin", "outcome")


def test_a_secret_of_another_instance_in_an_output_is_hidden(done: Loop) -> None:
    """It came in through a variable, so this instance's state does not call it sensitive."""
    done.clone.publish(str(done.row(done.request).branch))
    done.world.states[f"{STACK}/photos-store"]["echo"] = "hunter-two"
    before = done.as_("vic").direct("photos-store", STACK)
    before._redact.learn("hunter-two")
    assert "hunter-two" not in str(before.outputs())


def test_a_signal_ends_a_plan_and_leaves_nothing(loop: Loop) -> None:
    """Terraform is ended first; then it is as if Ctrl-C had been typed, and no varfile stays."""
    loop.world.breaks[NET] = Conflict("interrupted", "the operation was interrupted", next_step="Resume.")
    with pytest.raises(KeyboardInterrupt):
        loop.as_("vic").direct("net", STACK).plan()
    assert not [path for path in (loop.platform.folder / "plan").rglob("*.tfvars.json") if path.is_file()]


def test_outputs_are_read_from_the_state(done: Loop) -> None:
    """In order; what is sensitive is hidden, and what was never applied has none."""
    assert done.as_("vic").direct("photos-key", STACK).outputs() == {"arn": f"arn:{KEY}", "password": "(sensitive)"}
    assert list(done.as_("vic").direct("photos-key", STACK).outputs()) == ["arn", "password"]
    assert done.as_("vic").direct("net", STACK).outputs() == {}


def test_diagnostics_are_what_terraform_says(loop: Loop) -> None:
    """With places in the repository; a value that nothing has made yet does not matter."""
    at = Position("main.tf", 3, 1)
    loop.world.said = (Diagnostic("error", "Unknown name", "There is none.", at=at), Diagnostic("warning", "Hm"))
    first, second = loop.as_("vic").direct("net", STACK).diagnostics()
    assert (first["severity"], first["summary"], first["detail"]) == ("error", "Unknown name", "There is none.")
    assert str(first["at"]).startswith("components/key/main.tf:3")
    assert (second["severity"], second["at"]) == ("warning", None)
    assert not [path for path in (loop.platform.folder / "plan").rglob("*.tfvars.json") if path.is_file()]


def test_an_instance_whose_inputs_do_not_exist_yet_is_validated_all_the_same(approved: Loop) -> None:
    """It cannot be planned, which says what is missing."""
    approved.clone.publish(str(approved.row(approved.request).branch))
    store = approved.as_("vic").direct("photos-store", STACK)
    assert store.diagnostics() == []
    with pytest.raises(NotFound) as missing:
        store.plan()
    assert missing.value.code == "output-missing"


def ruled(loop: Loop) -> None:
    """The instance's manifest names a rule from now on."""
    net = loop.clone.commits[loop.clone.head]["stacks/net.yaml"].decode().rstrip()[:-3]
    rule = "settings: {validation: {size: {schema_type: opa, schema_path: size.rego}}}"
    loop.clone.moved(**{"stacks/net.yaml": f"{net}, {rule}}}}}}}\n", "size.rego": "package atmos\n"})


def test_rules_that_the_manifest_names_are_asked_before_terraform(loop: Loop) -> None:
    """A rule of `settings.validation` that says no is an error with its place; nothing is planned."""
    ruled(loop)
    platform = replace(loop.platform, rego=lambda *_: ["too big", "too wide"])
    with pytest.raises(Invalid) as invalid:
        replace(loop, platform=platform).as_("root").direct("net", STACK).plan()
    assert (invalid.value.code, invalid.value.facts["findings"]) == (
        "component-invalid", ["size: too big", "size: too wide"],
    )  # fmt: skip
    assert NET in invalid.value.message
    assert "too big" in invalid.value.message
    assert invalid.value.at is not None
    assert loop.world.commands == []


def test_rules_that_find_nothing_let_it_be_planned(loop: Loop) -> None:
    """And so does an instance that names none, and a platform without an engine for such rules."""
    platform = replace(loop.platform, rego=lambda *_: [])
    assert replace(loop, platform=platform).as_("root").direct("net", STACK).plan().changes
    ruled(loop)
    assert replace(loop, platform=platform).as_("root").direct("net", STACK).plan().changes
    assert loop.as_("root").direct("net", STACK).plan().changes


@pytest.mark.parametrize("fails", [NET, f"init {NET}"])
def test_a_failed_plan_leaves_no_values_behind(loop: Loop, fails: str) -> None:
    """The varfile goes, whatever terraform says."""
    loop.world.breaks[fails] = refused("no such provider")
    with pytest.raises(ToolFailed):
        loop.as_("vic").direct("net", STACK).plan()
    assert not [path for path in (loop.platform.folder / "plan").rglob("*.tfvars.json") if path.is_file()]


def test_what_was_published_is_there(done: Loop) -> None:
    """A direct look takes the head of the platform's branch."""
    assert MANIFEST in done.clone.files(done.clone.head)
    assert done.as_("vic").direct("photos-key", STACK).plan().changes == ()
