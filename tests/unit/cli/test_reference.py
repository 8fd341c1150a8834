"""docs/reference/cli.md."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.test_menu import leaves

from gaia.cli import reference

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    """Else: `make docs`."""
    assert PAGE.read_text("utf-8") == reference.page()


def test_every_command_is_in_it() -> None:
    """With its first line."""
    page = reference.page()
    assert [entry.name for entry in leaves() if entry.help not in page] == []
