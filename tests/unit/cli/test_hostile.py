"""What people and files gave never reaches a terminal as a command to it; streams that are full, closed or gone."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest
from rich.table import Table
from rich.text import Text

from gaia.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

HOSTILE = "x\x1b[2Jy\u202ez\x9b"
RAW = ("\x1b[2J", "\u202e", "\x9b")


def test_every_screen_is_drawn_on_a_console_that_obeys_nothing(gaia: Gaia) -> None:
    """Texts, cells of tables, notes and log lines: all go through the session's consoles."""
    session = gaia.session(tty=True)
    table = Table()
    table.add_column(HOSTILE)
    table.add_row(Text(HOSTILE, "bold"))
    session.show(None, Text(HOSTILE), table)
    session.out.print(Text(HOSTILE))
    session.note(HOSTILE)
    session.write(HOSTILE)
    for stream in (session.stdout, session.stderr):
        assert isinstance(stream, io.StringIO)
        assert "x" in stream.getvalue()
        assert not [one for one in RAW if one in stream.getvalue()]


@pytest.mark.parametrize("form", ["text", "json", "yaml"])
def test_a_hostile_word_of_the_command_line_is_told_safely(gaia: Gaia, form: str) -> None:
    """An error that repeats it, in every form."""
    said = gaia("status", HOSTILE, "--output", form, tty=True)
    assert said.code
    assert not [one for one in RAW if one in said.out + said.err]


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_documents_hold_escapes_only(gaia: Gaia, form: str) -> None:
    """Machine output too may end on a terminal."""
    session = gaia.session()
    session.format = form  # type: ignore[assignment]
    session.show({"reason": HOSTILE})
    assert isinstance(session.stdout, io.StringIO)
    assert not [one for one in RAW if one in session.stdout.getvalue()]


def test_a_token_that_cannot_be_shown_is_not_taken_for_shown(gaia: Gaia) -> None:
    """`init` ends with an error that says how to get a fresh one."""

    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    from gaia.cli import main

    session = gaia.session()
    session.stdout = Full()
    assert main.run(["init", "platform"], session) == 8
    assert isinstance(session.stderr, io.StringIO)
    assert "again: it gives a fresh one" in session.stderr.getvalue()
    assert not gaia.wiring.shown
    assert gaia("init", "platform").code == 0
    assert gaia.wiring.shown


def test_acting_is_guarded_and_reading_is_not(gaia: Gaia) -> None:
    """What changes something asks for the repository around the caller, and names the one it takes from afar."""
    gaia("status")
    assert gaia.wiring.guarded == [False]
    gaia.wiring.away = "/srv/platform"
    lines = (
        "retire photos -s s", "terraform destroy c -s s", "terraform output c -s s", "resume r", "approve r",
        "reject r --reason no",
    )  # fmt: skip
    for line in lines:
        gaia.wiring.guarded.clear()
        said = gaia(*line.split())
        assert gaia.wiring.guarded == [True]
        assert "In /srv/platform" in said.err


def test_answers_come_from_a_regular_file(gaia: Gaia, tmp_path: Path) -> None:
    """A pipe would be waited for, a device never ends, a folder holds none."""
    from gaia.cli.questions import collect

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"a" * ((1 << 20) + 1))
    for name in ("pipe", "/dev/zero", ".", "large"):
        with pytest.raises(Invalid) as caught:
            collect(tmp_path, [], tmp_path / name)
        assert caught.value.code == "answers-invalid"
    del gaia
