"""The other side of a comparison, read from git."""

from __future__ import annotations

import subprocess
import tempfile
from typing import TYPE_CHECKING

import pytest

from gaia.errors import NotFound
from gaia.graph.base import at_path, at_ref
from gaia.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture(name="environ")
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Mapping[str, str]:
    """A temporary folder of the test's own, so that leftovers are seen."""
    import os

    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return {"PATH": os.environ["PATH"]}


@pytest.fixture(name="git")
def repository(tmp_path: Path, environ: Mapping[str, str]) -> Git:
    """A repository whose platform is in a folder of its own; one commit."""
    top = tmp_path / "top"
    (top / "platform/stacks").mkdir(parents=True)
    (top / "platform/atmos.yaml").write_text("a: 1\n")
    (top / "platform/stacks/x.yaml").write_text("x: 1\n")
    (top / "shared.txt").write_text("1\n")
    (top / ".gitignore").write_text("*.log\n")
    git = Git(top, environ)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    return git


def test_a_commit_is_read_beside_the_checkout(git: Git, environ: Mapping[str, str], tmp_path: Path) -> None:
    """Committed, staged, changed and new files all count; nothing in the checkout, the index or the refs moves."""
    root = git.folder / "platform"
    (root / "stacks/new.yaml").write_text("n: 1\n")
    (root / "stacks/x.yaml").write_text("x: 2\n")
    (git.folder / "shared.txt").write_text("2\n")
    git("add", "shared.txt")
    (root / "run.log").write_text("ignored\n")
    index = (git.folder / ".git/index").read_bytes()
    refs, status = git("for-each-ref"), git("--no-optional-locks", "status", "--porcelain")
    with at_ref(root, None, environ) as base:
        assert (base.root / "stacks/x.yaml").read_text() == "x: 1\n"
        assert not (base.root / "stacks/new.yaml").exists()
        assert base.changed == {"stacks/x.yaml", "stacks/new.yaml", "../shared.txt"}
        assert (base.name, base.commit) == ("HEAD", git.head())
    assert list((tmp_path / "tmp").iterdir()) == []
    assert (git.folder / ".git/index").read_bytes() == index
    assert (git("for-each-ref"), git("--no-optional-locks", "status", "--porcelain")) == (refs, status)
    assert git("worktree", "list").count("\n") == 0


def test_no_attribute_hides_a_file_of_a_commit(git: Git, environ: Mapping[str, str]) -> None:
    """Policies among them: `export-ignore` is for archives, and `export-subst` would change what is compared."""
    root = git.folder / "platform"
    (git.folder / ".gitattributes").write_text("platform/stacks/** export-ignore export-subst\n")
    (root / "stacks/x.yaml").write_text("x: $Format:%H$\n")
    git("add", "-A")
    git("commit", "-q", "-m", "second")
    with at_ref(root, "HEAD", environ) as base:
        assert (base.root / "stacks/x.yaml").read_text() == "x: $Format:%H$\n"


def test_the_folder_is_gone_after_an_error(git: Git, environ: Mapping[str, str], tmp_path: Path) -> None:
    """Also when what is done with it fails."""
    with pytest.raises(RuntimeError), at_ref(git.folder / "platform", "main", environ):
        raise RuntimeError
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_remotes_main_branch_is_the_default(git: Git, environ: Mapping[str, str], tmp_path: Path) -> None:
    """In a clone with commits of its own, as in a pipeline; a shallow clone will do."""
    other = Git(tmp_path / "clone", environ)
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{git.folder}", str(other.folder)], check=True, env=dict(environ)
    )
    (other.folder / "platform/stacks/x.yaml").write_text("x: 3\n")
    other("commit", "-q", "-a", "-m", "second")
    with at_ref(other.folder / "platform", None, environ) as base:
        assert (base.root / "stacks/x.yaml").read_text() == "x: 1\n"
        assert base.changed == {"stacks/x.yaml"}
        assert base.name == "origin/HEAD"


def test_another_clone_is_compared_as_it_is(git: Git, environ: Mapping[str, str], tmp_path: Path) -> None:
    """By content, ignored files left out."""
    other = Git(tmp_path / "clone", environ)
    subprocess.run(["git", "clone", "-q", str(git.folder), str(other.folder)], check=True, env=dict(environ))
    (other.folder / "platform/stacks/x.yaml").write_text("x: 3\n")
    (other.folder / "platform/b.log").write_text("ignored\n")
    (git.folder / "platform/atmos.yaml").unlink()
    with at_path(git.folder / "platform", other.folder, environ) as base:
        assert base.changed == {"stacks/x.yaml", "atmos.yaml"}
        assert base.root == other.folder / "platform"


def test_what_git_does_not_know_is_refused(git: Git, environ: Mapping[str, str], tmp_path: Path) -> None:
    """A ref that is not there, also one that looks like an option; a folder outside of any repository."""
    for name in ("nothing", "--upload-pack=x", "HEAD~9"):
        with pytest.raises(NotFound) as caught, at_ref(git.folder / "platform", name, environ):
            pass
        assert caught.value.code == "ref-unknown"
    with pytest.raises(NotFound) as caught, at_ref(tmp_path / "nowhere", None, environ):
        pass
    assert caught.value.code == "not-in-git"


def test_a_commit_from_before_the_repository_is_refused(git: Git, environ: Mapping[str, str], tmp_path: Path) -> None:
    """There is nothing to compare with; the temporary folder is not named, for nobody can look into it."""
    (git.folder / "later").mkdir()
    (git.folder / "later/atmos.yaml").write_text("a: 1\n")
    with pytest.raises(NotFound) as caught, at_ref(git.folder / "later", "HEAD", environ):
        pass
    assert caught.value.code == "base-without-repository"
    assert caught.value.message == "HEAD has no platform repository in later: neither atmos.yaml nor stacks"
    assert list((tmp_path / "tmp").iterdir()) == []
