"""`gaia release …`."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.unit.cli.releases import DIGEST, RELEASE, with_releases
from tests.unit.cli.test_hostile import HOSTILE, assert_safe
from tests.unit.gitops.conftest import LEAST, MOST, layout_of, release_of
from tests.unit.gitops.rollout.served import TOKEN, Argo, application, serving

from gaia.bootstrap import App
from gaia.gitops import argocd, namespaces
from gaia.gitops.objects import objects_of
from gaia.gitops.written import documents
from gaia.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

AT = ("--gitops", "gitops")


def test_a_release_is_made_when_somebody_agrees(gaia: Gaia) -> None:
    """The differences are shown before; no is no."""
    git = with_releases(gaia)
    no = gaia("release", "make", "photos.yaml", *AT, tty=True, given="n\n")
    assert no.code == 1
    assert "+- name: registry.example.com/acme/photos" in no.err
    assert git("rev-list", "--count", "main") == "1"
    yes = gaia("release", "make", "photos.yaml", *AT, tty=True, given="y\n")
    assert yes.code == 0
    assert "Release photos in acme/dev: sha256:aaaaaaaaaaaa, commit " in yes.out
    again = gaia("release", "make", "photos.yaml", *AT, "--output", "json")
    assert (again.code, again.json["commit"], again.json["changed"]) == (0, None, [])


def test_nobody_there_is_no_yes(gaia: Gaia) -> None:
    """A pipeline says --yes."""
    git = with_releases(gaia)
    said = gaia("release", "make", "photos.yaml", *AT, "--output", "json")
    assert (said.code, said.error["error"]) == (2, "confirmation-missing")
    assert git("rev-list", "--count", "main") == "1"
    made = gaia("release", "make", "photos.yaml", *AT, "--yes", "--output", "json", "--request", "req_1")
    assert made.json["commit"] == git.head()
    assert made.json["image"] == f"registry.example.com/acme/photos@{DIGEST}"


@pytest.mark.parametrize("command", ["diff", "make", "prepare"])
def test_a_dry_run_writes_nothing(gaia: Gaia, command: str) -> None:
    """It shows the differences."""
    git = with_releases(gaia)
    words = [*(["photos.yaml"] if command != "prepare" else []), *([] if command == "diff" else ["--dry-run"])]
    said = gaia("release", command, *words, *AT)
    assert said.out.endswith("Nothing was released.\n")
    assert "--- /dev/null" in said.out
    assert git("rev-list", "--count", "main") == "1"
    assert git.is_clean()


def test_what_is_rendered_is_what_policies_judge(gaia: Gaia) -> None:
    """As YAML, or as data."""
    with_releases(gaia)
    shown = gaia("release", "render", "photos.yaml", *AT)
    told = gaia("release", "render", "photos.yaml", *AT, "--output", "json").json
    assert told["namespace"] == "acme-dev"
    assert list(yaml.safe_load_all(shown.out)) == told["objects"]


def test_outputs_become_values_and_sensitive_ones_do_not(gaia: Gaia) -> None:
    """As terraform prints them; a sensitive one is as if nobody gave it."""
    with_releases(gaia)
    (gaia.settings.cwd / "photos.yaml").write_text(RELEASE.replace("info", "{output: level}"))
    outputs = gaia.settings.cwd / "outputs.json"
    outputs.write_text(json.dumps({"level": {"value": "debug", "sensitive": False, "type": "string"}}))
    told = gaia("release", "render", "photos.yaml", *AT, "--outputs", "outputs.json", "--output", "json").json
    deployment = next(one for one in told["objects"] if one["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "LOG_LEVEL", "value": "debug"}]
    outputs.write_text(json.dumps({"level": {"value": "debug", "sensitive": True, "type": "string"}}))
    said = gaia("release", "render", "photos.yaml", *AT, "--outputs", "outputs.json", "--output", "json")
    assert said.error["error"] == "release-output-missing"
    outputs.write_text("[1]")
    said = gaia("release", "render", "photos.yaml", *AT, "--outputs", "outputs.json", "--output", "json")
    assert said.error["error"] == "outputs-invalid"


def test_policies_refuse_a_release(gaia: Gaia) -> None:
    """Before anything is committed; the findings are among the facts."""
    git = with_releases(gaia)
    said = gaia("release", "make", "photos.yaml", *AT, "--yes", "--policies", "rules", "--output", "json")
    assert (said.code, said.error["error"]) == (5, "release-denied")
    assert "the key does not rotate" in said.error["facts"]["findings"][0]
    assert git("rev-list", "--count", "main") == "1"


@pytest.mark.parametrize("source", [LEAST, MOST], ids=["least", "most"])
def test_the_rules_that_come_with_gaia_find_nothing(source: dict[str, Any], tmp_path: Path) -> None:
    """In what every release is made into, and in what its tenant's place and Argo CD are told."""
    app = App(Settings.capture({"HOME": str(tmp_path)}, tmp_path))
    layout = layout_of()
    made = {**namespaces.files_of(layout), **argocd.files_of(layout)}
    made |= {"photos.yaml": documents(objects_of(release_of(source), layout))}
    for name, text in made.items():
        if not name.endswith("kustomization.yaml"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
    checked = app.check_object_files([tmp_path])
    assert [(one.finding.rule, one.finding.address) for one in checked.findings] == []
    assert checked.resources > 40


def test_an_image_is_promoted(gaia: Gaia) -> None:
    """And the status says so."""
    with_releases(gaia, released=True)
    made = gaia("release", "promote", "photos", "--tenant", "acme", "--from", "dev", *AT, "--yes", "--output", "json")
    assert made.code == 0, made.err
    assert made.json["changed"] == [
        f"applications/acme/prod/photos/{name}" for name in ("kustomization.yaml", "release.yaml")
    ]
    told = gaia("release", "status", *AT, "--output", "json").json["releases"]
    assert [(one["stage"], one["image"].partition("@")[2], one["state"]) for one in told] == [
        ("dev", DIGEST, "current"),
        ("prod", DIGEST, "current"),
    ]
    assert told[1]["commit"] == made.json["commit"]
    last = gaia("release", "promote", "photos", "--tenant", "acme", "--from", "prod", *AT, "--output", "json")
    assert (last.code, last.error["error"]) == (6, "release-last-stage")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("make", "nothing.yaml"), "release-file-missing"),
        (("make", "."), "release-file-missing"),
        (("render", "photos.yaml", "--image", "registry.example.com/acme/photos:1"), "release-image-tag"),
        (("render", "photos.yaml", "--image", HOSTILE), "release-invalid"),
        (("make", "photos.yaml", "--request", HOSTILE), "release-fact"),
        (("promote", HOSTILE, "--tenant", "acme", "--from", "dev"), "name-invalid"),
        (("promote", "photos", "--tenant", "acme", "--from", "test"), "release-last-stage"),
        (("promote", "../x", "--tenant", "acme", "--from", "dev"), "name-invalid"),
    ],
)
def test_what_cannot_be_used_is_one_error(gaia: Gaia, words: tuple[str, ...], code: str) -> None:
    """Told safely, in every form."""
    with_releases(gaia)
    said = gaia("release", *words, *AT, "--output", "json")
    assert said.error["error"] == code
    shown = gaia("release", *words, *AT, tty=True)
    assert_safe(shown.out + shown.err + said.err)


