"""Who is told of a batch: a program, a file, somebody at a terminal."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.cli import batches

from gaia.checkout.batch_model import Ended, Planned
from gaia.cli.batch_listener import Drawn, Events, Lines, listener_for
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

    from gaia.checkout.batch_model import Listener
    from gaia.cli.session import Session

KEY = InstanceKey("dev", "net")
START = {"kind": "start", "address": "a.b", "action": "create"}
DONE = {"kind": "complete", "address": "a.b", "action": "create"}


def tell(listener: Listener) -> None:
    """Everything once."""
    listener.planning([batches.instance("net", "dev")])
    listener.say("reading states")
    listener.planned(Planned(batches.instance("net", "dev"), batches.seen("create")))
    listener.begins(KEY)
    listener.log(KEY, "info", "preparing", None)
    listener.log(KEY, "info", "a.b: Creating...", START)
    listener.log(KEY, "info", "a.b: Creation complete", DONE)
    listener.log(KEY, "info", "data.c: Read complete", {**DONE, "action": "read"})
    listener.log(KEY, "warn", "old argument", None)
    listener.ended(Ended(KEY, "not tried", because=InstanceKey("dev", "key")))


def written(session: Session, stream: str) -> str:
    """What was said so far."""
    found = getattr(session, stream)
    assert isinstance(found, io.StringIO)
    return found.getvalue()


def test_a_program_gets_a_line_an_event(gaia: Gaia) -> None:
    """Each with its kind and time, nothing left out, and nothing beside them."""
    session = gaia.session()
    session.format = "json"
    listener = listener_for(session, destroy=False)
    assert isinstance(listener, Events)
    tell(listener)
    events: list[dict[str, Any]] = [json.loads(line) for line in written(session, "stdout").splitlines()]
    assert [one["event"] for one in events] == ["planning", "planned", "begins", *["log"] * 5, "ended"]
    assert all(one["at"].endswith("Z") for one in events)
    assert events[4]["terraform"] == START
    assert (events[-1]["status"], events[-1]["reason"]) == ("not tried", "it needs dev/key")
    assert written(session, "stderr") == ""


def test_a_file_gets_what_is_read_later(gaia: Gaia) -> None:
    """What was made and what was warned of, not every word."""
    session = gaia.session()
    listener = listener_for(session, destroy=True)
    assert isinstance(listener, Lines)
    tell(listener)
    assert written(session, "stderr").splitlines() == [
        "Planning 1 instance …",
        "dev/net: destroying …",
        "dev/net: a.b: Creation complete",
        "dev/net: old argument",
        "dev/net: not tried, it needs dev/key",
    ]
    listener.ended(Ended(KEY, "applied"))
    assert written(session, "stderr").splitlines()[-1] == "dev/net: destroyed"


def test_a_terminal_gets_a_picture(gaia: Gaia) -> None:
    """While they are planned a line, afterwards a row an instance; what comes before there are rows is no mistake."""
    session = gaia.session(tty=True)
    listener = listener_for(session, destroy=True)
    assert isinstance(listener, Drawn)
    assert listener.line.startswith("reading states …  ")  # before anybody has counted them
    tell(listener)
    assert listener.line.startswith("1 instance: reading states …  ")

    class Needed:
        """As much of a batch as is asked."""

        needs = {KEY: frozenset({InstanceKey("dev", "key")})}  # noqa: RUF012

    planned = [Planned(batches.instance("net", "dev"), batches.seen("delete", "delete"))]
    made = listener.start(Needed(), planned)  # type: ignore[arg-type]
    assert (made.title, made.rows["dev/net"].needs, made.rows["dev/net"].resources) == (
        "Destroying 1 instance", ["dev/key"], 2,
    )  # fmt: skip
    tell(listener)
    assert (made.rows["dev/net"].state, made.rows["dev/net"].done) == ("not tried", 1)
    assert made.rows["dev/net"].reason == "it needs dev/key"


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_program_at_a_terminal_gets_events_too(gaia: Gaia, form: str) -> None:
    """The form decides, not where it goes."""
    session = gaia.session(tty=True)
    session.format = form  # type: ignore[assignment]
    assert isinstance(listener_for(session, destroy=False), Events)
