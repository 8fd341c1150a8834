"""The key that runners have instead of a home."""

from __future__ import annotations

from pathlib import Path

from gaia.settings import Settings


def test_the_key_is_in_the_settings_and_in_no_environment_that_is_handed_on() -> None:
    """So no manifest reads it (`!env`), and no program that is run gets it; nor is it shown."""
    settings = Settings.capture({"GAIA_KEY": "0123456789abcdef" * 4, "PATH": "/bin"}, Path("/"))
    assert settings.key == "0123456789abcdef" * 4
    assert dict(settings.environ) == {"PATH": "/bin"}
    assert "0123" not in repr(settings)
