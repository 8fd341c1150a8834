"""When a release counts as deployed: each thing that Argo CD says, alone and together."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gitops.ground import PHOTOS
from tests.unit.gitops.rollout.served import LATER, NAME, OLDER, OURS, application

from gaia.gitops.rollout import answers
from gaia.gitops.rollout.judging import judge

if TYPE_CHECKING:
    from gaia.gitops.rollout.model import Carried, Progress

KNOWN: dict[str, Carried] = {OURS: "ours", OLDER: "before", LATER: "overtaken", "d" * 40: "alike"}


def carried(revision: str) -> Carried:
    """What each of the commits is."""
    return KNOWN.get(revision, "unknown")


def judged(held: object) -> Progress:
    """What is made of an answer."""
    return judge(PHOTOS, OURS, answers.application(held, NAME), carried)


def test_deployed_is_all_of_it_at_our_commit() -> None:
    """Compared, healthy, applied: with one of them missing it is not."""
    words = {
        "sync": ("Synced", "OutOfSync", "Unknown", ""),
        "revision": (OURS, OLDER, "", "e" * 40),
        "health": ("Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown", ""),
        "phase": ("Succeeded", "Running", "Failed", "Error", "Terminating", ""),
        "applied": (OURS, "d" * 40, OLDER, ""),
    }
    for values in product(*words.values()):
        said = dict(zip(words, values, strict=True))
        is_so = {"sync": "Synced", "revision": OURS, "health": "Healthy", "phase": "Succeeded"}
        wanted = is_so.items() <= said.items() and said["applied"] in (OURS, "d" * 40)
        assert (judged(application(**said)).state == "deployed") == wanted, said


@pytest.mark.parametrize(
    ("held", "state", "told"),
    [
        (application(revision=OLDER, applied=OLDER), "waiting", "has not seen this one yet"),
        (application(sync="OutOfSync", applied=OLDER), "waiting", "it is OutOfSync"),
        (application(sync="OutOfSync", phase="Running"), "applying", "Argo CD applies it"),
        (application(sync="OutOfSync", phase="Failed"), "failed", "could not apply it"),
        (application(health="Progressing"), "rolling-out", "it is applied, and progressing"),
        (application(revision=LATER), "overtaken", "commit cccccccccccc came after it"),
        (application(applied=LATER), "overtaken", "commit cccccccccccc came after it"),
        (application(applied=OLDER), "waiting", "no operation of it succeeded"),
        (application(conditions=[{"type": "ComparisonError", "message": "x"}]), "waiting", "cannot make out"),
        (application() | {"status": {}}, "waiting", "has not looked at it yet"),
        (None, "missing", "Argo CD has no application acme.dev.photos yet"),
    ],
)
def test_how_far_it_is_is_told(held: object, state: str, told: str) -> None:
    """One sentence for each."""
    found = judged(held)
    assert found.state == state
    assert told in found.told


def test_kubernetes_gave_up() -> None:
    """Then waiting on is of no use."""
    message = 'Deployment "photos" exceeded its progress deadline'
    resource = {"kind": "Deployment", "name": "photos", "health": {"status": "Degraded", "message": message}}
    assert judged(application(health="Degraded", resources=[resource])).state == "failed"


def test_what_was_taken_back_before_anything_was_applied_is_deployed() -> None:
    """The release between failed and left nothing; the last that succeeded is of these very files."""
    held = application(phase="Failed", applied=OLDER, history=[{"revision": "d" * 40}])
    assert judged(held).state == "deployed"
    assert judged(application(phase="Failed", applied=OLDER)).state == "waiting"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from([OURS, "Synced", "Healthy"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.sampled_from(["sync", "health", "operationState", "history", "conditions", "resources"]), _ANY)
def test_another_type_says_nothing(name: str, value: Any) -> None:
    """Whatever stands in a field, it is no error, and it is never more than what is there."""
    held = application()
    held["status"][name] = value
    found = judged(held)
    if name in ("sync", "health", "operationState"):
        assert found.state != "deployed"
    assert judged(value).state == "missing"
