"""Releases in a real git repository: a clone with a remote, a clone without one, and a remote alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.gitops.conftest import DIGEST, IMAGE, LAYOUT, LEAST, OTHER
from tests.unit.gitops.ground import PHOTOS, Ground

from gaia.errors import Conflict, GaiaError, NotFound, Refused
from gaia.gitops import files
from gaia.gitops.model import Place
from gaia.gitops.standing import standings
from gaia.gitops.written import document
from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gaia.gitops.layout import Layout
    from gaia.gitops.model import Release

NEWER = IMAGE.replace(DIGEST, OTHER)


def test_a_release_is_one_commit_everywhere(ground: Ground) -> None:
    """With its trailers, in the remote and in the clone; the same once more is nothing to do."""
    commit = ground.make()
    assert ground.remote.head("main") == ground.clone.head() == commit
    assert ground.clone.is_clean()
    trailers = ground.remote("log", "-1", "--format=%(trailers)", "main").split("\n")
    assert trailers[:3] == ["Gaia-Release: acme/dev/photos", f"Gaia-Image: {IMAGE}", "Gaia-Request: req_1"]
    assert ground.change()[1].is_empty
    assert ground.remote("rev-list", "--count", "main") == "2"
    assert not ground.clone("for-each-ref", "refs/gaia/draft*")


def test_the_next_one_shows_the_digest_and_nothing_else(ground: Ground) -> None:
    """That is what a reviewer reads."""
    ground.make()
    _, change = ground.change(image=NEWER)
    lines = [line[0] for line in change.difference.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert sorted(lines) == ["+", "+", "-", "-"]
    assert all(DIGEST not in line for line in change.difference.splitlines() if line.startswith("+ "))


def test_what_is_not_made_any_more_goes(ground: Ground) -> None:
    """An object that no release names would live on in the cluster."""
    ground.make(route={"hosts": ["photos.acme.example.com"]})
    _, change = ground.change()
    assert [path for path, text in change.files.items() if text is None] == [
        "applications/acme/dev/photos/base/httproute.yaml"
    ]
    ground.make()
    assert not (ground.clone.folder / "applications/acme/dev/photos/base/httproute.yaml").exists()


def test_of_two_at_once_one_wins_and_the_other_is_told(ground: Ground) -> None:
    """Nothing of it is there; made again, it stands on the winner's."""
    first, one = ground.change()
    second, other = ground.change("remote.git", service="music")
    winner = first.make(one).commit
    with pytest.raises(Conflict) as caught:
        second.make(other)
    assert caught.value.code == "gitops-overtaken"
    assert ground.remote.head("main") == winner
    commit = ground.make("remote.git", service="music")
    assert ground.remote("rev-parse", f"{commit}^") == winner


def test_of_two_at_once_in_a_clone_without_a_remote_one_wins(ground: Ground) -> None:
    """There the branch itself decides."""
    ground.clone("remote", "remove", "origin")
    first, one = ground.change()
    second, other = ground.change(service="music")
    winner = first.make(one).commit
    with pytest.raises(Conflict) as caught:
        second.make(other)
    assert caught.value.code == "gitops-overtaken"
    assert ground.clone.head() == winner


def test_a_clone_that_lags_behind_is_brought_forward(ground: Ground) -> None:
    """The release stands on what everybody has."""
    before = ground.make("remote.git")
    assert ground.clone.head() != before
    after = ground.make(image=NEWER)
    assert ground.clone.head() == after
    assert ground.clone("rev-parse", f"{after}^") == before


def _dirty(ground: Ground) -> None:
    (ground.clone.folder / "notes.txt").write_text("x")


def _ahead(ground: Ground) -> None:
    ground.clone("commit", "-q", "--allow-empty", "-m", "mine")


def _detached(ground: Ground) -> None:
    ground.clone("checkout", "-q", "--detach")


def _other_branch(ground: Ground) -> None:
    ground.clone("checkout", "-q", "-b", "mine")


def _rewritten(ground: Ground) -> None:
    ground.open("remote.git")
    ground.clone("commit", "-q", "--amend", "-m", "other")
    ground.clone("push", "-q", "--force")


