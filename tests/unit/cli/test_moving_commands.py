"""`gaia move` and `gaia import` at a checkout whose terraform is played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.checkout.states import States, StateTerraform, owners, resource
from tests.unit.cli.conftest import Gaia
from tests.unit.platform.played import PlayedTerraform

from gaia.checkout.command import ASKED_IMPORTS

if TYPE_CHECKING:
    from gaia.terraform.workdir import WorkingDirectory

STACK = "acme-use1-dev"
FILMS, PHOTOS = f"{STACK}/films-bucket", f"{STACK}/photos-bucket"
MOVE = ("move", "films-bucket", "-s", STACK, "--from", PHOTOS)
IMPORT = ("import", "photos-bucket", "-s", STACK)


@pytest.fixture
def states() -> States:
    """`photos-bucket` has two keys."""
    known = {"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": [resource("a"), resource("b")]}
    return States({PHOTOS: known})


@pytest.fixture
def moving(gaia: Gaia, states: States) -> Gaia:
    """With another instance, `films-bucket`."""
    kept = states

    class Terraform(StateTerraform):
        states = kept

    gaia.code()
    main = gaia.app.root / "stacks/orgs/acme/dev/main.yaml"
    films = "components: {terraform: {films-bucket: {metadata: {component: s3-bucket}}}}\n"
    main.write_text(main.read_text() + films)
    return Gaia(gaia.settings, gaia.app, gaia.program, gaia.world, played=Terraform)


def test_a_dry_run_shows_what_would_be_moved(moving: Gaia, states: States) -> None:
    """Also under another address, and as a document."""
    said = moving(*MOVE, "aws_kms_key.a=aws_kms_key.c", "aws_kms_key.b", "--dry-run")
    assert (said.code, said.out.splitlines()) == (
        0,
        [f"From {PHOTOS} to {FILMS}:", "  aws_kms_key.a as aws_kms_key.c", "  aws_kms_key.b", "Nothing was moved."],
    )
    assert moving(*MOVE, "--dry-run", "-o", "json").json == {
        "target": FILMS, "source": PHOTOS, "would_move": ["aws_kms_key.a", "aws_kms_key.b"],
    }  # fmt: skip
    assert states.done == []


def test_who_breaks_off_at_the_question_has_moved_nothing(moving: Gaia, states: States) -> None:
    """There is nothing to resume."""
    said = moving(*MOVE, tty=True, given="")
    assert ("interrupted" in said.err, "--resume" in said.err, states.done) == (True, False, [])


def test_who_sits_there_is_asked(moving: Gaia, states: States) -> None:
    """What is not agreed to is not done."""
    said = moving(*MOVE, tty=True, given="n\n")
    assert (said.code, "Nothing was moved" in said.err, states.done) == (1, True, [])
    assert f"Move 2 resources from the state of {PHOTOS} to that of {FILMS}?" in " ".join((said.out + said.err).split())
    assert moving(*MOVE, tty=True, given="y\n").code == 0
    assert owners(states) == {"a": [FILMS], "b": [FILMS]}


def test_where_nobody_sits_it_has_to_be_said(moving: Gaia, states: States) -> None:
    """With --yes; then what was moved is a document."""
    said = moving(*MOVE)
    assert ("confirmation-missing" in said.err, states.done) == (True, [])
    done = moving(*MOVE, "aws_kms_key.a", "--yes", "-o", "json")
    assert done.json == {"target": FILMS, "source": PHOTOS, "moved": ["aws_kms_key.a"]}
    assert "Moved 1 resource to" in moving(*MOVE, "--yes").out


def test_what_was_killed_is_finished(moving: Gaia, states: States) -> None:
    """Typing it again says how; then it says what was moved."""
    states.die_at = 8
    assert moving(*MOVE, "--yes").code == 70
    states.die_at = 0
    again = moving(*MOVE, "--yes")
    assert "move-unfinished" in again.err
    assert f"gaia move films-bucket -s {STACK} --resume" in again.err
    assert "Moved 2 resources" in moving("move", "films-bucket", "-s", STACK, "--resume").out
    assert owners(states) == {"a": [FILMS], "b": [FILMS]}
    assert "move-none" in moving("move", "films-bucket", "-s", STACK, "--resume").err


def test_nothing_says_where_from(moving: Gaia) -> None:
    """It is a usage error."""
    said = moving("move", "films-bucket", "-s", STACK)
    assert (said.code, "--from SOURCE, or --resume" in said.err) == (2, True)


# --- import ------------------------------------------------------------------------------------------------------


class Importing(PlayedTerraform):
    """Its plan imports what the file of `gaia import` says, and does what the test wants besides."""

    actions = "no-op"

    def _own(self, wd: WorkingDirectory, destroy: bool) -> dict[str, Any]:
        planned = super()._own(wd, destroy)
        if not (wd.module / ASKED_IMPORTS).exists():
            return planned
        change = {**planned["change"], "actions": [self.actions], "importing": {"id": "photos"}}
        change |= {"before": {**change["after"], "id": "photos", "arn": "x"}, "after_unknown": {}}
        return {**planned, "change": {**change, "after": change["before"]}}


def importing(gaia: Gaia, **more: Any) -> Gaia:
    """With that terraform."""
    gaia.code()
    played = type("Played", (Importing,), more)
    return Gaia(gaia.settings, gaia.app, gaia.program, gaia.world, played=played)


def test_an_import_is_shown_and_carried_out(gaia: Gaia) -> None:
    """Nothing of it stays beside the code."""
    one = importing(gaia)
    said = one(*IMPORT, "aws_s3_bucket.this=photos", "--yes")
    assert "= aws_s3_bucket.this" in said.out
    assert "1 to import" in said.out
    assert "1 imported" in said.out
    one.world.states.clear()
    said = one(*IMPORT, "aws_s3_bucket.this=photos", "--yes", "-o", "json")
    assert (said.code, said.json["status"], said.json["changed"]) == (0, "applied", {"import": 1}), said.err
    assert one.world.states[PHOTOS]["id"] == "photos"
    assert list(one.app.root.rglob(ASKED_IMPORTS)) == []


@pytest.mark.parametrize(
    ("pairs", "more", "code"),
    [
        (["aws_s3_bucket.this"], {}, "import-invalid"),
        (["aws_s3_bucket.this=photos"], {"actions": "update"}, "import-changes"),
        (["aws_s3_bucket.other=photos"], {}, "import-missing"),
    ],
)
def test_an_import_that_is_refused(gaia: Gaia, pairs: list[str], more: dict[str, Any], code: str) -> None:
    """Nothing is changed."""
    one = importing(gaia, **more)
    said = one(*IMPORT, *pairs, "--yes")
    assert (said.code != 0, code in said.err, one.world.states) == (True, True, {}), said.err


def test_an_import_that_nobody_agreed_to(gaia: Gaia) -> None:
    """It is asked, or has to be said."""
    one = importing(gaia)
    assert "confirmation-missing" in one(*IMPORT, "aws_s3_bucket.this=photos").err
    said = one(*IMPORT, "aws_s3_bucket.this=photos", tty=True, given="n\n")
    assert (said.code, "Nothing was changed" in said.err, one.world.states) == (1, True, {})
