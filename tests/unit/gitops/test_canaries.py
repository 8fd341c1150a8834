"""What Flagger is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.gitops.conftest import BLUE_GREEN, CANARY, LEAST, MOST, release_of

from gaia.gitops.objects import objects_of

if TYPE_CHECKING:
    from gaia.gitops.layout import Layout


def made_of(source: dict[str, Any], layout: Layout) -> dict[str, dict[str, Any]]:
    """The objects by kind; of metric templates the last one."""
    return {one["kind"]: one for one in objects_of(release_of(source), layout)}


def test_traffic_moves_by_the_gateway_in_steps(layout: Layout) -> None:
    """Flagger has the route and the Services then, so the release brings none that it would fight about."""
    made = made_of(CANARY, layout)
    spec = made["Canary"]["spec"]
    assert spec["provider"] == "gatewayapi:v1"
    assert spec["service"]["hosts"] == ["photos.acme.example.com"]
    assert (spec["service"]["port"], spec["service"]["targetPort"]) == (8080, "http")
    assert spec["analysis"]["stepWeights"] == [5, 20, 50]
    rate, latency = spec["analysis"]["metrics"]
    assert (rate["thresholdRange"], latency["thresholdRange"]) == ({"min": 99.5}, {"max": 500})
    assert latency["templateRef"]["name"] == made["MetricTemplate"]["metadata"]["name"] == "photos.latency-ms"
    assert "{{ interval }}" in made["MetricTemplate"]["spec"]["query"]
    assert not {"Service", "HTTPRoute"} & set(made)


def test_without_a_route_all_of_it_comes_at_once(layout: Layout) -> None:
    """Kubernetes alone does it; one of fixed size has an autoscaler, for Flagger says how many pods there are."""
    made = made_of(BLUE_GREEN, layout)
    spec = made["Canary"]["spec"]
    assert (spec["provider"], spec["analysis"]["iterations"]) == ("kubernetes", 10)
    assert "replicas" not in made["Deployment"]["spec"]
    sizes = made["HorizontalPodAutoscaler"]["spec"]
    assert (sizes["minReplicas"], sizes["maxReplicas"]) == (1, 1)


def test_pods_of_both_versions_are_the_services(layout: Layout) -> None:
    """Flagger's own have another name: what is opened, kept and read goes by the label that they share."""
    made = made_of(CANARY, layout)
    shared = {"app.kubernetes.io/instance": "photos"}
    assert made["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == shared
    assert made["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == shared
    assert made["Canary"]["spec"]["service"]["primary"]["labels"] == shared
    assert made["ServiceMonitor"]["spec"]["selector"]["matchLabels"]["app.kubernetes.io/instance"] == "photos"


def test_other_releases_stay_as_they_are(layout: Layout) -> None:
    """No Canary, its own Service and route."""
    assert "Canary" not in made_of(MOST, layout)
    assert {"Service", "HTTPRoute"} <= set(made_of(MOST, layout))
    assert made_of(LEAST, layout)["Deployment"]["spec"]["replicas"] == 1
