"""Previews of several instances as one plan, against moto."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gaia.errors import NotFound, Position
from gaia.stacks.model import InstanceKey, Reference
from gaia.terraform.normal import NormalForm
from gaia.terraform.preview import Preview, preview
from gaia.terraform.workdir import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.state import State

pytestmark = pytest.mark.cloud
HOSTILE = {
    "plain": "a${1+1}b",
    "directive": "%{ if true }x%{ endif }",
    "escaped": "$${x} %%{y} $$${z} \\${q}",
    "quotes": 'he said "hi" \\ and \n left',
    "key ${7*7}": "ünï ☃ </script>",
}


def reference(component: str, expression: str) -> Reference:
    """What a manifest's `!terraform.state COMPONENT EXPRESSION` is."""
    return Reference(
        "terraform.state", component, "t-dev", expression, f"!terraform.state {component} {expression}",
        Position("stacks/dev.yaml", 3, 9),
    )  # fmt: skip


def nothing(asked: Reference) -> object:
    """The resolver of a request that needs nothing from outside."""
    raise NotFound("output-unknown", f"{asked.text} is not there", next_step="-")


def actions(shown: Preview) -> dict[str, dict[str, str]]:
    """Action by address, by component."""
    return {
        key.component: {change.address: change.action for change in plan.resources if change.mode == "managed"}
        for key, plan in shown.parts.items()
    }


def apply(
    terraform: Terraform, folder: Path, tree: Path, instance: Instance, values: Mapping[str, object]
) -> State | None:
    """Bring one instance to life."""
    wd = prepare(folder, tree_source=tree, instance=instance, variables=values)
    terraform.init(wd)
    terraform.plan(wd)
    terraform.apply(wd)
    return terraform.state_pull(wd)


def test_a_replacement_names_what_forces_it(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path, key: SecretKey
) -> None:
    """A policy's name cannot be changed in place; beside the form that is signed, also in a preview of several."""
    state = apply(terraform, tmp_path / "w", tree, make("pol", "parameter", {"name": "one"}), {"name": "one"})
    policy = make("pol", "parameter", {"name": "two"})
    both = [policy, make("grp", "group", {"name": "grp", "policy": reference("pol", "arn")})]
    states = {policy.key: state}
    shown = preview(terraform, folder=tmp_path / "p", tree=tree, instances=both, states=states, outside=nothing)
    form = NormalForm.of(shown.parts, key)
    (change,) = (one for one in form.parts[policy.key] if one.type == "aws_iam_policy")
    assert (change.forced_by, change.reason) == (("name",), "replace_because_cannot_update")
    assert "replace_because" not in json.dumps(form.as_json())


def test_new_existing_and_destroyed(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path
) -> None:
    """New instances are wired and unknown; an existing one joins with its state; both can be previewed destroyed."""
    first = {"name": "pre", "secret": "s3cr3t-wired"}
    policy = make("pol", "parameter", first)
    second = {
        "name": "grp",
        "policy": reference("pol", "arn"),
        "password": reference("pol", "password"),
        "tags": HOSTILE,
        "undeclared": "ignored",
    }
    group = make("grp", "group", second)
    new = preview(terraform, folder=tmp_path / "p1", tree=tree, instances=[policy, group], states={}, outside=nothing)
    assert not any((tmp_path / "p1").iterdir())  # plans and states hold secrets
    assert new.provider_starts == 1
    assert new.alone == new.not_previewable == ()
    assert set(actions(new)["pol"].values()) == set(actions(new)["grp"].values()) == {"create"}
    attachment = next(c for c in new.parts[group.key].resources if c.type == "aws_iam_group_policy_attachment")
    assert attachment.address == "aws_iam_group_policy_attachment.this"
    assert isinstance(attachment.after_unknown, dict)
    assert attachment.after_unknown["policy_arn"] is True
    password = next(c for c in new.parts[group.key].resources if c.type == "terraform_data")
    assert isinstance(password.after_sensitive, dict)
    assert password.after_sensitive["input"] is True
    assert "s3cr3t-wired" not in terraform.redact(json.dumps(new.plan.raw))

    state = apply(terraform, tmp_path / "w1", tree, policy, first)
    mixed = preview(
        terraform,
        folder=tmp_path / "p2",
        tree=tree,
        instances=[policy, group],
        states={policy.key: state},
        outside=nothing,
    )
    assert set(actions(mixed)["pol"].values()) == {"no-op"}
    attachment = next(c for c in mixed.parts[group.key].resources if c.type == "aws_iam_group_policy_attachment")
    assert isinstance(attachment.after, dict)
    assert "policy/pre" in attachment.after["policy_arn"]

    assert state is not None
    values = second | {"policy": state.output_values["arn"], "password": "s3cr3t-wired"}
    states = {policy.key: state, group.key: apply(terraform, tmp_path / "w2", tree, group, values)}
    gone = preview(
        terraform,
        folder=tmp_path / "p3",
        tree=tree,
        instances=[policy, group],
        states=states,
        outside=nothing,
        destroy=True,
    )
    assert set(actions(gone)["pol"].values()) == set(actions(gone)["grp"].values()) == {"delete"}
    assert gone.provider_starts == 1


