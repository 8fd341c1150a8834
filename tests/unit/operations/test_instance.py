"""`perform`: how operations end, and how they go on, on a terraform that keeps its world in memory."""

from __future__ import annotations

import errno
import json
import os
import threading
from typing import TYPE_CHECKING

import pytest
from tests.unit.operations.fakes import BUCKET, ME, TAGS, World, failed, kill, operation, write

from gaia.errors import Conflict, ToolFailed, Unavailable
from gaia.kit.files import exclusive
from gaia.kit.interrupt import Interrupt
from gaia.kit.lines import LinesAt
from gaia.operations.instance import Outcome, Verdict, finished, perform
from gaia.operations.journal import Journal, read
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan
from gaia.terraform.workdir import alone_if_free

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.kit.keys import SecretKey


def _kinds(folder: Path) -> list[str]:
    return [entry.kind for entry in read(LinesAt(folder / "run" / "journal.jsonl"))]


def _killed_in_apply(folder: Path, world: World, key: SecretKey) -> None:
    """An apply that dies after it made the bucket, with the lock held, and its journal's last lines lost."""
    kill(folder, world, key)
    world.lock = "ours"
    write(folder, {"kind": "lock", "id": "ours"})


def test_an_apply_makes_what_is_wanted_and_says_so(tmp_path: Path, key: SecretKey) -> None:
    """The outcome lists resources and open outputs, and names the sensitive ones only."""
    world = World(outputs={"arn": {"value": "a"}, "password": {"value": "hunter2", "sensitive": True}})
    outcome = perform(operation(tmp_path, world, key))
    assert outcome.status == "applied"
    assert [item.address for item in outcome.resources] == [BUCKET]
    assert outcome.outputs == {"arn": "a"}
    assert outcome.sensitive_outputs == {"password"}
    assert outcome.changed == {"create": 1}
    assert "hunter2" not in (tmp_path / "run" / "journal.jsonl").read_text()
    assert _kinds(tmp_path) == ["begin", "child", "applying", "child", "start", "complete", "saved", "outcome"]


def test_nobody_comes_into_its_folder_while_it_works(tmp_path: Path, key: SecretKey) -> None:
    """Whoever reads the instance's state then takes another one; afterwards it is free again."""
    seen: list[bool] = []

    def judge(_: Plan) -> Verdict:
        with alone_if_free(work.root) as free:
            seen.append(free)
        return Verdict(allowed=True)

    work = operation(tmp_path, World(), key, judge=judge)
    assert perform(work).status == "applied"
    with alone_if_free(work.root) as free:
        seen.append(free)
    assert seen == [False, True]


def test_a_finished_journal_answers_without_terraform(tmp_path: Path, key: SecretKey) -> None:
    """Asked again, also by another process, the recorded outcome comes back, equal."""
    world = World()
    first = perform(operation(tmp_path, world, key))
    world.commands.clear()
    assert perform(operation(tmp_path, world, key)) == first
    assert world.commands == []
    assert Outcome.from_json(first.as_json()) == first


def test_nothing_to_do_is_unchanged(tmp_path: Path, key: SecretKey) -> None:
    """The judge is not even asked."""
    world = World(state={"demo": {"bucket": "demo", "tags": TAGS}})
    refusing = operation(tmp_path, world, key, judge=lambda plan: Verdict(allowed=False))  # noqa: ARG005
    assert perform(refusing).status == "unchanged"
    assert "apply" not in world.commands


def test_a_killed_apply_is_finished_with_what_exists(tmp_path: Path, key: SecretKey) -> None:
    """The lock is released, the bucket imported, nothing made twice."""
    world = World(wanted=("demo", "more"))
    _killed_in_apply(tmp_path, world, key)
    assert world.state == {}
    outcome = perform(operation(tmp_path, world, key))
    assert outcome.status == "applied"
    assert "unlock ours" in world.commands
    assert sorted(world.state) == ["demo", "more"]
    assert outcome.changed == {"create": 1, "import": 1}
    assert not (tmp_path / "work" / "tree" / "bucket" / "gaia_import.tf.json").exists()


