"""The Helm chart on a real control plane: admitted, carried out by controllers, changed, taken away without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.integration.deploy.test_chart import CHART, LEAST, MOST, VERSIONS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cluster.control_plane import ControlPlane

    Helm = Callable[..., str]

EVERYBODYS = {"v1/Event", "events.k8s.io/v1/Event", "metrics.k8s.io/v1beta1/PodMetrics"}
"""What clusters say of objects, and keep a while after them."""


@pytest.fixture(name="helm")
def helm_here(cluster: ControlPlane, tmp_path: Path) -> Helm:
    """Helm on the cluster: its words, and values from a mapping; what it said, without a warning."""

    def helm(*words: str | Path, values: Mapping[str, Any] | None = None) -> str:
        if values is not None:
            (tmp_path / "values.yaml").write_text(yaml.safe_dump(dict(values)))
            words += ("--values", tmp_path / "values.yaml")
        done: subprocess.CompletedProcess[str] = cluster.run_helm(*words)
        assert not done.returncode, done.stderr
        assert done.stderr == ""
        return done.stdout

    return helm


def there(cluster: ControlPlane, namespace: str) -> set[tuple[str, str]]:
    """Everything in a namespace, by kind and name, but what is said of it."""
    return {
        (kind, name)
        for kind, path in cluster.paths().items()
        if kind not in EVERYBODYS
        for name in cluster.names(path.format(namespace=namespace))
    }


def pods(cluster: ControlPlane, namespace: str) -> list[dict[str, Any]]:
    """The pods that are not going."""
    found = cluster.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
    return [one for one in found if "deletionTimestamp" not in one["metadata"]]


def parts(cluster: ControlPlane, namespace: str) -> list[str]:
    """Of which part each pod is."""
    return sorted(one["metadata"]["labels"]["app.kubernetes.io/component"] for one in pods(cluster, namespace))


def deployment(cluster: ControlPlane, namespace: str, part: str) -> Any:
    """The Deployment of a part."""
    return cluster.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/gaia-{part}")


def spec(one: dict[str, Any]) -> dict[str, Any]:
    """What an object wants; how many pods is the autoscaler's."""
    return {name: value for name, value in one.get("spec", {}).items() if name != "replicas"}


