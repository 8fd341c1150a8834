"""A value that Terraform refuses is shown where the stack sets it, never in a file that Gaia made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError, NotFound, ToolFailed
from gaia.stacks.repository import Repository
from gaia.terraform.preview import preview
from gaia.terraform.workdir import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance, Reference
    from gaia.terraform.command import Terraform

pytestmark = pytest.mark.cloud
CODE = """
variable "name" {
  type = string
  validation {
    condition     = length(var.name) > 3
    error_message = "The name is too short."
  }
}
variable "size" {
  type    = number
  default = 1
}
resource "terraform_data" "this" {
  input = var.name
}
output "name" {
  value = var.name
}
"""
ATMOS = """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["deploy/*"], name_pattern: "{stage}"}
"""
STACK = """\
vars: {stage: dev}
components:
  terraform:
    first:
      metadata: {component: thing}
      vars:
        name: first
    second:
      metadata: {component: thing}
      vars:
        name: !terraform.state first name
        MORE
"""
_MISSING = "Set it among the instance's vars"
CASES = [
    (STACK.replace("!terraform.state first name", "ab"), 11, "too short"),
    (STACK.replace("MORE", "size: large"), 12, "a number is required"),
    (STACK.replace("name: !terraform.state first name", "size: 3"), 8, 'The argument "name" is required'),
]


def nothing(asked: Reference) -> object:
    """The resolver of a request that needs nothing from outside."""
    raise NotFound("output-unknown", f"{asked.text} is not there", next_step="-")


def instances(folder: Path, stack: str) -> list[Instance]:
    """Both instances of a repository with one stack."""
    files = {
        "atmos.yaml": ATMOS,
        "stacks/deploy/dev.yaml": stack.replace("MORE", ""),
        "components/terraform/thing/main.tf": CODE,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    repository = Repository.open(folder)
    return [repository.instance(name, "dev") for name in ("first", "second")]


@pytest.mark.parametrize(("stack", "line", "words"), CASES)
def test_in_a_preview_of_several(terraform: Terraform, tmp_path: Path, stack: str, line: int, words: str) -> None:
    """Terraform names the generated root; the error names the stack's manifest."""
    made = instances(tmp_path / "r", stack)
    with pytest.raises(ToolFailed) as caught:
        preview(
            terraform, folder=tmp_path / "p", tree=tmp_path / "r", instances=made, states={}, outside=nothing,
            components="components/terraform",
        )  # fmt: skip
    assert str(caught.value.at).startswith(f"stacks/deploy/dev.yaml:{line}:")
    assert words in caught.value.message
    assert "main.tf.json" not in caught.value.message
    correct = f"Correct the value at {caught.value.at}"
    assert caught.value.next_step == f"{_MISSING if words.startswith('The argument') else correct}, then try again."


@pytest.mark.parametrize(("stack", "line", "words"), CASES[:2])
def test_in_a_plan_of_one(terraform: Terraform, tmp_path: Path, stack: str, line: int, words: str) -> None:
    """Terraform names the varfile; the code that the detail names is the repository's."""
    made = instances(tmp_path / "r", stack.replace("!terraform.state first name", "long enough"))[1]
    wd = prepare(
        tmp_path / "w", tree_source=tmp_path / "r", instance=made, variables=made.vars,
        components="components/terraform",
    )  # fmt: skip
    terraform.init(wd)
    with pytest.raises(ToolFailed) as caught:
        terraform.plan(wd)
    assert str(caught.value.at).startswith(f"stacks/deploy/dev.yaml:{line}:")
    assert words in caught.value.message
    assert " at components/terraform/thing/main.tf:" in caught.value.message


@pytest.mark.parametrize("broken", ["}", "output {}", "locals { a = var.none }"])
def test_broken_code_is_shown_in_the_component(terraform: Terraform, tmp_path: Path, broken: str) -> None:
    """By its path in the repository, whether Gaia or Terraform finds it."""
    made = instances(tmp_path / "r", STACK)
    (tmp_path / "r/components/terraform/thing/main.tf").write_text(CODE + broken + "\n")
    with pytest.raises(GaiaError) as caught:
        preview(
            terraform, folder=tmp_path / "p", tree=tmp_path / "r", instances=made, states={}, outside=nothing,
            components="components/terraform",
        )  # fmt: skip
    assert str(caught.value.at).startswith("components/terraform/thing/main.tf:19:")
