"""A checkout of a registered repository: what a request has is left alone, and what is done is written down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import NET, Ground
from tests.unit.platform.loop import FILES, STACK

from gaia.access.callers import authenticate
from gaia.checkout.change import Change
from gaia.checkout.command import Command
from gaia.checkout.journal_files import operator
from gaia.checkout.registered import RegisteredRecords
from gaia.cli.next_step import told
from gaia.errors import Conflict, NotFound, Unauthenticated
from gaia.kit import clock
from gaia.kit.files import exclusive
from gaia.operations.journal import Journal
from gaia.operations.model import Outcome
from gaia.platform.instances import journals
from gaia.records import audit, leases, resources, runs
from gaia.records.model import Subject

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.access.callers import Caller
    from gaia.checkout.checkout import Checkout
    from gaia.platform.model import WhyView


class Served:
    """A checkout of the loop's repository: both have one world."""

    commit = "c" * 40
    """What git says of the checkout."""

    def __init__(self, ground: Ground, loop: Loop, who: str) -> None:
        self.ground, self.loop, self.who = ground, loop, who

    @property
    def checkout(self) -> Checkout:
        """As it lies now."""

        def caller() -> Caller:
            with self.loop.platform.database.read() as tx:
                return authenticate(tx, self.loop.tokens.get(self.who), clock.now())

        files = self.ground.files()
        has = self.who in self.loop.tokens
        made = self.ground.checkout(RegisteredRecords(self.loop.platform, files, self.commit, caller, has_token=has))
        return replace(made, workplace=self.loop.platform.workplace)

    def change(self, component: str = "net", *, destroy: bool = False) -> Outcome:
        """Check, plan and apply."""
        checkout = self.checkout
        words = replace(self.ground.words("destroy" if destroy else "apply"), component=component)
        one = Change(checkout, self.ground.instance(checkout, component), words, destroy=destroy)
        try:
            one.check()
            seen = one.plan()
            return one.apply(seen, lambda *_: None)
        finally:
            checkout.held.let_go()

    def written(self) -> list[int]:
        """The numbers of the journals of `net`."""
        return journals.numbers(self.loop.platform, NET)


def served_at(loop: Loop, ground: Ground, who: str = "") -> Served:
    """The checkout, by somebody with or without a token."""
    ground.world, ground.rules = loop.world, loop.rules
    return Served(ground, loop, who)


@pytest.fixture
def served(loop: Loop, ground: Ground) -> Served:
    """Nobody has asked for anything, and nobody's token is given."""
    return served_at(loop, ground)


def told_of(view: WhyView, what: str) -> list[str]:
    """The texts of one kind of lines."""
    return [line.text for line in view.lines if line.what == what]


def test_without_a_token_it_is_the_user_of_the_machine(served: Served) -> None:
    """No token is needed; the audit log says that it was an operator."""
    assert served.change().status == "applied"
    with served.loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
        entries = audit.entries(tx, subject=NET)
    assert (run.kind, run.status, run.commit, run.person, run.tenant, run.stage) == (
        "operation", "done", "c" * 40, None, "acme", "dev",
    )  # fmt: skip
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("instance.applying", f"operator:{operator()}"), ("instance.applied", f"operator:{operator()}"),
    ]  # fmt: skip
    assert served.checkout.records.caller == operator()


def test_with_a_token_it_is_that_person(loop: Loop, ground: Ground) -> None:
    """Person, commit, outcome and resources; the lease is given back."""
    served = served_at(loop, ground, "root")
    served.change()
    with loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
        entries = audit.entries(tx, subject=NET)
        found = resources.of_instance(tx, "platform", STACK, "net")
        assert leases.holder(tx, "platform", NET) is None
    assert served.checkout.records.caller == "root"
    assert {(entry.actor, entry.tenant, entry.stage) for entry in entries} == {(run.person, "acme", "dev")}
    assert [(one.cloud_id, one.run, one.person, one.commit) for one in found] == [
        (f"id:{NET}", run.id, run.person, "c" * 40)
    ]
    assert entries[0].facts == {"run": run.id}
    assert entries[1].facts == {"run": run.id, "commit": "c" * 40, "status": "applied", "changed": {"create": 1}}


