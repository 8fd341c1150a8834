"""The objects of Kubernetes that a release is made of: pure, and in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.gitops import canaries
from gaia.gitops.model import Clear, FromSecret
from gaia.gitops.network import policy_of, route_of

if TYPE_CHECKING:
    from gaia.gitops.layout import Layout
    from gaia.gitops.model import Place, Release, Value

Object = dict[str, Any]
KINDS = (
    *(("", "ServiceAccount"), ("", "Service"), ("apps", "Deployment"), ("autoscaling", "HorizontalPodAutoscaler")),
    *(("policy", "PodDisruptionBudget"), ("networking.k8s.io", "NetworkPolicy")),
    *(("gateway.networking.k8s.io", "HTTPRoute"), ("external-secrets.io", "ExternalSecret")),
    ("monitoring.coreos.com", "ServiceMonitor"),
    *canaries.KINDS,
)
"""Group and kind of all that a release may hold: what a tenant's project lets through."""
_PERIOD = 10
"""Seconds between two looks at a pod."""


def objects_of(release: Release, layout: Layout) -> list[Object]:
    """All of them, as they are applied."""
    made = [_account(release), *_secrets(release, layout)]
    if release.progressive:
        made += canaries.objects_of(release, release.progressive, layout, _about(release))
    else:
        made.append(_service(release))
    made.append(_deployment(release))
    if is_scaled(release):
        made.append(_autoscaler(release))
    made += [_budget(release), policy_of(release, layout, _about(release))]
    if release.route and layout.gateway and not release.progressive:
        made.append(route_of(release, release.route, layout.gateway, _about(release)))
    if release.metrics:
        made.append(_monitor(release))
    return made


def is_scaled(release: Release) -> bool:
    """Whether its Deployment says no number of pods: where Flagger sets it, Argo CD would set it back for ever."""
    return release.progressive is not None or not release.replicas.fixed


def selected(place: Place) -> dict[str, str]:
    """The labels by which a Deployment finds its pods; they never change, for its selector may not."""
    return {"app.kubernetes.io/name": place.service, **every(place.service)}


def every(service: str) -> dict[str, str]:
    """The label that all pods of a service have: Flagger calls those of its own Deployment by another name."""
    return {"app.kubernetes.io/instance": service}


def _about(release: Release) -> Object:
    place = release.place
    labels = {
        **selected(place),
        "app.kubernetes.io/managed-by": "gaia",
        "gaia/owner": release.owner,
        "gaia/tenant": place.tenant,
        "gaia/stage": place.stage,
    }
    return {"name": place.service, "namespace": place.namespace, "labels": labels}


def _account(release: Release) -> Object:
    """What pods are to AWS: EKS finds the pod identity by its name and namespace."""
    about = _about(release)
    if release.identity:
        about["annotations"] = {"eks.amazonaws.com/role-arn": release.identity}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": about, "automountServiceAccountToken": False}


def _secrets(release: Release, layout: Layout) -> list[Object]:
    data = []
    for name, value in release.env.items():
        if isinstance(value, FromSecret):
            remote = {"key": value.key} | ({"property": value.property} if value.property else {})
            data.append({"secretKey": name, "remoteRef": remote})
    if not data:
        return []
    kind, store = layout.store
    about = _about(release)
    about["annotations"] = {"argocd.argoproj.io/sync-wave": "-1"}  # pods wait for what it makes
    return [
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": about,
            "spec": {
                "refreshInterval": "1h0m0s",
                "secretStoreRef": {"kind": kind, "name": store},
                "target": {"name": release.place.service, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
                "data": data,
            },
        }
    ]


def _service(release: Release) -> Object:
    ports = [{"name": name, "port": port, "targetPort": name} for name, port in release.ports.items()]
    spec = {"selector": selected(release.place), "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _about(release), "spec": spec}


def _deployment(release: Release) -> Object:
    about = _about(release)
    spec: Object = {
        "selector": {"matchLabels": selected(release.place)},
        "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
        "template": {"metadata": {"labels": about["labels"]}, "spec": _pod(release)},
    }
    if not is_scaled(release):
        spec = {"replicas": release.replicas.least} | spec
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": spec}


def _pod(release: Release) -> Object:
    chosen = {"matchLabels": selected(release.place)}
    spread = [
        {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": chosen}
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]
    return {
        "serviceAccountName": release.place.service,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "topologySpreadConstraints": spread,
        "containers": [_container(release)],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
    }


def _container(release: Release) -> Object:
    container: Object = {
        "name": release.place.service,
        "image": str(release.image),
        "ports": [{"name": name, "containerPort": port} for name, port in release.ports.items()],
        "env": [_variable(name, value, release.place) for name, value in release.env.items()],
        "resources": {
            "requests": {"cpu": release.cpu, "memory": release.memory},
            "limits": {"memory": release.memory},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108  the container's own
    } | _probes(release)
    if not container["env"]:
        del container["env"]
    return container


def _variable(name: str, value: Value, place: Place) -> Object:
    if isinstance(value, Clear):
        return {"name": name, "value": value.text}
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": place.service, "key": name}}}


def _probes(release: Release) -> Object:
    """Without paths, a pod is ready when it listens."""
    if release.probes is None:
        first = {"tcpSocket": {"port": next(iter(release.ports))}}
        return {"readinessProbe": first, "livenessProbe": {**first, "periodSeconds": _PERIOD, "failureThreshold": 6}}
    port, probes = release.probes.port, release.probes
    ready, live = ({"httpGet": {"path": path, "port": port}} for path in (probes.ready, probes.live))
    tries = -(-probes.start_seconds // _PERIOD)
    return {
        "startupProbe": {**live, "periodSeconds": _PERIOD, "failureThreshold": tries},
        "readinessProbe": ready,
        "livenessProbe": live,
    }


def _autoscaler(release: Release) -> Object:
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": release.replicas.cpu}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": _about(release),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": release.place.service},
            "minReplicas": release.replicas.least,
            "maxReplicas": release.replicas.most,
            "metrics": [{"type": "Resource", "resource": cpu}],
        },
    }


def _budget(release: Release) -> Object:
    """At most one pod away at a time, so that a node with the only one can still be drained."""
    spec = {
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": every(release.place.service)},
    }
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": _about(release), "spec": spec}


def _monitor(release: Release) -> Object:
    assert release.metrics is not None  # noqa: S101  asked before
    endpoint = {"port": release.metrics.port, "path": release.metrics.path}
    spec = {"selector": {"matchLabels": every(release.place.service)}, "endpoints": [endpoint]}
    return {
        "apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": _about(release), "spec": spec,
    }  # fmt: skip
