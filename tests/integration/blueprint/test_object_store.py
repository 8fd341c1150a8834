"""The blueprint's service, whole: from a new repository to real resources in the emulator, and to nothing again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from gaia import sandbox
from gaia.graph import order
from gaia.kit.process import child_environment
from gaia.kit.redact import Redactor
from gaia.sandbox.wire import Wire
from gaia.scaffold.blueprint import init_repository
from gaia.scaffold.clone import Clone
from gaia.scaffold.render import Context, render
from gaia.scaffold.template import load_template
from gaia.settings import Settings
from gaia.stacks.model import Reference
from gaia.stacks.repository import Repository
from gaia.terraform.command import Terraform
from gaia.terraform.tool import find_tool
from gaia.terraform.workdir import WorkingDirectory, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gaia.stacks.model import Instance

pytestmark = [pytest.mark.cloud, pytest.mark.long]

STACK = "acme-use1-dev"
ANSWERS = {
    "purpose": "photo originals: all of them",
    "owner": "team-photos",
    "cost_center": "cc-1234",
    "storage_gb": 120,
    "monthly_writes": 1000,
    "monthly_reads": 20000,
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A GAIA_HOME with a sandbox."""
    home = tmp_path / "home"
    sandbox.up(home)
    yield home
    sandbox.down(home)


@pytest.fixture
def terraform(home: Path) -> Terraform:
    """A terraform whose cloud is the sandbox."""
    cloud = sandbox.environment(home)
    assert cloud is not None
    tool = find_tool(Settings.capture(os.environ, home))
    return Terraform(tool, home=home, environ=child_environment(os.environ, **cloud), redact=Redactor())


@pytest.fixture
def published(tmp_path: Path, environ: Mapping[str, str]) -> tuple[Repository, list[Instance]]:
    """A platform repository with one published service, and its instances in the order of their needs."""
    platform = tmp_path / "platform"
    commit = init_repository(platform, environ=environ)
    clone = Clone.open(tmp_path / "clone", str(platform), "main", environ)
    clone.fetch()
    template = load_template(clone.export(commit, tmp_path / "trees" / commit), "object-store")
    context = Context("req_1", "photos", STACK, "acme", "use1", "dev", "us-east-1", "ann")
    rendered = render(template, ANSWERS, context=context)
    clone.propose("gaia/req_1", commit, rendered.files, "Add photos")
    tip = clone.publish("gaia/req_1")
    repository = Repository.open(clone.export(tip, tmp_path / "trees" / tip), untrusted=True)
    instances = [repository.instance(key.component, key.stack) for key in repository.instances_of(rendered.manifest)]
    by_key = {instance.key: instance for instance in instances}
    return repository, [by_key[key] for level in order(instances) for key in level]


def test_it_comes_to_exist_stays_as_it_is_and_goes(
    published: tuple[Repository, list[Instance]], home: Path, tmp_path: Path, terraform: Terraform
) -> None:
    """Applied instance by instance; the second plans are empty; destroyed, nothing is left but a dying key."""
    repository, instances = published
    outputs: dict[str, Mapping[str, object]] = {}
    places: list[WorkingDirectory] = []
    for instance in instances:
        variables = _resolved(dict(instance.vars), outputs)
        place = prepare(
            tmp_path / "work" / instance.key.component,
            tree_source=repository.components_path,
            instance=instance,
            variables=variables,
        )
        terraform.init(place)
        terraform.plan(place)
        terraform.apply(place)
        outputs[instance.key.component] = terraform.outputs(terraform.state_pull(place))
        places.append(place)

    found = sandbox.inventory(home)
    assert "acme-use1-dev-photos" in found.buckets
    assert (list(found.aliases), found.roles) == (["alias/acme-use1-dev-photos"], ("acme-use1-dev-photos",))
    assert len(found.buckets["acme-dev-tfstate"] or ()) >= len(instances)
    for place in places:
        assert _changes(terraform.plan(place).raw) == []

    Wire(sandbox.running(home).port).send("PUT", "/acme-use1-dev-photos/a.jpg", service="s3", body="x")
    for place in reversed(places):
        terraform.plan(place, destroy=True)
        terraform.apply(place)
    gone = sandbox.inventory(home)
    assert gone.left() == ()
    assert set(gone.keys.values()) == {"PendingDeletion"}


def _resolved(value: Any, outputs: Mapping[str, Mapping[str, object]]) -> Any:
    if isinstance(value, Reference):
        return outputs[value.component][value.expression]
    if isinstance(value, dict):
        return {key: _resolved(item, outputs) for key, item in value.items()}
    return value


def _changes(plan: Mapping[str, Any]) -> list[str]:
    """Addresses that would change."""
    changes = plan.get("resource_changes", [])
    return [one["address"] for one in changes if one["change"]["actions"] not in (["no-op"], ["read"])]
