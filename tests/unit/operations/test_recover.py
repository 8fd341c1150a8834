"""The recovery's loop: survivors, locks, what was cut off, the search, and that only what was judged is applied."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.operations.fakes import ME, TAGS, World, failed, operation

from gaia.errors import Conflict, Defect, ToolFailed, Unavailable
from gaia.kit.lines import LinesAt
from gaia.kit.procfs import Identity
from gaia.operations import recover
from gaia.operations.decide import MakePlan
from gaia.operations.instance import perform
from gaia.operations.journal import Journal, read
from gaia.operations.model import Verdict
from gaia.operations.recover import imports_file
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.keys import Key

KEY = "aws_kms_key.this"
DEMO = 'aws_s3_bucket.this["demo"]'


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the product catches it."""


def _die(world: World) -> None:
    world.during_apply = None
    raise Killed


def _kill(folder: Path, world: World, key: Key, **changes: Any) -> None:
    world.during_apply = _die
    with pytest.raises(Killed):
        perform(operation(folder, world, key, **changes))


def _journal(folder: Path) -> Path:
    return folder / "run" / "journal.jsonl"


def _write(folder: Path, *entries: dict[str, Any]) -> None:
    journal = Journal(LinesAt(_journal(folder)))
    for entry in entries:
        journal.append(**entry)


def _begin(**facts: Any) -> dict[str, Any]:
    return {"kind": "begin", "operation": "apply", "instance": str(ME), **facts}


def test_a_key_that_was_being_made_is_found_and_taken_over_however_often_it_is_killed(tmp_path: Path, key: Key) -> None:
    """Killed while it is made, killed again as the apply of its import begins: one key, in the state, and said so."""
    world = World(wanted=("key:this",))
    _kill(tmp_path, world, key)
    _kill(tmp_path, world, key)
    _kill(tmp_path, world, key)
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, world.keyed) == ("applied", 1)
    assert [item.address for item in outcome.resources] == [KEY]
    assert world.searches == 3
    assert perform(operation(tmp_path, world, key)) == outcome


def test_a_key_that_never_came_to_be_is_made_after_one_kill(tmp_path: Path, key: Key) -> None:
    """The search finds nothing to import; the plan that is applied is the one that makes the key, not the search's."""
    world = World(wanted=("key:this",))
    _kill(tmp_path, world, key)
    world.cloud.clear()
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, world.keyed, list(world.state)) == ("applied", 2, ["key:this"])


def test_a_journal_that_an_older_version_filled_with_its_own_reads_goes_on(tmp_path: Path, key: Key) -> None:
    """Data sources of its search are neither something begun nor ids that are taken."""
    world = World(wanted=("key:this",))
    _kill(tmp_path, world, key)
    data = 'data.aws_kms_key.gaia_search["arn:aws:kms:r:1:key/id-1"]'
    hook = {"address": data, "type": "aws_kms_key", "action": "read"}
    _write(
        tmp_path,
        {"kind": "start", **hook, "id": None},
        {"kind": "complete", **hook, "id": "id-1"},
        {"kind": "start", "address": data, "action": "unknown"},
    )
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, world.keyed) == ("applied", 1)
    assert outcome.changed == {"import": 1}


def test_what_a_plan_reads_is_not_journalled(tmp_path: Path, key: Key) -> None:
    """No entry about a data source stands in a journal, whatever the search's plan and terraform's log tell."""
    world = World(wanted=("key:this",))
    _kill(tmp_path, world, key)
    core = tmp_path / "work" / "core"
    core.mkdir(exist_ok=True)
    (core / "001.log").write_text('2026 [INFO]  Starting apply for data.aws_kms_key.gaia_search["x"]\n')
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert "gaia_search" not in _journal(tmp_path).read_text()
    assert not list(core.iterdir())


