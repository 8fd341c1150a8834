"""`--quiet` and `--detailed-exitcode`: what is said and what the exit code says of one instance and of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.cli import batches
from tests.unit.cli.rendered import text
from tests.unit.platform.played import made, refused

from gaia.checkout.batch_model import Ended, Listener
from gaia.cli.batch_listener import Events, listener_for, looking
from gaia.cli.batching import _Act, _told
from gaia.cli.operating import CHANGES
from gaia.cli.screens.batch import brief_screen, end_screen
from gaia.cli.screens.drift import drift_screen
from gaia.operations.drift.model import Scan
from gaia.operations.drift.together import together
from gaia.operations.instance import Outcome
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

HERE = ("photos-bucket", "-s", "acme-use1-dev")
KEY = "acme-use1-dev/photos-bucket"


@pytest.fixture(autouse=True)
def _code(gaia: Gaia) -> None:
    gaia.code()


def test_a_plan_is_its_totals(gaia: Gaia) -> None:
    """No progress, no table."""
    said = gaia("plan", *HERE, "--quiet")
    assert (said.code, said.out, said.err) == (0, "Changes   1 to create\n", "")
    assert gaia("plan", *HERE, "-q", "-o", "json").json["instance"] == KEY
    broken = gaia("plan", "nobody", "-s", "acme-use1-dev", "-q")
    assert "error " in broken.err


def test_a_change_is_what_was_done(gaia: Gaia) -> None:
    """What is asked about is shown all the same: nobody says yes to what he has not seen."""
    said = gaia("apply", *HERE, "-q", "--yes")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"✓ {KEY}  1 created")
    assert "to create" not in said.out
    gaia.world.states.clear()
    asked = gaia("apply", *HERE, "-q", tty=True, given="n\n")
    assert "1 to create" in asked.out
    assert "[y/N]" in asked.err


def test_drift_is_its_counts(gaia: Gaia) -> None:
    """And who could not be checked, and why."""
    said = gaia("drift", *HERE, "-q")
    assert (said.out, said.err) == ("1 instance: 1 drift. Nothing was changed.\n", "")
    gaia.world.breaks[KEY] = refused("no credentials")
    said = gaia("drift", *HERE, "-q")
    assert (said.code, f"{KEY}  not checked" in said.out, "no credentials" in said.out) == (1, True, True)
    scans = [Scan("dev/a"), Scan("dev/b", code="x", reason="why")]
    assert "dev/a" not in text(drift_screen(together(scans), brief=True))


def test_the_screens_of_several_in_brief() -> None:
    """The totals, and what went wrong."""
    planned = text(brief_screen(batches.planned()))
    assert planned.startswith("Changes   ")
    assert "staging/failed" in planned
    assert "holiday" not in planned
    ended = text(end_screen(batches.ends(), "applied", brief=True))
    assert ended.startswith("Ended   1 applied")
    assert "staging/failed" in ended
    assert "staging/made" not in ended


def test_several_tell_only_the_end(gaia: Gaia) -> None:
    """A program hears the summary alone, a person no progress."""
    session = gaia.session(tty=True)
    session.quiet = True
    for listener in (listener_for(session, destroy=False), looking(session)):
        listener.planning([batches.instance("net")])
        listener.say("reading states")
    session.format = "json"
    events = listener_for(session, destroy=False)
    assert isinstance(events, Events)
    events.write("planning")
    events.write("summary")
    assert session.stderr.getvalue() == ""  # type: ignore[attr-defined]
    assert session.stdout.getvalue().count('"event"') == 1  # type: ignore[attr-defined]


def test_two_says_that_something_was_changed(gaia: Gaia) -> None:
    """0 says that nothing had to be, and 1 any error, where it is 6 else."""
    here = (*HERE, "--yes", "--detailed-exitcode")
    assert gaia("apply", *here).code == 2
    assert gaia("apply", *here).code == 0
    assert gaia("destroy", *here).code == 2
    assert gaia("destroy", *here).code == 0
    gaia.world.fails[KEY] = refused("no")
    assert gaia("apply", *here).code == 1
    assert gaia("apply", *here, "-o", "json").code == 1
    assert gaia("apply", *HERE, "--yes").code == 6


@pytest.mark.parametrize(
    ("statuses", "code"),
    [("applied unchanged", CHANGES), ("unchanged", 0), ("applied failed", 1), ("applied parked", 6)],
)
def test_so_it_does_of_several(gaia: Gaia, statuses: str, code: int) -> None:
    """One that was changed is enough; without the flag there is no 2."""
    ends = [Ended(InstanceKey("dev", one), one, Outcome("unchanged")) for one in statuses.split()]  # type: ignore[arg-type]
    session = gaia.session()
    with gaia.app.checkout() as checkout:
        assert _told(session, checkout, Listener(), ends, (), _Act("apply", "applied", detailed=True)) == code
        without = _told(session, checkout, Listener(), ends, (), _Act("apply", "applied", detailed=False))
        assert without == (0 if code == CHANGES else code)


def test_nothing_to_do_is_said_quietly(gaia: Gaia) -> None:
    """In a line."""
    made(gaia.world, KEY, {"name": "photos", "tags": {"owner": "team-media"}})
    assert gaia("plan", *HERE, "-q").out == f"✓ {KEY} is as the repository says: nothing to change.\n"
