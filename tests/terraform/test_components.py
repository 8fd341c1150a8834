"""Terraform's own checks of every component of the blueprint; providers are mocked, nothing is reached."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.kit.process import Completed

COMPONENTS = Path(__file__).resolve().parents[2] / "blueprint/components/terraform"
NAMES = sorted(path.parent.name for path in COMPONENTS.glob("*/versions.tf"))
FILES = sorted(
    (path.parents[1].name, path.name) for name in NAMES for path in (COMPONENTS / name).glob("tests/*.tftest.hcl")
)
EXAMPLES = sorted((name, path.parent.name) for name in NAMES for path in (COMPONENTS / name).glob("examples/*/main.tf"))

pytestmark = pytest.mark.cloud


def test_code_is_formatted(run: Callable[..., Completed]) -> None:
    """As `terraform fmt` writes it, tests and examples too."""
    done = run(COMPONENTS, "fmt", "-check", "-recursive", "-diff", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_code_is_valid(ready: Callable[[str], Path], run: Callable[..., Completed], name: str) -> None:
    """Types, references and provider schemas agree."""
    done = run(ready(name), "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout


@pytest.mark.parametrize(("name", "file"), FILES)
def test_rules_hold(ready: Callable[[str], Path], run: Callable[..., Completed], name: str, file: str) -> None:
    """One process a file, because each refusal keeps a provider alive until its process ends."""
    done = run(ready(name), "test", f"-filter=tests/{file}", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed" in done.stdout


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_examples_are_valid(
    ready: Callable[[str], Path], run: Callable[..., Completed], name: str, example: str
) -> None:
    """What the examples show works."""
    folder = ready(name) / "examples" / example
    done = run(folder, "init", "-backend=false", "-input=false", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(folder, "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
