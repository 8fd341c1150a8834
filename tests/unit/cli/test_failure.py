"""How commands end when something goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from gaia.cli.failure import wanted_format
from gaia.errors import GaiaError, Invalid, NotFound, Position, ToolFailed

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia


def fail(gaia: Gaia, error: BaseException, *arguments: str, tty: bool = False, **environ: str) -> tuple[int, str, str]:
    """Let `gaia status x` raise this."""
    gaia.platform.fails["request"] = error
    said = gaia("status", "x", *arguments, tty=tty, **environ)
    return said.code, said.out, said.err


def test_an_error_is_told_once_with_code_place_and_next_step(gaia: Gaia) -> None:
    """Message, code, file:line:column, facts, next step; nothing on stdout."""
    error = Invalid(
        "name-wrong", "no such name", next_step="Use another.", at=Position("stacks/a.yaml", 3, 5),
        facts={"nearest": ["alpha", "beta"], "tried": 2},
    )  # fmt: skip
    assert fail(gaia, error) == (
        2,
        "",
        """error  no such name  [name-wrong]
at     stacks/a.yaml:3:5
       nearest:
         alpha
         beta
       tried: 2
next   Use another.
""",
    )


def test_long_facts_are_cut_for_people(gaia: Gaia) -> None:
    """The JSON form has all of them."""
    _, _, err = fail(gaia, ToolFailed("terraform-failed", "no", next_step="", facts={"lines": list(range(50))}))
    assert "and 38 more" in err
    assert "next" not in err


def test_facts_that_are_structures_or_empty(gaia: Gaia) -> None:
    """A map is one line of what it holds, of deeper structures and of nothing there is no line; the JSON has all."""
    edges = [{"source": "a", "at": "x.yaml:1:1", "why": None}, {"source": "b", "at": "y.yaml:2:1", "why": "no\n one"}]
    facts = {"nearest": [], "line": None, "tried": 0, "edges": edges, "cycles": [{"edges": edges}], "lock": {"id": 7}}
    error = NotFound("thing-unknown", "no thing", next_step="Look.", facts=facts)
    assert fail(gaia, error)[2].splitlines() == [
        "error  no thing  [thing-unknown]",
        "       tried: 0",
        "       edges:",
        "         a  x.yaml:1:1",
        "         b  y.yaml:2:1  no one",
        "       lock: 7",
        "next   Look.",
    ]
    assert gaia("status", "x", "-o", "json").error == {**error.as_json(), "next_act": None}


def test_with_json_the_error_is_a_document_on_stderr(gaia: Gaia) -> None:
    """In the error's own machine form."""
    error = NotFound("thing-unknown", "no thing", next_step="Look.")
    gaia.platform.fails["request"] = error
    said = gaia("status", "x", "-o", "json")
    assert (said.code, said.out, said.error) == (3, "", {**error.as_json(), "next_act": None})
    assert "error: thing-unknown" in gaia("status", "x", "-o", "yaml").err


def test_colors_only_on_a_terminal_that_wants_them(gaia: Gaia) -> None:
    """NO_COLOR switches them off."""
    error = NotFound("thing-unknown", "no thing", next_step="Look.")
    assert "\x1b[" in fail(gaia, error, tty=True)[2]
    assert "\x1b[" not in fail(gaia, error, tty=True, NO_COLOR="1")[2]


@pytest.mark.parametrize("kind", GaiaError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_each_kind_has_its_exit_code(gaia: Gaia, kind: type[GaiaError]) -> None:
    """The class says which."""
    assert fail(gaia, kind("some-code", "no", next_step=""))[0] == kind.exit_code


def test_the_unexpected_is_one_line_and_a_log_file(gaia: Gaia) -> None:
    """Exit 70; the traceback is in a file that only its owner may read, with the command's name but not its words."""
    code, _, err = fail(gaia, ZeroDivisionError("by nought"))
    assert code == 70
    assert err.count("by nought") == 1
    assert "Traceback" not in err
    (log,) = (gaia.settings.home / "crashes").iterdir()
    assert str(log) in err
    assert log.stat().st_mode & 0o077 == 0
    assert "ZeroDivisionError: by nought" in log.read_text()
    assert "command: status\n" in log.read_text()


def test_the_unexpected_where_nothing_can_be_written(gaia: Gaia) -> None:
    """Still one line, and another way to report it."""
    gaia.settings.home.parent.mkdir(parents=True, exist_ok=True)
    gaia.settings.home.write_text("a file, not a folder")
    code, _, err = fail(gaia, ZeroDivisionError())
    assert code == 70
    assert "GAIA_DEBUG=1" in err


def test_a_traceback_only_when_asked_for(gaia: Gaia) -> None:
    """GAIA_DEBUG=1, also for expected errors."""
    assert "Traceback" in fail(gaia, ZeroDivisionError(), GAIA_DEBUG="1")[2]
    assert "Traceback" in fail(gaia, NotFound("a", "b", next_step="c"), GAIA_DEBUG="1")[2]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort(), EOFError()])
def test_an_interruption_says_how_to_go_on(gaia: Gaia, error: BaseException) -> None:
    """130."""
    code, _, err = fail(gaia, error)
    assert code == 130
    assert "interrupted" in err
    assert "next" in err


def test_a_file_that_may_not_be_read(gaia: Gaia) -> None:
    """Is no defect."""
    code, _, err = fail(gaia, PermissionError(13, "Permission denied", "somewhere"))
    assert code == 8
    assert "[no-permission]" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("requst",), "Did you mean 'request'"),
        (("sandbox", "upp"), "Did you mean 'up'?"),
        (("status", "--no-such"), "--no-such"),
        (("request", "a"), "--stack"),
        (("--no-such",), "--no-such"),
    ],
)
def test_a_wrong_command_line(gaia: Gaia, arguments: tuple[str, ...], words: str) -> None:
    """Exit 2, what is wrong, and which help to read; as JSON too."""
    said = gaia(*arguments)
    assert said.code == 2
    assert words in said.err
    assert "--help" in said.err
    assert gaia("--output", "json", *arguments).error["error"] == "usage"


def test_a_group_alone_shows_its_help(gaia: Gaia, capsys: pytest.CaptureFixture[str]) -> None:
    """Like gaia itself, and ends well."""
    said = gaia("sandbox")
    assert said.code == 0
    assert "inventory" in said.out + capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("status", "--help"), ("token", "create", "-h"), ("--help",), ("policy", "-h")])
def test_help_ends_well(gaia: Gaia, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Of commands, groups, and of all."""
    assert gaia(*arguments).code == 0
    assert "Usage" in capsys.readouterr().out


def test_version(gaia: Gaia) -> None:
    """Also behind other options."""
    assert gaia("--output", "json", "--version").out.startswith("gaia ")


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ((), "text"), (("-o", "json"), "json"), (("--output=yaml", "x"), "yaml"), (("x", "--output"), "text"),
        (("-o", "xml"), "text"), (("x", "--", "-o", "json"), "text"),
    ],
)  # fmt: skip
def test_the_format_is_known_before_parsing(arguments: tuple[str, ...], wanted: str) -> None:
    """Because parsing can fail."""
    assert wanted_format(arguments) == wanted
