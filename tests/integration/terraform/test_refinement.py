"""What was previewed together is what each instance plans by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Position
from gaia.stacks.model import Reference
from gaia.terraform.normal import NormalForm
from gaia.terraform.preview import preview
from gaia.terraform.refine import refines
from gaia.terraform.workdir import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.workdir import WorkingDirectory

pytestmark = pytest.mark.cloud


def reference(output: str) -> Reference:
    """A reference to the instance `pol`."""
    at = Position("stacks/dev.yaml", 3, 9)
    return Reference("terraform.state", "pol", "t-dev", output, f"!terraform.state pol {output}", at)


def nothing(asked: Reference) -> object:
    """Nothing comes from outside the request."""
    raise AssertionError(asked)


def test_each_plan_refines_the_preview(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path, key: SecretKey
) -> None:
    """Unknown values became known and nothing else; a changed value is told, a changed secret without showing it."""
    policy = make("pol", "parameter", {"name": "ref", "secret": "s3cr3t-one"})
    wired = {"name": "ref", "policy": reference("arn"), "password": reference("password")}
    group = make("grp", "group", wired)
    shown = preview(terraform, folder=tmp_path / "p", tree=tree, instances=[policy, group], states={}, outside=nothing)
    stored = json.dumps(NormalForm.of(shown.parts, key).as_json())
    assert "s3cr3t-one" not in stored
    approved = NormalForm.from_json(json.loads(stored))

    def planned(instance: Instance, values: Mapping[str, object]) -> tuple[WorkingDirectory, NormalForm]:
        wd = prepare(tmp_path / instance.key.component, tree_source=tree, instance=instance, variables=values)
        terraform.init(wd)
        return wd, NormalForm.of({instance.key: terraform.plan(wd)}, key)

    wd, own = planned(policy, policy.vars)
    assert refines(approved, own) == ()
    terraform.apply(wd)
    state = terraform.state_pull(wd)
    assert state is not None
    outputs = state.output_values
    known = {"name": "ref", "policy": outputs["arn"], "password": outputs["password"]}
    assert refines(approved, planned(group, known)[1]) == ()
    found = refines(approved, planned(group, known | {"name": "other", "password": "s3cr3t-two"})[1])
    assert {difference.address: difference.path for difference in found} == {
        "aws_iam_group.this": ("after", "name"),
        "aws_iam_group_policy_attachment.this": ("after", "group"),
        "terraform_data.password": ("after", "input"),
    }
    assert "s3cr3t" not in str(found)


def test_a_set_is_sorted_anew_when_its_values_are_known(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path, key: SecretKey
) -> None:
    """The provider's schema says that it is a set: then the order is none of what was approved, the elements are."""
    policy = make("pol", "parameter", {"name": "set"})
    names = [f"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/{at}/0123456789" for at in range(3)]
    wired = {name: reference("arn") for name in names}
    service = make("svc", "service", {"name": "set", "containers": wired})
    places = tuple((("vars", "containers", name), value) for name, value in wired.items())
    both = [policy, replace(service, references=places)]
    shown = preview(terraform, folder=tmp_path / "p", tree=tree, instances=both, states={}, outside=nothing)
    approved = NormalForm.of(shown.parts, key).part(service.key)
    known = {"name": "set", "containers": {name: f"c{9 - at}" for at, name in enumerate(names)}}
    wd = prepare(tmp_path / "w", tree_source=tree, instance=service, variables=known)
    terraform.init(wd)
    now = NormalForm.of({service.key: terraform.plan(wd)}, key)
    schemas = terraform.schemas(wd)
    assert {one.path[:2] for one in refines(approved, now)} == {("after", "load_balancer")}  # it was sorted anew
    assert refines(approved, now, is_set=lambda _, *where: schemas.is_set(*where)) == ()