def test_the_search_plans_into_a_place_of_its_own(tmp_path: Path, key: Key) -> None:
    """While terraform applies there is one plan file, readable by its owner alone; its hash stands in the journal."""
    seen: list[list[str]] = []
    modes: list[int] = []

    def look(planfile: Path) -> None:
        seen.append([path.name for path in planfile.parent.iterdir()])
        modes.append(stat.S_IMODE(planfile.stat().st_mode))
        assert json.loads(planfile.read_text())["resource_changes"]

    world = World(wanted=("key:this",), before_apply=look)
    _kill(tmp_path, world, key)
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert [len(names) for names in seen] == [1, 1]
    assert seen[0] != seen[1]
    assert modes == [0o600, 0o600]
    hashes = [str(entry.facts["plan"]) for entry in read(LinesAt(_journal(tmp_path))) if entry.kind == "applying"]
    assert len(set(hashes)) == 2
    assert all(len(hash_) == 64 for hash_ in hashes)


def test_a_plan_file_that_changed_after_it_was_judged_is_not_applied(tmp_path: Path, key: Key) -> None:
    """It parks before terraform starts, with what is not done; the next call plans and judges anew."""
    world = World()
    judged: list[Plan] = []

    def judge(plan: Plan) -> Verdict:
        judged.append(plan)
        (file,) = (tmp_path / "work" / "plans").iterdir()
        if len(judged) == 1:
            file.write_bytes(file.read_bytes() + b" ")
        return Verdict(allowed=True)

    outcome = perform(operation(tmp_path, world, key, judge=judge))
    assert (outcome.status, outcome.code, outcome.left) == ("parked", "plan-changed", (DEMO,))
    assert world.cloud == {}
    assert perform(operation(tmp_path, world, key, judge=judge)).status == "applied"
    assert len(judged) == 2


@pytest.mark.parametrize("reason", ["locked", "changed"])
def test_an_apply_that_never_began_leaves_what_was_open_open(tmp_path: Path, key: Key, reason: str) -> None:
    """A finished creation whose state was lost is still looked for: it is not made a second time."""
    world = World(wanted=("key:this",))
    _kill(tmp_path, world, key)
    _write(tmp_path, {"kind": "complete", "address": KEY, "type": "aws_kms_key", "action": "create", "id": "id-1"})

    def trouble(planfile: Path) -> None:
        world.before_apply = None
        if reason == "locked":
            raise Conflict("state-locked", "locked", next_step="Wait.", facts={"diagnostics": [{"summary": "x"}]})
        planfile.write_text("{}")

    world.before_apply = trouble
    assert (
        perform(operation(tmp_path, world, key)).code == {"locked": "lock-foreign", "changed": "plan-changed"}[reason]
    )
    assert read(LinesAt(_journal(tmp_path)))[-2].kind == "unbegun"
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert world.keyed == 1


def test_a_state_that_does_not_hold_what_was_promised_is_never_called_applied(tmp_path: Path, key: Key) -> None:
    """Terraform ended well and the state lacks a bucket: parked, with the exact address."""
    world = World(wanted=("demo", "more"), loses=frozenset({"more"}))
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "state-incomplete")
    assert outcome.left == ('aws_s3_bucket.this["more"]: is not in the state',)
    assert [item.address for item in outcome.resources] == [DEMO]


def test_an_empty_plan_is_held_against_the_approval(tmp_path: Path, key: Key) -> None:
    """Nothing to do, and what was approved is not there: that is not unchanged."""
    change = {"actions": ["create"], "before": None, "after": {"bucket": "demo"}}
    entry = {"address": DEMO, "mode": "managed", "type": "aws_s3_bucket", "name": "this", "change": change}
    approved = NormalForm.of({ME: Plan.parse({"format_version": "1.2", "resource_changes": [entry]})}, key)
    outcome = perform(operation(tmp_path, World(wanted=()), key, approved=approved))
    assert (outcome.code, outcome.left) == ("state-incomplete", (f"{DEMO}: is not in the state",))


@pytest.mark.parametrize("end", ["applied", "judged", "failed", "interrupted", "killed-in-init"])
def test_nothing_in_clear_is_left_behind(tmp_path: Path, key: Key, end: str) -> None:
    """However it ends: no plan file, no variable file."""

    def fail(_: World) -> None:
        raise failed("creating", "AccessDenied") if end == "failed" else KeyboardInterrupt

    world = World(during_apply=fail if end in ("failed", "interrupted") else None)
    work = operation(tmp_path, world, key, judge=lambda plan: Verdict(allowed=end != "judged"))  # noqa: ARG005
    if end == "killed-in-init":
        work.terraform.init = _no_init  # type: ignore[method-assign,assignment]
    try:
        perform(work)
    except KeyboardInterrupt:
        assert end == "interrupted"
    left = [path.name for path in (tmp_path / "work").rglob("*") if path.is_file()]
    assert sorted(left) == ["folder.lock", "main.tf", "operation.lock"]


