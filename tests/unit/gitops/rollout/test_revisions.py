"""What commits are to a release, in a real repository; and the name by which Argo CD knows one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.gitops.conftest import DIGEST, IMAGE, OTHER, layout_of
from tests.unit.gitops.ground import PHOTOS

from gaia.gitops.argocd import application_set_of
from gaia.gitops.rollout.model import application_of
from gaia.gitops.rollout.revisions import Revisions

if TYPE_CHECKING:
    from tests.unit.gitops.ground import Ground

NEWER = IMAGE.replace(DIGEST, OTHER)


def test_others_come_between_and_change_nothing(ground: Ground) -> None:
    """Later ones with the same files are ours, with others they overtook it; earlier ones are before, or alike.

    Commits that came after the repository was opened are fetched.
    """
    first = ground.make("remote.git")
    found = ground.open("remote.git").repository
    between = ground.make(service="music")
    newer = ground.make(image=NEWER)
    back = ground.make()
    of_first = Revisions(found, PHOTOS, first).carried
    assert [of_first(one) for one in (first, between, newer, back)] == ["ours", "ours", "overtaken", "ours"]
    of_back = Revisions(found, PHOTOS, back).carried
    assert [of_back(one) for one in (first, newer, back)] == ["alike", "before", "ours"]
    assert [of_back(one) for one in ("", "HEAD", "--all", "f" * 40, found.git.head(f"{back}~4"))] == [
        *("unknown", "unknown", "unknown", "unknown", "before"),
    ]


def test_an_application_is_called_as_its_set_calls_it() -> None:
    """One of them decides, and the other has to agree."""
    made = application_set_of(layout_of(), "acme", "dev")["spec"]["template"]["metadata"]["name"]
    assert made.replace("{{ index .path.segments 3 }}", "photos") == application_of(PHOTOS)
