"""The shipped rules, and small plans in the shape of `terraform show -json`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.policy import regorus
from gaia.policy.judge import PolicySet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.policy.model import Answer, Module

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "blueprint" / "policies"
METADATA = "# METADATA\n# title: T\n# custom:\n#   severity: low\n#   remediation: R\n"


@pytest.fixture
def child() -> None:
    """Evaluate in a child process, as the product does."""


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluate in this process, which has no start to wait for; a test that uses `child` does as the product does."""

    def evaluate(
        _: regorus.Regorus, modules: Sequence[Module], document: bytes, references: Sequence[str]
    ) -> tuple[Answer, ...]:
        pairs = [(module.path, module.text, module.may_be_old) for module in modules]
        found = json.loads(json.dumps(regorus._evaluate(pairs, document.decode(), list(references))))
        return tuple(regorus._answer(item) for item in found)

    if "child" not in request.fixturenames:
        monkeypatch.setattr(regorus.Regorus, "evaluate", evaluate)


@pytest.fixture(scope="session")
def shipped() -> PolicySet:
    """The blueprint's rules."""
    return PolicySet.load(POLICIES)


@pytest.fixture
def plan() -> dict[str, Any]:
    """The preview of an object store in development: bucket, key and identity, everything still to be created."""
    plan: dict[str, Any] = json.loads((ROOT / "tests" / "plans" / "object_store_preview.json").read_text())
    return plan | {"gaia": {"stage": "dev", "tenant": "acme"}}


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