def test_a_place_that_is_no_repository_is_told(gaia: Gaia) -> None:
    """Nothing there, or no gitops.yaml in it."""
    for place in ("nowhere", "--x"):
        said = gaia("release", "status", "--gitops", place, "--output", "json")
        assert said.error["error"] == "gitops-missing"


def test_a_release_is_watched_until_it_runs(gaia: Gaia) -> None:
    """A line an event for machines, the end for people; what failed at our commit is told."""
    git = with_releases(gaia, released=True)
    ours = git("log", "-1", "--format=%H", "--", "applications/acme/dev")
    words = ("release", "watch", "photos", "--tenant", "acme", "--stage", "dev", *AT)
    unset = gaia(*words, "--output", "json")
    assert unset.error["error"] == "cluster-unset"
    with serving(Argo(application(revision=ours, applied=ours))) as argo:
        environ: dict[str, Any] = {"GAIA_ARGOCD_URL": argo.url, "GAIA_ARGOCD_TOKEN": TOKEN}
        told = gaia(*words, "--output", "json", **environ)
        assert told.code == 0, told.err
        (line,) = told.out.splitlines()
        assert (json.loads(line)["state"], json.loads(line)["commit"]) == ("deployed", ours)
        shown = gaia(*words, tty=True, **environ)
        assert "photos in acme/dev: it is applied, and healthy at commit" in shown.out
        argo.state = application(sync="OutOfSync", revision=ours, phase="Failed", applied=ours)
        failed = gaia(*words, "--output", "json", **environ)
        assert (failed.code, failed.error["error"]) == (7, "release-failed")
        assert json.loads(failed.out)["state"] == "failed"
        assert TOKEN not in told.out + told.err + shown.err + failed.out + failed.err


def test_a_release_is_taken_back_and_watched(gaia: Gaia) -> None:
    """Nothing is done while nobody could look at it; then one commit, and what runs is it. Twice is once."""
    git = with_releases(gaia, released=True)
    newer = f"registry.example.com/acme/photos@sha256:{'c' * 64}"
    assert gaia("release", "make", "photos.yaml", *AT, "--yes", "--image", newer).code == 0
    words = ("release", "rollback", "photos", "--tenant", "acme", "--stage", "dev", *AT, "--yes")
    before = git.head()
    assert gaia(*words, "--output", "json").error["error"] == "cluster-unset"
    assert git.head() == before
    done = gaia(*words, "--no-wait", "--output", "json")
    assert (done.code, done.json["commit"]) == (0, git.head())
    assert done.json["image"].endswith(DIGEST)
    ours = git.head()
    with serving(Argo(application(revision=ours, applied=ours))) as argo:
        environ: dict[str, Any] = {"GAIA_ARGOCD_URL": argo.url, "GAIA_ARGOCD_TOKEN": TOKEN}
        again = gaia(*words, tty=True, **environ)
    assert again.code == 0, again.err
    assert "nothing to do" in again.out
    assert "it is applied, and healthy at commit" in again.out
    assert git.head() == ours
    told = gaia("release", "status", *AT, "--output", "json").json["releases"][0]["lock"]
    assert (told["why"], told["held"]) == ("rolled back from sha256:cccccccccccc", newer)


