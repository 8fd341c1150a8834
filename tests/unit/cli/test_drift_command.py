"""`gaia drift`: what it says, its exit codes, and the two ways to end drift."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from tests.unit.platform.played import KINDS, Attributes, PlayedTerraform, made, refused

from gaia.errors import Unavailable
from gaia.terraform.workdir import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.cli.conftest import Gaia

    from gaia.terraform.plan import Plan
    from gaia.terraform.workdir import WorkingDirectory

HERE = ("photos-bucket", "-s", "acme-use1-dev")
KEY = "acme-use1-dev/photos-bucket"
AS_SAID: Attributes = {"name": "photos", "tags": {"owner": "team-media"}}
BY_HAND: Attributes = {"name": "photos", "tags": {"owner": "somebody"}}
ADDRESS = "aws_s3_bucket.this"


class Drifting(PlayedTerraform):
    """A terraform of one bucket, which finds what exists when it refreshes."""

    real: ClassVar[Attributes | None] = None
    """What exists; None where it is as the state says."""
    replaces: ClassVar[bool] = False
    """Whether changing it back replaces it."""

    waits: ClassVar[bool] = False
    """Whether the code has another resource, which was never applied."""
    needs_it: ClassVar[bool] = False
    """Whether the bucket depends on that one, so that a target takes it along."""

    def plan(self, wd: WorkingDirectory, **more: Any) -> Plan:
        """As the real one writes it: drift beside the changes, or drift alone."""
        have = self.world.states.get(wd.name)
        if self.real is None or have is None:
            return super().plan(wd, **more)
        self.world.commands.append(f"plan {wd.name}")
        self.world.flags.append(tuple(more.get("flags", ())))
        real = {**have, **self.real}
        kind = KINDS[wd.module.name]
        entry = {"address": ADDRESS, "mode": "managed", "type": kind, "name": "this"}
        drift = {**entry, "change": {"actions": ["update"], "before": have, "after": real}}
        actions = ["delete", "create"] if self.replaces else ["update"]
        back = {**entry, "change": {"actions": actions, "before": real, "after": {**real, **AS_SAID}}}
        only = "-refresh-only" in more.get("flags", ())
        document = {"format_version": "1.2", "applyable": True, "resource_drift": [drift] if real != have else []}
        changes = [back] if real != {**real, **AS_SAID} else []
        new = {**entry, "address": "aws_s3_bucket.new", "change": {"actions": ["create"], "after": {}}}
        targeted = any(flag.startswith("-target=") for flag in more.get("flags", ()))
        waiting = [new] if self.waits and (self.needs_it or not targeted) else []
        document |= {} if only else {"resource_changes": [*changes, *waiting]}
        planfile = more.get("planfile") or wd.planfile
        write_private(planfile, json.dumps(document).encode())
        return self.show(wd, planfile=planfile)

    def apply(self, wd: WorkingDirectory, **more: Any) -> None:
        """Write the state, and change the bucket where the plan does."""
        document = json.loads(more["planfile"].read_text())
        self.world.commands.append(f"apply {wd.name}")
        self.world.flags.append(tuple(more.get("flags", ())))
        if wd.name in self.world.fails:
            raise self.world.fails[wd.name]
        [entry] = document.get("resource_changes") or document["resource_drift"]
        made(self.world, wd.name, entry["change"]["after"])
        if "resource_changes" in document:
            Drifting.real = None


@pytest.fixture
def drifted(gaia: Gaia) -> Iterator[Gaia]:
    """A bucket whose tag somebody changed."""
    gaia.code()
    gaia.played = Drifting
    made(gaia.world, KEY, AS_SAID)
    Drifting.real = dict(BY_HAND)
    yield gaia
    Drifting.real, Drifting.replaces, Drifting.waits, Drifting.needs_it = None, False, False, False


def applied(gaia: Gaia) -> int:
    """How often terraform applied anything."""
    return gaia.world.commands.count(f"apply {KEY}")


def test_nothing_has_drifted(gaia: Gaia) -> None:
    """0, with the flag too."""
    gaia.code()
    made(gaia.world, KEY, AS_SAID)
    said = gaia("drift", *HERE, "--detailed-exitcode")
    assert (said.code, f"{KEY} in sync" in " ".join(said.out.split())) == (0, True)
    assert gaia("drift", "-o", "json").json["counts"] == {"in sync": 1, "drift": 0, "not checked": 0}


def test_drift_is_shown_by_its_cause(drifted: Gaia) -> None:
    """The thing, the attribute with both values, what an apply would do, where."""
    said = drifted("drift", "--all")
    out = " ".join(said.out.split())
    assert said.code == 0
    assert f"aws_s3_bucket id:{KEY} changed outside; an apply changes it back" in out
    assert 'tags.owner "team-media" → "somebody"' in out
    assert f"in {KEY} {ADDRESS}; update" in out
    [one] = drifted("drift", "-o", "json").json["findings"]
    assert (one["kind"], one["repair"], one["loses"]) == ("changed outside", "update", [])
    assert applied(drifted) == 0


def test_exit_codes(drifted: Gaia) -> None:
    """2 says that there is drift, only where it is asked for; an error is 1, also where there is drift beside it."""
    assert drifted("drift", *HERE, "--detailed-exitcode").code == 2
    assert drifted("drift", *HERE).code == 0
    for wrong in (
        ("-s", "no-such-stack"),
        ("no-such-component",),
        ("photos-bucket", "--all"),
        ("--accept",),
        (*HERE, "--accept", "--repair"),
        (*HERE, "--repair", "--upstream"),
        ("photos-bucket", "-s", ""),
    ):
        for flag in ((), ("--detailed-exitcode",)):
            said = drifted("drift", *wrong, *flag)
            assert (said.code, said.out) == (1, "")
    drifted.world.states.pop(KEY)
    drifted.world.breaks[KEY] = refused("no credentials")
    said = drifted("drift", *HERE, "--detailed-exitcode")
    assert said.code == 1
    assert f"{KEY} not checked" in " ".join(said.out.split())
    assert "no credentials" in said.out
    assert "in sync" not in said.out


def test_code_that_waits_is_drift_of_its_own_kind(gaia: Gaia) -> None:
    """What was never applied too."""
    gaia.code()
    [one] = gaia("drift", "-o", "json").json["findings"]
    assert (one["kind"], one["title"]) == ("not applied", "s3-bucket")
    assert one["places"] == [{"instance": KEY, "address": ADDRESS, "role": "changed", "would": "create"}]


# --- accept ------------------------------------------------------------------------------------------------------


def test_accepting_asks_and_writes_the_state(drifted: Gaia) -> None:
    """What is written is shown before, with what an apply would still do; nothing is changed."""
    said = drifted("drift", *HERE, "--accept", tty=True, given="n\n", NO_COLOR="1")
    assert (said.code, applied(drifted)) == (1, 0)
    assert "This goes into the state alone" in " ".join(said.out.split())
    assert "An apply would still put it back" in " ".join(said.out.split())
    assert f"write exactly this into the state of {KEY}" in " ".join(said.err.split())
    said = drifted("drift", *HERE, "--accept", tty=True, given="y\n", NO_COLOR="1")
    assert (said.code, applied(drifted)) == (0, 1)
    assert "1 taken into the state" in " ".join(said.out.split())
    assert drifted.world.states[KEY]["tags"] == {"owner": "somebody"}
    assert drifted.world.flags[-1] == ()  # `-refresh-only` was the plan's
    assert "has everything as it is" in drifted("drift", *HERE, "--accept", "--yes").out


def test_accepting_where_nobody_can_be_asked(drifted: Gaia) -> None:
    """Wants --yes; the document is that of any change."""
    said = drifted("drift", *HERE, "--accept", "-o", "json")
    assert (said.code, said.error["error"], applied(drifted)) == (1, "confirmation-missing", 0)
    said = drifted("drift", *HERE, "--accept", "--yes", "-o", "json")
    assert (said.json["status"], said.json["changed"]) == ("applied", {"accept": 1})
    assert drifted("drift", *HERE, "--accept", "--yes", "-o", "json").json["status"] == "unchanged"


# --- repair ------------------------------------------------------------------------------------------------------


def test_repairing_asks_and_puts_it_back(drifted: Gaia) -> None:
    """By an apply of what was shown."""
    said = drifted("drift", *HERE, "--repair", tty=True, given="n\n", NO_COLOR="1")
    assert (said.code, applied(drifted)) == (1, 0)
    assert "somebody → team-media" in " ".join(said.out.split())
    assert drifted("drift", *HERE, "--repair", "--yes").code == 0
    assert drifted.world.states[KEY]["tags"] == {"owner": "team-media"}
    assert "nothing that an apply would put back" in drifted("drift", *HERE, "--repair", "--yes").out


def test_a_repair_is_planned_again_without_what_waits_in_the_code(drifted: Gaia) -> None:
    """Limited to what it puts back."""
    Drifting.waits = True
    said = drifted("drift", *HERE, "--repair")
    assert said.code == 1  # nobody could be asked
    assert drifted.world.flags == [(), (f"-target={ADDRESS}",)]


def test_a_repair_that_takes_along_what_waits_is_refused(drifted: Gaia) -> None:
    """terraform adds to a target what it depends on; what waits in the code stays where it is, --yes or not."""
    Drifting.waits = Drifting.needs_it = True
    said = drifted("drift", *HERE, "--repair", "--yes")
    assert (said.code, applied(drifted)) == (1, 0)
    assert "repair-too-wide" in said.err
    assert "would also change aws_s3_bucket.new" in " ".join(said.err.split())


def test_losing_data_takes_more_than_yes(drifted: Gaia) -> None:
    """Both ways are shown, and it waits: for the address, or for a word from whoever sits there."""
    Drifting.replaces = True
    said = drifted("drift", *HERE, "--repair", "--yes")
    assert (said.code, applied(drifted)) == (1, 0)
    assert "drift-needs-choice" in said.err
    assert f"--replacing '{ADDRESS}'" in said.err
    assert said.out.index("accept  keeps what exists") < said.out.index("revert  puts it back")
    assert drifted("drift", *HERE, "--repair", "--yes", "--replacing", "aws_s3_bucket.other").code == 1
    for answer in ("\n", "y\n", "yes\n"):
        said = drifted("drift", *HERE, "--repair", "--yes", tty=True, given=answer, NO_COLOR="1")
        assert (said.code, applied(drifted)) == (1, 0)
    assert drifted("drift", *HERE, "--repair", "--replacing", ADDRESS).code == 1  # and nobody said yes
    assert drifted("drift", *HERE, "--repair", "--yes", "--replacing", ADDRESS).code == 0
    assert applied(drifted) == 1


@pytest.mark.parametrize(("answers", "owner"), [("revert\n", "team-media"), ("accept\ny\n", "somebody")])
def test_whoever_sits_there_chooses_the_way(drifted: Gaia, answers: str, owner: str) -> None:
    """Accepting is shown and asked once more."""
    Drifting.replaces = True
    said = drifted("drift", *HERE, "--repair", tty=True, given=answers, NO_COLOR="1")
    assert said.code == 0, said.err
    assert drifted.world.states[KEY]["tags"] == {"owner": owner}


def test_after_a_killed_apply_it_is_finished_first(drifted: Gaia) -> None:
    """What that one may have made is looked for by an apply alone."""
    drifted.world.states.pop(KEY)
    drifted.world.fails[KEY] = Unavailable("gone", "the line is dead", next_step="Wait.")
    assert drifted("apply", *HERE, "--yes").code != 0
    made(drifted.world, KEY, AS_SAID)
    said = drifted("drift", *HERE, "--accept", "--yes", "-o", "json")
    assert (said.code, said.error["error"]) == (1, "apply-unfinished")
    Drifting.waits = True
    said = drifted("drift", *HERE, "--repair", "--yes", "-o", "json")
    assert (said.code, said.error["error"]) == (1, "apply-unfinished")
    Drifting.real = {}
    said = drifted("drift", *HERE, "--repair", "--yes", "-o", "json")
    assert (said.code, said.error["error"]) == (1, "operation-unfinished")


def test_what_was_not_checked_is_neither_accepted_nor_repaired(drifted: Gaia) -> None:
    """The reason is said."""
    drifted.world.states.pop(KEY)
    drifted.world.breaks[KEY] = refused("no credentials")
    for option in ("--accept", "--repair"):
        said = drifted("drift", *HERE, option, "--yes", "-o", "json")
        assert (said.code, said.error["error"]) == (1, "drift-not-checked")
        assert "no credentials" in said.error["message"]


def test_the_documented_form(drifted: Gaia) -> None:
    """The page on output shows each key."""
    page = (Path(__file__).resolve().parents[3] / "docs/reference/output.md").read_text("utf-8")
    shown = json.loads(page.partition("## Drift\n")[2].partition("```json\n")[2].partition("```")[0])
    found = drifted("drift", "-o", "json").json
    for one, other in (
        (shown, found),
        (shown["instances"][0], found["instances"][0]),
        (shown["findings"][0], found["findings"][0]),
        (shown["findings"][0]["places"][0], found["findings"][0]["places"][0]),
        (shown["findings"][0]["attributes"][0], found["findings"][0]["attributes"][0]),
    ):
        assert list(one) == list(other)
