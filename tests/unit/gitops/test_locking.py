"""Locks of a service, in a real git repository."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.unit.gitops.conftest import DIGEST, IMAGE, OTHER
from tests.unit.gitops.ground import PHOTOS

from gaia.errors import Conflict, GaiaError, Invalid, NotFound
from gaia.gitops import locking, locks
from gaia.gitops.locks import Lock
from gaia.gitops.model import Place
from gaia.gitops.standing import standings

if TYPE_CHECKING:
    from tests.unit.gitops.ground import Ground

NEWER = IMAGE.replace(DIGEST, OTHER)
ADAS = Lock("ada", "we look into an incident", datetime(2026, 12, 1, 8, tzinfo=UTC))
PATH = f"{PHOTOS.folder}/lock.yaml"


def _lock(ground: Ground, lock: Lock = ADAS, place: Place = PHOTOS) -> str:
    found = ground.open()
    return found.make(locking.lock(found, place, lock)).commit


def test_a_locked_service_is_not_released_and_not_promoted_to(ground: Ground) -> None:
    """Who locked it, why and since when is told; other stages are free, and so is it when the lock is gone."""
    ground.make()
    ground.make(stage="staging")
    commit = _lock(ground)
    assert ground.remote("log", "-1", "--format=%(trailers)", commit).split("\n")[:2] == [
        "Gaia-Locked: acme/dev/photos",
        "Gaia-By: ada",
    ]
    with pytest.raises(Conflict, match=r"ada locked it at 2026-12-01T08:00:00\.000Z: we look into") as caught:
        ground.make("remote.git", image=NEWER)
    assert caught.value.code == "release-locked"
    assert "unlock" in str(caught.value.next_step.act)  # type: ignore[attr-defined]
    ground.make(stage="staging", image=NEWER)
    _lock(ground, place=Place("acme", "staging", "photos"))
    with pytest.raises(Conflict) as promoted:
        ground.open().promotion(PHOTOS)
    assert promoted.value.code == "release-locked"
    found = ground.open()
    found.make(locking.unlock(found, PHOTOS, "bob"))
    assert ground.make(image=NEWER)


def test_a_lock_is_there_once(ground: Ground) -> None:
    """The same again is nothing to do, and another one is refused: it would hide the first one's reason."""
    ground.make()
    _lock(ground)
    found = ground.open()
    assert locking.lock(found, PHOTOS, ADAS).is_empty
    with pytest.raises(Conflict) as caught:
        locking.lock(found, PHOTOS, Lock("bob", "mine", ADAS.since))
    assert caught.value.code == "release-locked"
    found.make(locking.unlock(found, PHOTOS, "ada"))
    assert locking.unlock(ground.open(), PHOTOS, "ada").is_empty


def test_a_lock_is_shown(ground: Ground) -> None:
    """Beside what is released, and read anew although the files are known."""
    ground.make()
    cache = ground.folder / "cache"
    assert standings(ground.open(), cache)[0].lock is None
    _lock(ground)
    for _ in range(2):
        (one,) = standings(ground.open(), cache)
        assert (one.state, one.lock) == ("current", ADAS)


@pytest.mark.parametrize("text", ["", "locked", "who: ada\n", "who: [1]\n", "who: ada\nwhy: x\nsince: soon\n", "a: &a"])
def test_a_lock_that_nobody_can_read_holds(ground: Ground, text: str) -> None:
    """A file spoilt by hand must not let a release through; taking it away does."""
    ground.make()
    ground.write(PATH, text)
    with pytest.raises(Invalid):
        ground.make(image=NEWER)
    (one,) = standings(ground.open(), ground.folder / "cache")
    assert one.state == "broken"
    found = ground.open()
    found.make(locking.unlock(found, PHOTOS, "ada"))
    assert ground.make(image=NEWER)


def test_what_is_released_nowhere_has_no_lock(ground: Ground) -> None:
    """A name mistyped would lock nothing, and its owner would think it did."""
    ground.make()
    nowhere = Place("acme", "dev", "fotos")
    with pytest.raises(NotFound) as caught:
        locking.lock(ground.open(), nowhere, ADAS)
    assert caught.value.code == "release-nowhere"
    with pytest.raises(NotFound):
        locking.unlock(ground.open(), nowhere, "ada")


@pytest.mark.parametrize("why", ["", "  ", "a\nb", "a\tb", "x" * 301, "\x1b[2Jx", "a\u202eb"])
def test_a_reason_is_a_line(why: str) -> None:
    """It stands in a file, in a commit and on terminals."""
    with pytest.raises(GaiaError) as caught:
        locks.reason(why)
    assert caught.value.code == "release-lock-reason"
    assert "\x1b" not in caught.value.message
