"""Flagger's objects of a release (flagger.app/v1beta1): a `Canary`, and a `MetricTemplate` for each number.

Flagger makes the Services and the route, and a second Deployment, `NAME-primary`, which has the traffic: the one of the
release is there while a new version is looked at, and has no pods else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.gitops.layout import Layout
    from gaia.gitops.model import Release
    from gaia.gitops.progressive.model import Check, Progressive

KINDS = (("flagger.app", "Canary"), ("flagger.app", "MetricTemplate"))
_API = "flagger.app/v1beta1"
_DEADLINE = 600
"""Seconds for pods to become ready, as a Deployment has."""


def objects_of(
    release: Release, progressive: Progressive, layout: Layout, about: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """`about` is the metadata of the release's own objects."""
    assert layout.numbers is not None  # noqa: S101  asked when the release was read
    made = [_template(one, layout.numbers.prometheus, about) for one in progressive.checks]
    return [*made, _canary(release, progressive, layout, about)]


def _canary(release: Release, progressive: Progressive, layout: Layout, about: Mapping[str, Any]) -> dict[str, Any]:
    name = release.place.service
    routed = release.route is not None and layout.gateway is not None
    spec = {
        "provider": "gatewayapi:v1" if routed else "kubernetes",
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "autoscalerRef": {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": name},
        "progressDeadlineSeconds": _DEADLINE,
        "service": _service(release, layout),
        "analysis": _analysis(progressive, about),
    }
    return {"apiVersion": _API, "kind": "Canary", "metadata": dict(about), "spec": spec}


def _service(release: Release, layout: Layout) -> dict[str, Any]:
    """Prometheus reads at the two that have pods of one version each, and not again at the one that leads to both."""
    route = release.route
    port = route.port if route else next(iter(release.ports))
    read = {"labels": {"app.kubernetes.io/instance": release.place.service}}
    made: dict[str, Any] = {
        "port": release.ports[port],
        "targetPort": port,
        "portName": port,
        "portDiscovery": len(release.ports) > 1,
        "primary": read,
        "canary": read,
    }
    if route and layout.gateway:
        namespace, name = layout.gateway
        made["hosts"] = list(route.hosts)
        made["match"] = [{"uri": {"prefix": route.path}}]
        made["gatewayRefs"] = [
            {"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": namespace, "name": name}
        ]
    return made


def _analysis(progressive: Progressive, about: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"interval": f"{progressive.interval}s", "threshold": progressive.failures}
    if progressive.steps:
        made["stepWeights"] = list(progressive.steps)
    else:
        made["iterations"] = progressive.looks
    if progressive.headers:
        made["match"] = [{"headers": {name: {"exact": value}}} for name, value in progressive.headers.items()]
    made["metrics"] = [_metric(one, progressive, about) for one in progressive.checks]
    return made


def _metric(check: Check, progressive: Progressive, about: Mapping[str, Any]) -> dict[str, Any]:
    bounds = {"min": check.least, "max": check.most}
    return {
        "name": check.name,
        "interval": f"{progressive.interval}s",
        "templateRef": {"name": _name_of(check, about)},
        "thresholdRange": {which: value for which, value in bounds.items() if value is not None},
    }


def _template(check: Check, prometheus: str, about: Mapping[str, Any]) -> dict[str, Any]:
    spec = {"provider": {"type": "prometheus", "address": prometheus}, "query": check.query}
    return {
        "apiVersion": _API,
        "kind": "MetricTemplate",
        "metadata": {**about, "name": _name_of(check, about)},
        "spec": spec,
    }


def _name_of(check: Check, about: Mapping[str, Any]) -> str:
    """Of the template. Each release has its own, so a query changes with a release and not below one."""
    return f"{about['name']}.{check.name.replace('_', '-')}"
