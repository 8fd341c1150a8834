"""What a session writes down and says of terraform's events, logs and commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.operations.fakes import ME, World, failed, locked, operation

from gaia.errors import Conflict, Defect, ToolFailed
from gaia.operations.journal import Journal, read
from gaia.operations.session import Session, lock_of
from gaia.terraform.command import GRACE
from gaia.terraform.diagnostics import Diagnostic
from gaia.terraform.events import Event
from gaia.terraform.workdir import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.terraform.workdir import WorkingDirectory

KEY = "aws_kms_key.this"
LOCK = "88bdf112-f16f-b0df-d1dd-8fc29ede782f"


@pytest.fixture
def said() -> list[tuple[str, str]]:
    """Level and text of each line that was said."""
    return []


@pytest.fixture
def session(tmp_path: Path, key: SecretKey, said: list[tuple[str, str]]) -> Session:
    """A session of an operation that has begun nothing."""
    work = operation(tmp_path, World(), key, log=lambda level, text, event=None: said.append((level, text)))  # noqa: ARG005
    journal = Journal(work.journal)
    return Session(work, journal)


def _tell(session: Session, *events: Event) -> None:
    """Let an apply tell these events."""
    session.plan()
    terraform = session.operation.terraform

    def apply(*_: object, **options: object) -> None:
        for event in events:
            options["on_event"](event)  # type: ignore[operator]

    terraform.apply = apply  # type: ignore[method-assign]
    session.apply("x")


def _entries(session: Session, *kinds: str) -> list[dict[str, object]]:
    return [dict(entry.facts) for entry in read(session.journal.document) if entry.kind in kinds]


def test_changes_are_journalled_and_everything_is_said(session: Session, said: list[tuple[str, str]]) -> None:
    """Begin and end of changes stand in the journal; progress does not; errors and warnings are said as such."""
    _tell(
        session,
        Event("start", KEY, "aws_kms_key", "create", summary="a"),
        Event("progress", KEY, "aws_kms_key", "create", summary="b"),
        Event("failed", KEY, "aws_kms_key", "create", summary="c"),
        Event("diagnostic", KEY, summary="d", diagnostic=Diagnostic("warning", "d")),
        Event("diagnostic", KEY, summary="e", diagnostic=Diagnostic("error", "AccessDenied")),
        Event("complete", "data.aws_x.y", "aws_x", "read", id="z", summary="f"),
    )
    facts = {"address": KEY, "type": "aws_kms_key", "action": "create", "id": None}
    assert _entries(session, "start", "failed", "complete", "progress") == [facts, facts]
    assert _entries(session, "unanswered") == []
    levels = [("info", "a"), ("info", "b"), ("error", "c"), ("warn", "d"), ("error", "e"), ("info", "f")]
    assert said[-6:] == levels


def test_what_failed_without_an_answer_is_told_apart(session: Session) -> None:
    """Only of what the journal takes for refused."""
    canceled = Diagnostic("error", "context canceled", address=KEY)
    _tell(
        session,
        Event("start", KEY, "aws_kms_key", "create"),
        Event("diagnostic", KEY, diagnostic=canceled),
        Event("failed", KEY, "aws_kms_key", "create"),
        Event("diagnostic", KEY, diagnostic=canceled),
        Event("diagnostic", "aws_kms_key.other", diagnostic=canceled),
    )
    assert _entries(session, "unanswered") == [{"address": KEY}]


def test_a_core_log_is_journalled_once_and_removed(session: Session, tmp_path: Path) -> None:
    """Locks and begun changes that the journal does not know yet; the shared log of short commands stays."""
    line = f"Attempting to lock remote state: tf_backend.lock.id={LOCK}\n"
    log = tmp_path / "work" / "core" / "001.log"
    log.parent.mkdir(parents=True)
    shared = tmp_path / "work" / "core.log"
    for _ in range(2):
        log.write_text(f"{line}[INFO]  Starting apply for {KEY}\n")
        shared.write_text(line.replace("88", "99"))
        session.read_core_logs()
        assert not log.exists()
        assert shared.exists()
    assert _entries(session, "lock") == [{"id": LOCK}, {"id": LOCK.replace("88", "99")}]
    assert _entries(session, "start") == [{"address": KEY, "action": "unknown"}]


def test_each_command_has_a_core_log_that_only_its_owner_reads(session: Session, tmp_path: Path) -> None:
    """In a folder of 0700, one file a command, and none when it has ended; one that was never made is no error."""
    logs: list[str] = []
    terraform = session.operation.terraform
    plan = terraform.plan

    def noting(*args: object, **options: object) -> object:
        logs.append(options["log_core"].name)  # type: ignore[attr-defined]
        made = plan(*args, **options)  # type: ignore[arg-type]
        options["log_core"].unlink()  # type: ignore[attr-defined]
        return made

    terraform.plan = noting  # type: ignore[method-assign,assignment]
    session.plan()
    session.plan()
    assert logs == ["001.log", "002.log"]
    folder = tmp_path / "work" / "core"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_what_was_not_planned_or_is_closed_is_not_applied(session: Session) -> None:
    """There is no file that anybody could have judged."""
    for _ in range(2):
        with pytest.raises(Defect) as caught:
            session.apply("x")
        assert caught.value.code == "apply-unplanned"
        session.plan()
        session.close()


def test_a_new_plan_takes_the_last_ones_place(session: Session) -> None:
    """One plan file at a time, each under a name of its own."""
    names = set()
    for _ in range(3):
        session.plan()
        (file,) = session.wd.plans.iterdir()
        names.add(file.name)
    assert len(names) == 3


@pytest.mark.parametrize("written", [False, True])
def test_a_search_that_fails_says_why(session: Session, written: bool) -> None:
    """Terraform's own words, whether or not it came to write a plan; none is left."""

    def plan(*_: object, planfile: Path, **__: object) -> None:
        if written:
            write_private(planfile, b"{}")
        raise failed("reading tags", "AccessDenied")

    session.operation.terraform.plan = plan  # type: ignore[method-assign,assignment]
    with pytest.raises(ToolFailed, match="AccessDenied"):
        session.look(("data.x.y",))
    assert not list(session.operation.root.rglob("*.planfile"))


