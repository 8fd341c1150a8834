"""`gaia cost`: of a plan's JSON without a repository, and of instances of a checkout."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.played import refused

from gaia.bootstrap import App
from gaia.platform.instances.estimates import estimate_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

HERE = ("photos-bucket", "-s", "acme-use1-dev")
PLAN = {
    "format_version": "1.2",
    "configuration": {"root_module": {}},
    "resource_changes": [
        {
            "address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "name": "this",
            "change": {"actions": ["create"], "before": None, "after": {"region": "us-east-1"}, "after_unknown": {}},
        }
    ],
}  # fmt: skip


@pytest.mark.parametrize("view", ["breakdown", "diff"])
def test_a_component_is_planned_and_priced(gaia: Gaia, view: str) -> None:
    """With what its settings and a usage file say of its use; nothing is changed."""
    gaia.code()
    (gaia.settings.cwd / "usage.yml").write_text(
        "resource_usage:\n  aws_s3_bucket.this: {standard: {storage_gb: 100}}\n"
    )
    said = gaia("cost", view, *HERE, "--usage-file", "usage.yml", "-o", "json")
    assert said.code == 0, said.err
    [row] = [one for one in said.json["rows"] if one["name"] == "Storage"]
    assert (row["quantity"], row["unpriced"]) == ("100", True)  # this bucket's region has no price in the book
    assert not [one for one in gaia.world.commands if one.startswith("apply")]
    out = gaia("cost", view, *HERE, "--usage-file", "usage.yml").out
    assert re.search(r"No price for aws_s3_bucket\.this: Standard / [^!]*; Standard / Storage", " ".join(out.split()))


def test_all_of_them_are_the_projects_of_one_estimate(gaia: Gaia) -> None:
    """By name, with their sum."""
    gaia.code()
    said = gaia("cost", "breakdown", "--all", "-o", "infracost")
    assert said.code == 0, said.err
    assert "acme-use1-dev/photos-bucket" in [one["name"] for one in json.loads(said.out)["projects"]]


def test_a_usage_file_goes_before_what_settings_say_key_by_key(gaia: Gaia) -> None:
    """What it does not say stays as the settings have it; the project has the workspace of the instance."""
    gaia.code()
    plan = json.loads(json.dumps(PLAN).replace("aws_kms_key", "aws_s3_bucket"))
    settings = {"cost": {"usage": {"aws_s3_bucket.this": {"standard": {"storage_gb": 100}}}}}
    file = {"resource_usage": {"aws_s3_bucket.this": {"standard": {"monthly_tier_1_requests": 2000}}}}
    with gaia.app.checkout(None) as checkout:
        instance = replace(checkout.instance("photos-bucket", "acme-use1-dev"), settings=settings)
        found = estimate_of(checkout.files, instance, plan, usage=file)
    assert found["totalMonthlyCost"] == "2.31"
    assert found["projects"][0]["metadata"]["terraformWorkspace"] == instance.workspace


def test_what_cannot_be_planned_is_a_project_without_a_figure(gaia: Gaia) -> None:
    """Of all that are asked for; the command ends with 1, and nothing says $0.00."""
    gaia.code()
    [stack] = [one for one in (gaia.app.root / "stacks").rglob("*.yaml") if "    photos-bucket:" in one.read_text()]
    other = "    films-bucket: {metadata: {component: s3-bucket, inherits: [bucket]}, vars: {name: films}}\n"
    stack.write_text(stack.read_text().replace("    photos-bucket:", f"{other}    photos-bucket:"))
    gaia.world.breaks |= dict.fromkeys(("the preview", "acme-use1-dev/photos-bucket"), refused("no credentials"))
    said = gaia("cost", "breakdown", "--all", "-o", "json")
    assert said.code == 1
    assert said.json["totals"]["partial"] is True
    assert any(one.startswith("acme-use1-dev/photos-bucket: ") for one in said.json["failed"])
    without = {one["name"]: one["monthly"] for one in said.json["projects"] if one["error"]}
    assert without["acme-use1-dev/photos-bucket"] is None
    out = gaia("cost", "breakdown", "--all").out
    assert "No estimate of acme-use1-dev/photos-bucket" in " ".join(out.split())
    assert re.search(r"Total a month +(at least|unknown)", out)
    assert "$0.00" not in out
    error = gaia("cost", "breakdown", *HERE)
    assert error.code == 7
    assert "has no estimate" not in error.err, "one error is said once"


def test_a_plan_is_priced_without_a_repository(tmp_path: Path, gaia: Gaia) -> None:
    """By whoever tries it first."""
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    app = App(gaia.settings)
    document = app.plan_file_cost(tmp_path / "plan.json")
    assert document["totalMonthlyCost"] == "1"
    assert document["projects"][0]["metadata"]["type"] == "terraform_plan_json"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("nothing",), "usage"),
        ((), "usage"),
        (("plan.json", "-s", "acme-use1-dev"), "usage"),
        ((*HERE, "--usage-file", "none.yml"), "usage-not-found"),
        ((*HERE, "--usage-file", "list.yml"), "usage-invalid"),
        ((*HERE, "--usage-file", "negative.yml"), "usage-invalid"),
    ],
)
def test_bad_input_is_one_error(gaia: Gaia, line: tuple[str, ...], code: str) -> None:
    """With a next step."""
    gaia.code()
    (gaia.settings.cwd / "list.yml").write_text("- a\n")
    (gaia.settings.cwd / "plan.json").write_text(json.dumps(PLAN))
    (gaia.settings.cwd / "negative.yml").write_text(
        "resource_usage:\n  aws_s3_bucket.this: {standard: {storage_gb: -1}}\n"
    )
    said = gaia("cost", "breakdown", *line, "-o", "json")
    assert said.code != 0
    assert said.error["error"] == code
    assert said.error["next_step"]


@pytest.mark.parametrize("line", [(), ("plan.json", "-s", "x")])
def test_what_to_give_is_said_outside_of_a_repository_too(gaia: Gaia, line: tuple[str, ...]) -> None:
    """Not that there is none."""
    (gaia.settings.cwd / "plan.json").write_text(json.dumps(PLAN))
    error = gaia("cost", "breakdown", *line, "-o", "json").error
    assert error["error"] == "usage"
    assert "--affected" not in error["next_step"]


BUDGETS = """\
budgets:
  - {tenant: acme, stage: dev, monthly: 500, alerts: [80]}
