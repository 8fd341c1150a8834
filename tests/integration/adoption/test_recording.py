"""What exists becomes known to a home: by the reports' empty plans, under one run, and by the lineage of each state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.adoption.check import check
from gaia.adoption.recording import record
from gaia.checkout.registered import RegisteredRecords
from gaia.kit.git import Git

if TYPE_CHECKING:
    from tests.integration.adoption.conftest import Team

    from gaia.adoption.check import CheckReport
    from gaia.adoption.recording import Recorded

pytestmark = pytest.mark.cloud

CODE = 'variable "text" {}\nresource "terraform_data" "this" { input = var.text }\n'
STACK = (
    "vars: {stage: dev}\ncomponents:\n  terraform:\n    same: {metadata: {component: note}, vars: {text: a}}\n"
    "    other: {metadata: {component: note}, vars: {text: TEXT}}\n"
)


def taken_over(team: Team) -> tuple[CheckReport, Recorded]:
    """Check and record, as after a registration."""
    with team.app().checkout() as checkout:
        report = check(checkout)
        assert isinstance(checkout.records, RegisteredRecords)
        return report, record(checkout.records, report)


def test_what_plans_empty_is_known_from_then_on(team: Team) -> None:
    """Rows for its resources, said by `why`; what differs is not adopted; a state of another lineage is refused."""
    team.write("components/terraform/note/main.tf", CODE)
    team.write("stacks/dev.yaml", STACK.replace("TEXT", "b"))
    for name in ("same", "other"):
        team.atmos(name, "dev", "apply", "-auto-approve")
    team.write("stacks/dev.yaml", STACK.replace("TEXT", "c"))
    git = Git(team.root, team.settings.environ)
    team.write(".gitignore", "*.tfstate*\n.terraform*\n*.tfvars.json\n")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "All.")):
        git("-c", "user.name=t", "-c", "user.email=t@example.org", *words)
    token = team.app().adopt(Path()).token
    report, made = taken_over(team)
    assert {one.key.component: one.status for one in report.instances} == {"same": "empty", "other": "differs"}
    assert (made.adopted, made.busy, made.resources) == (("dev/same",), (), 1)
    with team.app(GAIA_TOKEN=token).platform() as platform:
        said = [line.text for line in platform.why("terraform_data.this").lines]
        assert any("adopted by an operator" in text and "it was there before" in text for text in said), said
    again = taken_over(team)[1]
    assert (again.adopted, again.resources) == (made.adopted, made.resources)

    path = team.root / "components/terraform/note/terraform.tfstate.d/dev-same/terraform.tfstate"
    path.write_text(json.dumps({**json.loads(path.read_text()), "lineage": "another"}))
    report, made = taken_over(team)
    assert {one.key.component: one.code for one in report.instances} == {"same": "state-lineage", "other": ""}
    assert made.adopted == ()
