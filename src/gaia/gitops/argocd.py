"""What Argo CD is told: a project for each tenant, the application sets that find releases, and who may do what.

A project and its destination are written out, never taken from a release: whoever may write in a folder would choose
whose it is. The application sets make applications and change them; none is removed because a listing came back empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.gitops import gatekeeper
from gaia.gitops.objects import KINDS
from gaia.gitops.written import document, documents

if TYPE_CHECKING:
    from gaia.gitops.layout import Layout, Tenant

FOLDER = "platform/argocd"
_NAMESPACE = "argocd"
_API = "argoproj.io/v1alpha1"
_PLATFORM = "platform.clusters"
"""The project of what the platform itself applies; no tenant has a dot in its name."""
_RETRY = {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"}}
_OPTIONS = ["ServerSideApply=true", "ApplyOutOfSyncOnly=true", "PruneLast=true", "FailOnSharedResource=true"]
_SERVICE = "{{ index .path.segments 3 }}"
"""Of `applications/TENANT/STAGE/SERVICE`."""


def files_of(layout: Layout) -> dict[str, str]:
    """Contents by path."""
    names = ["clusters.yaml", "rights.yaml"]
    applications = [_cluster(layout, one) for one in layout.clusters()]
    if layout.admission:
        applications += [_admission(layout, one) for one in layout.clusters()]
    files = {
        "clusters.yaml": documents([_platform_project(layout), *applications]),
        "rights.yaml": document(rights_of(layout)),
    }
    for name, tenant in layout.tenants.items():
        sets = [application_set_of(layout, name, stage) for stage in layout.stages]
        files[f"tenants/{name}.yaml"] = documents([project_of(layout, name, tenant), *sets])
        names.append(f"tenants/{name}.yaml")
    whole = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": names}
    files["kustomization.yaml"] = document(whole)
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def project_of(layout: Layout, name: str, tenant: Tenant) -> dict[str, Any]:
    """Its namespaces and no others, the kinds of a release and no others, nothing of a cluster."""
    role = f"proj:{name}:developer"
    policies = [
        f"p, {role}, applications, get, {name}/*, allow",
        f"p, {role}, applications, sync, {name}/*, allow",
        f"p, {role}, logs, get, {name}/*, allow",
    ]
    destinations = [{"name": cluster, "namespace": f"{name}-{stage}"} for stage, cluster in layout.stages.items()]
    spec = {
        "description": f"What {name} runs",
        "sourceRepos": [layout.repository],
        "destinations": destinations,
        "clusterResourceWhitelist": [],
        "namespaceResourceWhitelist": [{"group": group, "kind": kind} for group, kind in KINDS],
        "orphanedResources": {"warn": True},
        "roles": [
            {
                "name": "developer",
                "description": "Sees and syncs them",
                "groups": list(tenant.groups),
                "policies": policies,
            }
        ],
    }
    return {"apiVersion": _API, "kind": "AppProject", "metadata": _about(name, name), "spec": spec}


def application_set_of(layout: Layout, tenant: str, stage: str) -> dict[str, Any]:
    """An application for each service of the tenant's stage: for each folder with a release."""
    files = [{"path": f"applications/{tenant}/{stage}/*/release.yaml"}]
    spec = {
        "project": tenant,
        "source": _source(layout, "{{ .path.path }}"),
        "destination": {"name": layout.stages[stage], "namespace": f"{tenant}-{stage}"},
        "syncPolicy": _sync(),
    }
    # Names have no dots, so no two services get one name.
    labels = {"gaia/tenant": tenant, "gaia/stage": stage, "gaia/service": _SERVICE}
    about = {
        "name": f"{tenant}.{stage}.{_SERVICE}",
        "namespace": _NAMESPACE,
        "labels": labels,
        "annotations": {"argocd.argoproj.io/manifest-generate-paths": "."},
    }
    return {
        "apiVersion": _API,
        "kind": "ApplicationSet",
        "metadata": _about(f"{tenant}.{stage}", tenant),
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [
                {"git": {"repoURL": layout.repository, "revision": layout.branch, "files": files}},
            ],
            "syncPolicy": {"applicationsSync": "create-update", "preserveResourcesOnDeletion": True},
            "template": {"metadata": about, "spec": spec},
        },
    }


def rights_of(layout: Layout) -> dict[str, Any]:
    """Nobody sees anything by default: a default of reading shows every tenant's applications to every login."""
    about = _about("argocd-rbac-cm", "platform")
    about["labels"] |= {"app.kubernetes.io/part-of": "argocd"}
    data = {
        "policy.default": "",
        "policy.matchMode": "glob",
        "scopes": "[groups]",
        "policy.csv": "".join(f"g, {group}, role:admin\n" for group in layout.admins),
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data}


def _platform_project(layout: Layout) -> dict[str, Any]:
    """Namespaces and what holds for all in them, in every cluster."""
    kinds = [("", "ResourceQuota"), ("", "LimitRange"), ("networking.k8s.io", "NetworkPolicy")]
    namespaces = [(cluster, f"{name}-{stage}") for stage, cluster in layout.stages.items() for name in layout.tenants]
    # Without a namespace is the destination of the applications themselves, which Argo CD asks for as well.
    namespaces += [(cluster, "") for cluster in layout.clusters()]
    whole = [{"group": "", "kind": "Namespace"}]
    if layout.admission:
        whole += [{"group": "templates.gatekeeper.sh", "kind": "ConstraintTemplate"}]
        whole += [{"group": gatekeeper.CONSTRAINTS, "kind": "*"}]
    spec = {
        "description": "Namespaces of tenants, and what holds in them",
        "sourceRepos": [layout.repository],
        "destinations": [{"name": cluster, "namespace": one} for cluster, one in namespaces],
        "clusterResourceWhitelist": whole,
        "namespaceResourceWhitelist": [{"group": group, "kind": kind} for group, kind in kinds],
    }
    return {"apiVersion": _API, "kind": "AppProject", "metadata": _about(_PLATFORM, "platform"), "spec": spec}


def _cluster(layout: Layout, cluster: str) -> dict[str, Any]:
    """The namespaces of one cluster. They are not pruned: with a namespace goes all that is in it."""
    return _of_platform(layout, cluster, f"clusters.{cluster}", f"clusters/{cluster}", prune=False)


def _admission(layout: Layout, cluster: str) -> dict[str, Any]:
    """The rules that a cluster's admission asks."""
    return _of_platform(layout, cluster, f"admission.{cluster}", gatekeeper.FOLDER, prune=True)


def _of_platform(layout: Layout, cluster: str, name: str, path: str, *, prune: bool) -> dict[str, Any]:
    sync = _sync()
    sync["automated"] = {"selfHeal": True, "prune": prune}
    spec = {
        "project": _PLATFORM,
        "source": _source(layout, path),
        "destination": {"name": cluster},
        "syncPolicy": sync,
    }
    return {"apiVersion": _API, "kind": "Application", "metadata": _about(name, "platform"), "spec": spec}


def _sync() -> dict[str, Any]:
    return {"automated": {"selfHeal": True, "prune": True}, "syncOptions": list(_OPTIONS), "retry": _RETRY}


def _source(layout: Layout, path: str) -> dict[str, Any]:
    return {"repoURL": layout.repository, "targetRevision": layout.branch, "path": path}


def _about(name: str, owner: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "gaia", "gaia/owner": owner}
    return {"name": name, "namespace": _NAMESPACE, "labels": labels}
