"""An environment as `gaia new` makes it, of a stage that is none of those that the blueprint has, previewed whole."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.bootstrap import App
from gaia.errors import NotFound
from gaia.graph import order
from gaia.policy.judge import judge_each
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet
from gaia.settings import Settings
from gaia.stacks.repository import Repository
from gaia.terraform.preview import preview

if TYPE_CHECKING:
    from gaia.stacks.model import Reference
    from gaia.terraform.command import Terraform

pytestmark = [pytest.mark.cloud, pytest.mark.nightly, pytest.mark.long(3)]
BLUEPRINT = Path(__file__).parents[3] / "blueprint"
STACK, LIKE = "acme-use1-qa", "acme-use1-staging"


def _nothing(asked: Reference) -> object:
    raise NotFound("output-unknown", f"{asked.text} is of another stack", next_step="-")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The blueprint with a stage `qa`, its account in the tenant's facts, and one environment of it."""
    root = shutil.copytree(BLUEPRINT, tmp_path / "platform", ignore=shutil.ignore_patterns(".terraform*"))
    settings = replace(Settings.capture(os.environ, tmp_path / "home"), cwd=root)

    def add(kind: str, **variables: str) -> None:
        templater = App(settings).templater()
        draft = templater.scaffold_environment(kind, variables)
        assert draft.findings == ()
        templater.write(draft)

    add("stage", name="qa", like="staging")
    facts = root / "stacks/mixins/tenant/acme.yaml"
    facts.write_text(facts.read_text().replace("accounts:\n", 'accounts:\n        qa: "777777777777"\n'))
    add("environment", name=STACK, domain="qa.acme.example.com")
    return Repository.open(root)


def test_a_new_stage_plans_clean(terraform: Terraform, repository: Repository, tmp_path: Path) -> None:
    """All of it in one plan, outputs wired to inputs: every instance joins, everything is made, no policy denies."""
    keys = [key for key in repository.instances if key.stack == STACK]
    assert {key.component for key in keys} == {key.component for key in repository.instances if key.stack == LIKE}
    instances = [one for key in keys if (one := repository.instance(key.component, key.stack)).enabled]
    keys = [key for level in order(instances) for key in level]
    shown = preview(
        terraform,
        folder=tmp_path / "preview",
        tree=repository.root / "components/terraform",
        instances=[repository.instance(key.component, key.stack) for key in keys],
        states={},
        outside=_nothing,
    )
    assert (shown.alone, shown.not_previewable) == ((), ())
    assert {change.action for change in shown.plan.resources if change.mode == "managed"} == {"create"}
    assert all(any(change.mode == "managed" for change in shown.parts[key].resources) for key in keys)
    document = {**shown.plan.raw, "gaia": {"stage": "qa", "tenant": "acme", "stack": STACK, "step": "preview"}}
    policies = PolicySet.load(repository.root / "policies")
    judged = judge_each(policies, "plan", [document], engine=Regorus(), effects=["deny"])
    assert [f"{one.rule} {one.address}: {one.message}" for found in judged for one in found] == []
