"""Releases taken back, in a real git repository."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.gitops.conftest import DIGEST, IMAGE, LAYOUT, OTHER
from tests.unit.gitops.ground import PHOTOS

from gaia.errors import Conflict, Invalid, NotFound
from gaia.gitops import locking, rolling_back
from gaia.gitops.locks import Lock
from gaia.gitops.model import Place
from gaia.gitops.written import document
from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.unit.gitops.ground import Ground

    from gaia.gitops.releasing import Commit, Releases

NEWER = IMAGE.replace(DIGEST, OTHER)
THIRD = IMAGE.replace(DIGEST, "sha256:" + "c" * 64)


def _taken(ground: Ground, place: str = "clone", to: str = "") -> tuple[Releases, Commit]:
    found = ground.open(place)
    return found, rolling_back.rollback(found, PHOTOS, "ada", to=to)[0]


def _take(ground: Ground, to: str = "") -> str:
    found, change = _taken(ground, to=to)
    return found.make(change).commit


def test_a_rollback_is_one_commit_that_holds(ground: Ground) -> None:
    """The files of the release before, what is held in the trailers, and a lock: in one, without force.

    A second one at the same time is told, and has nothing to do when it looks again; so has the same once more.
    """
    first = ground.make()
    second = ground.make(image=NEWER)
    at_once, other = _taken(ground, "remote.git")
    commit = _take(ground)
    assert ground.remote("rev-parse", f"{commit}^") == second
    told = ground.remote("log", "-1", "--format=%(trailers)", commit).splitlines()
    assert dict(line.split(": ", 1) for line in told if line) == {
        "Gaia-Release": "acme/dev/photos",
        "Gaia-By": "ada",
        "Gaia-Image": IMAGE,
        "Gaia-Rolled-Back-From": second,
        "Gaia-Rolled-Back-To": first,
        "Gaia-Held": NEWER,
    }
    changed = ground.remote("diff", "--name-only", first, commit, "--", "applications").splitlines()
    assert changed == [f"{PHOTOS.folder}/lock.yaml"]
    with pytest.raises(Conflict) as caught:
        at_once.make(other)
    assert caught.value.code == "gitops-overtaken"
    assert _taken(ground, "remote.git")[1].is_empty
    with pytest.raises(Conflict, match="rolled back from sha256:bbbbbbbbbbbb") as held:
        ground.make(image=NEWER)
    assert held.value.code == "release-locked"
    assert ground.open().lock(PHOTOS).held == NEWER  # type: ignore[union-attr]


def test_before_a_rollback_is_what_was_before_what_it_brought_back(ground: Ground) -> None:
    """And not what it took back; a named one is found by commit or digest, and held too."""
    oldest = ground.make(image=THIRD)
    ground.make()
    ground.make(image=NEWER)
    _take(ground)
    found = ground.open()
    found.make(locking.unlock(found, PHOTOS, "ada"))
    assert _taken(ground)[1].image == THIRD
    for name in (oldest[:8], "sha256:cccccccc", "c" * 64):
        assert _taken(ground, to=name)[1].image == THIRD
    for name in ("c", "HEAD", "--all", "e" * 40, "\x1b[2J", "aaaaaa"):
        with pytest.raises(NotFound) as caught:
            _taken(ground, to=name)
        assert caught.value.code == "release-unknown"
        assert "\x1b" not in caught.value.message
    _take(ground, to=oldest)
    found = ground.open()
    found.make(locking.unlock(found, PHOTOS, "ada"))
    with pytest.raises(Conflict) as none:
        _taken(ground)
    assert none.value.code == "release-first"
    with pytest.raises(NotFound):
        rolling_back.rollback(ground.open(), Place("acme", "dev", "music"), "ada")


def test_what_has_no_way_back_is_said_before_and_refused(ground: Ground) -> None:
    """When it is made, when it is promoted, and by a rollback over it too, whatever came after."""
    ground.make()
    ground.make(stage="staging", one_way="old")
    found, change = ground.change(image=NEWER, one_way="it drops the albums")
    assert change.notes == ("It cannot be taken back: it drops the albums",)
    found.make(change)
    promoted, release = ground.open().promotion(PHOTOS)
    assert release.one_way == "it drops the albums"
    assert promoted.notes
    ground.make(image=THIRD)
    assert ground.open().promotion(PHOTOS)[1].one_way == ""
    assert _taken(ground)[1].image == NEWER
    with pytest.raises(Conflict, match="it drops the albums") as caught:
        _taken(ground, to=DIGEST)
    assert caught.value.code == "release-one-way"


def test_what_it_needs_has_to_be_there(ground: Ground) -> None:
    """An output that is gone refuses it, a value of today is taken, and a secret that only it needs is told."""
    env: dict[str, Any] = {"QUEUE": {"output": "queue"}, "KEY": {"secret": "acme/dev/old", "property": "key"}}
    ground.make(env=env, outputs={"queue": "https://old"})
    ground.make(image=NEWER)
    found = ground.open()
    change, _ = rolling_back.rollback(found, PHOTOS, "ada")
    (note,) = change.notes
    assert "the secret acme/dev/old" in note
    with pytest.raises(Invalid) as caught:
        rolling_back.rollback(found, PHOTOS, "ada", outputs={"other": "x"})
    assert caught.value.code == "release-output-missing"
    change, release = rolling_back.rollback(found, PHOTOS, "ada", outputs={"queue": "https://new"})
    assert "https://new" in str(release.env["QUEUE"])
    assert "https://old" not in str(change.files)


def test_a_freeze_and_a_lock_let_it_through(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are about what is new; whose lock it was, and why, stays to be read."""
    ground.make()
    ground.make(image=NEWER)
    found = ground.open()
    since = datetime(2026, 12, 1, 8, tzinfo=UTC)
    found.make(locking.lock(found, PHOTOS, Lock("bob", "we look into an incident", since)))
    freeze = {"stage": "dev", "from": "2026-12-20T18:00Z", "until": "2027-01-02T08:00Z", "why": "the holidays"}
    ground.write("gitops.yaml", document(LAYOUT | {"freezes": [freeze]}))
    monkeypatch.setattr("gaia.kit.clock.now", lambda: datetime(2026, 12, 24, tzinfo=UTC))
    _take(ground)
    lock = ground.open().lock(PHOTOS)
    assert lock
    assert lock.why == "rolled back from sha256:bbbbbbbbbbbb; before that: we look into an incident"
    assert _taken(ground)[1].is_empty


def test_killed_before_the_push_nothing_was_taken_back(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The push is the one act: before it all is as it was, after it all is there, and the clone comes along later."""
    ground.make()
    before = ground.make(image=NEWER)
    real = process.run
    for word, is_done in (("push", False), ("merge", True)):
        found, change = _taken(ground)

        def run(arguments: Sequence[str | Path], word: str = word, **options: Any) -> process.Completed:
            if word in arguments:
                raise KeyboardInterrupt
            return real(arguments, **options)

        with monkeypatch.context() as patched:
            patched.setattr("gaia.kit.git.process.run", run)
            with pytest.raises(KeyboardInterrupt):
                found.make(change)
        assert (ground.remote.head("main") != before) == is_done
        assert ground.clone.is_clean()
    assert _taken(ground)[1].is_empty
    assert ground.remote("rev-list", "--count", "main") == "4"