def test_what_was_begun_and_never_came_to_be_is_made(tmp_path: Path, key: SecretKey) -> None:
    """The import finds nothing, so the creation is planned again."""
    world = World()
    _killed_in_apply(tmp_path, world, key)
    world.cloud.clear()
    assert perform(operation(tmp_path, world, key)).changed == {"create": 1}


def test_a_bucket_that_somebody_else_made_meanwhile_is_left_alone(tmp_path: Path, key: SecretKey) -> None:
    """It parks, says which, and touches nothing."""
    world = World()
    _killed_in_apply(tmp_path, world, key)
    world.cloud["demo"] = {"bucket": "demo", "tags": {"owner": "bob"}}
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "orphan-foreign")
    assert BUCKET in outcome.left[0]
    assert world.state == {}


def test_an_import_is_held_against_the_approval(tmp_path: Path, key: SecretKey) -> None:
    """What was approved as a creation and is found, tags and all, needs no new approval; other tags do."""
    world = World()
    create = {"actions": ["create"], "before": None, "after": {"bucket": "demo", "tags": TAGS}}
    entry = {"address": BUCKET, "mode": "managed", "type": "aws_s3_bucket", "name": "this", "change": create}
    plan = Plan.parse({"format_version": "1.2", "resource_changes": [entry]})
    approved = NormalForm.of({ME: plan}, key)
    _killed_in_apply(tmp_path, world, key)
    outcome = perform(operation(tmp_path, world, key, approved=approved))
    assert outcome.status == "applied", outcome


def test_a_plan_that_is_not_what_was_approved_parks(tmp_path: Path, key: SecretKey) -> None:
    """Nothing is applied; the differences are listed; with a new approval the same journal goes on."""
    world = World()
    empty = NormalForm.of({ME: Plan.parse({"format_version": "1.2", "resource_changes": []})}, key)
    outcome = perform(operation(tmp_path, world, key, approved=empty))
    assert (outcome.status, outcome.code) == ("parked", "approval-void")
    assert "create" in outcome.left[0]
    assert "apply" not in world.commands
    assert perform(operation(tmp_path, world, key)).status == "applied"


@pytest.mark.parametrize(("kind", "status"), [("set", "applied"), ("list", "parked")])
def test_a_set_that_was_sorted_anew_is_what_was_approved(
    tmp_path: Path, key: SecretKey, kind: str, status: str
) -> None:
    """The provider is asked, once, whether it is one; in a list the order was approved too."""
    change = {"actions": ["create"], "before": None, "after": {"bucket": "demo", "tags": TAGS, "zones": ["b", None]},
              "after_unknown": {"zones": [False, True]}}  # fmt: skip
    entry = {"address": BUCKET, "mode": "managed", "type": "aws_s3_bucket", "name": "this", "change": change}
    approved = NormalForm.of({ME: Plan.parse({"format_version": "1.2", "resource_changes": [entry]})}, key)
    world = World(zones=("a", "b"), zones_are=kind)
    outcome = perform(operation(tmp_path, world, key, approved=approved))
    assert outcome.status == status
    assert world.commands.count("schemas") == 1


def test_the_judge_has_the_last_word(tmp_path: Path, key: SecretKey) -> None:
    """Not allowed means parked with the judge's code and reasons, nothing applied."""
    world = World()
    verdict = Verdict(allowed=False, code="policy-undecided", reasons=("the grant is not known",))
    outcome = perform(operation(tmp_path, world, key, judge=lambda plan: verdict))  # noqa: ARG005
    assert (outcome.status, outcome.code, outcome.left) == ("parked", "policy-undecided", verdict.reasons)
    assert world.cloud == {}