quotas:
  - {tenant: acme, stage: dev, services: 20}
"""


def budgets_of(gaia: Gaia, text: str) -> None:
    """Write a file of budgets into the checkout."""
    (gaia.app.root / "budgets").mkdir()
    (gaia.app.root / "budgets/acme.yaml").write_text(text)


def test_budgets_of_a_repository_that_nobody_serves_are_what_is_declared(gaia: Gaia) -> None:
    """Figures are null: nothing is known of what services cost, which is not zero."""
    budgets_of(gaia, BUDGETS)
    said = gaia("cost", "budgets", "-o", "json")
    assert said.code == 0, said.err
    [budget], [quota] = said.json["budgets"], said.json["quotas"]
    assert said.json["known"] is False
    assert (budget["tenant"], budget["service"], budget["amount"], budget["alerts"]) == ("acme", "*", "500", ["80"])
    assert (budget["committed"], budget["left"], budget["verdict"]) == (None, None, None)
    assert budget["at"] == "budgets/acme.yaml:2:5"
    assert (quota["measure"], quota["most"], quota["used"], quota["verdict"]) == ("services", "20", None, None)
    out = gaia("cost", "budgets").out
    assert "acme/dev/*" in out
    assert "is not known" in " ".join(out.split())


def test_a_repository_may_have_no_budgets(gaia: Gaia) -> None:
    """Where they would stand is said."""
    said = gaia("cost", "budgets")
    assert said.code == 0
    assert "budgets/*.yaml" in said.out


def test_a_bad_budget_is_one_error_with_its_line(gaia: Gaia) -> None:
    """In the command, and in the validation of the repository."""
    budgets_of(gaia, "budgets:\n  - tenant: acme\n    monthly: much\n")
    said = gaia("cost", "budgets")
    assert said.code != 0
    assert "budgets/acme.yaml:3" in said.err
    assert "'much', not an amount" in said.err
