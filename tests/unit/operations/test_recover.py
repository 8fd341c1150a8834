"""The recovery's loop: survivors, locks, the stop, each step said and written down, and its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.operations.fakes import (
    BUCKET,
    KEY_ADDRESS,
    ME,
    TAGS,
    World,
    begin,
    failed,
    journal_of,
    kill,
    operation,
    write,
)

from gaia.errors import Conflict, Defect, Unavailable
from gaia.kit.procfs import Identity
from gaia.operations import recover
from gaia.operations.decide import MakePlan
from gaia.operations.instance import perform
from gaia.operations.journal import read
from gaia.operations.recover import imports_file

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.terraform.plan import Plan


def test_survivors_are_ended_before_anything_is_planned(
    tmp_path: Path, key: SecretKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the journal's processes in the working folder, ended, written down, their last words read."""
    child = {"kind": "child", "what": "apply", "pid": 77, "started": 5, "boot": "b"}
    write(tmp_path, begin(), child)
    world = World()
    alive = [Identity(77, 5, "b")]
    core = tmp_path / "work" / "core" / "001.log"

    def found(journalled: object, folder: Path) -> tuple[Identity, ...]:
        assert (journalled, folder) == ((Identity(77, 5, "b"),), tmp_path / "work")
        return tuple(alive)

    def end(folder: Path, journalled: object) -> tuple[Identity, ...]:
        assert found(journalled, folder)
        assert world.commands == []
        core.parent.mkdir(parents=True, exist_ok=True)
        core.write_text(f"2026 [INFO]  Starting apply for {BUCKET}\n")
        world.cloud["demo"] = {"bucket": "demo", "tags": TAGS}
        return (alive.pop(),)

    monkeypatch.setattr(recover, "survivors", found)
    monkeypatch.setattr(recover, "end_survivors", end)
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.changed) == ("applied", {"import": 1})
    assert "ended 77" in journal_of(tmp_path).path.read_text()


def test_what_a_survivor_writes_until_it_is_ended_is_read(
    tmp_path: Path, key: SecretKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log is left to it while it lives: what it began in its last moment is looked for too."""
    write(tmp_path, begin(), {"kind": "applying", "digest": "d", "changes": []})
    core = tmp_path / "work" / "core" / "001.log"
    core.parent.mkdir(parents=True)
    world = World()
    alive = [Identity(77, 5, "b")]
    with core.open("a") as file:

        def end(folder: Path, journalled: object) -> tuple[Identity, ...]:
            del folder, journalled
            file.write(f"2026 [INFO]  Starting apply for {BUCKET}\n")
            file.flush()
            world.cloud["demo"] = {"bucket": "demo", "tags": TAGS}
            return (alive.pop(),)

        monkeypatch.setattr(recover, "survivors", lambda *_: tuple(alive))
        monkeypatch.setattr(recover, "end_survivors", end)
        outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.changed) == ("applied", {"import": 1})


def test_the_last_words_of_the_dead_are_read(tmp_path: Path, key: SecretKey) -> None:
    """Terraform's own log alone knows of a bucket that was begun: it is looked for, and not made twice."""
    write(tmp_path, begin(), {"kind": "applying", "digest": "d", "changes": []})
    core = tmp_path / "work" / "core" / "007.log"
    core.parent.mkdir(parents=True)
    core.write_text(f"2026 [INFO]  Starting apply for {BUCKET}\n")
    world = World(cloud={"demo": {"bucket": "demo", "tags": TAGS}})
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.changed) == ("applied", {"import": 1})
    assert not core.exists()