def test_a_foreign_lock_is_not_touched(tmp_path: Path, key: SecretKey) -> None:
    """Parked, saying who holds it; when it is gone the same journal goes on."""
    world = World(lock="theirs")
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "lock-foreign")
    assert "ann@laptop" in outcome.reason
    assert world.lock == "theirs"
    world.lock = ""
    assert perform(operation(tmp_path, world, key)).status == "applied"


def test_a_failed_apply_lists_what_is_not_done(tmp_path: Path, key: SecretKey) -> None:
    """Terraform's error is the reason; the state it saved is trusted; the next call goes on."""

    def fail(world: World) -> None:
        world.during_apply = None
        world.state["demo"] = world.cloud["demo"]
        raise failed("creating", "AccessDenied")

    world = World(wanted=("demo", "more"), during_apply=fail)
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "terraform-failed")
    assert outcome.left == (BUCKET, 'aws_s3_bucket.this["more"]')
    assert "saved" in _kinds(tmp_path)
    assert perform(operation(tmp_path, world, key)).status == "applied"


def test_a_full_disk_stops_the_apply(tmp_path: Path, key: SecretKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry that does not fit raises inside terraform's stream; the outcome says so; later it goes on."""
    real, full = os.write, threading.Event()

    def write(handle: int, data: bytes) -> int:
        if full.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data)

    def fill(world: World) -> None:
        world.during_apply = None
        full.set()

    monkeypatch.setattr("gaia.kit.lines.os.write", write)
    world = World(during_apply=fill)
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "disk-full")
    full.clear()
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert list(world.state) == ["demo"]


def test_the_engine_can_interrupt(tmp_path: Path, key: SecretKey) -> None:
    """A stop asked for in the middle of an apply parks it as interrupted, and is said; the next call finishes it."""
    said: list[str] = []

    def ask(world: World) -> None:
        world.during_apply = None
        world.interrupt.ask()

    def log(level: str, message: str, event: object = None) -> None:
        del event
        said.append(f"{level} {message}")

    world = World(wanted=("demo", "more"), during_apply=ask)
    outcome = perform(operation(tmp_path, world, key, log=log))
    assert (outcome.status, outcome.code) == ("parked", "interrupted")
    assert any("Interrupting again kills it" in line for line in said)
    world.interrupt = Interrupt()
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert sorted(world.state) == ["demo", "more"]


def test_ctrl_c_is_written_down_and_passed_on(tmp_path: Path, key: SecretKey) -> None:
    """KeyboardInterrupt reaches the door, and the journal says that the operation was interrupted."""

    def interrupt(world: World) -> None:
        world.during_apply = None
        raise KeyboardInterrupt

    world = World(during_apply=interrupt)
    with pytest.raises(KeyboardInterrupt):
        perform(operation(tmp_path, world, key))
    assert read(LinesAt(tmp_path / "run" / "journal.jsonl"))[-1].facts["code"] == "interrupted"
    assert perform(operation(tmp_path, world, key)).status == "applied"


def test_what_was_made_while_the_interrupt_cut_its_answer_off_is_adopted(tmp_path: Path, key: SecretKey) -> None:
    """Terraform calls the creation failed; the bucket exists, without its tags yet, and is this operation's own."""
    world = World(unheard=True)
    with pytest.raises(KeyboardInterrupt):
        perform(operation(tmp_path, world, key))
    assert _kinds(tmp_path)[-4:] == ["start", "failed", "unanswered", "outcome"]
    outcome = perform(operation(tmp_path, world, key))
    assert outcome.status == "applied", outcome
    assert list(world.state) == ["demo"]
    assert outcome.changed == {"import": 1}