def test_hostile_values_are_data(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path
) -> None:
    """What a template would be in HCL arrives letter by letter."""
    (tree / "echo").mkdir()
    (tree / "echo" / "main.tf").write_text(
        'variable "it" {}\nvariable "none" {\n  default = "d"\n}\n'
        'resource "terraform_data" "it" {\n  input = { it = var.it, none = var.none }\n}\n'
    )
    echo = make("echo", "echo", {"it": HOSTILE, "none": None}, providers={})
    shown = preview(terraform, folder=tmp_path / "p", tree=tree, instances=[echo], states={}, outside=nothing)
    (change,) = shown.parts[echo.key].resources
    assert change.after == {"input": {"it": HOSTILE, "none": None}, "triggers_replace": None}
    wd = prepare(tmp_path / "w", tree_source=tree, instance=echo, variables={"it": HOSTILE, "none": None})
    terraform.init(wd)
    (own,) = terraform.plan(wd).resources
    assert own.after == change.after


def test_alone_and_not_previewable(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path
) -> None:
    """A component that cannot join is previewed alone; one that also needs what does not exist is not previewable."""
    (tree / "own").mkdir()
    (tree / "own" / "main.tf").write_text(
        'provider "aws" {\n  region = "us-east-1"\n}\nvariable "it" {}\n'
        'resource "terraform_data" "it" {\n  input = var.it\n}\noutput "it" {\n  value = var.it\n}\n'
    )
    (tree / "counted").mkdir()
    (tree / "counted" / "main.tf").write_text(
        'variable "it" {}\nresource "terraform_data" "it" {\n  count = var.it == "x" ? 1 : 0\n}\n'
    )
    (tree / "plain").mkdir()
    (tree / "plain" / "main.tf").write_text(
        'variable "it" {}\nresource "terraform_data" "it" {\n  input = var.it\n}\n'
        'output "id" {\n  value = terraform_data.it.id\n}\noutput "known" {\n  value = { a = [var.it] }\n}\n'
    )
    instances = [
        make("first", "own", {"it": "1"}),
        make("plain", "plain", {"it": reference("first", "it")}, providers={}),
        make("later", "own", {"it": reference("plain", ".known.a[0]")}),
        make("blocked", "own", {"it": reference("plain", "id")}),
        make("counted", "counted", {"it": reference("plain", '.id // "none"')}, providers={}),
    ]
    shown = preview(terraform, folder=tmp_path / "p", tree=tree, instances=instances, states={}, outside=nothing)
    assert [key.component for key, _ in shown.alone] == ["first", "later"]
    assert all("provider block of its own (own/main.tf:1:1)" in reason for _, reason in shown.alone)
    assert [key.component for key, _ in shown.not_previewable] == ["blocked", "counted"]
    (later,) = shown.parts[InstanceKey("t-dev", "later")].resources
    assert isinstance(later.after, dict)
    assert later.after["input"] == "1"


def test_two_configurations(terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """Each distinct provider configuration is one alias, and existing resources keep theirs."""
    values = {"name": "west"}
    west = make("west", "parameter", values, providers={"aws": {"region": "us-west-2"}})
    east = make("east", "group", {"name": "east", "policy": reference("west", "arn")})
    state = apply(terraform, tmp_path / "w", tree, west, values)
    shown = preview(
        terraform,
        folder=tmp_path / "p",
        tree=tree,
        instances=[west, east],
        states={west.key: state},
        outside=nothing,
    )
    assert shown.provider_starts == 2
    assert set(actions(shown)["west"].values()) == {"no-op"}
    assert set(actions(shown)["east"].values()) == {"create"}
