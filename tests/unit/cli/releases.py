"""A GitOps repository in the folder of the command line, and a release for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gaia.gitops.incidents import Incident, Try, line
from gaia.gitops.model import Place
from gaia.kit import clock
from gaia.kit.git import Git

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

DIGEST = "sha256:" + "a" * 64
LAYOUT = """\
repository: https://git.example.com/acme/gitops
tenants:
  acme: {domains: [acme.example.com], groups: [acme-developers]}
stages:
  dev: {cluster: trial}
  prod: {cluster: live}
"""
RELEASE = f"""\
service: photos
tenant: acme
stage: dev
owner: media
image: registry.example.com/acme/photos@{DIGEST}
ports: {{http: 8080}}
env: {{LOG_LEVEL: info}}
"""


def with_releases(gaia: Gaia, *, released: bool = False) -> Git:
    """`gitops/` with a layout, `photos.yaml` and `photos-prod.yaml`; both of them `released`, or not yet."""
    root = gaia.settings.cwd
    (root / "gitops").mkdir()
    (root / "gitops/gitops.yaml").write_text(LAYOUT)
    (root / "photos.yaml").write_text(RELEASE)
    (root / "photos-prod.yaml").write_text(RELEASE.replace("dev", "prod").replace(DIGEST, "sha256:" + "b" * 64))
    git = Git(root / "gitops", gaia.settings.environ)
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        git(*words)
    for name in ("photos.yaml", "photos-prod.yaml") if released else ():
        said = gaia("release", "make", name, "--gitops", "gitops", "--yes")
        assert said.code == 0, said.err
    return git


def with_hostile_releases(gaia: Gaia, text: str) -> None:
    """Two files that hold this text, one of them in the GitOps repository."""
    git = with_releases(gaia, released=True)
    spoilt = RELEASE.replace("info", json.dumps(text))
    (gaia.settings.cwd / "photos.yaml").write_text(spoilt)
    (gaia.settings.cwd / "gitops/applications/acme/dev/photos/release.yaml").write_text(spoilt)
    (gaia.settings.cwd / "gitops/applications/acme/prod/photos/kustomization.yaml").write_text(spoilt)
    place = Place("acme", "dev", "photos")
    made = Incident(
        place, "a" * 40, text, "alert", line(text), line(text), clock.now(), tries=(Try(clock.now(), "b", "c"),)
    )
    path = gaia.settings.cwd / "gitops" / made.path
    path.parent.mkdir(parents=True)
    path.write_text(made.text)
    git("add", "-A")
    git("commit", "-q", "-a", "-m", text)
