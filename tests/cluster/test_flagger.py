"""A release that says how its version gets the traffic, on a real Flagger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.cluster.flagger import flagger, numbers
from tests.cluster.kubelet import play_kubelet

from gaia.gitops import layout as layouts
from gaia.gitops import reading
from gaia.gitops.objects import objects_of
from gaia.gitops.written import document
from gaia.kit import yaml as marked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.flagger import Numbers

DIGESTS = [f"sha256:{letter * 64}" for letter in "abcd"]
NAMESPACE = "acme-canary"
CANARY = f"/apis/flagger.app/v1beta1/namespaces/{NAMESPACE}/canaries/photos"
APPS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"


def objects(prometheus: str, digest: str) -> list[dict[str, Any]]:
    """What a release of this image is made of; Flagger looks each second, which nobody may write."""
    layout = layouts.read(
        marked.parse(
            document(
                {
                    "repository": "https://git.example.com/acme/gitops",
                    "tenants": {"acme": {"domains": ["acme.example.com"]}},
                    "stages": {"canary": {"cluster": "here"}},
                    "gateway": {"namespace": "gateway", "name": "public"},
                    "progressive": {"prometheus": prometheus, "metrics": {"success_rate": "rate({{ target }})"}},
                }
            ).encode(),
            "gitops.yaml",
        )
    )
    source = {
        "service": "photos",
        "tenant": "acme",
        "stage": "canary",
        "owner": "media",
        "image": f"registry.example.com/acme/photos@{digest}",
        "ports": {"http": 8080},
        "replicas": {"min": 2, "max": 2},
        "route": {"hosts": ["photos.acme.example.com"]},
        "progressive": {"steps": [20, 50], "failures": 2, "checks": {"success_rate": {"min": 99}}},
    }
    made = objects_of(reading.read(marked.parse(document(source).encode(), "release.yaml"), layout), layout)
    for one in made:
        if one["kind"] == "Canary":
            one["spec"]["analysis"]["interval"] = "1s"
    return made


@pytest.fixture(name="prometheus", scope="module")
def scripted() -> Iterator[Numbers]:
    """The numbers."""
    with numbers() as made:
        yield made


@pytest.fixture(name="live", scope="module")
def running(
    cluster: ControlPlane, prometheus: Numbers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """Flagger, and a first version of the service, which gets all of the traffic at once."""
    made = cluster.api.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}})
    assert made.status_code == 201, made.text
    folder: Path = tmp_path_factory.mktemp("flagger")
    with flagger(cluster, folder, prometheus.url):
        release(cluster, prometheus, DIGESTS[0])
        cluster.until("the first version has the traffic", lambda: phase(cluster) == "Initialized")
        yield cluster


def release(cluster: ControlPlane, prometheus: Numbers, digest: str) -> None:
    """As Argo CD applies it."""
    for one in objects(prometheus.url, digest):
        answer = cluster.apply(one)
        assert answer.status_code in (200, 201), (yaml.safe_dump(one), answer.text)


def phase(cluster: ControlPlane) -> str:
    """What Flagger says of it, with pods that run."""
    play_kubelet(cluster)
    return str(cluster.get(CANARY).get("status", {}).get("phase", ""))


def runs(cluster: ControlPlane, name: str) -> str:
    """The digest of a Deployment's image."""
    pod = cluster.get(f"{APPS}/{name}")["spec"]["template"]["spec"]
    return str(pod["containers"][0]["image"]).partition("@")[2]


def test_a_version_gets_its_traffic_by_its_numbers(live: ControlPlane, prometheus: Numbers) -> None:
    """With good ones all of it, in steps; with bad ones, and with none, none: the version before keeps it."""
    assert runs(live, "photos-primary") == DIGESTS[0]
    route = live.get(f"/apis/gateway.networking.k8s.io/v1/namespaces/{NAMESPACE}/httproutes/photos")
    assert route["spec"]["hostnames"] == ["photos.acme.example.com"]
    assert route["spec"]["parentRefs"][0]["name"] == "public"
    services = live.names(f"/api/v1/namespaces/{NAMESPACE}/services")
    assert {"photos", "photos-primary", "photos-canary"} <= services

    prometheus.value = 99.9
    weights: set[int] = set()

    def promoted() -> bool:
        weights.add(int(live.get(CANARY)["status"].get("canaryWeight", 0)))
        return phase(live) == "Succeeded" and runs(live, "photos-primary") == DIGESTS[1]

    release(live, prometheus, DIGESTS[1])
    live.until("the good version has the traffic", promoted)
    assert {20, 50} <= weights
    assert "rate(photos)" in prometheus.asked

    for digest, value in ((DIGESTS[2], 50.0), (DIGESTS[3], None)):
        prometheus.value = value
        release(live, prometheus, digest)
        live.until("Flagger sees it", lambda: phase(live) in ("Progressing", "Failed"))
        live.until("it is given up", lambda: phase(live) == "Failed")
        assert runs(live, "photos-primary") == DIGESTS[1]
        weight = live.get(CANARY)["status"].get("canaryWeight", 0)
        assert weight == 0


def test_pods_of_all_versions_are_one_service_to_the_network(live: ControlPlane) -> None:
    """What the policy opens and the budget keeps goes by the label that Flagger leaves alone."""
    pods = live.get(f"/api/v1/namespaces/{NAMESPACE}/pods?labelSelector=app.kubernetes.io/instance=photos")["items"]
    assert {one["metadata"]["labels"]["app.kubernetes.io/name"] for one in pods} >= {"photos-primary"}
    budget = live.get(f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets/photos")
    assert budget["spec"]["selector"]["matchLabels"] == {"app.kubernetes.io/instance": "photos"}
