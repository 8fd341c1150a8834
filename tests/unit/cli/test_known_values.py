"""Values that other instances' states give: read where Atmos reads them, and said where Gaia does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.cli.test_called_atmos import atmos
from tests.unit.platform.played import PlayedTerraform

from gaia.terraform.state import State

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

    from gaia.terraform.workdir import WorkingDirectory

STACK = "acme-use1-dev"
LINE = ("describe", "component", "reader", "-s", STACK)
READER = """
    reader: {metadata: {component: s3-bucket}, vars: {id: !terraform.output photos-bucket id}}
    late: {metadata: {component: s3-bucket}, vars: {id: !terraform.output reader id}}
"""


class Applied(PlayedTerraform):
    """Only one of them is there."""

    def state_pull(self, wd: WorkingDirectory) -> State | None:
        """With an output."""
        if not wd.name.endswith("photos-bucket"):
            return None
        known = {"version": 4, "serial": 1, "lineage": "l", "resources": []}
        return State.parse(known | {"outputs": {"id": {"value": "b-1", "type": "string"}}})


@pytest.fixture(autouse=True)
def _ground(gaia: Gaia, tmp_path: Path) -> None:
    gaia.code()
    gaia.played = Applied
    manifest = tmp_path / "stacks/orgs/acme/dev/photos.yaml"
    manifest.write_text(manifest.read_text().rstrip() + READER)
    (tmp_path / "atmos.yaml").write_text(
        (tmp_path / "atmos.yaml").read_text()
        + "commands:\n  - name: show\n    arguments: [{name: one}]\n"
        + f"    component_config: {{component: '{{{{ .Arguments.one }}}}', stack: {STACK}}}\n"
        + "    steps: ['test {{ .ComponentConfig.vars.id }} = b-1 && exit 3']\n"
    )


def test_under_atmos_s_name_a_description_has_them(gaia: Gaia) -> None:
    """As Atmos's has; one that is not there stays as it is written, which is said."""
    said = atmos(gaia, *LINE, "-f", "json")
    assert (json.loads(said.out)["vars"]["id"], "not known here" in said.err) == ("b-1", False)
    late = atmos(gaia, "describe", "component", "late", "-s", STACK, "-f", "json")
    assert json.loads(late.out)["vars"]["id"] == "!terraform.output reader id"
    assert "not known here" in late.err


def test_under_gaia_s_own_it_reads_no_state_and_says_so(gaia: Gaia) -> None:
    """On the error stream: the document is as it was."""
    said = gaia(*LINE)
    assert "id: !terraform.output photos-bucket id" in said.out.replace("'", "")
    assert "shown as it is written: !terraform.output photos-bucket id" in " ".join(said.err.split())


def test_a_custom_command_s_steps_have_them(gaia: Gaia) -> None:
    """A step that needs one which is not there is an error, with its place, and never runs on the text."""
    assert gaia("show", "reader").code == 3
    late = gaia("show", "late")
    assert "value-unresolved" in late.err
    assert "!terraform.output reader id" in " ".join(late.err.split())
