"""A checkout in the place of a commit: files as they lie, and what git says of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import STACK

from gaia.checkout.files import Revision
from gaia.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.checkout.conftest import Ground


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A new work tree."""
    (tmp_path / "tree").mkdir()
    made = Git(tmp_path / "tree", dict(os.environ))
    made("init", "-q")
    return made


def test_outside_of_git_there_is_no_commit(tmp_path: Path) -> None:
    """What lies there is what counts."""
    revision = Revision.of(tmp_path, dict(os.environ))
    assert (revision, str(revision)) == (Revision("", 0), "in no commit")


def test_before_the_first_commit(git: Git, tmp_path: Path) -> None:
    """Files are counted, and there is no commit."""
    (tmp_path / "tree/a").write_text("")
    assert Revision.of(tmp_path / "tree", dict(os.environ)) == Revision("", 1)
    del git


def test_uncommitted_files_are_counted(git: Git, tmp_path: Path) -> None:
    """Changed, new and removed ones, below the folder; as the line says that comes before a plan."""
    tree = tmp_path / "tree"
    for name in ("a", "b", "inner/c"):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("1")
    git("add", "-A")
    git("commit", "-q", "-m", "Begin")
    head = git.head()
    assert str(Revision.of(tree, dict(os.environ))) == f"at {head[:12]}"
    (tree / "a").write_text("2")
    assert str(Revision.of(tree, dict(os.environ))) == f"at {head[:12]} and 1 uncommitted file"
    (tree / "b").unlink()
    (tree / "new").mkdir()
    (tree / "new/d").write_text("")
    (tree / "new/e").write_text("")
    assert Revision.of(tree, dict(os.environ)) == Revision(head, 4)
    assert str(Revision.of(tree, dict(os.environ))).endswith("and 4 uncommitted files")
    assert Revision.of(tree / "inner", dict(os.environ)) == Revision(head, 0)


def test_policies_of_the_repository_bind(ground: Ground) -> None:
    """Those of the package are asked where it has none, and only report."""
    files = ground.files()
    assert files.policies_bind
    assert [rule.name for rule in files.policies.about("plan")] != []
    for path in sorted((ground.root / "policies").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (ground.root / "policies").rmdir()
    rule = "package gaia.plan.packaged\n\n# METADATA\n# title: Packaged\n"
    package = ground.root.parent / "package/policies/plan/packaged.rego"
    package.parent.mkdir(parents=True)
    package.write_text(rule)
    files = ground.files()
    assert not files.policies_bind


def test_edits_that_nobody_committed_are_read(ground: Ground) -> None:
    """There is no other copy."""
    ground.write(**{"stacks/net.yaml": (ground.root / "stacks/net.yaml").read_text().replace("shared", "edited")})
    files = ground.files()
    assert files.repository.instance("net", STACK).vars["text"] == "edited"
    assert (files.tree, files.components) == (ground.root.resolve(), "components")
    assert files.copying(files.repository.instance("net", STACK)) is not None


def test_who_says_where_states_are(ground: Ground) -> None:
    """The stacks, unless `auto_generate_backend_file: false` leaves it to the code."""
    assert ground.files().backends
    atmos = (ground.root / "atmos.yaml").read_text()
    ground.write(
        **{
            "atmos.yaml": atmos.replace(
                "{base_path: components}", "{base_path: components, auto_generate_backend_file: false}"
            )
        }
    )
    assert not ground.files().backends
