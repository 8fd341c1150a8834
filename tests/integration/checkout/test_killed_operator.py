"""An operator's `gaia terraform apply`, `destroy` or `gaia import` dies by SIGKILL at its points; the same words again.

In a checkout that nobody registered, with states beside the code. Nothing is made twice, nothing is lost, and states
say what there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground, chosen, ids

if TYPE_CHECKING:
    from pathlib import Path


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
pytestmark = pytest.mark.long(1)
tries = pytest.mark.parametrize(
    "every",
    [pytest.param(False, marks=pytest.mark.cloud, id="some"), pytest.param(True, marks=pytest.mark.chaos, id="every")],
)
"""Some points in `make test-cloud`, all of them in `make chaos` and nights."""
at_every_point = pytest.mark.parametrize("every", [pytest.param(True, marks=pytest.mark.chaos, id="every")])


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """The repository, with the component that leaves a line for each that is made."""
    made = Ground(tmp_path / "repository")
    made.code(CODE.replace("MADE", str(made.made)))
    return made


@tries
def test_an_application_typed_again_is_finished(ground: Ground, every: bool) -> None:
    """Whatever was done; a plan finds nothing to do."""
    for _ in range(2):
        points = ground.dies(0, *APPLY)
        ground.run(*DESTROY)
        ground.forget("one")
    (ground.made / "dev-one").unlink()
    for number in chosen(points, MATTER, every=every):
        passed = ground.dies(number, *APPLY)
        ground.run(*APPLY)
        ground.run("terraform", "plan", "one", "-s", "dev", "-detailed-exitcode")
        state = ground.state("one")
        assert len(ids(state)) == 2, passed[-1]
        assert state["outputs"]["first"]["value"] in ids(state), passed[-1]
        log = ground.made / "dev-one"
        assert log.read_text().split()[-1] == state["outputs"]["first"]["value"], passed[-1]
        log.unlink()
        assert not [one for entry in state["resources"] for one in entry["instances"] if one.get("status")], passed[-1]
        ground.run(*DESTROY)
        assert ids(ground.state("one")) == [], passed[-1]
        ground.forget("one")


@tries
def test_a_destruction_typed_again_is_finished(ground: Ground, every: bool) -> None:
    """Nothing is left, and it can be made anew."""
    for _ in range(2):
        ground.run(*APPLY)
        points = ground.dies(0, *DESTROY)
        ground.forget("one")
    for number in chosen(points, MATTER, every=every):
        ground.run(*APPLY)
        passed = ground.dies(number, *DESTROY)
        ground.run(*DESTROY)
        assert ids(ground.state("one")) == [], passed[-1]
        ground.forget("one")


@at_every_point
def test_an_application_takes_the_place_of_a_killed_destruction(ground: Ground, every: bool) -> None:
    """She wants it back: what is gone is made, what is still there stays, and the state has each once."""
    for _ in range(2):
        ground.run(*APPLY)
        points = ground.dies(0, *DESTROY)
        ground.forget("one")
    for number in chosen(points, MATTER, every=every):
        ground.run(*APPLY)
        passed = ground.dies(number, *DESTROY)
        ground.run(*APPLY)
        ground.run("terraform", "plan", "one", "-s", "dev", "-detailed-exitcode")
        state = ground.state("one")
        assert len(ids(state)) == 2, passed[-1]
        assert state["outputs"]["first"]["value"] in ids(state), passed[-1]
        ground.run(*DESTROY)
        assert ids(ground.state("one")) == [], passed[-1]
        ground.forget("one")


@at_every_point
def test_a_destruction_takes_the_place_of_a_killed_application(ground: Ground, every: bool) -> None:
    """Nothing is left. What exists in the state alone is never in doubt; of other things see `apply-unfinished`."""
    for _ in range(2):
        points = ground.dies(0, *APPLY)
        ground.run(*DESTROY)
        ground.forget("one")
    for number in chosen(points, MATTER, every=every):
        passed = ground.dies(number, *APPLY)
        ground.run(*DESTROY)
        assert ids(ground.state("one")) == [], passed[-1]
        ground.run(*APPLY)
        assert len(ids(ground.state("one"))) == 2, passed[-1]
        ground.run(*DESTROY)
        ground.forget("one")


@tries
def test_an_import_typed_again_is_finished(ground: Ground, every: bool) -> None:
    """Each is in the state once; nothing is made."""
    ground.code(IMPORTED)
    points = ground.dies(0, *IMPORT)
    ground.forget("one")
    for number in chosen(points, MATTER, every=every):
        passed = ground.dies(number, *IMPORT)
        said = ground.run(*IMPORT, fine=range(9))
        assert "imported" in said or "nothing to change" in said or "import-missing" in said, (passed[-1], said)
        assert ids(ground.state("one")) == ["a", "b"], (passed[-1], said)
        ground.run("terraform", "plan", "one", "-s", "dev", "-detailed-exitcode")
        ground.run(*APPLY)
        ground.forget("one")