def _no_layout(ground: Ground) -> None:
    ground.clone("rm", "-q", "gitops.yaml")
    ground.clone("commit", "-q", "-m", "gone")
    ground.clone("push", "-q")


def _gone(ground: Ground) -> None:
    (ground.folder / "remote.git").rename(ground.folder / "away")


@pytest.mark.parametrize(
    ("spoilt", "place", "code"),
    [
        (_dirty, "clone", "gitops-dirty"),
        (_ahead, "clone", "gitops-diverged"),
        (_detached, "clone", "gitops-branch"),
        (_other_branch, "clone", "gitops-branch"),
        (_rewritten, "remote.git", "gitops-rewritten"),
        (_no_layout, "clone", "gitops-missing"),
        (_gone, "clone", "gitops-unreachable"),
        (_gone, "remote.git", "gitops-missing"),
        (_gone, "https://127.0.0.1:1/gitops", "gitops-unreachable"),
    ],
)
def test_a_repository_that_cannot_be_released_to_is_refused(
    ground: Ground, spoilt: Callable[[Ground], None], place: str, code: str
) -> None:
    """With one error, before anything is written."""
    spoilt(ground)
    with pytest.raises(GaiaError) as caught:
        _ = ground.open(place).layout
    assert caught.value.code == code
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("remote: error: GH006: Protected branch update failed for refs/heads/main.", "gitops-protected"),
        ("remote: releases only by pull request", "gitops-protected"),
    ],
)
def test_a_protected_branch_takes_nothing(ground: Ground, said: str, code: str) -> None:
    """The remote's own words are told."""
    hook = ground.remote.folder / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = ground.remote.head("main")
    with pytest.raises(Refused) as caught:
        ground.make()
    assert caught.value.code == code
    assert said.rstrip(".").rpartition(" ")[2] in caught.value.message
    assert ground.remote.head("main") == ground.clone.head() == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("remote: Permission to acme/gitops.git denied to ci.\nfatal: returned error: 403", "gitops-read-only"),
        ("error: remote unpack failed: unable to create temporary object directory", "gitops-read-only"),
        ("!\tabc:refs/heads/main\t[rejected] (fetch first)", "gitops-overtaken"),
        ("error: cannot lock ref 'refs/heads/main': is at a but expected b", "gitops-overtaken"),
        ("fatal: the remote end hung up unexpectedly https://me:hunter22@host/x", "gitops-push"),
    ],
)  # fmt: skip
def test_what_git_says_of_a_push_is_understood(words: str, code: str) -> None:
    """And no password of a URL is told on."""
    from gaia.gitops.pushing import push_failed

    error = push_failed(words, "here")
    assert error.code == code
    assert "hunter22" not in error.message


def test_promotion_copies_the_digest_and_nothing_else(ground: Ground) -> None:
    """From stage to stage in their order; who has not been there cannot be promoted to."""
    ground.make(image=NEWER)
    with pytest.raises(NotFound) as missing:
        ground.open().promotion(PHOTOS)
    assert missing.value.code == "release-missing"
    ground.make(stage="staging", replicas=3)
    found = ground.open()
    change, release = found.promotion(PHOTOS)
    assert (str(release.image), release.replicas.least) == (NEWER, 3)
    assert set(change.files) == {
        f"applications/acme/staging/photos/{name}" for name in ("kustomization.yaml", "release.yaml")
    }
    commit = found.make(change).commit
    told = ground.clone("log", "-1", "--format=%(trailers:key=Gaia-Promoted-From,valueonly)", commit)
    assert told.strip() == f"acme/dev@{found.repository.base}"
    with pytest.raises(Conflict) as last:
        ground.open().promotion(Place("acme", "prod", "photos"))
    assert last.value.code == "release-last-stage"


def test_what_was_changed_by_hand_is_told_and_not_promoted(ground: Ground) -> None:
    """Nobody knows what was tried then; releasing it anew puts it right."""
    ground.make()
    ground.make(stage="staging")
    path = "applications/acme/dev/photos/kustomization.yaml"
    ground.write(path, (ground.clone.folder / path).read_text().replace(DIGEST, OTHER))
    stale, fresh = standings(ground.open(), ground.folder / "cache")
    assert (stale.stage, stale.state, fresh.state) == ("dev", "stale", "current")
    with pytest.raises(Conflict) as caught:
        ground.open().promotion(PHOTOS)
    assert caught.value.code == "release-stale"
    ground.make()
    assert {one.state for one in standings(ground.open(), ground.folder / "cache")} == {"current"}


