"""A git worktree of a registered repository: local states are those of the registered checkout, and none is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground, ids

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cloud
STATES = "components/terraform/note/terraform.tfstate.d"
PLAN = ("terraform", "plan", "one", "-s", "dev", "-detailed-exitcode")
APPLY = ("terraform", "apply", "one", "-s", "dev", "-auto-approve")


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """The repository, committed, and a git worktree of it beside it."""
    made = Ground(tmp_path / "repository")
    made.code('resource "terraform_data" "a" {\n  input = var.stage\n}\n')
    made.write(".gitignore", "*.tfstate*\nterraform.tfstate.d\n")
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "all"),
        ("worktree", "add", "-q", "-b", "work", str(tmp_path / "tree")),
    ):
        subprocess.run(["git", *words], cwd=made.root, check=True)
    return made


def there(ground: Ground, *words: str) -> subprocess.CompletedProcess[str]:
    """`gaia …` in the worktree."""
    return subprocess.run(
        [sys.executable, "-m", "gaia", *words],
        cwd=ground.root.parent / "tree", env=ground.environ, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_a_worktree_of_a_registered_repository_has_its_states(ground: Ground) -> None:
    """What is made in the one is there in the other, and the file lies in the registered checkout alone."""
    ground.run("adopt")
    done = there(ground, *APPLY)
    assert done.returncode == 0, done.stderr
    assert len(ids(ground.state("one"))) == 1
    assert not (ground.root.parent / "tree" / STATES).exists()
    ground.run(*PLAN)
    assert there(ground, *PLAN).returncode == 0


def test_a_worktree_of_another_has_its_own_and_says_so_later(ground: Ground) -> None:
    """As Atmos does it. Once the repository is registered, what such a state holds is never made a second time."""
    assert there(ground, *APPLY).returncode == 0
    own = ground.root.parent / "tree" / STATES
    assert (own / "dev-one/terraform.tfstate").is_file()
    assert ground.state("one") == {}
    ground.run("adopt")
    for words in (PLAN, APPLY):
        refused = there(ground, *words)
        assert refused.returncode != 0
        said = " ".join(refused.stderr.split())
        assert "has a state in this git worktree" in said
        assert "move the file there" in said
    assert ground.state("one") == {}
    shutil.copytree(own, ground.root / STATES)  # the older of two of the same is in nobody's way
    assert there(ground, *PLAN).returncode == 0
    shutil.rmtree(own)
    assert there(ground, *PLAN).returncode == 0
    ground.run(*PLAN)
