"""What the demo shows of the commands that it runs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gaia import __version__
from gaia.cli.demo_stage import Stage, typed

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from gaia.settings import Settings


def test_a_command_is_broken_between_its_words() -> None:
    """No line is wider than the terminal, and what is shown can be typed."""
    arguments = ["request", "object-store", "photos", "-a", "purpose=holiday photos", "-a", "cost_center=cc-4711"]
    shown = typed(["GAIA_TOKEN=<ada>"], arguments, 50)
    assert shown.splitlines()[0].startswith("$ GAIA_TOKEN=<ada> gaia request")
    assert len(shown.splitlines()) > 1
    assert max(map(len, shown.splitlines())) < 50
    words = shlex.split(shown.removeprefix("$ ").replace("\\\n> ", ""))
    assert words == ["GAIA_TOKEN=<ada>", "gaia", *arguments]


def test_a_short_command_is_one_line() -> None:
    """As it is."""
    assert typed([], ["sandbox", "up"], 80) == "$ gaia sandbox up"


def test_what_is_said_in_another_terminal_is_shown_in_one_piece(settings: Settings, tmp_path: Path) -> None:
    """When the block ends, behind a line at its left; nothing of it before."""
    said: list[str] = []
    with Stage(settings, tmp_path / "home", said.append).aside() as other:
        other.run("--version")
        assert said == []
    assert said[1:] == ["  │ ", "  │ $ gaia --version", f"  │   gaia {__version__}"]


def test_a_command_draws_on_the_terminal_itself(
    settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What it prints is not passed on line by line, so that its live picture is one."""
    said: list[str] = []
    Stage(settings, tmp_path / "home", said.append, terminal=True).run("--version")
    assert (said, capfd.readouterr().out) == (["\n$ gaia --version"], f"gaia {__version__}\n")
