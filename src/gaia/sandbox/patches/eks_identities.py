"""EKS pod identity associations. Upstream: 404 for each of their addresses."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.eks import urls
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from gaia.sandbox.patches.fitting import extend, listen, store


def apply() -> None:
    """Create, describe, list, update and delete."""
    extend(EKSBackend, _Backend)
    extend(EKSResponse, _Responses)
    path = "/clusters/(?P<name>[^/]+)/pod-identity-associations"
    listen(urls, urls.response.dispatch, path, f"{path}/(?P<associationId>[^/]+)")


def _table(backend: Any, cluster: str) -> dict[str, Any]:
    return store(backend.describe_cluster(cluster), "identities")


class _Backend:
    def create_pod_identity_association(
        self: Any, cluster: str, namespace: str, account: str, role: str, tags: dict[str, str], owner: str | None = None
    ) -> dict[str, Any]:
        known = _table(self, cluster)
        if any((one["namespace"], one["serviceAccount"]) == (namespace, account) for one in known.values()):
            message = f"Association already exists: {namespace}/{account}"
            raise ResourceInUseException(clusterName=cluster, message=message)
        name = "a-" + mock_random.get_random_string(17, lower_case=True)
        place = f"arn:{self.partition}:eks:{self.region_name}:{self.account_id}"
        known[name] = made = {
            "clusterName": cluster,
            "namespace": namespace,
            "serviceAccount": account,
            "roleArn": role,
            "associationArn": f"{place}:podidentityassociation/{cluster}/{name}",
            "associationId": name,
            "tags": tags or {},
            "createdAt": utcnow(),
            "modifiedAt": utcnow(),
            "ownerArn": owner,
        }
        return made

    def describe_pod_identity_association(self: Any, cluster: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = _table(self, cluster).get(name)
        if found is None:
            raise ResourceNotFoundException(clusterName=cluster, message=f"Association {name} not found")
        return found

    def update_pod_identity_association(self: Any, cluster: str, name: str, role: str | None) -> dict[str, Any]:
        found: dict[str, Any] = self.describe_pod_identity_association(cluster, name)
        found |= {"roleArn": role or found["roleArn"], "modifiedAt": utcnow()}
        return found

    def delete_pod_identity_association(self: Any, cluster: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.describe_pod_identity_association(cluster, name)
        del _table(self, cluster)[name]
        return found

    def list_pod_identity_associations(self: Any, cluster: str) -> list[dict[str, Any]]:
        return list(_table(self, cluster).values())


class _Responses:
    def create_pod_identity_association(self: Any) -> Any:
        given = map(self._get_param, ("name", "namespace", "serviceAccount", "roleArn", "tags"))
        return ActionResult({"association": self.eks_backend.create_pod_identity_association(*given)})

    def describe_pod_identity_association(self: Any) -> Any:
        named = map(self._get_param, ("name", "associationId"))
        return ActionResult({"association": self.eks_backend.describe_pod_identity_association(*named)})

    def update_pod_identity_association(self: Any) -> Any:
        given = map(self._get_param, ("name", "associationId", "roleArn"))
        return ActionResult({"association": self.eks_backend.update_pod_identity_association(*given)})

    def delete_pod_identity_association(self: Any) -> Any:
        named = map(self._get_param, ("name", "associationId"))
        return ActionResult({"association": self.eks_backend.delete_pod_identity_association(*named)})

    def list_pod_identity_associations(self: Any) -> Any:
        found = self.eks_backend.list_pod_identity_associations(self._get_param("name"))
        return ActionResult({"associations": found})