def _no_init(_: object) -> bool:
    raise ToolFailed("terraform-failed", "no", next_step="Mend it.")


def test_plan_files_of_a_killed_attempt_are_taken_away(tmp_path: Path, key: Key) -> None:
    """What a killed process could not remove goes before the next plan."""
    stale = tmp_path / "work" / "plans" / "old.planfile"
    stale.parent.mkdir(parents=True)
    stale.write_text("secret")
    seen: list[bool] = []
    world = World(before_apply=lambda _: seen.append(stale.exists()))
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert seen == [False]


def test_survivors_are_ended_before_anything_is_planned(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the journal's processes in the working folder, ended, written down, their last words read."""
    child = {"kind": "child", "what": "apply", "pid": 77, "started": 5, "boot": "b"}
    _write(tmp_path, _begin(), child)
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
        core.write_text(f"2026 [INFO]  Starting apply for {DEMO}\n")
        world.cloud["demo"] = {"bucket": "demo", "tags": TAGS}
        return (alive.pop(),)

    monkeypatch.setattr(recover, "survivors", found)
    monkeypatch.setattr(recover, "end_survivors", end)
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.changed) == ("applied", {"import": 1})
    assert "ended 77" in _journal(tmp_path).read_text()


def test_a_survivor_that_cannot_be_ended_parks(tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is planned while it lives."""

    def end(folder: Path, journalled: object) -> tuple[Identity, ...]:
        del folder, journalled
        raise Unavailable("survivors-alive", "77", next_step="End it.")

    monkeypatch.setattr(recover, "survivors", lambda *_: (Identity(77, 5, "b"),))
    monkeypatch.setattr(recover, "end_survivors", end)
    world = World()
    assert perform(operation(tmp_path, world, key)).code == "survivors-alive"
    assert world.commands == []


def test_what_was_cut_off_and_tainted_is_kept(tmp_path: Path, key: Key) -> None:
    """The state has it as not whole, this run began it: it is untainted, not replaced."""
    _write(
        tmp_path,
        _begin(),
        {"kind": "applying", "digest": "d", "changes": []},
        {"kind": "start", "address": DEMO, "type": "aws_s3_bucket", "action": "create"},
        {"kind": "saved"},
    )
    bucket: dict[str, object] = {"bucket": "demo", "tags": TAGS}
    world = World(cloud={"demo": bucket}, state={"demo": bucket}, taint="demo")
    said: list[str] = []
    outcome = perform(
        operation(tmp_path, world, key, log=lambda level, text, event=None: said.append(f"{level} {text} {event}"))
    )
    assert outcome.status == "applied"
    assert [command for command in world.commands if command.startswith("untaint")] == [f"untaint {DEMO}"]
    assert world.commands.count("plan") == 2
    assert "kept" in _journal(tmp_path).read_text()
    assert any(line.startswith(f"warn keeping {DEMO}") for line in said)


def test_two_keys_begun_and_one_found_are_not_guessed_between(tmp_path: Path, key: Key) -> None:
    """Nothing tells which of the two it is: parked, both named, nothing made or taken over."""
    world = World(wanted=("key:one", "key:two"))
    _kill(tmp_path, world, key)
    _write(tmp_path, {"kind": "start", "address": "aws_kms_key.two", "type": "aws_kms_key", "action": "create"})
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "orphan-unresolved")
    assert [line.partition(":")[0] for line in outcome.left] == ["aws_kms_key.one", "aws_kms_key.two"]
    assert (world.keyed, world.state) == (1, {})


def test_a_stop_is_asked_for_in_every_round(tmp_path: Path, key: Key) -> None:
    """Asked for before the first plan, nothing is planned."""
    world = World()
    world.interrupt.ask()
    assert perform(operation(tmp_path, world, key)).code == "interrupted"
    assert world.commands == []


def test_a_stop_after_the_plan_keeps_the_judge_from_being_asked(tmp_path: Path, key: Key) -> None:
    """A lock is released and a plan made; then the stop is heeded."""
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


def test_a_recovery_without_an_end_is_a_defect(tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops after some rounds, says so, and still leaves nothing in clear."""
    monkeypatch.setattr(recover, "decide", lambda _: (MakePlan(),))
    world = World()
    with pytest.raises(Defect) as caught:
        perform(operation(tmp_path, world, key))
    assert caught.value.code == "recovery-endless"
    assert world.commands.count("plan") == 24
    assert not (tmp_path / "work" / "plans").exists()


def test_a_plan_that_fails_parks_with_terraforms_words(tmp_path: Path, key: Key) -> None:
    """An error that is neither a lock nor a missing import ends the recovery."""
    work = operation(tmp_path, World(), key)

    def plan(*_: Any, **__: Any) -> Plan:
        raise failed("Invalid provider configuration", "no region")

    work.terraform.plan = plan  # type: ignore[method-assign]
    outcome = perform(work)
    assert (outcome.code, outcome.left) == ("terraform-failed", ())
    assert "no region" in outcome.reason


def test_a_lock_without_an_id_is_foreign(tmp_path: Path, key: Key) -> None:
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


def test_an_update_that_was_begun_on_an_import_is_found_again(tmp_path: Path, key: Key) -> None:
    """The import's own update was cut off: the key exists under the id that terraform said, and is not made twice."""
    world = World(wanted=("key:this",))
    _kill(tmp_path, world, key)
    _write(tmp_path, {"kind": "start", "address": KEY, "type": "aws_kms_key", "action": "update", "id": "id-1"})
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, world.keyed, world.searches) == ("applied", 1, 0)


