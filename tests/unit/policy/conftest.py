"""The shipped rules, and small plans in the shape of `terraform show -json`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gaia.policy.judge import PolicySet

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "blueprint" / "policies"
METADATA = "# METADATA\n# title: T\n# custom:\n#   severity: low\n#   remediation: R\n"


@pytest.fixture(scope="session")
def shipped() -> PolicySet:
    """The blueprint's rules."""
    return PolicySet.load(POLICIES)


@pytest.fixture
def plan() -> dict[str, Any]:
    """The preview of an object store: bucket, key and identity, everything still to be created."""
    return json.loads((ROOT / "tests" / "plans" / "object_store_preview.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def opa() -> Path:
    """The `opa` program, from .tools/bin or PATH."""
    found = shutil.which("opa", path=str(ROOT / ".tools" / "bin")) or shutil.which("opa")
    if not found:
        pytest.skip("there is no opa in .tools/bin or on PATH; `make tools` builds it")
    return Path(found)


def write(folder: Path, files: dict[str, str]) -> Path:
    """A policies folder with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