def test_the_standing_of_each_release(ground: Ground) -> None:
    """Its commit, request and image; a broken one is told beside the others, whose commit stays known."""
    commit = ground.make()
    (one,) = standings(ground.open("remote.git"), ground.folder / "cache")
    assert (one.commit, one.request, one.image, one.state) == (commit, "req_1", IMAGE, "current")
    ground.make(service="music")
    ground.write("applications/acme/dev/photos/release.yaml", document(LEAST | {"image": "photos:latest"}))
    music, photos = standings(ground.open(), ground.folder / "cache")
    assert (music.state, photos.state, photos.image, photos.commit) == ("current", "broken", None, commit)
    assert "applications/acme/dev/photos/release.yaml:5" in photos.why
    ground.write("applications/acme/dev/photos/release.yaml", document(LEAST | {"tenant": "globex"}))
    (photos,) = standings(ground.open(), ground.folder / "cache", "photos")
    assert "is about photos in globex/dev" in photos.why


def test_nothing_is_rendered_twice(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found of the very same files is remembered; a changed layout makes all of it anew."""
    ground.make()
    cache = ground.folder / "cache"
    first = standings(ground.open(), cache)
    with monkeypatch.context() as patched:
        patched.setattr(files, "files_of", lambda *_: pytest.fail("rendered again"))
        assert standings(ground.open(), cache) == first
    ground.write("gitops.yaml", document(LAYOUT | {"gateway": {"namespace": "edge", "name": "public"}}))
    rendered: list[Release] = []
    real = files.files_of

    def counted(release: Release, layout: Layout) -> dict[str, str]:
        rendered.append(release)
        return real(release, layout)

    monkeypatch.setattr(files, "files_of", counted)
    assert standings(ground.open(), cache)[0].state == "current"
    assert len(rendered) == 1


def test_nothing_is_released_in_a_freeze(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the stage that it is about."""
    freeze = {"stage": "dev", "from": "2026-12-20T18:00Z", "until": "2027-01-02T08:00Z", "why": "the holidays"}
    ground.write("gitops.yaml", document(LAYOUT | {"freezes": [freeze]}))
    monkeypatch.setattr("gaia.kit.clock.now", lambda: datetime(2026, 12, 24, tzinfo=UTC))
    with pytest.raises(Refused, match=r"until 2027-01-02T08:00:00\.000Z: the holidays") as caught:
        ground.make()
    assert caught.value.code == "release-frozen"
    assert ground.make(stage="staging")


@pytest.mark.parametrize("value", ["a\nGaia-Image: x", "-x", "a b", "x" * 300])
def test_a_fact_that_would_forge_a_trailer_is_refused(ground: Ground, value: str) -> None:
    """What stands in the message is what a program reads later."""
    found = ground.open()
    release = found.read(document(LEAST).encode(), "photos.yaml")
    with pytest.raises(GaiaError) as caught:
        found.change(release, request=value)
    assert caught.value.code == "release-fact"


def test_killed_before_the_push_nothing_has_happened(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit lies beside the branch; made again, it is made once."""
    before = ground.remote.head("main")
    real = process.run

    def run(arguments: Sequence[str | Path], **options: Any) -> process.Completed:
        if "push" in arguments:
            raise KeyboardInterrupt
        return real(arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr("gaia.kit.git.process.run", run)
        with pytest.raises(KeyboardInterrupt):
            ground.make()
    assert ground.remote.head("main") == ground.clone.head() == before
    assert ground.clone.is_clean()
    ground.make()
    assert ground.remote("rev-list", "--count", "main") == "2"


def test_clusters_and_argo_cd_are_prepared_once(ground: Ground) -> None:
    """From the layout alone; the same again is nothing to do."""
    found = ground.open()
    change = found.preparation()
    assert {"platform/argocd/rights.yaml", "clusters/live/namespaces/globex-prod.yaml"} <= set(change.files)
    found.make(change)
    assert ground.open().preparation().is_empty
