"""One instance is changed: what terraform and journal are given, what judges say of its own plan, what is doubtful."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import KEY, STACK, STORE

from gaia.cli.next_step import told
from gaia.kit import clock
from gaia.kit.redact import Redactor
from gaia.operations.journal import Journal, read
from gaia.operations.model import InstanceResource, Outcome
from gaia.platform.instances import apply_instance, journals
from gaia.platform.instances.apply_instance import (
    WAITS_FOR_SLOT,
    InstanceChange,
    remember,
    verdict,
)
from gaia.platform.instances.outputs import Outputs
from gaia.records import resources
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.records.documents import Growing
    from gaia.terraform.command import Terraform

NET = f"{STACK}/net"


class Bench:
    """The shared key of the stack, changed without any request."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.redact = Redactor()
        self.said: list[tuple[str, str, object]] = []
        self.snapshot = loop.platform.snapshot(loop.clone.head)
        self.terraform: Terraform = loop.platform.terraform(self.redact, loop.platform.interrupt)

    def approved(self) -> NormalForm:
        """What it would do now, as somebody approved it."""
        key = self.snapshot.repository.instance("net", STACK).key
        changes: dict[str, Any] = {"actions": ["create"], "before": None, "after": {"text": "shared"}}
        changes["after_unknown"] = {"arn": True, "id": True}
        entry = {"address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "change": changes}
        plan = Plan.parse({"format_version": "1.2", "resource_changes": [entry]})
        return NormalForm.of({key: plan}, self.loop.platform.key)

    def change(self, approved: NormalForm | None = None, *, destroy: bool = False) -> InstanceChange:
        """What is to be done."""
        instance = self.snapshot.repository.instance("net", STACK)
        journal = journals.of_change(self.loop.platform, NET, 1)
        return InstanceChange(
            self.snapshot, instance, journal, approved or self.approved(), {"kind": "provision"}, destroy
        )

    def perform(self, approved: NormalForm | None = None, *, destroy: bool = False) -> Outcome:
        """Do it."""

        def say(level: str, message: str, event: object = None) -> None:
            self.said.append((level, message, event))

        outputs = Outputs(self.loop.platform.workplace, self.snapshot, lambda: self.terraform)
        return apply_instance.apply_instance(
            self.loop.platform.workplace,
            self.change(approved, destroy=destroy),
            terraform=self.terraform,
            outputs=outputs,
            say=say,
        )


@pytest.fixture
def bench(loop: Loop) -> Bench:
    """Nothing exists yet."""
    return Bench(loop)


def begun(document: Growing, **entries: object) -> None:
    """An application of the key that did not end; `entries` are more of its journal."""
    journal = Journal(document)
    journal.append("begin", operation=entries.pop("operation", "apply"), instance=KEY)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])


def test_what_was_approved_is_made_in_the_instances_own_folder(bench: Bench) -> None:
    """By the instance's variables, in `work`, with its journal where the change says."""
    outcome = bench.perform()
    assert (outcome.status, dict(outcome.changed)) == ("applied", {"create": 1})
    assert bench.loop.world.states[NET]["text"] == "shared"
    assert (bench.loop.platform.folder / "work" / NET / "operation.lock").exists()
    assert read(bench.change().journal)[0].kind == "begin"
    assert ("info", "preparing the working directory", None) in bench.said
    assert any(event for _, _, event in bench.said)


def test_a_relative_state_is_kept_beside_the_working_folders(loop: Loop) -> None:
    """A backend that is a file on this machine: not in the copy, which goes."""
    defaults = "stacks/_defaults.yaml"
    text = loop.clone.commits[loop.clone.head][defaults].decode().partition("terraform:")[0]
    loop.clone.moved(**{defaults: text + "terraform: {backend_type: local}\n"})
    bench = Bench(loop)
    bench.perform()
    assert (loop.platform.workplace.states / "key").is_dir()


def test_what_is_not_the_approved_is_not_made(bench: Bench) -> None:
    """Of the whole approval only the instance's own part is held against its plan."""
    empty = NormalForm({}, bench.loop.platform.key.id)
    outcome = bench.perform(empty)
    assert (outcome.status, outcome.code) == ("parked", "approval-void")
    assert bench.loop.world.states == {}


