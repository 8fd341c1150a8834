"""EKS access entries and the policies of them. Upstream: 404 for each of their addresses."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.eks import urls
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from gaia.sandbox.patches.fitting import extend, listen, store


def apply() -> None:
    """Create, describe, list, update and delete; associate, list and disassociate policies."""
    extend(EKSBackend, _Backend)
    extend(EKSResponse, _Responses)
    path = "/clusters/(?P<name>[^/]+)/access-entries"
    one = f"{path}/(?P<principalArn>.+)"  # an ARN, whose slashes arrive decoded
    policies = f"{one}/access-policies"
    listen(urls, urls.response.dispatch, f"{policies}/(?P<policyArn>.+)", policies, one, path)


def _table(backend: Any, cluster: str) -> dict[str, Any]:
    return store(backend.describe_cluster(cluster), "access")


def _missing(cluster: str, what: str) -> Exception:
    missing: Exception = ResourceNotFoundException(clusterName=cluster, message=f"{what} could not be found.")
    return missing


class _Backend:
    def create_access_entry(self: Any, cluster: str, principal: str, given: dict[str, Any]) -> dict[str, Any]:
        known = _table(self, cluster)
        if principal in known:
            message = "The specified access entry resource is already in use on this cluster."
            raise ResourceInUseException(clusterName=cluster, message=message)
        place = f"arn:{self.partition}:eks:{self.region_name}:{self.account_id}"
        user = principal.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
        known[principal] = entry = {
            "clusterName": cluster,
            "principalArn": principal,
            "kubernetesGroups": given.get("kubernetesGroups") or [],
            "accessEntryArn": f"{place}:access-entry/{cluster}/{mock_random.uuid4()}",
            "createdAt": utcnow(),
            "modifiedAt": utcnow(),
            "tags": given.get("tags") or {},
            "username": given.get("username") or f"{user}/{{{{SessionName}}}}",
            "type": given.get("type") or "STANDARD",
            "policies": {},
        }
        return entry

    def describe_access_entry(self: Any, cluster: str, principal: str) -> dict[str, Any]:
        found: dict[str, Any] | None = _table(self, cluster).get(principal)
        if found is None:
            raise _missing(cluster, f"The specified principalArn {principal}")
        return found

    def update_access_entry(self: Any, cluster: str, principal: str, given: dict[str, Any]) -> dict[str, Any]:
        entry: dict[str, Any] = self.describe_access_entry(cluster, principal)
        entry |= {key: given[key] for key in ("kubernetesGroups", "username") if given.get(key) is not None}
        entry["modifiedAt"] = utcnow()
        return entry

    def delete_access_entry(self: Any, cluster: str, principal: str) -> None:
        self.describe_access_entry(cluster, principal)
        del _table(self, cluster)[principal]

    def list_access_entries(self: Any, cluster: str) -> list[str]:
        return sorted(_table(self, cluster))

    def associate_access_policy(
        self: Any, cluster: str, principal: str, policy: str, scope: dict[str, Any]
    ) -> dict[str, Any]:
        made = {"policyArn": policy, "accessScope": scope, "associatedAt": utcnow(), "modifiedAt": utcnow()}
        self.describe_access_entry(cluster, principal)["policies"][policy] = made
        return made

    def disassociate_access_policy(self: Any, cluster: str, principal: str, policy: str) -> None:
        if self.describe_access_entry(cluster, principal)["policies"].pop(policy, None) is None:
            raise _missing(cluster, f"The policy {policy}")


def _named(response: Any) -> tuple[str, str]:
    """The cluster, and the principal as the path has it."""
    principal = unquote(response.path).partition("/access-entries/")[2].partition("/access-policies")[0]
    return response._get_param("name"), principal


class _Responses:
    def create_access_entry(self: Any) -> Any:
        given = json.loads(self.body)
        made = self.eks_backend.create_access_entry(self._get_param("name"), given["principalArn"], given)
        return ActionResult({"accessEntry": made})

    def describe_access_entry(self: Any) -> Any:
        return ActionResult({"accessEntry": self.eks_backend.describe_access_entry(*_named(self))})

    def update_access_entry(self: Any) -> Any:
        entry = self.eks_backend.update_access_entry(*_named(self), json.loads(self.body))
        return ActionResult({"accessEntry": entry})

    def delete_access_entry(self: Any) -> Any:
        self.eks_backend.delete_access_entry(*_named(self))
        return EmptyResult()

    def list_access_entries(self: Any) -> Any:
        return ActionResult({"accessEntries": self.eks_backend.list_access_entries(self._get_param("name"))})

    def associate_access_policy(self: Any) -> Any:
        (cluster, principal), given = _named(self), json.loads(self.body)
        policy, scope = given["policyArn"], given["accessScope"]
        made = self.eks_backend.associate_access_policy(cluster, principal, policy, scope)
        return ActionResult({"clusterName": cluster, "principalArn": principal, "associatedAccessPolicy": made})

    def list_associated_access_policies(self: Any) -> Any:
        cluster, principal = _named(self)
        policies = list(self.eks_backend.describe_access_entry(cluster, principal)["policies"].values())
        return ActionResult({"clusterName": cluster, "principalArn": principal, "associatedAccessPolicies": policies})

    def disassociate_access_policy(self: Any) -> Any:
        policy = unquote(self.path).partition("/access-policies/")[2]
        self.eks_backend.disassociate_access_policy(*_named(self), policy)
        return EmptyResult()
