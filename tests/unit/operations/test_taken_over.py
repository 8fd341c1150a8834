"""What an earlier attempt made and the state does not have: found, taken over, and never made twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.operations.fakes import (
    BUCKET,
    KEY_ADDRESS,
    TAGS,
    World,
    begin,
    journal_of,
    kill,
    operation,
    write,
)

from gaia.errors import Conflict, Next
from gaia.operations.instance import Outcome, perform
from gaia.operations.journal import read

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.keys import SecretKey


def test_a_key_that_was_being_made_is_found_and_taken_over_however_often_it_is_killed(
    tmp_path: Path, key: SecretKey
) -> None:
    """Killed while it is made, killed again as the apply of its import begins: one key, in the state, and said so."""
    world = World(wanted=("key:this",))
    kill(tmp_path, world, key)
    kill(tmp_path, world, key)
    kill(tmp_path, world, key)
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, world.keyed) == ("applied", 1)
    assert [item.address for item in outcome.resources] == [KEY_ADDRESS]
    assert world.searches == 3
    assert perform(operation(tmp_path, world, key)) == outcome


def test_a_key_that_never_came_to_be_is_made_after_one_kill(tmp_path: Path, key: SecretKey) -> None:
    """The search finds nothing to import; the plan that is applied is the one that makes the key, not the search's."""
    world = World(wanted=("key:this",))
    kill(tmp_path, world, key)
    world.cloud.clear()
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, world.keyed, list(world.state)) == ("applied", 2, ["key:this"])


def test_a_journal_that_an_older_version_filled_with_its_own_reads_goes_on(tmp_path: Path, key: SecretKey) -> None:
    """Data sources of its search are neither something begun nor ids that are taken."""
    world = World(wanted=("key:this",))
    kill(tmp_path, world, key)
    data = 'data.aws_kms_key.gaia_search["arn:aws:kms:r:1:key/id-1"]'
    hook = {"address": data, "type": "aws_kms_key", "action": "read"}
    write(
        tmp_path,
        {"kind": "start", **hook, "id": None},
        {"kind": "complete", **hook, "id": "id-1"},
        {"kind": "start", "address": data, "action": "unknown"},
    )
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, world.keyed) == ("applied", 1)
    assert outcome.changed == {"import": 1}


def test_what_a_plan_reads_is_not_journalled(tmp_path: Path, key: SecretKey) -> None:
    """No entry about a data source stands in a journal, whatever the search's plan and terraform's log tell."""
    world = World(wanted=("key:this",))
    kill(tmp_path, world, key)
    core = tmp_path / "work" / "core"
    core.mkdir(exist_ok=True)
    (core / "001.log").write_text('2026 [INFO]  Starting apply for data.aws_kms_key.gaia_search["x"]\n')
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert "gaia_search" not in journal_of(tmp_path).path.read_text()
    assert not list(core.iterdir())


def test_two_keys_begun_and_one_found_are_not_guessed_between(tmp_path: Path, key: SecretKey) -> None:
    """Nothing tells which of the two it is: parked, both named, nothing made or taken over."""
    world = World(wanted=("key:one", "key:two"))
    kill(tmp_path, world, key)
    write(tmp_path, {"kind": "start", "address": "aws_kms_key.two", "type": "aws_kms_key", "action": "create"})
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, outcome.code) == ("parked", "orphan-unresolved")
    assert [line.partition(":")[0] for line in outcome.left] == ["aws_kms_key.one", "aws_kms_key.two"]
    assert (world.keyed, world.state) == (1, {})
    assert [(one["address"], one["type"]) for one in outcome.by_hand] == [
        ("aws_kms_key.one", "aws_kms_key"), ("aws_kms_key.two", "aws_kms_key"),
    ]  # fmt: skip
    assert outcome.by_hand[0]["form"] == "{id}"
    assert (
        outcome.by_hand[0]["console"] == "https://us-east-1.console.aws.amazon.com/kms/home?region=us-east-1#/kms/keys"
    )
    assert isinstance(outcome.next_step, Next)
    assert (outcome.next_step.act, outcome.next_step.options) == ("terraform import", ("aws_kms_key.one", "ID"))
    assert Outcome.from_json(outcome.as_json()).by_hand == outcome.by_hand


def test_an_update_that_was_begun_on_an_import_is_found_again(tmp_path: Path, key: SecretKey) -> None:
    """The import's own update was cut off: the key exists under the id that terraform said, and is not made twice."""
    world = World(wanted=("key:this",))
    kill(tmp_path, world, key)
    write(tmp_path, {"kind": "start", "address": KEY_ADDRESS, "type": "aws_kms_key", "action": "update", "id": "id-1"})
    outcome = perform(operation(tmp_path, world, key))
    assert (outcome.status, world.keyed, world.searches) == ("applied", 1, 0)


def test_what_was_cut_off_and_tainted_is_kept(tmp_path: Path, key: SecretKey) -> None:
    """The state has it as not whole, this run began it: it is untainted, not replaced."""
    write(
        tmp_path,
        begin(),
        {"kind": "applying", "digest": "d", "changes": []},
        {"kind": "start", "address": BUCKET, "type": "aws_s3_bucket", "action": "create"},
        {"kind": "saved"},
    )
    bucket: dict[str, object] = {"bucket": "demo", "tags": TAGS}
    world = World(cloud={"demo": bucket}, state={"demo": bucket}, taint="demo")
    said: list[str] = []
    outcome = perform(
        operation(tmp_path, world, key, log=lambda level, text, event=None: said.append(f"{level} {text} {event}"))
    )
    assert outcome.status == "applied"
    assert [command for command in world.commands if command.startswith("untaint")] == [f"untaint {BUCKET}"]
    assert world.commands.count("plan") == 2
    assert "kept" in journal_of(tmp_path).path.read_text()
    assert any(line.startswith(f"warn keeping {BUCKET}") for line in said)


@pytest.mark.parametrize("reason", ["locked", "changed"])
def test_an_apply_that_never_began_leaves_what_was_open_open(tmp_path: Path, key: SecretKey, reason: str) -> None:
    """A finished creation whose state was lost is still looked for: it is not made a second time."""
    world = World(wanted=("key:this",))
    kill(tmp_path, world, key)
    write(
        tmp_path, {"kind": "complete", "address": KEY_ADDRESS, "type": "aws_kms_key", "action": "create", "id": "id-1"}
    )

    def trouble(planfile: Path) -> None:
        world.before_apply = None
        if reason == "locked":
            raise Conflict("state-locked", "locked", next_step="Wait.", facts={"diagnostics": [{"summary": "x"}]})
        planfile.write_text("{}")

    world.before_apply = trouble
    assert (
        perform(operation(tmp_path, world, key)).code == {"locked": "lock-foreign", "changed": "plan-changed"}[reason]
    )
    assert read(journal_of(tmp_path))[-2].kind == "unbegun"
    assert perform(operation(tmp_path, world, key)).status == "applied"
    assert world.keyed == 1