def test_a_destroy_that_a_full_bucket_stopped_goes_on(tmp_path: Path, key: Key) -> None:
    """What is gone is gone; emptied, the bucket goes too, without a new approval."""
    world = World(wanted=())
    for name in ("demo", "more"):
        world.cloud[name] = world.state[name] = {"bucket": name, "tags": TAGS}
    entries = [
        {
            "address": f'aws_s3_bucket.this["{name}"]', "mode": "managed", "type": "aws_s3_bucket", "name": "this",
            "change": {"actions": ["delete"], "before": {"bucket": name, "tags": TAGS}, "after": None},
        }
        for name in world.state
    ]  # fmt: skip
    approved = NormalForm.of({ME: Plan.parse({"format_version": "1.2", "resource_changes": entries})}, key)
    world.kept_back = frozenset({"more"})
    work = operation(tmp_path, world, key, destroy=True, approved=approved)
    outcome = perform(work)
    assert (outcome.status, outcome.code, list(world.state)) == ("parked", "terraform-failed", ["more"])
    world.state["more"]["tags"] = {}
    assert perform(replace(work)).code == "terraform-failed"
    world.kept_back = frozenset()
    assert perform(work).status == "applied"
    assert world.cloud == {}


def test_each_step_of_a_recovery_is_said_and_written_down(tmp_path: Path, key: Key) -> None:
    """The released lock, the search, the import that is tried, what does not exist: said and journalled."""
    world = World(wanted=("key:this", "demo"))
    _kill(tmp_path, world, key)
    world.lock = "ours"
    _write(
        tmp_path,
        {"kind": "lock", "id": "ours"},
        {"kind": "start", "address": DEMO, "type": "aws_s3_bucket", "action": "create"},
    )
    said: list[str] = []

    def log(level: str, text: str, event: object = None) -> None:
        if event is None:
            said.append(f"{level} {text}")

    assert perform(operation(tmp_path, world, key, log=log)).status == "applied"
    assert said == [
        "info preparing the working directory",
        "warn releasing the state lock ours of an attempt that is dead",
        f"warn searching for what bears the tag of {ME}",
        f"warn {KEY} may exist already as id-1: importing it",
        f"warn {DEMO} may exist already as demo: importing it",
    ]
    did = [entry.facts["did"] for entry in read(LinesAt(_journal(tmp_path))) if entry.kind == "recovered"]
    assert did == [
        "released the state lock ours",
        f"imports {KEY} as id-1",
        f"imports {DEMO} as demo",
        f"nothing exists at {DEMO}",
    ]
