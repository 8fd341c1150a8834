"""The commits of a pull request, by git alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.hosts.state import git

from gaia.ci.code.commits import BEFORE, files_between, merged_tree, sides_of, stands_for, text_at
from gaia.errors import Conflict, NotFound
from gaia.graph.base import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {"PATH": os.environ["PATH"]}


@pytest.fixture(name="clone")
def with_a_branch(tmp_path: Path) -> Path:
    """`main` is two commits beyond where `change`, which is checked out, began."""
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for name in ("one", "two"):
        _commit(folder, name)
    git(folder, "checkout", "-q", "-b", "change")
    _commit(folder, "mine")
    git(folder, "checkout", "-q", "main")
    for name in ("three", "four"):
        _commit(folder, name)
    git(folder, "checkout", "-q", "change")
    return folder


def _commit(folder: Path, name: str) -> None:
    (folder / name).write_text(name)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)


def test_rules_come_from_where_the_base_is_and_the_change_from_where_the_branch_began(clone: Path) -> None:
    """Two commits of the same branch."""
    sides = sides_of(clone, "main", "HEAD", ENVIRON)
    assert sides.base == git(clone, "rev-parse", "main")
    assert sides.fork_point == git(clone, "rev-parse", "main~2")
    assert files_between(clone, sides, ENVIRON) == ("mine",)
    assert text_at(clone, sides.base, ("none", "four"), ENVIRON) == ("four", "four")
    assert text_at(clone, sides.fork_point, ("four",), ENVIRON) == ("", "")
    assert stands_for(clone, sides, sides.head, ENVIRON)
    assert not stands_for(clone, sides, sides.fork_point, ENVIRON)


def test_of_a_merge_commit_the_change_is_what_differs_from_the_base(clone: Path) -> None:
    """As hosts check it out."""
    git(clone, "merge", "-q", "--no-edit", "main")
    sides = sides_of(clone, "main", "HEAD", ENVIRON)
    assert sides.base == sides.fork_point
    assert files_between(clone, sides, ENVIRON) == ("mine",)
    assert stands_for(clone, sides, git(clone, "rev-parse", "HEAD^1"), ENVIRON)
    _commit(clone, "one more on top")
    later = sides_of(clone, "main", "HEAD", ENVIRON)
    assert not stands_for(clone, later, git(clone, "rev-parse", "HEAD^1"), ENVIRON)


def test_a_merge_with_anything_but_the_base_stands_for_nothing(clone: Path) -> None:
    """Else what was allowed could bring along what was not."""
    head = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-q", "-b", "other", "main~1")
    _commit(clone, "elsewhere")
    git(clone, "merge", "-q", "--no-edit", head)
    assert not stands_for(clone, sides_of(clone, "main", "HEAD", ENVIRON), head, ENVIRON)


def test_a_merge_that_somebody_made_by_hand_stands_for_nothing(clone: Path) -> None:
    """Its parents are right, and its files are not those that git makes of them."""
    head = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-q", "-b", "evil", "main")
    git(clone, "merge", "-q", "--no-edit", head)
    assert stands_for(clone, sides_of(clone, "main", "HEAD", ENVIRON), head, ENVIRON)
    (clone / "evil").write_text("more")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "--amend", "--no-edit")
    assert len(git(clone, "rev-list", "--parents", "-n1", "HEAD").split()) == 3
    assert not stands_for(clone, sides_of(clone, "main", "HEAD", ENVIRON), head, ENVIRON)


def test_only_a_commit_that_lies_here_whole_is_planned(clone: Path, tmp_path: Path) -> None:
    """Nothing that is not committed, but for what runs leave; no other commit; no commit that git does not know."""
    (clone / "x.tfstate").write_text("{}")
    (clone / ".terraform.lock.hcl").write_text("")
    (clone / "out").mkdir()
    (clone / "out/comment.md").write_text("")
    assert sides_of(clone, "main", "change", ENVIRON, written=clone / "out")
    for name, text in (("new", ""), ("one", "changed")):
        (clone / name).write_text(text)
        with pytest.raises(Conflict) as caught:
            sides_of(clone, "main", "HEAD", ENVIRON, written=clone / "out")
        assert (caught.value.code, caught.value.facts) == ("files-uncommitted", {"files": [name]})
        (clone / name).write_text("one") if name == "one" else (clone / name).unlink()
    for base, head, code in (("main", "main", "head-elsewhere"), ("nope", "HEAD", "ref-unknown")):
        with pytest.raises((Conflict, NotFound)) as found:
            sides_of(clone, base, head, ENVIRON, written=clone / "out")
        assert found.value.code == code
    with pytest.raises(NotFound, match="not in a git"):
        sides_of(tmp_path, "main", "HEAD", ENVIRON)


def test_histories_that_do_not_meet_are_told(clone: Path) -> None:
    """A shallow clone, mostly."""
    git(clone, "checkout", "-q", "--orphan", "alone")
    git(clone, "commit", "-qm", "alone")
    with pytest.raises(Conflict) as caught:
        sides_of(clone, "main", "HEAD", ENVIRON)
    assert caught.value.code == "histories-apart"


@pytest.mark.parametrize(("base", "step"), [(DEFAULT, "--base"), (BEFORE, "fetch-depth"), ("alone^1", "git log")])
def test_a_base_that_nobody_named_is_not_called_by_gits_name_for_it(clone: Path, base: str, step: str) -> None:
    """Of a clone that does not know it the message says what is missing, and how to get it."""
    git(clone, "checkout", "-q", "--orphan", "alone")
    git(clone, "commit", "-qm", "alone")
    with pytest.raises(NotFound) as caught:
        sides_of(clone, base, "HEAD", ENVIRON)
    assert caught.value.code == "ref-unknown"
    assert step in (caught.value.next_step or "")
    assert "refs/" not in caught.value.message
    assert "HEAD" not in caught.value.message


def test_what_a_merge_would_give_lies_in_a_tree_of_its_own(clone: Path) -> None:
    """As a commit that stands for the head; the clone stays as it was, and of a conflict nothing is left."""
    main, head = git(clone, "rev-parse", "main"), git(clone, "rev-parse", "HEAD")
    (clone / "deeper").mkdir()
    (clone / "deeper/one").write_text("new")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "deeper")
    with merged_tree(clone / "deeper", main, git(clone, "rev-parse", "HEAD"), ENVIRON) as folder:
        sides = sides_of(folder, main, "HEAD", ENVIRON)
        assert (sides.base, sides.fork_point) == (main, main)
        assert stands_for(folder, sides, git(clone, "rev-parse", "HEAD"), ENVIRON)
        assert sorted(one.name for one in folder.parent.iterdir() if one.is_file()) == [
            ".git", "four", "mine", "one", "three", "two",
        ]  # fmt: skip
    assert not folder.exists()
    assert len(git(clone, "worktree", "list").splitlines()) == 1
    (clone / "four").write_text("mine")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "four")
    for other, code in ((git(clone, "rev-parse", "HEAD"), "merge-conflict"), ("0" * 39 + "1", "head-unknown")):
        with pytest.raises(Conflict) as caught, merged_tree(clone, main, other, ENVIRON):
            pass
        assert caught.value.code == code
    assert git(clone, "merge-base", "HEAD", head) == head