def test_an_interrupted_apply_says_how_long_it_may_take(session: Session, said: list[tuple[str, str]]) -> None:
    """The first time in minutes; the second time nothing is waited for."""
    session.plan()
    terraform = session.operation.terraform
    assert terraform.interrupt is not None
    ask = terraform.interrupt.ask

    def apply(*_: object, **__: object) -> None:
        ask()
        ask()

    terraform.apply = apply  # type: ignore[method-assign]
    session.apply("x")
    minutes = round(GRACE[0]) // 60
    first = (
        f"stopping: terraform is asked to end, and has {minutes} minutes for it; what it had in hand may be half made."
    )
    assert said[-2:] == [("warn", f"{first} Interrupting again kills it"), ("warn", "stopping: killing terraform")]


def test_a_terraform_that_nobody_can_interrupt_applies(session: Session) -> None:
    """There is nobody to tell then."""
    terraform = session.operation.terraform
    terraform.interrupt = None  # type: ignore[misc]
    applied: list[object] = []

    def apply(*_: object, **options: object) -> None:
        applied.append(options["expected"])

    terraform.apply = apply  # type: ignore[method-assign]
    session.plan()
    session.apply("x")
    assert applied == ["x"]


def test_core_logs_are_journalled_in_their_order(session: Session, tmp_path: Path) -> None:
    """By their numbers, however they lie on the disk."""
    folder = tmp_path / "work" / "core"
    folder.mkdir(parents=True)
    for number in (7, 2, 9, 4, 1, 8):
        (folder / f"{number:03}.log").write_text(f"[INFO]  Starting apply for aws_x.n{number}\n")
    session.read_core_logs()
    assert [each["address"] for each in _entries(session, "start")] == [f"aws_x.n{n}" for n in (1, 2, 4, 7, 8, 9)]


def test_a_lock_is_told_from_other_errors() -> None:
    """With its facts as texts, or none where terraform told none."""
    assert lock_of(ToolFailed("terraform-failed", "x", next_step="y")) is None
    assert lock_of(ToolFailed("state-locked", "x", next_step="y")) == {}
    error = ToolFailed("state-locked", "x", next_step="y", facts={"lock": {"id": 7}})
    assert lock_of(error) == {"id": "7"}


def test_the_provider_is_asked_for_its_sets_once(session: Session) -> None:
    """However many values are compared: it takes seconds."""
    world = session.operation.terraform.world  # type: ignore[attr-defined]
    assert session.is_set(ME, "aws_s3_bucket", ("zones",))
    assert not session.is_set(ME, "aws_s3_bucket", ("bucket",))
    assert world.commands.count("schemas") == 1


def test_components_are_looked_for_where_the_repository_has_them(tmp_path: Path, key: SecretKey) -> None:
    """A repository may keep them below any folder."""
    work = operation(tmp_path, World(), key, components="parts/terraform")
    (work.tree / "parts" / "terraform").mkdir(parents=True)
    (work.tree / "bucket").rename(work.tree / "parts" / "terraform" / "bucket")
    journal = Journal(work.journal)
    assert Session(work, journal).wd.module == work.root / "tree" / "parts" / "terraform" / "bucket"


def test_a_lock_of_a_workspace_without_a_state_is_released_at_its_whole_key(session: Session) -> None:
    """There the backend wants the lock before it makes the first state; another's lock is nobody's here to release."""
    from dataclasses import replace

    body = {"bucket": "b", "key": "k", "workspace_key_prefix": "p"}
    instance = replace(session.operation.instance, backend_type="s3", backend=body, workspace="w")
    session.operation = replace(session.operation, instance=instance)
    terraform = session.operation.terraform
    released: list[tuple[str, str]] = []

    def unlock(wd: WorkingDirectory, lock_id: str) -> None:
        if wd.workspace == "w":
            raise locked(LOCK)
        backend = json.loads((wd.module / "backend_override.tf.json").read_text())["terraform"]["backend"]["s3"]
        released.append((backend["key"], lock_id))

    terraform.force_unlock = unlock  # type: ignore[method-assign]
    session.unlock(LOCK)
    assert released == [("p/w/k", LOCK)]
    assert not (session.operation.root / "beside").exists()
    with pytest.raises(Conflict):
        session.unlock("another")
