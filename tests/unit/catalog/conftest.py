"""Backstage's own validators, and catalogs of every kind of name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[3]
MODULES = ROOT / ".tools/backstage/node_modules"
PACKAGES = ("catalog-model", "plugin-scaffolder-common")


@pytest.fixture(name="backstage", scope="session")
def validators() -> Callable[[Sequence[dict[str, Any]]], list[str]]:
    """What `@backstage/catalog-model`, and of templates the scaffolder, says against entities."""
    node = shutil.which("node")
    if node is None or not all((MODULES / f"@backstage/{one}").is_dir() for one in PACKAGES):
        pytest.skip("optional: Backstage's validators are not installed (`make tools`, with Node.js)")

    def validate(made: Sequence[dict[str, Any]]) -> list[str]:
        done = subprocess.run(
            [node, str(Path(__file__).parent / "validate.cjs")],
            input=json.dumps(made),
            env={**os.environ, "NODE_PATH": str(MODULES)},
            capture_output=True,
            text=True,
            check=True,
        )
        found: list[str] = json.loads(done.stdout)
        return found

    return validate
