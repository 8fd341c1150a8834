"""Repositories of public reports about workflows and custom commands, with what Gaia answers in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

REPORTS = Path(__file__).parent / "reports"


@pytest.fixture(name="at")
def _at(tmp_path: Path) -> Callable[[str], Run]:
    """`at(CASE)(WORDS…)` runs `gaia` in a copy of the case's repository, with a home of its own."""

    def at(case: str) -> Run:
        folder = tmp_path / case
        shutil.copytree(REPORTS / case / "repository", folder)
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "gaia", *words],
                cwd=folder,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
            )

        return run

    return at


def test_workflows_are_listed_described_and_named_in_errors(at: Callable[[str], Run]) -> None:
    """Names with their files; `tf` stands for terraform; what is not named or not there is answered with the names."""
    gaia = at("16-list-workflows")
    assert gaia("list", "workflows").stdout.splitlines()[0].split("\t")[:2] == ["deploy.yaml", "plan"]
    listed = json.loads(gaia("list", "workflows", "--format", "json").stdout)
    assert [one["Workflow"] for one in listed] == ["plan", "plan-all", "w"]
    assert gaia("describe", "workflows").stdout.count("workflow: ") == 3
    assert gaia("workflow", "plan", "-s", "acme-dev", "--dry-run").stdout.splitlines() == [
        "gaia terraform plan mock -s acme-dev",
        "gaia terraform plan vpc -s acme-dev",
    ]
    nameless = gaia("workflow")
    assert (nameless.returncode, "Known: plan, plan-all, w." in nameless.stderr) == (2, True)
    unknown = gaia("workflow", "plan", "-s", "acme-dev", "--dry-run", "--from-step", "nope")
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert "step1, step2" in unknown.stderr
    assert gaia("tf", "--help").returncode == 0


def test_a_nested_workflow_without_a_name_fails_before_anything_runs(at: Callable[[str], Run], tmp_path: Path) -> None:
    """With the place of the step, in a dry run too."""
    gaia = at("16-list-workflows")
    text = (
        "workflows:\n  n:\n    steps:\n      - {type: shell, command: echo ran}\n      - command: workflow -f deploy\n"
    )
    (tmp_path / "16-list-workflows/workflows/nested.yaml").write_text(text)
    for more in ((), ("--dry-run",)):
        done = gaia("workflow", "n", *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert "workflow-nameless" in done.stderr
        assert "workflows/nested.yaml:5" in done.stderr


def test_a_dry_run_shows_no_command_that_does_not_exist(at: Callable[[str], Run], tmp_path: Path) -> None:
    """Neither one that nobody has nor one that only Atmos has."""
    gaia = at("16-list-workflows")
    flow = tmp_path / "16-list-workflows/workflows/odd.yaml"
    for command, said in (("frobnicate vpc", "command-unknown"), ("vendor pull", "Gaia has no `vendor`")):
        flow.write_text(f"workflows:\n  o:\n    steps:\n      - command: {command}\n")
        done = gaia("workflow", "o", "--dry-run")
        assert (done.stdout, said in done.stderr, "odd.yaml:4" in done.stderr) == ("", True, True)


def test_custom_commands_run_and_are_shown(at: Callable[[str], Run]) -> None:
    """With the configuration of the component that they name, in the help, and in `describe config`."""
    gaia = at("32-custom-command")
    assert (gaia("hello").stdout, gaia("hello").returncode) == ("hello\n", 0)
    assert gaia("show", "comp", "mock", "-s", "acme-dev").stdout == "name=a type=mock\n"
    helped = gaia("--help").stdout
    assert helped[helped.index("\nCustom\n") :].splitlines()[2:4] == ["  show        Show things", "  hello       hi"]
    assert gaia("describe", "config", "-q", ".commands | length").stdout == "2\n"


def test_workflows_need_no_stacks(at: Callable[[str], Run], tmp_path: Path) -> None:
    """Nor do custom commands: only what lists stacks says that nothing is set."""
    gaia = at("42-workflows-without-stacks")
    assert gaia("list", "workflows").stdout.split() == ["w.yaml", "hi", "1"]
    assert gaia("workflow", "hi").stdout == "hi\n"
    main = tmp_path / "42-workflows-without-stacks/atmos.yaml"
    main.write_text(main.read_text() + "commands: [{name: hey, steps: [echo hey]}]\n")
    assert gaia("hey").stdout == "hey\n"
    assert gaia("list", "stacks").returncode != 0