def test_a_bucket_whose_creation_was_refused_is_not_adopted(tmp_path: Path, key: SecretKey) -> None:
    """AWS answered that the name is taken: what exists is somebody else's, however empty it is."""

    def refuse(world: World) -> None:
        world.during_apply = None
        world.cloud["demo"] = {"bucket": "demo", "tags": {}}
        journal = Journal(LinesAt(tmp_path / "run" / "journal.jsonl"))
        journal.append("failed", address=BUCKET, type="aws_s3_bucket", action="create")
        raise failed("creating S3 Bucket", "BucketAlreadyExists")

    world = World(during_apply=refuse)
    assert perform(operation(tmp_path, world, key)).code == "terraform-failed"
    assert perform(operation(tmp_path, world, key)).code == "orphan-foreign"
    assert world.state == {}


def test_two_at_once_are_refused(tmp_path: Path, key: SecretKey) -> None:
    """The second process is told, and nothing happens."""
    world = World()
    second = operation(tmp_path, world, key)
    with exclusive(tmp_path / "work" / "operation.lock"), pytest.raises(Conflict) as caught:
        perform(second)
    assert caught.value.code == "operation-running"
    assert world.commands == []


def test_a_journal_of_another_operation_is_refused(tmp_path: Path, key: SecretKey) -> None:
    """An apply's journal is not continued as a destroy."""
    perform(operation(tmp_path, World(), key))
    with pytest.raises(Conflict) as caught:
        perform(operation(tmp_path, World(), key, destroy=True))
    assert caught.value.code == "journal-mismatch"


def test_an_apply_in_the_place_of_a_killed_destroy(tmp_path: Path, key: SecretKey) -> None:
    """Its lock is released, and what it took away is made again; another one's lock stays."""
    world = World()
    journal: list[dict[str, object]] = [
        {"kind": "begin", "operation": "destroy", "instance": str(operation(tmp_path, world, key).instance.key)},
        {"kind": "lock", "id": "ours"},
        {"kind": "applying", "digest": "d", "changes": [[BUCKET, ["delete"]]]},
        {"kind": "start", "address": BUCKET, "type": "aws_s3_bucket", "action": "delete"},
    ]
    for line in journal:
        write(tmp_path, line)
    with pytest.raises(Conflict) as caught:
        perform(operation(tmp_path, world, key))
    assert caught.value.code == "journal-mismatch"
    world.lock = "theirs"
    assert perform(operation(tmp_path, world, key, instead=True)).code == "lock-foreign"
    world.lock = "ours"
    outcome = perform(operation(tmp_path, world, key, instead=True))
    assert (outcome.status, outcome.changed) == ("applied", {"create": 1})
    assert "unlock ours" in world.commands
    assert _kinds(tmp_path).count("begin") == 2
    with pytest.raises(Conflict):
        perform(operation(tmp_path, world, key, destroy=True, instead=True))  # it has ended: nothing is in its place


def test_a_destroy_waits_for_an_apply_that_may_have_made_something(tmp_path: Path, key: SecretKey) -> None:
    """It goes by the state, and would leave that behind. What the state has may go."""
    world = World()
    _killed_in_apply(tmp_path, world, key)
    with pytest.raises(Conflict) as caught:
        perform(operation(tmp_path, world, key, destroy=True, instead=True))
    assert caught.value.code == "apply-unfinished"
    assert BUCKET in caught.value.message
    assert "begin" not in _kinds(tmp_path)[1:]
    assert perform(operation(tmp_path, world, key)).status == "applied"