def test_a_survivor_that_cannot_be_ended_parks(tmp_path: Path, key: SecretKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is planned while it lives."""

    def end(folder: Path, journalled: object) -> tuple[Identity, ...]:
        del folder, journalled
        raise Unavailable("survivors-alive", "77", next_step="End it.")

    monkeypatch.setattr(recover, "survivors", lambda *_: (Identity(77, 5, "b"),))
    monkeypatch.setattr(recover, "end_survivors", end)
    world = World()
    assert perform(operation(tmp_path, world, key)).code == "survivors-alive"
    assert world.commands == []


def test_a_stop_is_asked_for_in_every_round(tmp_path: Path, key: SecretKey) -> None:
    """Asked for before the first plan, nothing is planned."""
    world = World()
    world.interrupt.ask()
    assert perform(operation(tmp_path, world, key)).code == "interrupted"
    assert world.commands == []


def test_a_stop_after_the_plan_keeps_the_judge_from_being_asked(tmp_path: Path, key: SecretKey) -> None:
    """A lock is released and a plan made; then the stop is obeyed."""
    world = World()
    work = operation(tmp_path, world, key, judge=lambda _: pytest.fail("asked"))
    real = work.terraform.plan

    def plan(*args: Any, **options: Any) -> Plan:
        made = real(*args, **options)
        world.interrupt.ask()
        return made

    work.terraform.plan = plan  # type: ignore[method-assign]
    assert perform(work).code == "interrupted"
    assert world.commands == ["init", "plan"]


def test_a_recovery_without_an_end_is_a_defect(tmp_path: Path, key: SecretKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops after some rounds, says so, and still leaves nothing in clear."""
    monkeypatch.setattr(recover, "decide", lambda _: (MakePlan(),))
    world = World()
    with pytest.raises(Defect) as caught:
        perform(operation(tmp_path, world, key))
    assert caught.value.code == "recovery-endless"
    assert world.commands.count("plan") == 24
    assert not (tmp_path / "work" / "plans").exists()


def test_a_plan_that_fails_parks_with_terraforms_words(tmp_path: Path, key: SecretKey) -> None:
    """An error that is neither a lock nor a missing import ends the recovery."""
    work = operation(tmp_path, World(), key)

    def plan(*_: Any, **__: Any) -> Plan:
        raise failed("Invalid provider configuration", "no region")

    work.terraform.plan = plan  # type: ignore[method-assign]
    outcome = perform(work)
    assert (outcome.code, outcome.left) == ("terraform-failed", ())
    assert "no region" in outcome.reason


def test_a_lock_without_an_id_is_foreign(tmp_path: Path, key: SecretKey) -> None:
    """Terraform could not say whose it is: it is not released."""
    work = operation(tmp_path, World(), key)

    def plan(*_: Any, **__: Any) -> Plan:
        raise Conflict("state-locked", "locked", next_step="Wait.")

    work.terraform.plan = plan  # type: ignore[method-assign]
    assert perform(work).code == "lock-foreign"


def test_import_blocks_hold_ids_and_no_templates() -> None:
    """Sorted by address; what terraform would take for a template in an id is escaped."""
    found = json.loads(imports_file({"b.x": "%{id}", "a.x": "${id}"}))
    assert found == {"import": [{"to": "a.x", "id": "$${id}"}, {"to": "b.x", "id": "%%{id}"}]}


def test_each_step_of_a_recovery_is_said_and_written_down(tmp_path: Path, key: SecretKey) -> None:
    """The released lock, the search, the import that is tried, what does not exist: said and journalled."""
    world = World(wanted=("key:this", "demo"))
    kill(tmp_path, world, key)
    world.lock = "ours"
    write(
        tmp_path,
        {"kind": "lock", "id": "ours"},
        {"kind": "start", "address": BUCKET, "type": "aws_s3_bucket", "action": "create"},
    )
    said: list[str] = []

    def log(level: str, text: str, event: object = None) -> None:
        if event is None:
            said.append(f"{level} {text}")

    assert perform(operation(tmp_path, world, key, log=log)).status == "applied"
    assert said == [
        "info preparing the working directory",
        "warn releasing the state lock ours of an attempt that is dead",
        f"warn searching for what has the tag of {ME}",
        f"warn {KEY_ADDRESS} may exist already as id-1: importing it",
        f"warn {BUCKET} may exist already as demo: importing it",
    ]
    did = [entry.facts["did"] for entry in read(journal_of(tmp_path)) if entry.kind == "recovered"]
    assert did == [
        "released the state lock ours",
        f"imports {KEY_ADDRESS} as id-1",
        f"imports {BUCKET} as demo",
        f"nothing exists at {BUCKET}",
    ]
