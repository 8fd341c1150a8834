"""Releases that are guarded, in a real git repository: taken back once, whoever is killed, and whoever else does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.gitops.ground import PHOTOS
from tests.unit.gitops.rollout.guarded import BAD, DEGRADED, FAILED, GOOD, ROLLING, THIRD, Scene

from gaia.gitops import incidents, locking, rolling_back
from gaia.gitops.rollout.healing import Terms
from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.unit.gitops.ground import Ground

    from gaia.gitops.incidents import Incident


def incident(ground: Ground) -> Incident:
    """The one that there is."""
    (found,) = incidents.listed(ground.open("remote.git"))
    return found


def rollbacks(ground: Ground) -> list[str]:
    """What was brought back, the newest first."""
    return [one.back_to for one in rolling_back.past(ground.open("remote.git"), PHOTOS) if one.back_to]


@pytest.mark.parametrize(
    ("how", "smoke", "cause", "told"),
    [
        ([FAILED], False, "sync-failed", "Argo CD could not apply it"),
        ([ROLLING], False, "late", "it does not run after 15 minutes: it is applied, and progressing"),
        ([{}, DEGRADED], False, "degraded", "it ran, and is not well"),
        ([{}], True, "smoke-failed", "it answers 500, not 200"),
    ],
)
def test_what_is_not_well_is_taken_back_and_written_down(
    ground: Ground, how: list[Any], smoke: bool, cause: str, told: str
) -> None:
    """One commit brings the release before back, holds the service and has the incident; another one ends it."""
    good, bad = ground.make(image=GOOD), ground.make(image=BAD)
    scene = Scene(ground, {BAD: how}, smoke=frozenset([BAD] if smoke else []))
    _, error = scene.run()
    assert error
    assert (error.code, error.exit_code) == ("release-taken-back", 7)
    assert rollbacks(ground) == [good]
    found = incident(ground)
    assert (found.change, found.image, found.cause, found.state, found.by) == (bad, BAD, cause, "over", "gaia")
    assert told in found.told
    assert [(one.back_to, one.image, one.said) for one in found.tries] == [(good, GOOD, "")]
    assert [one.state for one in scene.told] == ["over"]
    taken = ground.remote.head("main~1")
    changed = ground.remote("show", "--name-only", "--format=", taken).split()
    assert {found.path, f"{PHOTOS.folder}/lock.yaml", f"{PHOTOS.folder}/release.yaml"} <= set(changed)
    trailers = ground.remote("log", "-1", "--format=%(trailers)", taken)
    assert f"Gaia-Incident: {found.path}\nGaia-Cause: {cause}\n" in trailers
    assert ground.open().lock(PHOTOS).held == BAD  # type: ignore[union-attr]


def test_one_that_is_well_is_left_alone(ground: Ground) -> None:
    """For the whole window; a moment in which it is not well is none, and neither are pods that come and go."""
    ground.make(image=GOOD)
    before = ground.make(image=BAD)
    scene = Scene(ground, {BAD: [ROLLING, {}, DEGRADED, {}, ROLLING, {}]})
    seen, error = scene.run()
    assert error is None
    assert seen[-1].state == "deployed"
    assert scene.clock.at > 600
    assert (ground.remote.head("main"), scene.told) == (before, [])


def test_what_nobody_knows_is_no_failure(ground: Ground) -> None:
    """Argo CD that has not seen the commit, however long that takes: it is told, and nothing is taken back."""
    older = ground.make(image=GOOD)
    before = ground.make(image=BAD)
    _, error = Scene(ground, {BAD: [{"revision": older, "applied": older}]}).run()
    assert error
    assert (error.code, ground.remote.head("main")) == ("release-late", before)


def test_it_goes_further_back_and_then_calls_a_person(ground: Ground) -> None:
    """As often as was said: what was tried, and why that was not enough, is written down. It is not begun again."""
    commits = [ground.make(image=one) for one in (THIRD, GOOD, BAD)]
    scene = Scene(ground, {BAD: [FAILED], GOOD: [FAILED], THIRD: [FAILED]})
    _, error = scene.run()
    assert error
    assert error.code == "release-parked"
    assert rollbacks(ground) == [commits[0], commits[1]]
    found = incident(ground)
    assert found.state == "parked"
    assert [one.image for one in found.tries] == [GOOD, THIRD]
    assert "Argo CD could not apply it" in found.tries[0].said
    assert [one.state for one in scene.told] == ["parked"]
    assert ground.open().lock(PHOTOS)
    again = Scene(ground, {})
    assert again.run()[1] is None
    assert again.told == []


def test_two_releases_back_may_be_what_runs(ground: Ground) -> None:
    """Where the one before was as bad."""
    oldest, *_ = [ground.make(image=one) for one in (THIRD, GOOD, BAD)]
    _, error = Scene(ground, {BAD: [FAILED], GOOD: [FAILED]}).run()
    assert error
    assert error.code == "release-taken-back"
    assert rollbacks(ground)[0] == oldest
    assert incident(ground).state == "over"


@pytest.mark.parametrize(("only", "one_way", "denied"), [(True, "", ""), (False, "x", ""), (False, "", "no")])
def test_what_cannot_be_taken_back_calls_a_person(ground: Ground, only: bool, one_way: str, denied: str) -> None:
    """No release before, a one-way one, or policies of today against it: nothing is released, and it is said why.

    Guarded once more, nobody is called a second time.
    """
    if not only:
        ground.make(image=GOOD)
    ground.make(image=BAD, **({"one_way": one_way} if one_way else {}))
    scene = Scene(ground, {BAD: [FAILED]}, denied=denied, untold="email: it is away")
    for _ in range(2):
        _, error = scene.run()
        assert error
        assert error.code == "release-parked"
    found = incident(ground)
    assert (found.state, found.tries, len(scene.told)) == ("parked", (), 1)
    assert "nobody could be told: email: it is away" in found.why
    assert rollbacks(ground) == []
    assert ground.open().lock(PHOTOS) is None


def test_two_at_once_are_one(ground: Ground) -> None:
    """The second finds what the first one did, at whichever moment, and says the same; so does one on another clone."""
    good, _ = ground.make(image=GOOD), ground.make(image=BAD)
    one, other = Scene(ground, {BAD: [FAILED]}), Scene(ground, {BAD: [FAILED]})
    first = one.guard("remote.git").run()
    seen = [next(first), next(first)]
    assert [getattr(each, "state", "") for each in seen] == ["failed", "open"]
    _, error = other.run()
    assert error
    assert error.code == "release-taken-back"
    with pytest.raises(type(error)) as caught:
        list(first)
    assert caught.value.code == "release-taken-back"
    assert rollbacks(ground) == [good]
    assert len(one.told) + len(other.told) == 1


def test_somebody_else_comes_between(ground: Ground) -> None:
    """A newer release is not taken back for an older one's fault; nor is one that somebody took back by hand."""
    ground.make(image=GOOD)
    ground.make(image=BAD)
    scene = Scene(ground, {BAD: [FAILED]})
    first = scene.guard("remote.git").run()
    assert next(first).state == "failed"
    newer = ground.make(image=THIRD)
    with pytest.raises(Exception, match="is not the newest any more") as caught:
        list(first)
    assert getattr(caught.value, "code", "") == "release-overtaken"
    assert ground.remote.head("main") == newer
    assert incidents.listed(ground.open()) == ()

    ground.make(image=BAD)
    second = Scene(ground, {BAD: [FAILED]})
    running = second.guard("remote.git").run()
    assert [next(running).state, next(running).state] == ["failed", "open"]
    found = ground.open()
    found.make(locking.unlock(found, PHOTOS, "ada"))
    newest = ground.make(image=GOOD)
    with pytest.raises(Exception, match="is not the newest any more"):
        list(running)
    assert incident(ground).state == "overtaken"
    assert ground.remote("log", "--format=%H", "--", PHOTOS.folder).split()[0] == newest


