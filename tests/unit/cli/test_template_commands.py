"""`gaia template test`: what is asked, printed and returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.testing import views

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

COMMAND = ("template", "test", "object-store", "-s", "acme-use1-dev")


def test_a_trial_with_a_mistake_ends_with_one(gaia: Gaia) -> None:
    """The manifest as it is, what was looked at, what is wrong and where; no token is needed, and none is asked for."""
    said = gaia(*COMMAND, "-a", "owner=media")
    assert said.code == 1
    assert gaia.app.tried == [("object-store", {"owner": "media"}, "trial", "acme-use1-dev")]
    assert said.out.startswith("# stacks/trial.yaml\nimport:\n  - orgs/acme/dev/_defaults\n\n")
    assert "✗  manifest: trial-key" in said.out
    assert "-  terraform plan: not possible: no emulated AWS runs here" in said.out
    assert "→ Start it to have it planned: gaia sandbox up" in said.out
    assert "template/stacks/{{ gaia.service }}.yaml.jinja:7:1" in said.out
    assert "would not come through a request" in said.out
    assert gaia.app.asked == []


def test_answers_come_from_a_file_too_and_the_service_has_a_name(gaia: Gaia, tmp_path: Path) -> None:
    """As for a request."""
    (tmp_path / "answers.yaml").write_text("owner: media\nstorage_gb: 5\n")
    gaia(*COMMAND, "--answers", str(tmp_path / "answers.yaml"), "-a", "owner=photos", "--service", "films")
    assert gaia.app.tried == [("object-store", {"owner": "photos", "storage_gb": 5}, "films", "acme-use1-dev")]


def test_a_program_gets_all_of_it(gaia: Gaia) -> None:
    """As `docs/reference/output.md` shows it."""
    document = gaia(*COMMAND, "-o", "json").json
    assert document["passed"] is False
    assert document["files"] == dict(views.trial().files)