@pytest.mark.parametrize(
    ("error", "saved"),
    [
        (failed("creating", "AccessDenied"), True),
        (failed("Failed to save state", "NoSuchBucket"), False),
        (failed("Failed to persist state", "NoSuchBucket"), False),
        (ToolFailed("terraform-failed", "killed", next_step="x"), False),
        (ToolFailed("terraform-failed", "killed", next_step="x", facts={"diagnostics": []}), False),
        (ToolFailed("terraform-failed", "killed", next_step="x", facts={"diagnostics": "?"}), False),
        (ToolFailed("terraform-timeout", "late", next_step="x", facts=failed("creating").facts), False),
    ],
)
def test_the_state_is_trusted_only_when_terraform_ended_by_itself(
    tmp_path: Path, key: SecretKey, error: ToolFailed, saved: bool
) -> None:
    """Killed, timed out, or unable to write: what it made is looked for before anything is made again."""

    def fail(world: World) -> None:
        world.during_apply = None
        raise error

    world = World(wanted=("key:this",), during_apply=fail)
    assert perform(operation(tmp_path, world, key)).code == error.code
    assert ("saved" in _kinds(tmp_path)) is saved


def test_where_there_is_no_state_nothing_is_held(tmp_path: Path, key: SecretKey) -> None:
    """A destroy of what was never made is unchanged."""
    work = operation(tmp_path, World(wanted=()), key, destroy=True)
    work.terraform.state_pull = lambda _: None  # type: ignore[method-assign,assignment]
    outcome = perform(work)
    assert (outcome.status, outcome.resources, outcome.outputs) == ("unchanged", (), {})


@pytest.mark.parametrize("lost", ["resources", "reason", "digest"])
def test_an_end_that_lacks_a_fact_is_damage(tmp_path: Path, key: SecretKey, lost: str) -> None:
    """Neither taken for an end nor done again: a person looks."""
    work = operation(tmp_path, World(), key)
    perform(work)
    path = tmp_path / "run" / "journal.jsonl"
    *lines, end = path.read_text().splitlines()
    outcome = json.loads(end)
    del outcome[lost]
    path.write_text("\n".join([*lines, json.dumps(outcome)]) + "\n")
    calls: list[Callable[[], object]] = [lambda: finished(LinesAt(path)), lambda: perform(work)]
    for read_again in calls:
        with pytest.raises(Unavailable) as caught:
            read_again()
        assert caught.value.code == "journal-damaged"
        assert str(path) in caught.value.next_step


def test_a_journal_says_whether_it_is_finished(tmp_path: Path, key: SecretKey) -> None:
    """Without one, parked, or begun again there is something to do; applied and unchanged end it."""
    journal = tmp_path / "run" / "journal.jsonl"
    assert finished(LinesAt(journal)) is None
    refusing = operation(tmp_path, World(), key, judge=lambda plan: Verdict(allowed=False))  # noqa: ARG005
    perform(refusing)
    assert finished(LinesAt(journal)) is None
    outcome = perform(operation(tmp_path, World(), key))
    assert finished(LinesAt(journal)) == outcome


def test_an_end_that_cannot_be_written_down_is_none(
    tmp_path: Path, key: SecretKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything was applied, and the disk is full: parked, so that it is asked again, and then it says applied."""
    real = os.write

    def write_most(handle: int, data: bytes) -> int:
        if b'"kind": "outcome"' in data:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data)

    world = World()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write_most)
        outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "disk-full")
    assert list(world.state) == ["demo"]
    assert perform(operation(tmp_path, world, key)).status == "applied"


def test_a_secret_that_is_known_is_hidden_in_an_output_that_is_not_marked(tmp_path: Path, key: SecretKey) -> None:
    """It may have been wired in from another instance, whose output was marked."""
    work = operation(tmp_path, World(outputs={"url": {"value": ["db://hunter2-and-more@host"]}}), key)
    work.terraform.redact.learn("hunter2-and-more")
    outcome = perform(work)
    assert "hunter2" not in str(outcome.outputs)
    assert "@host" in str(outcome.outputs)


def test_what_was_seen_to_end_is_not_listed_as_left(tmp_path: Path, key: SecretKey) -> None:
    """The first bucket was made, the second is refused: one address is left."""
    world = World(wanted=("demo", "more"), cloud={"more": {"bucket": "more", "tags": {}}})
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "terraform-failed")
    assert outcome.left == ('aws_s3_bucket.this["more"]',)
