"""What the demo shows of the commands that it runs."""

from __future__ import annotations

import shlex

from gaia.cli.stage import typed


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