def test_a_release_is_guarded(gaia: Gaia, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not well is taken back, told on the way, called out, and listed; what is asked for wrong does nothing."""
    git = with_releases(gaia, released=True)
    newer = f"registry.example.com/acme/photos@sha256:{'c' * 64}"
    assert gaia("release", "make", "photos.yaml", *AT, "--yes", "--image", newer).code == 0
    ours = git.head()
    words = ("release", "guard", "photos", "--tenant", "acme", "--stage", "dev", *AT)
    assert gaia(*words, "--output", "json").error["error"] == "cluster-unset"
    monkeypatch.setattr("gaia.bootstrap.guarding._PAUSE", 0)
    monkeypatch.setattr("gaia.gitops.rollout.guarding.PAUSE", 0.05)
    monkeypatch.setattr("gaia.cli.commands.release_guard.duration", lambda _: timedelta(seconds=0.3))
    with serving(Argo(application(sync="OutOfSync", revision=ours, phase="Failed", applied=ours))) as argo:
        environ: dict[str, Any] = {"GAIA_ARGOCD_URL": argo.url, "GAIA_ARGOCD_TOKEN": TOKEN}
        root = gaia.settings.cwd
        for text, code in (("email", "page-invalid"), ("webhook https://x.example.com whsec_x", "page-invalid")):
            (root / "page").write_text(f"# whom\n{text}\n")
            said = gaia(*words, "--output", "json", **environ, GAIA_PAGE_FILE="page")
            assert said.error["error"] == code
        assert gaia(*words, "--output", "json", **environ, GAIA_PAGE_FILE="nowhere").error["error"] == "guard-file"
        taking = (*words, "--alerts", "127.0.0.1:0", "--output", "json")
        assert gaia(*taking, **environ).error["error"] == "alerts-token-unset"
        (root / "token").write_text("short")
        said = gaia(*taking, **environ, GAIA_ALERTS_TOKEN_FILE="token")
        assert said.error["error"] == "alerts-token-short"
        assert git.head() == ours
        (root / "page").write_text("email ann@example.com\n")
        environ |= {"GAIA_SMTP_URL": "smtp://127.0.0.1:1?tls=none", "GAIA_SMTP_FROM": "gaia@example.com"}
        done = gaia(*words, "--tries", "1", "--output", "json", **environ, GAIA_PAGE_FILE="page")
    assert (done.code, done.error["error"]) == (7, "release-parked")
    lines = [json.loads(one) for one in done.out.splitlines()]
    assert [one.get("state") or one["incident"]["state"] for one in lines][:2] == ["failed", "open"]
    (found,) = gaia("release", "incidents", *AT, "--output", "json").json["incidents"]
    assert (found["state"], found["change"], found["cause"]) == ("parked", ours, "sync-failed")
    assert "nobody could be told: email: ConnectionRefusedError" in found["why"]
    shown = gaia("release", "incidents", "photos", *AT, tty=True)
    assert "somebody has to look at it" in " ".join(shown.out.split())
    assert gaia("release", "incidents", "music", *AT).out.strip() == "No release was taken back by itself."


def test_what_a_guard_cannot_do_is_said_before(gaia: Gaia, monkeypatch: pytest.MonkeyPatch) -> None:
    """That there is no way back, that nobody is called, and where alerts go to."""
    git = with_releases(gaia, released=True)
    source = (gaia.settings.cwd / "photos.yaml").read_text().replace("a" * 64, "c" * 64)
    (gaia.settings.cwd / "photos.yaml").write_text(f"{source}one_way: it drops the albums\n")
    assert gaia("release", "make", "photos.yaml", *AT, "--yes").code == 0
    ours = git.head()
    monkeypatch.setattr("gaia.gitops.rollout.guarding.PAUSE", 0.05)
    monkeypatch.setattr("gaia.cli.commands.release_guard.duration", lambda _: timedelta(seconds=0.3))
    (gaia.settings.cwd / "token").write_text("of-tests-and-of-nobody-else\n")
    words = ("release", "guard", "photos", "--tenant", "acme", "--stage", "dev", *AT, "--alerts", "127.0.0.1:0")
    with serving(Argo(application(revision=ours, applied=ours))) as argo:
        environ: dict[str, Any] = {"GAIA_ARGOCD_URL": argo.url, "GAIA_ARGOCD_TOKEN": TOKEN}
        said = gaia(*words, **environ, GAIA_ALERTS_TOKEN_FILE="token")
    assert said.code == 0, said.err
    assert "Alertmanager may send alerts to http://127.0.0.1:" in said.err
    assert "It cannot be taken back: it drops the albums." in said.err
    assert "GAIA_PAGE_FILE is not set" in said.err
    assert "was well for 30m" in said.err
    assert git.head() == ours
