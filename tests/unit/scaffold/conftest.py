"""Templates to render: the blueprint's, and small ones written by a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.rendering import render_here

from gaia.scaffold.render import Context, written_import

if TYPE_CHECKING:
    from collections.abc import Callable

BLUEPRINT = Path(__file__).resolve().parents[3] / "blueprint"
MANIFEST = "stacks/orgs/{{ gaia.tenant }}/{{ gaia.stage }}/services/{{ gaia.service }}.yaml.jinja"


def tenant_import(stage: str) -> str:
    """What a service of acme imports in the first region of a stage."""
    return written_import("mixins/tenant/acme", {"environment": "use1", "region": "us-east-1", "stage": stage})


@pytest.fixture
def blueprint() -> Path:
    """The platform repository that is shipped."""
    return BLUEPRINT


@pytest.fixture
def context() -> Context:
    """A request for `photos` in the development stack."""
    return Context(
        "req_1", "photos", "acme-use1-dev", "acme", "use1", "dev", "us-east-1", "ann", (tenant_import("dev"),)
    )


@pytest.fixture
def answers() -> dict[str, object]:
    """Good answers to the object store's questions that have no default."""
    return {
        "purpose": "photo originals",
        "owner": "team-photos",
        "cost_center": "cc-1234",
        "storage_gb": 120,
        "monthly_writes": 1000,
        "monthly_reads": 20000,
    }


@pytest.fixture
def make_template(tmp_path: Path) -> Callable[..., Path]:
    """`make_template(questions, body)`: a repository with the one template `little`; returns its root."""

    def make(questions: str, body: str = "a: 1\n", *, config: str = "", file: str = MANIFEST) -> Path:
        folder = tmp_path / "repository/templates/little"
        path = folder / file
        path.parent.mkdir(parents=True)
        path.write_text(body)
        head = '_version: "1"\n_title: Little\n_description: A little one.\n'
        (folder / "copier.yml").write_text(head + config + questions)
        return tmp_path / "repository"

    return make


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Render in this process; a test that uses `child` does as the product does."""
    if "child" not in request.fixturenames:
        render_here(monkeypatch, tmp_path)


@pytest.fixture
def child() -> None:
    """Render in a child process, as the product does."""
