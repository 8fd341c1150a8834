"""Terraform's own checks of every component of the blueprint; providers are mocked, nothing is reached."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.terraform.offline import COMPONENTS, Terraform, diagnostics

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = sorted(path.parent.name for path in COMPONENTS.glob("*/versions.tf"))
EXAMPLES = sorted(path.parent.relative_to(COMPONENTS).as_posix() for path in COMPONENTS.glob("*/examples/*/main.tf"))


def test_code_is_formatted(terraform: Terraform) -> None:
    """As `terraform fmt` writes it, tests and examples too."""
    done = terraform(COMPONENTS, "fmt", "-check", "-recursive", "-diff", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [*NAMES, *EXAMPLES])
def test_code_is_valid(ready: Callable[[str], Path], terraform: Terraform, path: str) -> None:
    """Types, references and provider schemas agree, in components and in examples, and nothing is deprecated."""
    assert diagnostics(terraform(ready(path), "validate", "-json")) == []


@pytest.mark.parametrize("name", NAMES)
def test_rules_hold(ready: Callable[[str], Path], terraform: Terraform, name: str) -> None:
    """Every `run` of every test file of the component passes."""
    folder = ready(name)
    done = terraform(folder, "test", "-json")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [one.get("diagnostic", one) for one in said if one.get("@level") in ("error", "warn")]
    assert wrong == []
    assert done.returncode == 0, done.stderr
    runs = [
        one["test_run"] for one in said if one.get("type") == "test_run" and one["test_run"]["progress"] == "complete"
    ]
    expected = sum(file.read_text("utf-8").count('\nrun "') for file in folder.glob("tests/*.tftest.hcl"))
    assert [one["run"] for one in runs if one["status"] != "pass"] == []
    assert len(runs) == expected > 0
