"""Commands that read their own words."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cli import app
from gaia.cli.entry import Entry
from gaia.cli.menu import before_raw
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.settings import Settings

GROUP = Entry(
    "outer",
    "A group.",
    "outer:rest",
    entries=(Entry("plan", "Raw.", "outer:plan", raw=True), Entry("list", "Not raw.", "outer:list")),
    raw=True,
)
TYPED = ["vpc", "-s", "dev", "-out=x.plan", "--target", "a.b", "-o", "json", "--", "-var", "x=1"]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the group; gives what its functions were called with, and what was written."""
    given: list[tuple[str, list[str]]] = []

    def function_of(entry: Entry) -> Any:
        def function(_: Any, words: list[str]) -> int:
            """Say what was typed."""
            given.append((entry.name, words))
            return 3

        return function

    def run(*words: str) -> tuple[int, list[tuple[str, list[str]]], str]:
        out = io.StringIO()
        session = Session(settings, io.StringIO(), out, io.StringIO())
        code = app.build(GROUP).main(args=list(words), prog_name="gaia", standalone_mode=False, obj=session)
        return code, given, out.getvalue()

    monkeypatch.setattr(app, "function_of", function_of)
    return run


def test_a_raw_command_gets_its_words_as_they_were_typed(run: Any) -> None:
    """Unknown options, options that Gaia has too, and what is behind `--`; its result is the exit code."""
    assert run("plan", *TYPED) == (3, [("plan", TYPED)], "")


def test_a_raw_group_gets_what_none_of_its_entries_is_called(run: Any) -> None:
    """The name is the first word."""
    assert run("force-unlock", *TYPED) == (3, [("outer", ["force-unlock", *TYPED])], "")


def test_the_help_of_a_raw_command_is_its_docstring(run: Any) -> None:
    """`--help` before a `--` is answered, and nothing is called."""
    code, given, out = run("plan", "vpc", "--help")
    assert (code, given) == (0, [])
    assert "Usage: gaia plan [WORD...]" in out
    assert "Say what was typed." in out
    assert run("plan", "--", "--help")[1] == [("plan", ["--", "--help"])]


@pytest.mark.parametrize(
    ("words", "own"),
    [
        (["outer", "plan", "vpc", "-o", "json"], 2),
        (["-o", "json", "outer", "plan", "-o", "yaml"], 4),
        (["outer", "unlock", "--dry-run=false"], 1),
        (["outer", "list", "-o", "json"], 4),
        (["other", "plan", "vpc"], 0),
        (["--version"], 1),
        ([], 0),
    ],
)
def test_what_is_behind_a_raw_command_is_not_read(words: list[str], own: int) -> None:
    """Gaia's own spelling of options ends where a raw command's words begin."""
    assert before_raw(words, (GROUP,)) == own