def rendered(helm: Helm, namespace: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects of the chart, without asking the cluster."""
    words = ("template", "gaia", CHART, "--namespace", namespace, "--kube-version", VERSIONS[-1])
    return list(yaml.safe_load_all(helm(*words, values=values)))


@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
def test_every_object_is_accepted_as_it_is_written(
    cluster: ControlPlane, namespace: str, helm: Helm, values: Mapping[str, Any]
) -> None:
    """On the server, strictly and without a warning; applied again nothing changes: nobody fights about a default."""
    objects = rendered(helm, namespace, values)
    assert len(objects) >= 10
    specs = []
    for one in objects:
        answer = cluster.apply(one)
        assert (answer.status_code, answer.headers.get("warning")) == (201, None), answer.text
        specs.append(spec(answer.json()))
    assert [spec(cluster.apply(one, dry=True).json()) for one in objects] == specs


def test_pods_are_admitted_where_only_restricted_ones_are(cluster: ControlPlane, namespace: str, helm: Helm) -> None:
    """The controllers make two of each part, and budgets count them. Without a node none of them runs."""
    helm("install", "gaia", CHART, "--namespace", namespace, values=MOST)
    cluster.until("two pods of each part", lambda: parts(cluster, namespace) == ["api", "api", "worker", "worker"])
    for one in pods(cluster, namespace):
        assert one["status"]["phase"] == "Pending"
        assert not one["spec"].get("nodeName")
        assert not [volume for volume in one["spec"]["volumes"] if "projected" in volume]
    budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"

    def counted() -> list[int]:
        return [one.get("status", {}).get("expectedPods") for one in cluster.get(budgets)["items"]]

    cluster.until("both are counted", lambda: counted() == [2, 2])


def test_a_pod_that_may_do_more_is_not_admitted_there(cluster: ControlPlane, namespace: str, helm: Helm) -> None:
    """So that the pods above were admitted says something."""
    objects = rendered(helm, namespace, LEAST)
    [worker] = [one for one in objects if one["kind"] == "Deployment" and one["metadata"]["name"] == "gaia-worker"]
    worker["spec"]["template"]["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    worker["spec"]["template"]["spec"].pop("serviceAccountName")
    assert "would violate PodSecurity" in cluster.apply(worker).headers["warning"]

    def refused() -> list[str]:
        conditions = deployment(cluster, namespace, "worker").get("status", {}).get("conditions", [])
        return [one["message"] for one in conditions if one["type"] == "ReplicaFailure"]

    [said] = cluster.until("the pod is refused", refused)
    assert "violates PodSecurity" in said
    assert "allowPrivilegeEscalation" in said
    assert pods(cluster, namespace) == []


def test_other_values_change_what_they_are_about_and_no_more(cluster: ControlPlane, namespace: str, helm: Helm) -> None:
    """A setting begins new pods; how many the autoscaler wants stays; what is turned off goes, and comes back."""
    helm("install", "gaia", CHART, "--namespace", namespace, values=LEAST)
    cluster.until("pods", lambda: len(pods(cluster, namespace)) == 4)
    before = there(cluster, namespace)
    first = deployment(cluster, namespace, "api")

    helm("upgrade", "gaia", CHART, "--namespace", namespace, values=LEAST)
    assert deployment(cluster, namespace, "api")["metadata"]["generation"] == first["metadata"]["generation"]

    scaled = LEAST | {
        "api": {"autoscaling": {"enabled": True}},
        "settings": {"GAIA_SMTP_FROM": "gaia@example.com"},
        "networkPolicy": {"enabled": False},
    }
    helm("upgrade", "gaia", CHART, "--namespace", namespace, values=scaled)
    replicas = f"/apis/apps/v1/namespaces/{namespace}/replicasets"
    cluster.until("new pods of each part", lambda: len(cluster.names(replicas)) == 4)
    changed = {kind for kind, _ in there(cluster, namespace) ^ before}
    assert changed >= {"autoscaling/v2/HorizontalPodAutoscaler", "networking.k8s.io/v1/NetworkPolicy"}

    wanted = f"/apis/apps/v1/namespaces/{namespace}/deployments/gaia-api/scale"
    body = {"spec": {"replicas": 5}}
    merge = {"Content-Type": "application/merge-patch+json"}
    assert cluster.api.patch(wanted, json=body, headers=merge).status_code == 200
    more = scaled | {"settings": {"GAIA_SMTP_FROM": "platform@example.com"}}
    helm("upgrade", "gaia", CHART, "--namespace", namespace, values=more)
    assert deployment(cluster, namespace, "api")["spec"]["replicas"] == 5

    helm("rollback", "gaia", "1", "--namespace", namespace)
    kept = {one for one in there(cluster, namespace) if one[0] == "networking.k8s.io/v1/NetworkPolicy"}
    assert kept == {one for one in before if one[0] == "networking.k8s.io/v1/NetworkPolicy"}
    cluster.until("two again", lambda: deployment(cluster, namespace, "api")["spec"]["replicas"] == 2)


@pytest.mark.parametrize("name", ["gaia", "r" * 53], ids=["usual", "longest"])
def test_what_was_installed_leaves_nothing(cluster: ControlPlane, namespace: str, helm: Helm, name: str) -> None:
    """By whichever name: no pod, no account, no record of the release."""
    before = there(cluster, namespace)
    helm("install", name, CHART, "--namespace", namespace, values=MOST)
    cluster.until("pods", lambda: len(pods(cluster, namespace)) == 4)
    assert {kind for kind, _ in there(cluster, namespace) - before} >= {
        "v1/Service", "v1/ServiceAccount", "v1/ConfigMap", "apps/v1/Deployment", "policy/v1/PodDisruptionBudget",
        "autoscaling/v2/HorizontalPodAutoscaler", "networking.k8s.io/v1/NetworkPolicy",
        "gateway.networking.k8s.io/v1/HTTPRoute", "monitoring.coreos.com/v1/PodMonitor",
        "monitoring.coreos.com/v1/ServiceMonitor",
    }  # fmt: skip
    helm("uninstall", name, "--namespace", namespace)
    cluster.until("nothing is left", lambda: there(cluster, namespace) == before)


@pytest.mark.parametrize(
    "values",
    [
        {"api": {"resources": {"requests": {"memory": "8Gi"}}}},
        {"networkPolicy": {"database": {"cidr": "10.0.0.0/99"}}},
    ],
)
def test_what_only_the_cluster_can_refuse_it_refuses_whole(
    cluster: ControlPlane, namespace: str, helm: Helm, values: Mapping[str, Any]
) -> None:
    """`--atomic` leaves nothing of an installation that failed half-way."""
    before = there(cluster, namespace)
    with pytest.raises(AssertionError, match="is invalid"):
        helm("install", "gaia", CHART, "--namespace", namespace, "--atomic", values={**LEAST, **values})
    cluster.until("nothing is left", lambda: there(cluster, namespace) == before)
