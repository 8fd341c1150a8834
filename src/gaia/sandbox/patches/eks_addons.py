"""EKS add-ons. Upstream: 404 for each of their addresses."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.eks import urls
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from gaia.sandbox.patches.fitting import extend, listen, store

_SETTINGS = ("addonVersion", "configurationValues", "serviceAccountRoleArn")


def apply() -> None:
    """Create, describe, list, update and delete; the roles that an add-on is given are pod identities."""
    extend(EKSBackend, _Backend)
    extend(EKSResponse, _Responses)
    path = "/clusters/(?P<name>[^/]+)/addons"
    one = f"{path}/(?P<addonName>[^/]+)"
    listen(urls, urls.response.dispatch, path, one, f"{one}/update")


def _settle(backend: Any, addon: dict[str, Any], given: dict[str, Any]) -> None:
    addon |= {key: given[key] for key in _SETTINGS if given.get(key) is not None}
    addon["modifiedAt"] = utcnow()
    wanted, cluster = given.get("podIdentityAssociations"), addon["clusterName"]
    if wanted is None:
        return
    for arn in addon["podIdentityAssociations"]:
        backend.delete_pod_identity_association(cluster, arn.rpartition("/")[2])
    made = [
        backend.create_pod_identity_association(
            cluster, "kube-system", one["serviceAccount"], one["roleArn"], addon["tags"], addon["addonArn"]
        )
        for one in wanted
    ]
    addon["podIdentityAssociations"] = [one["associationArn"] for one in made]


class _Backend:
    def create_addon(self: Any, cluster: str, given: dict[str, Any]) -> dict[str, Any]:
        name, addons = given["addonName"], store(self.describe_cluster(cluster), "addons")
        if name in addons:
            raise ResourceInUseException(clusterName=cluster, addonName=name, message="Addon already exists.")
        place = f"arn:{self.partition}:eks:{self.region_name}:{self.account_id}"
        addons[name] = addon = {
            "addonName": name,
            "clusterName": cluster,
            "status": "ACTIVE",
            "addonVersion": "v1.0.0-eksbuild.1",
            "health": {"issues": []},
            "addonArn": f"{place}:addon/{cluster}/{name}/{mock_random.uuid4()}",
            "createdAt": utcnow(),
            "tags": given.get("tags") or {},
            "podIdentityAssociations": [],
        }
        _settle(self, addon, given)
        return addon

    def describe_addon(self: Any, cluster: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = store(self.describe_cluster(cluster), "addons").get(name)
        if found is None:
            message = f"No addon: {name} found in cluster: {cluster}"
            raise ResourceNotFoundException(clusterName=cluster, addonName=name, message=message)
        return found

    def update_addon(self: Any, cluster: str, name: str, given: dict[str, Any]) -> dict[str, Any]:
        _settle(self, self.describe_addon(cluster, name), given)
        return {"id": str(mock_random.uuid4()), "status": "Successful", "type": "AddonUpdate", "createdAt": utcnow()}

    def delete_addon(self: Any, cluster: str, name: str) -> dict[str, Any]:
        addon: dict[str, Any] = self.describe_addon(cluster, name)
        _settle(self, addon, {"podIdentityAssociations": []})
        del store(self.describe_cluster(cluster), "addons")[name]
        return addon | {"status": "DELETING"}

    def list_addons(self: Any, cluster: str) -> list[str]:
        return sorted(store(self.describe_cluster(cluster), "addons"))


class _Responses:
    def create_addon(self: Any) -> Any:
        given = json.loads(self.body)
        return ActionResult({"addon": self.eks_backend.create_addon(self._get_param("name"), given)})

    def describe_addon(self: Any) -> Any:
        addon = self.eks_backend.describe_addon(self._get_param("name"), self._get_param("addonName"))
        return ActionResult({"addon": addon})

    def update_addon(self: Any) -> Any:
        name, addon = self._get_param("name"), self._get_param("addonName")
        return ActionResult({"update": self.eks_backend.update_addon(name, addon, json.loads(self.body))})

    def delete_addon(self: Any) -> Any:
        addon = self.eks_backend.delete_addon(self._get_param("name"), self._get_param("addonName"))
        return ActionResult({"addon": addon})

    def list_addons(self: Any) -> Any:
        return ActionResult({"addons": self.eks_backend.list_addons(self._get_param("name"))})
