"""Called by the name `atmos`: exit codes, formats and names are Atmos's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia, Said


def atmos(gaia: Gaia, *words: str, **environ: str) -> Said:
    """A command line under that name."""
    from tests.unit.cli.conftest import Said

    session = gaia.session()
    session.settings = replace(gaia.settings, environ={**gaia.settings.environ, **environ})
    session.is_atmos = True
    code = main.run(words, session)
    return Said(code, session.stdout.getvalue(), session.stderr.getvalue())  # type: ignore[attr-defined] # in memory


@pytest.mark.parametrize(
    "words",
    [
        ("describe", "component", "nothing", "-s", "acme-use1-dev"),
        ("describe", "component", "photos-bucket"),
        ("list", "stacks", "--nothing"),
        ("frobnicate",),
        ("vendor", "pull"),
        ("workflow", "nothing"),
    ],
)
def test_what_fails_ends_with_one(gaia: Gaia, words: tuple[str, ...]) -> None:
    """Whatever failed; Gaia's own name keeps its codes."""
    assert atmos(gaia, *words).code == 1
    assert gaia(*words).code > 1


def test_a_component_is_shown_as_atmos_shows_it(gaia: Gaia) -> None:
    """What somebody wrote, with the places of its values; all of it for a query, or as the edition had it."""
    words = ("describe", "component", "photos-bucket", "-s", "acme-use1-dev")
    usual = atmos(gaia, *words)
    assert usual.out.startswith("#")
    assert "atmos_component:" not in usual.out
    assert "# stacks/orgs/acme/dev/photos.yaml:" in usual.out
    assert atmos(gaia, *words, "--edition", "2026-06").out == gaia(*words).out
    assert atmos(gaia, *words, ATMOS_EDITION="2025").out == gaia(*words).out
    assert atmos(gaia, *words, "-q", ".workspace").out == gaia(*words, "-q", ".workspace").out != "null\n"
    filtered = json.loads(atmos(gaia, *words, "-f", "json").out)
    assert filtered["vars"]["name"] == "photos"
    assert "workspace" not in filtered


def test_a_repository_s_command_goes_before_one_that_only_gaia_has(gaia: Gaia, tmp_path: Path) -> None:
    """A script of Atmos's means the former; of those that both have, ours runs."""
    file = tmp_path / "atmos.yaml"
    file.write_text(
        file.read_text() + "commands: [{name: status, description: Theirs}, {name: list, steps: [exit 9]}]\n"
    )
    assert "atmos.yaml" in atmos(gaia, "status", "--help").out
    assert atmos(gaia, "list", "stacks").code == 0


@pytest.mark.slow
def test_a_link_makes_it_so(gaia: Gaia, tmp_path: Path) -> None:
    """It is made once, replaces nothing, and steps find it as the program that was called."""
    folder = tmp_path / "bin"
    assert "folder-missing" in gaia("link-atmos", str(folder)).err
    folder.mkdir()
    program = os.path.join(os.path.dirname(sys.executable), "gaia")  # noqa: PTH118, PTH120
    link = folder / "atmos"
    gaia("link-atmos", str(folder))
    assert link.is_symlink()
    assert gaia("link-atmos", str(folder)).code == 0
    link.unlink()
    link.write_text("")
    assert "link-taken" in gaia("link-atmos", str(folder)).err
    link.unlink()
    link.symlink_to(program)
    text = "workflows: {w: {steps: [{command: list stacks}, {type: shell, command: atmos list stack}]}}\n"
    (tmp_path / "workflows/w.yaml").write_text(text)
    done = subprocess.run(
        [link, "workflow", "w"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=dict(gaia.settings.environ),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "acme-use1-dev\nacme-use1-prod\n")


def test_version_says_what_and_where(gaia: Gaia) -> None:
    """As text, and as the document that scripts ask for."""
    assert gaia("version").out.startswith("gaia ")
    assert set(gaia("version", "--format", "json").json) == {"version", "os", "arch"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_completion_script_is_for_the_name_that_was_called(gaia: Gaia, shell: str) -> None:
    """Both answer the same variable."""
    assert "complete_" in gaia("completion", shell).out
    assert "atmos" in atmos(gaia, "completion", shell).out


def test_docs_shows_a_component_s_readme(gaia: Gaia, tmp_path: Path) -> None:
    """As it is written in a pipe, drawn on a terminal; the nearest name where there is none."""
    assert "readme-missing" in gaia("docs", "kms").err
    (tmp_path / "components/terraform/kms/README.md").write_text("# Keys\n\nA *key*.\n")
    assert gaia("docs", "kms").out == "# Keys\n\nA *key*.\n"
    assert "*key*" not in gaia("docs", "kms", tty=True).out
    assert "Did you mean kms?" in gaia("docs", "kmss").err
    assert "path-escapes" in gaia("docs", "../..").err


def test_workflows_are_described_in_three_ways(gaia: Gaia, tmp_path: Path) -> None:
    """A list by default; a map, or whole files; a file without workflows is none of them."""
    (tmp_path / "workflows/other.yaml").write_text("on: push\n")
    assert gaia("describe", "workflows").out == "- file: photos.yaml\n  workflow: plan-photos\n"
    assert gaia("describe", "workflows", "-o", "map", "-f", "json").json == {"photos.yaml": ["plan-photos"]}
    whole = gaia("describe", "workflows", "-o", "all", "-f", "json").json
    assert whole["photos.yaml"]["workflows"]["plan-photos"]["stack"] == "acme-use1-dev"
    assert gaia("describe", "workflows", "-q", ".[0].workflow").out == "plan-photos\n"
    assert gaia("describe", "workflows", "-o", "json").json == [{"file": "photos.yaml", "workflow": "plan-photos"}]
