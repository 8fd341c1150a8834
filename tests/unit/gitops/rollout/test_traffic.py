"""A release whose traffic Flagger moves has arrived when it has all of it, and not when Argo CD is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.gitops.rollout.served import IMAGE, Argo, Json, application, event, serving
from tests.unit.gitops.rollout.test_watching import at, kubeconfig, watched

from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEFORE = IMAGE.replace("aaaa", "bbbb")


@pytest.fixture(name="argo")
def served() -> Iterator[Argo]:
    """One of them."""
    with serving(Argo()) as argo:
        yield argo


def app(health: str, said: str = "", **more: Any) -> Json:
    """An application with a Canary of this health; Argo CD's own words are those of its `health.lua`."""
    kinds = [{"group": "apps", "version": "v1", "kind": "Deployment", "name": "photos", "status": "Synced"}]
    canary = {"group": "flagger.app", "version": "v1beta1", "kind": "Canary", "name": "photos", "status": "Synced"}
    return application(
        health=health, resources=[*kinds, {**canary, "health": {"status": health, "message": said}}], **more
    )


def deployment(image: str, reads: str = "photos", level: str = "info") -> Json:
    """A Deployment of the service that runs an image and reads a secret."""
    env = [
        {"name": "LOG_LEVEL", "value": level},
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": reads, "key": "PASSWORD"}}},
    ]
    return {"spec": {"template": {"spec": {"containers": [{"name": "photos", "image": image, "env": env}]}}}}


@pytest.mark.parametrize("kind", ["argocd", "kubernetes"])
def test_it_has_arrived_when_its_version_has_the_traffic(argo: Argo, tmp_path: Path, kind: str) -> None:
    """Whatever Flagger calls the secret that the pods of its own Deployment read."""
    argo.state = app("Healthy", "Succeeded --- Canary analysis completed successfully")
    argo.deployments = {"photos": deployment(IMAGE), "photos-primary": deployment(IMAGE, "photos-primary")}
    where = at(argo) if kind == "argocd" else {"GAIA_ARGOCD_KUBECONFIG": kubeconfig(tmp_path, argo.url)}
    assert [one.state for one in watched(tmp_path, where)] == ["deployed"]


@pytest.mark.parametrize("live", [deployment(BEFORE, "photos-primary"), deployment(IMAGE, "photos-primary", "debug")])
def test_healthy_is_then_the_version_before(argo: Argo, tmp_path: Path, live: Json) -> None:
    """Of another image, or of the same one with other settings: the time ends, and nothing is called deployed."""
    argo.state = app("Healthy", "Succeeded --- promotion finished")
    argo.deployments = {"photos": deployment(IMAGE), "photos-primary": live}
    with pytest.raises(GaiaError) as caught:
        watched(tmp_path, at(argo))
    assert caught.value.code == "release-late"
    assert "Flagger has not seen it yet" in caught.value.message


def test_how_much_of_it_it_has_is_told(argo: Argo, tmp_path: Path) -> None:
    """In Flagger's words; given up, it is a failure at once, for it was seen at work on this one."""
    argo.deployments = {"photos": deployment(IMAGE), "photos-primary": deployment(BEFORE, "photos-primary")}
    argo.state = app("Progressing", "Progressing --- Canary Weight: 20 % --- New revision detected")
    argo.events = [[event(app("Degraded", "Failed --- Canary analysis failed"))]]
    with pytest.raises(GaiaError) as caught:
        watched(tmp_path, at(argo))
    assert caught.value.code == "release-failed"
    assert "gave it up" in caught.value.message
    assert "Canary analysis failed" in caught.value.message


def test_a_failure_of_the_version_before_is_none_of_this_one(argo: Argo, tmp_path: Path) -> None:
    """What Flagger says may be old news for a while; where it stays so, it is not."""
    argo.state = app("Degraded", "Failed --- Canary analysis failed")
    argo.deployments = {"photos": deployment(IMAGE), "photos-primary": deployment(BEFORE, "photos-primary")}
    with pytest.raises(GaiaError) as early:
        watched(tmp_path, at(argo), 30)
    with pytest.raises(GaiaError) as late:
        watched(tmp_path, at(argo), 300)
    assert (early.value.code, late.value.code) == ("release-late", "release-failed")


def test_what_nobody_sees_is_not_deployed(argo: Argo, tmp_path: Path) -> None:
    """The role may not read Deployments, or they run in another cluster."""
    argo.state = app("Healthy")
    with pytest.raises(GaiaError) as caught:
        watched(tmp_path, at(argo))
    assert caught.value.code == "release-late"
    assert "nobody here sees which version" in caught.value.message
