"""Typed in another repository than the one that GAIA_HOME serves: refused, and both are named."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.cli import main
from gaia.cli.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.settings import Settings

ATMOS = """\
base_path: .
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}
workflows: {base_path: workflows}
"""
FLOWS = """\
workflows:
  command: {stack: dev, steps: [{command: terraform destroy vpc --yes}]}
  elsewhere: {stack: dev, steps: [{working_directory: ../ours, command: terraform destroy vpc --yes}]}
  shell: {steps: [{type: shell, working_directory: ../ours, command: "$GAIA terraform apply vpc -s dev --yes"}]}
  hidden:
    env: {GAIA_AROUND: ../ours}
    steps: [{type: shell, command: "cd ../ours; $GAIA terraform plan vpc -s dev"}]
"""
ACTING = (
    "terraform plan vpc -s dev", "terraform apply vpc -s dev --yes", "terraform deploy vpc -s dev",
    "terraform destroy vpc -s dev --yes", "terraform validate vpc -s dev", "terraform output vpc -s dev",
    "request object-store photos -s dev", "retire photos -s dev", "resume req_1", "approve req_1 --yes",
    "reject req_1 --reason no",
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Settings:
    """Two repositories with the same stacks; the home serves `ours`. Who gets as far as its records says so."""
    for name in ("ours", "theirs"):
        (tmp_path / name / "stacks").mkdir(parents=True)
        (tmp_path / name / "workflows").mkdir()
        (tmp_path / name / "atmos.yaml").write_text(ATMOS)
        (tmp_path / name / "workflows/go.yaml").write_text(FLOWS)
        (tmp_path / name / "stacks/dev.yaml").write_text("vars: {stage: dev}\ncomponents: {terraform: {vpc: {}}}\n")
    settings.home.mkdir(parents=True)
    row = {"id": "ours", "source": str(tmp_path / "ours"), "branch": "main"}
    (settings.home / "repository.json").write_text(json.dumps(row))
    return settings


def error(place: Settings, folder: str, line: str) -> dict[str, object]:
    """How one command line in a folder ends."""
    stderr = io.StringIO()
    session = Session(replace(place, cwd=place.cwd / folder), io.StringIO(), io.StringIO(), stderr)
    assert main.run([*line.split(), "--output", "json"], session)
    said = stderr.getvalue()
    found: dict[str, object] = json.loads(said[said.index("{") :])
    return found


@pytest.mark.parametrize("line", ACTING)
def test_whatever_acts_is_refused_in_another_repository(place: Settings, line: str) -> None:
    """In its folder, below it, and in the registered one where an option chooses another."""
    there, ours = str(place.cwd / "theirs"), str(place.cwd / "ours")
    cases = [("theirs", line), ("theirs/stacks", line)]
    if line.startswith("terraform"):
        cases += [("ours", f"{line} --chdir ../theirs"), ("ours", f"{line} --base-path {there}")]
        cases += [("ours", f"{line} --config-path ../theirs")]
    for folder, typed in cases:
        found = error(place, folder, typed)
        assert found["error"] == "repository-other", (folder, typed)
        assert ours in str(found["message"])
        assert "theirs" in str(found["message"])
    for folder in ("ours", "."):
        assert error(place, folder, line)["error"] == "database-missing"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["command", "elsewhere", "shell", "hidden"])
def test_a_workflow_of_another_repository_acts_on_none(place: Settings, name: str) -> None:
    """Also where a step works in a folder of the registered one, or names it: in its place, from afar, and with -C."""
    environ = {**place.environ, "GAIA": f"{sys.executable} -m gaia"}

    def run(folder: str, *more: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "gaia", "workflow", name, *more]
        done = subprocess.run(command, cwd=place.cwd / folder, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, " ".join(done.stderr.split())

    for folder, more in (("theirs", ()), ("ours", ("-C", "../theirs"))):
        code, said = run(folder, *more)
        assert (code, "repository-other" in said) == (6, True), said
        assert f"serves {place.cwd / 'ours'}, but the repository here is {place.cwd / 'theirs'}" in said
    code, said = run("ours")
    assert (code, "database-missing" in said) == (8, True), said


def test_the_fixture_is_read_as_a_repository(place: Settings) -> None:
    """Else everything would be refused for another reason."""
    assert shutil.which("git", path=os.environ["PATH"])
    session = Session(replace(place, cwd=place.cwd / "theirs"), io.StringIO(), io.StringIO(), io.StringIO())
    assert main.run(["list", "instances"], session) == 0
    assert isinstance(session.stdout, io.StringIO)
    assert session.stdout.getvalue() == "vpc\tdev\n"
