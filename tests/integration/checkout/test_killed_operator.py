"""An operator's `gaia terraform apply`, `destroy` or `gaia import` dies by SIGKILL at its points; the same words again.

In a checkout that nobody registered, with states beside the code. Nothing is made twice, nothing is lost, and states
say what there is.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground, ids, spread

if TYPE_CHECKING:
    from pathlib import Path

    from _pytest.mark import ParameterSet

CODE = """
resource "terraform_data" "first" {
  input = var.stage
  provisioner "local-exec" {
    command = "echo ${self.id} >> MADE/$(basename $TF_WORKSPACE)"
  }
}
resource "terraform_data" "second" {
  input = terraform_data.first.id
}
output "first" {
  value = terraform_data.first.id
}
"""
IMPORTED = """
resource "terraform_data" "a" {}
resource "terraform_data" "b" {}
"""
MATTER = ("journals/", "start apply")
"""What the points say at which a change could be torn: each line of the journal, and the terraform that changes."""
APPLY = ("terraform", "apply", "one", "-s", "dev", "-auto-approve")
DESTROY = ("terraform", "destroy", "one", "-s", "dev", "-auto-approve")
IMPORT = ("import", "one", "-s", "dev", "terraform_data.a=a", "terraform_data.b=b", "--yes")
SLICE = os.environ.get("GAIA_POINTS", "")


def chosen(points: list[str], few: int) -> list[int]:
    """All points of this slice in nights, else every other of those that matter, and a few more."""
    if SLICE:
        first, each = map(int, SLICE.split("/"))
        return list(range(first, len(points) + 1, each))
    return spread(points, MATTER, few)[:: 1 if few > 10 else 3]


def tries(cloud: int) -> list[ParameterSet]:
    """Some points in `make test-cloud`, the most in `make chaos`; all of them in nights."""
    return [pytest.param(cloud, marks=pytest.mark.cloud), pytest.param(40, marks=pytest.mark.chaos)]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """The repository, with the component that leaves a line for each that is made."""
    made = Ground(tmp_path / "repository")
    made.code(CODE.replace("MADE", str(made.made)))
    return made


@pytest.mark.parametrize("few", tries(4))
def test_an_application_typed_again_is_finished(ground: Ground, few: int) -> None:
    """Whatever was done; a plan finds nothing to do."""
    for _ in range(2):
        points = ground.dies(0, *APPLY)
        ground.run(*DESTROY)
        ground.forget("one")
    for number in chosen(points, few):
        passed = ground.dies(number, *APPLY)
        ground.run(*APPLY)
        ground.run("terraform", "plan", "one", "-s", "dev", "-detailed-exitcode")
        state = ground.state("one")
        assert len(ids(state)) == 2, passed[-1]
        assert state["outputs"]["first"]["value"] in ids(state), passed[-1]
        assert not [one for entry in state["resources"] for one in entry["instances"] if one.get("status")], passed[-1]
        ground.run(*DESTROY)
        assert ids(ground.state("one")) == [], passed[-1]
        ground.forget("one")


@pytest.mark.parametrize("few", tries(4))
def test_a_destruction_typed_again_is_finished(ground: Ground, few: int) -> None:
    """Nothing is left, and it can be made anew."""
    for _ in range(2):
        ground.run(*APPLY)
        points = ground.dies(0, *DESTROY)
        ground.forget("one")
    for number in chosen(points, few):
        ground.run(*APPLY)
        passed = ground.dies(number, *DESTROY)
        ground.run(*DESTROY)
        assert ids(ground.state("one")) == [], passed[-1]
        ground.forget("one")


@pytest.mark.parametrize("few", tries(4))
def test_an_import_typed_again_is_finished(ground: Ground, few: int) -> None:
    """Each is in the state once; nothing is made."""
    ground.code(IMPORTED)
    points = ground.dies(0, *IMPORT)
    ground.forget("one")
    for number in chosen(points, few):
        passed = ground.dies(number, *IMPORT)
        said = ground.run(*IMPORT, fine=range(9))
        assert "imported" in said or "nothing to change" in said or "import-missing" in said, (passed[-1], said)
        assert ids(ground.state("one")) == ["a", "b"], (passed[-1], said)
        ground.run("terraform", "plan", "one", "-s", "dev", "-detailed-exitcode")
        ground.run(*APPLY)
        ground.forget("one")
