"""Looking on, at a real HTTP server: streams that are cut, answers that are hostile, places that do not answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.gitops.ground import PHOTOS
from tests.unit.gitops.rollout.served import (
    IMAGE,
    LATER,
    NAME,
    OLDER,
    OURS,
    TOKEN,
    Argo,
    application,
    event,
    pod,
    serving,
    waiting,
)
from tests.unit.gitops.rollout.test_judging import carried

from gaia.errors import GaiaError, Invalid
from gaia.gitops.rollout.places import clusters
from gaia.gitops.rollout.watching import Time, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.gitops.rollout.model import Progress

NEW = application(revision=OLDER, applied=OLDER)
APPLYING = application(sync="OutOfSync", phase="Running")
ROLLING = application(health="Progressing")


@pytest.fixture(name="argo")
def served() -> Iterator[Argo]:
    """One of them."""
    with serving(Argo()) as argo:
        yield argo


class Clock:
    """Time that passes when somebody waits, and a little at each look."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        """A look."""
        self.at += 0.1
        return self.at

    def pause(self, seconds: float) -> None:
        """A wait."""
        self.at += seconds


def kubeconfig(folder: Path, url: str) -> str:
    """One whose current context leads there."""
    held = {
        "current-context": "argo",
        "contexts": [{"name": "argo", "context": {"cluster": "here", "user": "me"}}],
        "clusters": [{"name": "here", "cluster": {"server": url}}],
        "users": [{"name": "me", "user": {"token": TOKEN}}],
    }
    (folder / "kubeconfig").write_text(json.dumps(held))
    return "kubeconfig"


def watched(folder: Path, environ: dict[str, str], seconds: float = 60) -> list[Progress]:
    """All that is told, up to the end."""
    clock = Clock()
    watch = Watch(clusters(environ, folder), PHOTOS, OURS, IMAGE, timing=Time(clock.now, clock.pause))
    return list(watch.progress(carried, seconds))


def at(argo: Argo) -> dict[str, str]:
    """The environment that leads to it."""
    return {"GAIA_ARGOCD_URL": argo.url, "GAIA_ARGOCD_TOKEN": TOKEN}


def test_it_is_followed_through_a_stream_that_is_cut(argo: Argo, tmp_path: Path) -> None:
    """Each change is told once; after a cut it goes on with what is; git is looked at first."""
    argo.state = NEW
    done = [event(APPLYING), event(ROLLING)]
    argo.events = [[event(NEW, "ADDED"), event(APPLYING), event(APPLYING)[:40]], [b"\n", b"data: " + done[1]]]
    argo.events.append([event(application())])
    assert [one.state for one in watched(tmp_path, at(argo))] == [
        *("waiting", "applying", "waiting", "rolling-out", "waiting", "deployed"),
    ]
    assert argo.asked[0] == f"/api/v1/applications/{NAME}?project=acme&refresh=normal"
    assert all("refresh" not in one for one in argo.asked[1:])
    assert argo.tokens == {f"Bearer {TOKEN}"}
    assert all(TOKEN not in one for one in argo.asked)


def test_one_that_is_not_there_yet_is_waited_for(argo: Argo, tmp_path: Path) -> None:
    """Application sets look now and then."""
    argo.answers = [(404, b'{"error": "not found", "code": 5, "message": "not found"}')]
    assert [one.state for one in watched(tmp_path, at(argo))] == ["missing", "deployed"]


@pytest.mark.parametrize("kind", ["argocd", "kubernetes"])
def test_what_holds_it_up_is_told(argo: Argo, tmp_path: Path, kind: str) -> None:
    """By either of the two: the pod's own words, before the time is over and in the error."""
    argo.state, argo.pods = ROLLING, [pod(**waiting("ImagePullBackOff", "not found"))]
    where = at(argo) if kind == "argocd" else {"GAIA_ARGOCD_KUBECONFIG": kubeconfig(tmp_path, argo.url)}
    with pytest.raises(GaiaError) as caught:
        watched(tmp_path, where)
    assert caught.value.code == "release-late"
    assert f"pod photos-1 cannot pull the image {IMAGE}: not found" in caught.value.message
    assert caught.value.facts["why"]


