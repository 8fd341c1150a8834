"""`gaia apply` and `gaia destroy` of several instances: what is remembered of them, and what the end says."""

from __future__ import annotations

import io
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.played import PlayedTerraform, made, refused, state_of

from gaia.checkout.batch_record import BatchRecord
from gaia.cli import main
from gaia.stacks.model import InstanceKey
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

    from gaia.terraform.workdir import WorkingDirectory

STACK = "acme-use1-dev"
KEY = f"{STACK}/photos-bucket"


VARIABLES = ("name", "tags")


@pytest.fixture(name="fresh")
def _fresh(gaia: Gaia) -> Gaia:
    """A stack of an instance that is not there yet."""
    gaia.code()
    code = "".join(f'variable "{name}" {{}}\n' for name in VARIABLES)
    (gaia.app.root / "components/terraform/s3-bucket/main.tf").write_text(code)
    return gaia


@pytest.fixture(name="stack")
def _stack(fresh: Gaia) -> Gaia:
    """A stack of an instance that is there."""
    gaia = fresh
    assert gaia("apply", "-s", STACK, "--yes").code == 0
    assert KEY in gaia.world.states
    return gaia


def records(gaia: Gaia, act: str) -> list[Path]:
    """What batches have written down."""
    return sorted(gaia.settings.home.glob(f"repos/*/batch/{act}/*.json"))


def test_what_was_made_again_is_not_destroyed_by_going_on(stack: Gaia) -> None:
    """Neither after an apply of several nor after one of it alone."""
    [folder] = stack.settings.home.glob("repos/*")
    for again in (("-s", STACK), ("photos-bucket", "-s", STACK)):
        BatchRecord(folder, "destroy").begin([InstanceKey.parse(KEY)], "")
        assert stack("apply", *again, "--yes").code == 0
        said = stack("destroy", "--resume", "--yes")
        assert (said.code, "batch-none" in said.err) == (3, True)


def test_going_on_says_with_what(stack: Gaia) -> None:
    """What was typed, and when."""
    [folder] = stack.settings.home.glob("repos/*")
    BatchRecord(folder, "destroy").begin([InstanceKey.parse(KEY)], f"--stack {STACK}")
    said = stack("destroy", "--resume", "--yes")
    assert f"Going on with `gaia destroy --stack {STACK}` of 20" in said.err
    assert "1 instance left" in said.err
    assert said.code == 0
    assert records(stack, "destroy") == []


def test_what_was_destroyed_is_not_made_again_by_going_on(stack: Gaia) -> None:
    """The reverse."""
    photos = stack.app.root / "stacks/orgs/acme/dev/photos.yaml"
    photos.write_text(photos.read_text().replace("name: photos", "name: other"))
    stack.world.fails[KEY] = refused("not now")
    assert stack("apply", "-s", STACK, "--yes").code != 0
    stack.world.fails.clear()
    assert stack("destroy", "photos-bucket", "-s", STACK, "--yes").code == 0
    assert "batch-none" in stack("apply", "--resume", "--yes").err
    assert KEY not in stack.world.states


def test_a_record_that_cannot_be_written_in_the_middle_hides_no_end(fresh: Gaia) -> None:
    """A folder lies in its place, say: the table says what was done until then, and then comes the error."""
    gaia = fresh

    def in_its_place(_key: str) -> None:
        [record] = records(gaia, "apply")
        record.unlink()
        (record / "x").mkdir(parents=True)

    gaia.world.during = in_its_place
    said = gaia("apply", "-s", STACK, "--yes")
    assert "photos-bucket" in said.out
    assert "1 applied" in said.out
    assert (said.code, "file-not-writable" in said.err) == (8, True)
    for record in records(gaia, "apply"):
        shutil.rmtree(record)


class Replacing(PlayedTerraform):
    """Every change replaces what is protected against deletion."""

    def plan(self, wd: WorkingDirectory, **more: Any) -> Plan:
        """As planned, with another action."""
        raw = super().plan(wd, **more).raw
        changes: Any = raw["resource_changes"]
        for one in changes:
            one["change"] |= {"actions": ["delete", "create"], "before": {"deletion_protection": True}}
        return Plan.parse(raw)


@pytest.mark.parametrize("selected", [("-s", STACK), ("photos-bucket", "-s", STACK)])
def test_an_apply_that_replaces_what_is_protected_needs_the_flag_too(fresh: Gaia, selected: tuple[str, ...]) -> None:
    """As a destruction does, of several and of one; nothing is begun."""
    gaia = type(fresh)(fresh.settings, fresh.app, fresh.program, fresh.world, played=Replacing)
    said = gaia("apply", *selected, "--yes")
    assert (said.code, "deletion-protected" in said.err) == (5, True)
    assert not [word for word in gaia.world.commands if word.startswith("apply")]
    assert "deletion-protected" not in gaia("apply", *selected, "--yes", "--protected").err


def exists(gaia: Gaia) -> None:
    """The bucket is in its state, for whoever asks."""
    made(gaia.world, KEY, {"name": "photos", "arn": "a"})
    code = gaia.app.root / "components/terraform/s3-bucket"
    path = code / f"terraform.tfstate.d/{STACK}-photos-bucket/terraform.tfstate"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(state_of("aws_s3_bucket", {"name": "photos", "arn": "a"})))
    change = {"actions": ["delete"], "before": {"name": "photos"}, "after": None}
    entry = {"address": "aws_s3_bucket.this", "mode": "managed", "type": "aws_s3_bucket", "name": "this"}
    gaia.program.plans({"format_version": "1.2", "resource_changes": [{**entry, "change": change}]}, code=2)


@pytest.mark.parametrize("line", [("destroy", "-s", STACK), ("destroy", "photos-bucket", "-s", STACK)])
def test_by_the_name_of_atmos_a_destruction_wants_the_name_typed_too(fresh: Gaia, line: tuple[str, ...]) -> None:
    """Atmos has no `destroy`, so nothing that was written for it waits here for ever."""
    exists(fresh)
    session = fresh.session(tty=True, given="y\n")
    session.is_atmos = True
    assert main.run((*line, "--yes"), session) == 1
    assert KEY in fresh.world.states


@pytest.mark.parametrize(
    "line",
    [
        ("destroy", "-s", STACK, "--yes"),
        ("destroy", "photos-bucket", "-s", STACK, "--yes"),
        ("terraform", "destroy", "photos-bucket", "-s", STACK, "-auto-approve"),
    ],
)
def test_at_a_terminal_nothing_is_destroyed_without_a_question_that_is_seen(fresh: Gaia, line: tuple[str, ...]) -> None:
    """`2>log` hides it: refused, with the way for a script."""
    exists(fresh)
    session = fresh.session(tty=True)
    session.stderr = io.StringIO()
    assert main.run(line, session) == 2
    assert "</dev/null" in session.stderr.getvalue()
    assert KEY in fresh.world.states
