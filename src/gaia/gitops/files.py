"""The files of a release: a base with all that seldom changes, and over it the few lines that a release is about.

Each stage has a base of its own: one for all of them would change production by a release to a trial stage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.gitops import reading
from gaia.gitops.objects import is_scaled, objects_of
from gaia.gitops.written import document, documents

if TYPE_CHECKING:
    from gaia.gitops.layout import Layout
    from gaia.gitops.model import Release

_KUSTOMIZATION = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def files_of(release: Release, layout: Layout) -> dict[str, str]:
    """Contents by path in the repository."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for one in objects_of(release, layout):
        by_kind.setdefault(f"{str(one['kind']).lower()}.yaml", []).append(_as_base(one, release))
    base = {f"base/{name}": documents(some) for name, some in by_kind.items()}
    inner = {
        "release.yaml": document(_ordered(release)),
        "kustomization.yaml": document(_overlay(release)),
        "base/kustomization.yaml": document({**_KUSTOMIZATION, "resources": list(by_kind)}),
        **base,
    }
    return {f"{release.place.folder}/{name}": content for name, content in inner.items()}


def _ordered(release: Release) -> dict[str, Any]:
    """The source in one order, whoever wrote it."""
    return {name: release.source[name] for name in reading.FIELDS if name in release.source}


def _overlay(release: Release) -> dict[str, Any]:
    overlay: dict[str, Any] = {
        **_KUSTOMIZATION,
        "namespace": release.place.namespace,
        "resources": ["base"],
        "images": [{"name": release.image.repository, "digest": release.image.digest}],
    }
    if not is_scaled(release):
        overlay["replicas"] = [{"name": release.place.service, "count": release.replicas.least}]
    return overlay


def _as_base(made: dict[str, Any], release: Release) -> dict[str, Any]:
    """Without what the overlay says."""
    about = {name: value for name, value in made["metadata"].items() if name != "namespace"}
    made = made | {"metadata": about}
    if made["kind"] == "Deployment":
        spec = {name: value for name, value in made["spec"].items() if name != "replicas"}
        (container,) = spec["template"]["spec"]["containers"]
        pod = spec["template"]["spec"] | {"containers": [container | {"image": release.image.repository}]}
        made["spec"] = spec | {"template": spec["template"] | {"spec": pod}}
    return made
