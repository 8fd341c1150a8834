"""gaia.scaffold.clone: what a proposal brings along when it is put on another commit, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.scaffold.test_clone import MANIFEST, clone, commit, propose, prototype, source

if TYPE_CHECKING:
    from gaia.kit.git import Git
    from gaia.scaffold.clone import Clone

__all__ = ["clone", "prototype", "source"]

pytestmark = pytest.mark.slow


def test_a_branch_is_rebased_over_an_unrelated_commit(clone: Clone, source: Git) -> None:
    """The same change is published on top of the newer commit, with its message."""
    propose(clone, clone.fetch())
    newer = commit(source, "other.txt", "x")
    assert clone.publish("gaia/req_1") == clone.tip("gaia/req_1") == source.head()
    assert (source.folder / "other.txt").exists()
    assert source("log", "-1", "--format=%s %P") == f"Add photos {newer}"


def test_what_the_owner_dropped_is_not_published_again(clone: Clone, source: Git) -> None:
    """Proposed on a commit that is no longer there, only the proposal itself is put on what the branch is now."""
    kept = source.head()
    dropped = commit(source, "dropped.txt", "x")
    propose(clone, clone.fetch())
    source("reset", "-q", "--hard", kept)
    published = clone.publish("gaia/req_1")
    assert source.head() == published
    assert source("rev-parse", f"{published}^").strip() == kept
    assert clone.files(published) == clone.files(kept) | {MANIFEST}
    assert dropped not in source("rev-list", published).split()


def test_what_was_forced_over_is_not_published_again(clone: Clone, source: Git) -> None:
    """The owner amended the commit below the proposal: the amended one stays, the old one does not come back."""
    old = commit(source, "amended.txt", "old")
    propose(clone, clone.fetch())
    (source.folder / "amended.txt").write_text("new")
    source("commit", "-q", "-a", "--amend", "-m", "Amended")
    published = clone.publish("gaia/req_1")
    assert old not in source("rev-list", published).split()
    assert (source.folder / "amended.txt").read_text() == "new"
    assert (source.folder / MANIFEST).exists()


def test_a_proposal_upon_a_proposal_brings_both(clone: Clone, source: Git) -> None:
    """A service that was never published is retired on top of its own proposal; both follow the source."""
    first = propose(clone, clone.fetch())
    second = clone.propose("gaia/req_2", first, {MANIFEST: None, "also.txt": b"x"}, "Retire photos")
    newer = commit(source, "other.txt", "x")
    published = clone.publish("gaia/req_2")
    assert published != second
    assert source("rev-parse", f"{published}^").strip() == newer
    assert clone.files(published) == clone.files(newer) | {"also.txt"}
