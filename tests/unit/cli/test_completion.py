"""What TAB offers."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from typer.main import get_command

from gaia.cli import completion
from gaia.errors import NotFound
from gaia.testing import views

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia


@pytest.fixture
def context(gaia: Gaia) -> typer.Context:
    """A context as a command's option gets it."""
    app = typer.Typer()
    app.command()(lambda: None)
    return typer.Context(get_command(app), obj=gaia.session())


def test_names_are_offered(context: typer.Context, gaia: Gaia) -> None:
    """Stacks, components of the stack, templates, open requests."""
    gaia.platform.views[views.REQUEST] = views.waiting()
    assert completion.stacks(context) == ["acme-use1-dev", "acme-use1-prod"]
    assert completion.components(context) == ["photos-bucket"]
    context.params["stack"] = "acme-use1-prod"
    assert completion.components(context) == []
    assert completion.templates(context) == ["object-store"]
    assert completion.requests(context) == [views.REQUEST]


def test_a_changed_manifest_is_seen_at_once(context: typer.Context, tmp_path: Path) -> None:
    """What the stacks keep between processes is no older than the files."""
    assert completion.components(context) == ["photos-bucket"]
    path = tmp_path / "stacks/orgs/acme/dev/photos.yaml"
    path.write_text(path.read_text().replace("photos-bucket", "photo-bucket"))
    assert completion.components(context) == ["photo-bucket"]
    path.unlink()
    assert completion.components(context) == []


def test_workflows_are_offered(context: typer.Context) -> None:
    """Of all files, or of the one that was chosen."""
    assert completion.workflows(context) == ["plan-photos"]
    context.params["file"] = "photos"
    assert completion.workflows(context) == ["plan-photos"]
    context.params["file"] = "nothing"
    assert completion.workflows(context) == []


def test_what_cannot_be_read_is_not_offered(context: typer.Context, gaia: Gaia) -> None:
    """And nothing is said about it."""
    gaia.platform.fails["requests"] = NotFound("repository-missing", "none", next_step="")
    assert completion.requests(context) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "offered"), [("gaia sand", "sandbox"), ("gaia sandbox u", "up"), ("gaia status --wa", "--watch")]
)
def test_the_shell_completes_commands_and_options(typed: str, offered: str) -> None:
    """Through the script that `--show-completion` prints."""
    words = typed.split(" ")
    done = subprocess.run(
        [sys.executable, "-m", "gaia"], capture_output=True, text=True, check=False,
        env={"_GAIA_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)},
    )  # fmt: skip
    assert done.stdout.split() == [offered], done.stderr


def test_commands_are_offered_below_those_that_stand_there(context: typer.Context) -> None:
    """For `gaia help`: of the first level, of a group, of nothing."""
    assert {"status", "terraform"} <= set(completion.commands(context))
    context.params["command"] = ["terraform"]
    assert "plan" in completion.commands(context)
    context.params["command"] = ["terraform", "plan"]
    assert completion.commands(context) == []