@pytest.mark.parametrize("subject", [f"id:{NET}", NET])
def test_what_is_applied_is_explained_by_who_applied_it(loop: Loop, ground: Ground, subject: str) -> None:
    """By cloud id or instance: person, commit and the places of the values; no request. Other tenants see nothing."""
    served = served_at(loop, ground, "root")
    served.commit = loop.clone.head
    served.change()
    view = loop.as_("vic").why(subject)
    assert view.request == ""
    [change] = told_of(view, "change")
    assert change.startswith("applied by root, ")
    assert told_of(view, "commit") == [loop.clone.head]
    assert any(line.at for line in view.lines if line.what == "value")
    with pytest.raises(NotFound) as unseen:
        loop.as_("bob").why(subject)
    assert unseen.value.code == "subject-unknown"


def test_a_commit_is_explained_by_what_was_applied_at_it(loop: Loop, ground: Ground) -> None:
    """Also by its first letters; for other tenants there is nothing."""
    served = served_at(loop, ground, "root")
    served.commit = "c" * 40
    served.change()
    for subject in ("c" * 40, "c" * 12):
        view = loop.as_("vic").why(subject)
        assert told_of(view, "instance") == [f"net in {STACK}"]
        assert told_of(view, "commit") == ["c" * 40]
        assert told_of(view, "change")[0].startswith("applied by root, ")
    for who, subject in (("bob", "c" * 40), ("vic", "c" * 6), ("vic", "d" * 40)):
        with pytest.raises(NotFound):
            loop.as_(who).why(subject)


@pytest.mark.parametrize("commit", ["", "c" * 40])
def test_what_only_the_checkout_has_is_explained_without_values(served: Served, commit: str) -> None:
    """A commit that was not pushed, or none at all: who did it is said, and where the values stood is not."""
    served.commit = commit
    served.change()
    view = served.loop.as_("vic").why(NET)
    [change] = told_of(view, "change")
    assert change.startswith("applied by an operator, ")
    assert told_of(view, "commit") == ([commit] if commit else [])
    assert told_of(view, "value") == []


def test_a_destruction(served: Served) -> None:
    """With its own words in the log of what was done, and its own journal."""
    served.change()
    assert served.change(destroy=True).status == "applied"
    assert served.loop.audited(NET)[2:] == ["instance.destroying", "instance.destroyed"]
    assert served.written() == [1, 2]
    with served.loop.platform.database.read() as tx:
        assert resources.of_instance(tx, "platform", STACK, "net") == ()


def test_what_is_parked_says_why(served: Served) -> None:
    """The run too; the next one goes on with the same journal."""
    served.loop.rules.always("plan.polite.undecided", "who knows")
    outcome = served.change()
    assert (outcome.status, outcome.code) == ("parked", "policy-undecided")
    with served.loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
        assert leases.of_run(tx, run.id) == ()
    assert (run.status, run.code, run.reason, run.left) == (
        "parked", "policy-undecided", outcome.reason, outcome.left,
    )  # fmt: skip
    served.loop.rules.says.clear()
    assert served.change().status == "applied"
    assert served.written() == [1]


def test_what_a_request_holds_is_not_changed(approved: Loop, ground: Ground) -> None:
    """Its lease is nobody else's to take; the refusal names the request. Looking at it is free."""
    files = approved.clone.commits[approved.clone.branches[str(approved.row(approved.request).branch)]]
    ground.write(**{path: content.decode() for path, content in files.items() if path not in FILES})
    served = served_at(approved, ground)
    with pytest.raises(Conflict) as held:
        served.change("photos-key")
    assert (held.value.code, held.value.facts) == ("instance-leased", {"request": approved.request})
    assert approved.request in told(held.value.next_step)
    assert approved.world.states == {}
    checkout = served.checkout
    words = replace(ground.words("taint", "aws_kms_key.this"), component="photos-key")
    with pytest.raises(Conflict):
        Command(checkout, words, ground.instance(checkout, "photos-key")).run()
    reading = replace(words, subcommand="output", arguments=())
    assert Command(checkout, reading, ground.instance(checkout, "photos-key")).run() == 0


def test_a_command_that_changes_a_state_is_audited(served: Served) -> None:
    """Once, with its name and the commit; what only reads is not."""
    checkout = served.checkout
    for subcommand, second in (("state", "rm"), ("state", "list")):
        Command(checkout, served.ground.words(subcommand, second=second), served.ground.instance(checkout)).run()
    with served.loop.platform.database.read() as tx:
        [entry] = audit.entries(tx, subject=NET)
    assert (entry.action, entry.facts) == ("instance.command", {"command": "state rm", "commit": "c" * 40})


def test_a_change_while_another_process_works_on_it_is_refused(served: Served) -> None:
    """It holds the run's lock; no run is made."""
    with exclusive(served.loop.platform.folder / "work" / NET / "run.lock") as mine:
        assert mine
        with pytest.raises(Conflict) as busy:
            served.change()
    assert busy.value.code == "operation-running"
    assert served.loop.audited(NET) == []


