"""What Atlantis is told: the name of an instance, and the configuration of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid
from gaia.stacks.atlantis import repo_config
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

ATMOS = """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["deploy/**/*"], name_pattern: "{tenant}-{stage}"}
integrations:
  atlantis:
    config_templates:
      one: {version: 3, automerge: true, delete_source_branch_on_merge: true, allowed_regexp_prefixes: [dev/]}
    project_templates:
      plain:
        name: "{tenant}-{stage}-{component}"
        workspace: "{workspace}"
        dir: "{component-path}"
        terraform_version: v1.2
        apply_requirements: [approved]
        autoplan: {enabled: true, when_modified: ["**/*.tf", "$PROJECT_NAME-{stage}"]}
    workflow_templates: {w: {plan: {steps: [{run: terraform init}]}}}
"""
DEV = """\
vars: {tenant: acme, stage: dev}
settings: {atlantis: {project_template_name: plain, config_template_name: one}}
components:
  terraform:
    base: {metadata: {type: abstract, component: mock}}
    net/vpc: {metadata: {component: mock}}
    own: {settings: {atlantis: {project_template: {name: "x-{component}-{region}-{other}"}}}, vars: {region: eu}}
"""


@pytest.fixture(name="repository")
def small(tmp_path: Path) -> Repository:
    """Two instances and an abstract component."""
    (tmp_path / "stacks/deploy").mkdir(parents=True)
    (tmp_path / "atmos.yaml").write_text(ATMOS)
    (tmp_path / "stacks/deploy/dev.yaml").write_text(DEV)
    return Repository.open(tmp_path)


def test_an_instance_has_a_project(repository: Repository) -> None:
    """By the template of its settings, or by the one of `atmos.yaml` that they name; slashes are dashes."""
    assert repository.instance("net/vpc", "acme-dev").describe()["atlantis_project"] == "acme-dev-net-vpc"
    assert repository.instance("own", "acme-dev").describe()["atlantis_project"] == "x-own-eu-{other}"


def test_the_configuration_has_a_project_for_each_instance(repository: Repository) -> None:
    """What is abstract has none; workspaces and folders are those of a run."""
    document = repo_config(repository, lambda component, *_: component != "own")
    assert {key: value for key, value in document.items() if key != "projects"} == {
        "version": 3,
        "automerge": True,
        "parallel_plan": False,
        "parallel_apply": False,
        "allowed_regexp_prefixes": ["dev/"],
        "delete_source_branch_on_merge": True,
        "workflows": {"w": {"plan": {"steps": [{"run": "terraform init"}]}}},
    }
    assert document["projects"] == [
        {
            "name": "acme-dev-net-vpc",
            "workspace": "acme-dev-net-vpc",
            "dir": "components/terraform/mock",
            "terraform_version": "v1.2",
            "apply_requirements": ["approved"],
            "autoplan": {"enabled": True, "when_modified": ["**/*.tf", "$PROJECT_NAME-dev"]},
        }
    ]


def test_stacks_and_manifests_choose(repository: Repository) -> None:
    """The caller is asked for each instance: by component, stack and manifest."""
    asked: list[tuple[str, str, str]] = []
    repo_config(repository, lambda *words: bool(asked.append(words)), project_template="plain")  # type: ignore[func-returns-value]
    assert asked == [("net/vpc", "acme-dev", "deploy/dev"), ("own", "acme-dev", "deploy/dev")]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"config_template": "none", "project_template": "plain"}, "atlantis-template-unknown"),
        ({"project_template": "none"}, "atlantis-template-unknown"),
        ({}, "atlantis-template-missing"),
        ({"project_template": "plain"}, "atlantis-template-missing"),
    ],
)
def test_a_template_that_is_missing_is_named(tmp_path: Path, options: dict[str, str], code: str) -> None:
    """Where neither the caller nor the settings give one, or the name is unknown."""
    (tmp_path / "stacks/deploy").mkdir(parents=True)
    (tmp_path / "atmos.yaml").write_text(ATMOS)
    (tmp_path / "stacks/deploy/dev.yaml").write_text(
        DEV.replace("settings: {atlantis: {project_template_name", "x: {y: {z")
    )
    with pytest.raises(Invalid) as caught:
        repo_config(Repository.open(tmp_path), lambda component, *_: component == "net/vpc", **options)
    assert caught.value.code == code
    assert caught.value.next_step