@pytest.mark.slow
def test_killed_at_any_step_it_goes_on(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before and after each call of git that changes something, and where people are told: begun again, the release is
    taken back once, the incident has its end, and somebody was told.
    """
    ground.make(image=GOOD)
    real, counted, dies = process.run, [0], [0]

    def counting() -> None:
        counted[0] += 1
        if counted[0] == dies[0]:
            raise KeyboardInterrupt

    def run(arguments: Sequence[str | Path], **options: Any) -> process.Completed:
        changes = any(word in arguments for word in ("push", "merge", "fast-import"))
        if changes:
            counting()
        done = real(arguments, **options)
        if changes:
            counting()
        return done

    ends = 0
    for at in range(1, 100):
        found = ground.open()
        if found.lock(PHOTOS):
            found.make(locking.unlock(found, PHOTOS, "ada"))
        bad = ground.make(image=BAD)
        scene = Scene(ground, {BAD: [FAILED]}, terms=Terms(900, 0, 1))
        tell = scene._tell

        def told(one: Incident, tell: Any = tell) -> str:
            counting()
            said: str = tell(one)
            counting()
            return said

        monkeypatch.setattr(scene, "_tell", told)
        with monkeypatch.context() as patched:
            patched.setattr("gaia.kit.git.process.run", run)
            counted[0], dies[0] = 0, at
            try:
                _, error = scene.run()
            except KeyboardInterrupt:
                dies[0] = 0
                _, error = scene.run()
            else:
                ends = at
        there = incidents.of_change(ground.open(), PHOTOS, bad)
        assert there
        assert (there.state, len(there.tries)) == ("over", 1)
        assert len(scene.told) in (1, 2)
        assert error is None or error.code == "release-taken-back"
        assert ground.clone.is_clean()
        assert len(rollbacks(ground)) == at
        if ends:
            break
    assert ends > 12