def test_a_run_whose_process_died_ends_before_the_next_one(served: Served) -> None:
    """Its lease is given back too; one that had ended stays as it was."""
    served.change()
    database = served.loop.platform.database
    with database.begin() as tx:
        dead = runs.add(tx, Subject(NET, "platform", "acme", "dev"), "operation", (), at=clock.now())
        leases.acquire_all(tx, "platform", [NET], run=dead.id, at=clock.now())
        runs.move(tx, dead.id, ["queued"], "running", at=clock.now())
    assert served.change().status == "unchanged"
    with database.read() as tx:
        found = runs.of_subject(tx, "platform", NET)
    assert [(run.status, run.code) for run in found] == [("done", ""), ("failed", "died"), ("done", "")]
    assert found[1].reason == "its process died"


def test_an_error_ends_the_run_and_gives_the_lease_back(served: Served) -> None:
    """What came out as an exception is a failed run, not a live one."""
    with exclusive(served.loop.platform.folder / "work" / NET / "operation.lock") as mine:
        assert mine
        with pytest.raises(Conflict) as broken:
            served.change()
    assert broken.value.code == "operation-running"
    with served.loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
        assert leases.holder(tx, "platform", NET) is None
    assert (run.status, run.code, run.reason) == ("failed", "error", "an error ended it")
    assert served.change().status == "applied"


@pytest.mark.parametrize("destroy", [False, True])
def test_nothing_is_changed_while_a_request_left_it_in_doubt(served: Served, *, destroy: bool) -> None:
    """What a request's application may have made and no state has would be made twice, or left behind."""
    journal = Journal(journals.of_request(served.loop.platform, "req_1", NET))
    journal.append("begin", operation="apply", instance=NET)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    with pytest.raises(Conflict) as refused:
        served.change(destroy=destroy)
    assert (refused.value.code, served.loop.world.states) == ("apply-unfinished", {})


def test_whose_place_a_stack_is(served: Served) -> None:
    """As the stack says; one that says nothing belongs to the place of all."""
    path = served.ground.root / "stacks/_defaults.yaml"
    path.write_text(f"{path.read_text()}settings: {{gaia: {{scope: {{tenant: media, stage: test}}}}}}\n")
    assert served.change().status == "applied"
    with served.loop.platform.database.read() as tx:
        [run] = runs.of_subject(tx, "platform", NET)
    assert (run.tenant, run.stage) == ("media", "test")


def test_outside_of_a_commit(served: Served) -> None:
    """A checkout without one is worked on all the same."""
    checkout = served.checkout
    records = checkout.records
    assert isinstance(records, RegisteredRecords)
    with replace(records, commit="").run(served.ground.instance(checkout), "apply") as run:
        run.end(Outcome("unchanged"))
    with served.loop.platform.database.read() as tx:
        [found] = runs.of_subject(tx, "platform", NET)
    assert (found.commit, found.status) == (None, "done")


def test_what_a_request_made_and_has_not_published_is_its_own(served: Served) -> None:
    """The checkout does not have it, and what its state holds is not taken for what an instance of it lost."""
    served.loop.carry_out(served.loop.approved("photos"), until="publish")
    records = served.checkout.records
    found = {str(one.key) for one in records.elsewhere(frozenset())}
    assert any("photos" in key for key in found)
    assert not list(records.elsewhere(found))


def test_what_services_cost_is_known_where_a_home_serves_them(ground: Ground, loop: Loop) -> None:
    """By the newest judgement of each; a checkout that nobody serves knows of none, which is not the same as none."""
    loop.done("photos")
    served = served_at(loop, ground, "ann")
    found = served.checkout.records.spending()
    assert found is not None
    assert [(one.commitment.service, one.commitment.state) for one in found.footprints] == [("photos", "applied")]
    assert ground.checkout().records.spending() is None


def test_nobody_is_told_what_others_spend(ground: Ground, loop: Loop) -> None:
    """A budget is shown to who may see all that it is of, and the published ones count."""
    text = "budgets:\n" + "".join(f"  - {{tenant: {one}, monthly: 9}}\n" for one in ("acme", "zeta", "'*'"))
    loop.clone.moved(**{"budgets/all.yaml": text})
    served = served_at(loop, ground, "ann")
    found = served.checkout.records.spending()
    assert found is not None
    assert [str(one.scope) for one in found.declared.budgets] == ["acme/*/*"]
    with pytest.raises(Unauthenticated):
        served_at(loop, ground).checkout.records.spending()
