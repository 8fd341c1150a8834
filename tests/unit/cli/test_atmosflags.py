"""Options that every command of Atmos takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.cli.atmosflags import taken

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia


def test_they_stand_for_variables(gaia: Gaia) -> None:
    """Before or behind the command, with = or without; what is behind -- and other commands are left alone."""
    line = ["--logs-level", "Off", "list", "stacks", "--base-path=x", "--pager=false", "--no-color", "--identity=false"]
    words, settings = taken([*line, "--", "--pager"], gaia.settings)
    assert words == ["list", "stacks", "--", "--pager"]
    added = {"ATMOS_LOGS_LEVEL": "Off", "ATMOS_BASE_PATH": "x", "NO_COLOR": "1"}
    assert settings.environ == {**gaia.settings.environ, **added}
    line = ["list", "stacks", "--config=a.yaml", "--config", "b.yaml", "--config-path", "c"]
    assert taken(line, gaia.settings)[1].environ["ATMOS_CONFIG"] == "a.yaml,b.yaml"
    assert taken(line, gaia.settings)[1].environ["ATMOS_CONFIG_PATH"] == "c"
    assert taken(["status", "--pager"], gaia.settings) == (["status", "--pager"], gaia.settings)


def test_commands_obey_them(gaia: Gaia, tmp_path: Path) -> None:
    """As Atmos does: the base path is where the stacks are, the working directory where everything begins."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "stacks").rename(tmp_path / "elsewhere/stacks")
    assert gaia("list", "stacks").code != 0
    assert gaia("list", "stacks", "--base-path", "elsewhere", "--logs-level=Debug").out.startswith("acme-use1-dev")
    base = ("--base-path", "elsewhere")
    assert "Debug" in gaia("describe", "config", "--logs-level=Debug", "-q", ".logs.level", *base).out
    assert "profile-unknown" in gaia("--profile", "none", "list", "stacks", *base).err


@pytest.mark.parametrize(
    ("words", "code"), [(("--base-path",), "usage"), (("--chdir=",), "usage"), (("--identity=me",), "not-supported")]
)
def test_what_cannot_be_done_is_said(gaia: Gaia, words: tuple[str, ...], code: str) -> None:
    """A value is missing, or somebody wants to sign in."""
    said = gaia("list", "stacks", "-o", "json", *words)
    assert (said.code, said.error["error"]) == (2, code)