def test_a_destruction_destroys(bench: Bench) -> None:
    """What was made before, for a change that says so."""
    bench.perform()
    bench.loop.platform.documents.delete("journal", str(journals.JournalName(NET, number=1)))
    key = bench.snapshot.repository.instance("net", STACK).key
    have = bench.loop.world.states[NET]
    change = {"actions": ["delete"], "before": have, "after": None}
    entry = {"address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "change": change}
    plan = Plan.parse({"format_version": "1.2", "resource_changes": [entry]})
    outcome = bench.perform(NormalForm.of({key: plan}, bench.loop.platform.key), destroy=True)
    assert (outcome.status, dict(outcome.changed)) == ("applied", {"delete": 1})
    assert bench.loop.world.states == {}


def test_it_waits_for_a_slot_and_says_so(bench: Bench) -> None:
    """A wish to end is heard while it waits; nothing was begun."""
    from gaia.errors import Conflict

    slots = bench.loop.platform.slots
    with slots.take(lambda: None), slots.take(lambda: None):
        bench.loop.platform.interrupt.ask()
        with pytest.raises(Conflict) as ended:
            bench.perform()
    assert ended.value.code == "interrupted"
    assert bench.said == [("info", WAITS_FOR_SLOT, None)]


@pytest.mark.parametrize(
    ("says", "allowed", "code"),
    [
        ((), True, ""), (("warn",), True, ""), (("undecided",), False, "policy-undecided"),
        (("deny",), False, "policy-denied"), (("undecided", "deny"), False, "policy-denied"),
    ],
)  # fmt: skip
def test_a_denial_and_what_is_undecided_forbid(bench: Bench, says: tuple[str, ...], allowed: bool, code: str) -> None:
    """A warning does not; a denial gives its name to both. Reasons are told without secrets."""
    bench.redact.learn("hunter-two")
    for effect in says:
        bench.loop.rules.always(f"plan.polite.{effect}", f"{effect} of hunter-two")
    workplace = bench.loop.platform.workplace
    found = verdict(workplace, bench.change(), Plan.nothing(), bench.redact, step="apply", cost={})
    assert (found.allowed, found.code) == (allowed, code)
    against = [effect for effect in ("deny", "undecided") if effect in says]
    assert found.reasons == tuple(f"Be polite: {effect} of (sensitive)" for effect in against)


def test_policies_see_the_plan_and_whose_it_is(bench: Bench) -> None:
    """Terraform's own document, the instance under `gaia` with what is done and when, and what it costs."""
    assert bench.perform().status == "applied"
    [document] = bench.loop.rules.documents("plan.polite.deny")
    now = document["gaia"].pop("now")
    assert timedelta() <= clock.now() - clock.parse_rfc3339(now) < timedelta(minutes=5)
    assert document["gaia"] == {"kind": "provision", "instances": [NET], "step": "apply"}
    assert document["format_version"] == "1.2"
    assert "totalMonthlyCost" in document["cost"]


def test_policies_see_that_nobody_knows_the_cost(bench: Bench) -> None:
    """An estimate that could not be made is an empty one: a threshold cannot say yes to it."""
    verdict(bench.loop.platform.workplace, bench.change(), Plan.nothing(), bench.redact, step="plan", cost={})
    [document] = bench.loop.rules.documents("plan.polite.deny")
    assert (document["cost"], document["gaia"]["step"]) == ({}, "plan")


def test_a_denied_plan_is_not_applied(bench: Bench) -> None:
    """The judge is asked before the apply, and its word is the outcome."""
    bench.loop.rules.always("plan.polite.undecided", "who knows")
    outcome = bench.perform()
    assert (outcome.status, outcome.code, outcome.left) == ("parked", "policy-undecided", ("Be polite: who knows",))
    assert bench.loop.world.states == {}


def test_an_application_in_doubt_keeps_others_off_its_instance(loop: Loop) -> None:
    """Of a request: the refusal names it, what may exist, and how to finish it. Another instance is free."""
    journal = journals.of_request(loop.platform, "req_1", KEY)
    begun(journal)
    assert journal.where == str(loop.platform.home / "journals" / "req_1" / KEY / "journal.jsonl")
    error = journals.unfinished(loop.platform, [STORE, KEY])
    assert error is not None
    assert (error.code, error.facts) == (
        "apply-unfinished",
        {"request": "req_1", "instance": KEY, "left": [f"{KEY}: aws_kms_key.this"]},
    )
    assert "request req_1 was stopped while it made" in error.message
    assert "gaia resume req_1" in told(error.next_step)
    assert journal.where in error.next_step
    assert journals.unfinished(loop.platform, [STORE]) is None
    assert journals.unfinished(loop.platform, [KEY], but=[journal]) is None


def test_a_direct_change_in_doubt_does_too(loop: Loop) -> None:
    """It is finished by the command that made it."""
    begun(journals.of_change(loop.platform, KEY, 3))
    error = journals.unfinished(loop.platform, [KEY])
    assert error is not None
    assert error.message.startswith(f"a change was stopped while it made {KEY}")
    assert f"gaia terraform apply photos-key -s {STACK}" in told(error.next_step)
    assert error.facts["request"] is None


def test_a_name_with_a_pattern_in_it_means_itself(loop: Loop) -> None:
    """An instance called `[ab]` does not stand for `a`."""
    begun(journals.of_request(loop.platform, "req_1", KEY))
    assert journals.unfinished(loop.platform, [f"{STACK}/photos-ke[y]", f"{STACK}/*"]) is None


def test_a_destruction_leaves_nothing_in_doubt(loop: Loop) -> None:
    """It goes by the state."""
    begun(journals.of_request(loop.platform, "req_1", KEY), operation="destroy")
    assert journals.unfinished(loop.platform, [KEY]) is None


THING = InstanceResource("a.b", "a", "id-1", "arn:1")


@pytest.mark.parametrize(
    ("outcome", "known"),
    [
        (Outcome("applied", resources=(THING,)), ["id-1"]),
        (Outcome("applied", resources=(InstanceResource("a.b", "a", None),)), ["a.b"]),
        (Outcome("applied"), []),
        (Outcome("unchanged"), []),
        (Outcome("parked"), ["old"]),
        (Outcome("parked", resources=(THING,)), ["id-1"]),
    ],
)
def test_what_the_state_holds_is_remembered_where_the_outcome_knows_it(
    approved: Loop, outcome: Outcome, known: list[str]
) -> None:
    """A parked one may know nothing: then what was there before counts."""
    run = approved.run(approved.request)
    with approved.platform.database.begin() as tx:
        remember(tx, run, KEY, Outcome("applied", resources=(InstanceResource("a.b", "a", "old", "arn:old"),)))
        remember(tx, run, KEY, outcome)
        found = resources.of_instance(tx, "platform", STACK, "photos-key")
    assert [one.cloud_id for one in found] == known
    assert [one.arn for one in found if one.cloud_id == "id-1"] == ["arn:1"] * known.count("id-1")
