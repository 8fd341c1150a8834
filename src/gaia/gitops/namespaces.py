"""What a tenant's stage is in a cluster: a namespace with a quota, limits, restricted pods, and no way in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.gitops.written import document, documents

if TYPE_CHECKING:
    from gaia.gitops.layout import Layout

_LEVELS = ("enforce", "audit", "warn")


def files_of(layout: Layout) -> dict[str, str]:
    """Contents by path: a folder for each cluster."""
    files = {}
    for cluster in layout.clusters():
        names = []
        for stage, on in layout.stages.items():
            for tenant in layout.tenants if on == cluster else ():
                name = f"namespaces/{tenant}-{stage}.yaml"
                names.append(name)
                files[f"clusters/{cluster}/{name}"] = documents(objects_of(layout, tenant, stage))
        kustomization = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": names}
        files[f"clusters/{cluster}/kustomization.yaml"] = document(kustomization)
    return files


def objects_of(layout: Layout, tenant: str, stage: str) -> list[dict[str, Any]]:
    """The namespace, and what holds for all in it."""
    namespace = f"{tenant}-{stage}"
    labels = {"app.kubernetes.io/managed-by": "gaia", "gaia/owner": tenant, "gaia/tenant": tenant, "gaia/stage": stage}
    restricted = {f"pod-security.kubernetes.io/{level}": "restricted" for level in _LEVELS}

    def about(name: str) -> dict[str, Any]:
        return {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/name": name, **labels}}

    quota = {
        "requests.cpu": layout.quota["cpu"],
        "requests.memory": layout.quota["memory"],
        "limits.memory": layout.quota["memory"],
        "pods": layout.quota["pods"],
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }
    limits = {
        "type": "Container",
        "default": {"memory": "256Mi"},
        "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
    }
    shut = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    whole = {"name": namespace, "labels": {"app.kubernetes.io/name": namespace, **labels, **restricted}}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": whole},
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": about("tenant"), "spec": {"hard": quota}},
        {"apiVersion": "v1", "kind": "LimitRange", "metadata": about("tenant"), "spec": {"limits": [limits]}},
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": about("shut"), "spec": shut},
    ]