@pytest.mark.parametrize(
    ("state", "code", "exit_code"),
    [
        (application(sync="OutOfSync", phase="Failed"), "release-failed", 7),
        (application(revision=LATER), "release-overtaken", 6),
        (application(revision=OLDER, applied=OLDER), "release-late", 8),
        (application(revision="e" * 40), "release-late", 8),
    ],
)
def test_an_end_that_is_none(argo: Argo, tmp_path: Path, state: dict[str, object], code: str, exit_code: int) -> None:
    """Healthy or not: the commit decides."""
    argo.state = state
    with pytest.raises(GaiaError) as caught:
        watched(tmp_path, at(argo))
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)
    assert caught.value.facts["state"]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, b'{"error": "no session information", "code": 16, "message": "no session"}', "cluster-unauthenticated"),
        (403, b'{"error": "permission denied", "code": 7, "message": "permission denied"}', "cluster-forbidden"),
        (302, b"", "cluster-unreadable"),
        (400, b"\x1b[2J", "cluster-unreadable"),
        (200, b"<html>", "cluster-unreadable"),
        (200, b"[" * 100_000, "cluster-unreadable"),
        (200, b"[1]", "cluster-unreadable"),
        (200, b'{"metadata": {"name": "other"}}', "cluster-unreadable"),
        (200, b'{"metadata": [], "status": 7}', "cluster-unreadable"),
        (503, b'{"message": "\\u001b[2Jdown"}', "cluster-unreachable"),
        (200, b" " * 9_000_000, "cluster-unreachable"),
    ],
)
def test_a_hostile_answer_is_one_error(argo: Argo, tmp_path: Path, status: int, body: bytes, code: str) -> None:
    """Without the token, and with nothing in it that a terminal obeys; what may pass is tried again first."""
    argo.answers = [(status, body)] * 50
    with pytest.raises(GaiaError) as caught:
        watched(tmp_path, at(argo), seconds=5)
    assert caught.value.code == code
    told = f"{caught.value.message} {caught.value.next_step} {caught.value.facts}"
    assert TOKEN not in told
    assert "\x1b" not in told


def test_hostile_streams_change_nothing(argo: Argo, tmp_path: Path) -> None:
    """Lines that are no events, events of others, a wrong type, a line without an end: it is asked for anew."""
    other = application() | {"metadata": {"name": "acme.dev.music"}}
    lines = [
        b"\xff\n",
        b"null\n",
        b'{"result": 7}\n',
        b'{"error": {"grpc_code": 2}}\n',
        event(other),
        b"[" * 9000 + b"\n",
    ]
    argo.state, argo.events = ROLLING, [[*lines, b"\n", b"x" * 9_000_000], [event(ROLLING, "DELETED")]]
    argo.answers = [(200, json.dumps(ROLLING).encode())] * 2
    argo.state = application()
    assert [one.state for one in watched(tmp_path, at(argo))] == ["rolling-out", "deployed"]


def test_where_argo_cd_cannot_be_reached_kubernetes_is_asked(argo: Argo, tmp_path: Path) -> None:
    """And where nobody answers, that is told while it waits, and is the error when the time is over."""
    file = kubeconfig(tmp_path, argo.url)
    nobody = "http://127.0.0.1:1"
    found = watched(tmp_path, {"GAIA_ARGOCD_URL": nobody, "GAIA_ARGOCD_KUBECONFIG": file})
    assert [one.state for one in found] == ["deployed"]
    assert argo.asked == [f"/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{NAME}"]
    with pytest.raises(GaiaError) as caught:
        watched(tmp_path, {"GAIA_ARGOCD_URL": nobody})
    assert caught.value.code == "cluster-unreachable"
    assert "Argo CD at 127.0.0.1:1 cannot be asked: ConnectError" in caught.value.message


def test_a_place_that_comes_back_is_gone_on_with(argo: Argo, tmp_path: Path) -> None:
    """A server that restarts for a while is no failure."""
    argo.answers = [(503, b"")] * 4
    assert [one.state for one in watched(tmp_path, at(argo))] == ["unreachable", "deployed"]


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "cluster-unset"),
        ({"GAIA_ARGOCD_URL": "ftp://x"}, "cluster-file"),
        ({"GAIA_ARGOCD_URL": "https://me:secret@x"}, "cluster-file"),
        ({"GAIA_ARGOCD_URL": "http://127.0.0.1:1", "GAIA_ARGOCD_TOKEN": "a\r\nX: y"}, "cluster-token"),
        ({"GAIA_ARGOCD_URL": "http://127.0.0.1:1", "GAIA_ARGOCD_TOKEN_FILE": "nowhere"}, "cluster-file"),
        ({"GAIA_ARGOCD_URL": "http://127.0.0.1:1", "GAIA_ARGOCD_CA_FILE": "page"}, "cluster-file"),
        ({"GAIA_ARGOCD_KUBECONFIG": "nowhere"}, "cluster-file"),
        ({"GAIA_ARGOCD_KUBECONFIG": "page"}, "cluster-file"),
        ({"GAIA_ARGOCD_KUBECONFIG": "exec"}, "cluster-file"),
        ({"GAIA_ARGOCD_KUBECONFIG": "data"}, "cluster-file"),
    ],
)
def test_what_is_set_wrong_is_told(tmp_path: Path, environ: dict[str, str], code: str) -> None:
    """Before anything is waited for, and without what may be a secret."""
    (tmp_path / "page").write_text("[hello]")
    kubeconfig(tmp_path, "https://127.0.0.1:1")
    whole = json.loads((tmp_path / "kubeconfig").read_text())
    (tmp_path / "exec").write_text(json.dumps(whole | {"users": [{"name": "me", "user": {"exec": {"command": "x"}}}]}))
    data = {"server": "https://127.0.0.1:1", "certificate-authority-data": "%%%"}
    (tmp_path / "data").write_text(json.dumps(whole | {"clusters": [{"name": "here", "cluster": data}]}))
    with pytest.raises(Invalid) as caught:
        watched(tmp_path, environ)
    assert caught.value.code == code
    assert "secret" not in caught.value.message
