"""What an instance is made of: its configuration, its code, and the files that either names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.integration.ci.jobs import ATMOS

from gaia.checkout.files import CheckoutFiles
from gaia.ci.code.content import content_of
from gaia.stacks.model import InstanceKey
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

CODE = """\
variable "name" {}
module "own" { source = "../../modules/own" }
resource "terraform_data" "this" {
  input = [
    file("${path.module}/../../../scripts/boot.sh"),
    templatefile("${path.module}/../../../texts/${var.name}.tpl", {}),
  ]
  provisioner "local-exec" { command = "bash ../../../scripts/after.sh" }
}
"""
FILES = {
    "atmos.yaml": ATMOS,
    "stacks/dev.yaml": "vars: {stage: dev}\n"
    "components: {terraform: {web: {vars: {name: x, made: !exec sh ./scripts/make.sh}}}}\n",
    "components/terraform/web/main.tf": CODE,
    "components/terraform/web/files/inner": "x",
    "components/modules/own/main.tf": "",
    "components/modules/other/main.tf": "",
    "scripts/boot.sh": "true",
    "scripts/after.sh": "true",
    "scripts/make.sh": "true",
    "scripts/unread.sh": "true",
    "texts/a.tpl": "a",
    "shared/text": "x",
    "README.md": "x",
}


def content(root: Path) -> str:
    """Of the one instance, as these files have it."""
    repository = Repository.open(root, environ={"PATH": os.environ["PATH"]})
    nothing = cast("Any", None)
    return content_of(CheckoutFiles(repository, "c", nothing, nothing), InstanceKey("dev", "web"))


@pytest.fixture(name="root")
def repository(tmp_path: Path) -> Path:
    """With a link in the component to a folder elsewhere."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "components/terraform/web/linked").symlink_to("../../../shared")
    (tmp_path / "components/terraform/web/round").symlink_to(".")
    (tmp_path / "components/terraform/web/out").symlink_to("/etc")
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "components/terraform/web/files/inner", "components/modules/own/main.tf", "scripts/boot.sh", "scripts/after.sh",
        "scripts/make.sh", "texts/a.tpl", "texts/new.tpl", "shared/text",
    ],
)  # fmt: skip
def test_what_the_component_or_its_manifest_names_is_of_its_content(root: Path, name: str) -> None:
    """A script, a template whose name is computed, a local module, a program of `!exec`, what a link leads to."""
    before = content(root)
    assert content(root) == before
    (root / name).write_text('locals { x = "another" }')
    assert content(root) != before


@pytest.mark.parametrize("name", ["scripts/unread.sh", "README.md", "components/modules/other/main.tf"])
def test_what_nothing_of_it_names_is_not(root: Path, name: str) -> None:
    """Nor how its HCL is laid out, nor where the repository lies."""
    before = content(root)
    (root / name).write_text("another = 1")
    code = root / "components/terraform/web/main.tf"
    code.write_text(f"# a comment\n{CODE}\n")
    moved = root.rename(root.with_name(f"{root.name}-moved"))
    assert content(moved) == before
