"""Who may connect to a service and where it may connect to: nothing but what is written here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.gitops.layout import Layout
    from gaia.gitops.model import Reach, Release, Route

_NAMESPACE = "kubernetes.io/metadata.name"
_SERVICE = "app.kubernetes.io/instance"
"""The label that pods of every version have."""


def policy_of(release: Release, layout: Layout, about: Mapping[str, Any]) -> dict[str, Any]:
    """Opens what the namespace shuts: the gateway, Prometheus and the callers in; names and what it reaches out."""
    ports = release.ports
    ingress = []
    if release.callers:
        callers = [{"podSelector": {"matchLabels": {_SERVICE: one}}} for one in release.callers]
        ingress.append({"from": callers, "ports": [_tcp(one) for one in ports.values()]})
    if release.route and layout.gateway:
        ingress.append({"from": [_from(layout.gateway[0])], "ports": [_tcp(ports[release.route.port])]})
    if release.metrics:
        ingress.append({"from": [_from(layout.monitoring)], "ports": [_tcp(ports[release.metrics.port])]})
    dns = _from("kube-system") | {"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    egress = [{"to": [dns], "ports": [{"protocol": "UDP", "port": 53}, _tcp(53)]}]
    egress += [{"to": [_to(one)], "ports": [_tcp(one.port)]} for one in release.reaches]
    spec = {
        "podSelector": {"matchLabels": {_SERVICE: release.place.service}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    }
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": dict(about), "spec": spec}


def route_of(release: Release, route: Route, gateway: tuple[str, str], about: Mapping[str, Any]) -> dict[str, Any]:
    """From the gateway to the service."""
    namespace, name = gateway
    match = {"path": {"type": "PathPrefix", "value": route.path}}
    behind = {"name": release.place.service, "port": release.ports[route.port]}
    spec = {
        "parentRefs": [{"namespace": namespace, "name": name}],
        "hostnames": list(route.hosts),
        "rules": [{"matches": [match], "backendRefs": [behind]}],
    }
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": dict(about), "spec": spec}


def _from(namespace: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {_NAMESPACE: namespace}}}


def _to(reach: Reach) -> dict[str, Any]:
    if reach.kind == "cidr":
        return {"ipBlock": {"cidr": reach.to}}
    return {"podSelector": {"matchLabels": {_SERVICE: reach.to}}}


def _tcp(port: int) -> dict[str, Any]:
    return {"protocol": "TCP", "port": port}
