"""A service's smoke test: a real server that answers."""

from __future__ import annotations

import pytest
from tests.unit.gitops.conftest import LEAST, release_of
from tests.unit.gitops.ground import PHOTOS
from tests.unit.gitops.rollout.served import NAME, Argo, serving

from gaia.errors import Invalid, ToolFailed
from gaia.gitops.model import Smoke
from gaia.gitops.rollout import smoke

PAGE = f"/api/v1/applications/{NAME}"


def _check(url: str, status: int = 200) -> list[float]:
    paused: list[float] = []
    port = int(url.rpartition(":")[2])
    where = f"http://photos.acme.example.com:{port}{PAGE}"
    smoke.check(PHOTOS, Smoke(where, status), pause=paused.append, resolve=lambda *_: ["127.0.0.1"])
    return paused


def test_a_page_that_answers_late_passes() -> None:
    """A gateway learns of new pods a little later."""
    with serving(Argo(answers=[(503, b""), (404, b"")])) as argo:
        assert len(_check(argo.url)) == 2
        assert argo.tokens == {""}


def test_another_answer_or_none_fails() -> None:
    """After a few tries, with what it answered."""
    with serving(Argo(answers=[(302, b"")] * 9)) as argo:
        with pytest.raises(ToolFailed, match="answers 302, not 200") as caught:
            _check(argo.url)
        assert caught.value.code == "release-smoke-failed"
    with pytest.raises(ToolFailed, match="answers nothing"):
        _check("http://127.0.0.1:1")


@pytest.mark.parametrize(
    "held",
    [
        {"url": "https://photos.acme.example.com/health", "status": 99},
        {"url": "https://photos.globex.example.com/health"},
        {"url": "https://169.254.169.254/latest/meta-data"},
        {"url": "https://me:x@photos.acme.example.com/"},
        {"url": "file:///etc/passwd"},
        {"url": "https://photos.acme.example.com"},
        {"path": "/health"},
        "https://photos.acme.example.com/health",
    ],
)
def test_a_smoke_test_asks_the_tenants_own_pages(held: object) -> None:
    """And no others: who writes a release would have Gaia call what only Gaia reaches."""
    with pytest.raises(Invalid) as caught:
        release_of(LEAST | {"smoke": held})
    assert caught.value.code == "release-invalid"


def test_what_a_release_says_of_it() -> None:
    """Another port and status are fine; a reason is one line."""
    held = {"url": "http://photos.acme.example.com:8080/health", "status": 204}
    assert release_of(LEAST | {"smoke": held}).smoke == Smoke("http://photos.acme.example.com:8080/health", 204)
    assert release_of(LEAST | {"one_way": "it drops the albums"}).one_way
    for wrong in ("x" * 301, "a\nb", 7):
        with pytest.raises(Invalid):
            release_of(LEAST | {"one_way": wrong})
