"""Only the plan file that was judged is applied, what the state then holds counts, nothing is left in clear."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.operations.fakes import (
    BUCKET,
    ME,
    TAGS,
    World,
    failed,
    journal_of,
    kill,
    operation,
)

from gaia.errors import ToolFailed
from gaia.operations.instance import perform
from gaia.operations.journal import read
from gaia.operations.model import Verdict
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.keys import SecretKey


def test_the_search_plans_into_a_place_of_its_own(tmp_path: Path, key: SecretKey) -> None:
    """While terraform applies there is one plan file, readable by its owner alone; its hash stands in the journal."""
    seen: list[list[str]] = []
    modes: list[int] = []

    def look(planfile: Path) -> None:
        seen.append([path.name for path in planfile.parent.iterdir()])
        modes.append(stat.S_IMODE(planfile.stat().st_mode))
        assert json.loads(planfile.read_text())["resource_changes"]

    world = World(wanted=("key:this",), before_apply=look)
    kill(tmp_path, world, key)
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert [len(names) for names in seen] == [1, 1]
    assert seen[0] != seen[1]
    assert modes == [0o600, 0o600]
    hashes = [str(entry.facts["plan"]) for entry in read(journal_of(tmp_path)) if entry.kind == "applying"]
    assert len(set(hashes)) == 2
    assert all(len(hash_) == 64 for hash_ in hashes)


def test_a_plan_file_that_changed_after_it_was_judged_is_not_applied(tmp_path: Path, key: SecretKey) -> None:
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
    assert (outcome.status, outcome.code, outcome.left) == ("parked", "plan-changed", (BUCKET,))
    assert world.cloud == {}
    assert perform(operation(tmp_path, world, key, judge=judge)).status == "applied"
    assert len(judged) == 2


def test_a_state_that_does_not_hold_what_was_promised_is_never_called_applied(tmp_path: Path, key: SecretKey) -> None:
    """Terraform ended well and the state lacks a bucket: parked, with the exact address."""
    world = World(wanted=("demo", "more"), loses=frozenset({"more"}))
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "state-incomplete")
    assert outcome.left == ('aws_s3_bucket.this["more"]: is not in the state',)
    assert [item.address for item in outcome.resources] == [BUCKET]


def test_an_empty_plan_is_held_against_the_approval(tmp_path: Path, key: SecretKey) -> None:
    """Nothing to do, and what was approved is not there: that is not unchanged."""
    change = {"actions": ["create"], "before": None, "after": {"bucket": "demo"}}
    entry = {"address": BUCKET, "mode": "managed", "type": "aws_s3_bucket", "name": "this", "change": change}
    approved = NormalForm.of({ME: Plan.parse({"format_version": "1.2", "resource_changes": [entry]})}, key)
    outcome = perform(operation(tmp_path, World(wanted=()), key, approved=approved))
    assert (outcome.code, outcome.left) == ("state-incomplete", (f"{BUCKET}: is not in the state",))


@pytest.mark.parametrize("end", ["applied", "judged", "failed", "interrupted", "killed-in-init"])
def test_nothing_in_clear_is_left_behind(tmp_path: Path, key: SecretKey, end: str) -> None:
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
    raise ToolFailed("terraform-failed", "no", next_step="Repair it.")


def test_plan_files_of_a_killed_attempt_are_taken_away(tmp_path: Path, key: SecretKey) -> None:
    """What a killed process could not remove goes before the next plan."""
    stale = tmp_path / "work" / "plans" / "old.planfile"
    stale.parent.mkdir(parents=True)
    stale.write_text("secret")
    seen: list[bool] = []
    world = World(before_apply=lambda _: seen.append(stale.exists()))
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert seen == [False]


def test_a_destroy_that_a_full_bucket_stopped_goes_on(tmp_path: Path, key: SecretKey) -> None:
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
