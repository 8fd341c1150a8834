"""Sampling rules, groups and encryption of X-Ray. Upstream: not implemented."""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random
from moto.xray import urls
from moto.xray.responses import XRayResponse

from gaia.sandbox.patches.fitting import extend, listen, store

_PATHS = (
    *("CreateGroup", "GetGroup", "Groups", "UpdateGroup", "DeleteGroup"),
    *("CreateSamplingRule", "GetSamplingRules", "UpdateSamplingRule", "DeleteSamplingRule"),
    *("EncryptionConfig", "PutEncryptionConfig", "ListTagsForResource", "TagResource", "UntagResource"),
)


def apply() -> None:
    """Create, get, update and delete; tags; whose key encrypts."""
    extend(XRayResponse, _Groups)
    extend(XRayResponse, _Rules)
    extend(XRayResponse, _Others)
    listen(urls, XRayResponse.dispatch, *(f"/{path}" for path in _PATHS))


def _table(response: Any, kind: str) -> dict[str, Any]:
    return store(response.xray_backend, kind)


def _add(response: Any, kind: str, thing: dict[str, Any], name: str) -> dict[str, Any]:
    """With its ARN and its tags."""
    place = f"arn:{response.partition}:xray:{response.region}:{response.current_account}"
    thing |= {f"{kind}ARN": f"{place}:{name}"}
    _table(response, kind)[thing[f"{kind}Name"]] = thing
    tags = {one["Key"]: one["Value"] for one in response._get_param("Tags") or []}
    _table(response, "tags")[thing[f"{kind}ARN"]] = tags
    return thing


def _find(response: Any, kind: str, asked: dict[str, Any]) -> dict[str, Any] | None:
    """By name or ARN."""
    for one in _table(response, kind).values():
        if any(asked.get(key) == one[key] for key in (f"{kind}Name", f"{kind}ARN")):
            found: dict[str, Any] = one
            return found
    return None


def _missing(response: Any, what: str) -> Any:
    return response._error("InvalidRequestException", f"{what} not found")


class _Groups:
    def create_group(self: Any) -> Any:
        given = {key: value for key, value in self.request_params.items() if key != "Tags"}
        made = _add(self, "Group", given, f"group/{given['GroupName']}/{mock_random.uuid4()}")
        return json.dumps({"Group": made})

    def get_group(self: Any) -> Any:
        found = _find(self, "Group", self.request_params)
        return json.dumps({"Group": found}) if found else _missing(self, "Group")

    def groups(self: Any) -> Any:
        return json.dumps({"Groups": list(_table(self, "Group").values())})

    def update_group(self: Any) -> Any:
        found = _find(self, "Group", self.request_params)
        if found is None:
            return _missing(self, "Group")
        found.update(self.request_params)
        return json.dumps({"Group": found})

    def delete_group(self: Any) -> Any:
        found = _find(self, "Group", self.request_params)
        if found is None:
            return _missing(self, "Group")
        del _table(self, "Group")[found["GroupName"]]
        return "{}"


def _record(rule: dict[str, Any]) -> dict[str, Any]:
    return {"SamplingRule": rule, "CreatedAt": unix_time(), "ModifiedAt": unix_time()}


class _Rules:
    def create_sampling_rule(self: Any) -> Any:
        given = self._get_param("SamplingRule")
        made = _add(self, "Rule", given, f"sampling-rule/{given['RuleName']}")
        return json.dumps({"SamplingRuleRecord": _record(made)})

    def get_sampling_rules(self: Any) -> Any:
        return json.dumps({"SamplingRuleRecords": [_record(one) for one in _table(self, "Rule").values()]})

    def update_sampling_rule(self: Any) -> Any:
        found = _find(self, "Rule", self._get_param("SamplingRuleUpdate"))
        if found is None:
            return _missing(self, "Sampling rule")
        found.update(self._get_param("SamplingRuleUpdate"))
        return json.dumps({"SamplingRuleRecord": _record(found)})

    def delete_sampling_rule(self: Any) -> Any:
        found = _find(self, "Rule", self.request_params)
        if found is None:
            return _missing(self, "Sampling rule")
        del _table(self, "Rule")[found["RuleName"]]
        return json.dumps({"SamplingRuleRecord": _record(found)})


class _Others:
    def put_encryption_config(self: Any) -> str:
        config = {key: value for key, value in self.request_params.items() if value} | {"Status": "ACTIVE"}
        _table(self, "encryption")["config"] = config
        return json.dumps({"EncryptionConfig": config})

    def encryption_config(self: Any) -> str:
        config = _table(self, "encryption").get("config", {"Type": "NONE", "Status": "ACTIVE"})
        return json.dumps({"EncryptionConfig": config})

    def list_tags_for_resource(self: Any) -> str:
        tags = _table(self, "tags").get(self._get_param("ResourceARN"), {})
        return json.dumps({"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]})

    def tag_resource(self: Any) -> str:
        given = {one["Key"]: one["Value"] for one in self._get_param("Tags")}
        _table(self, "tags").setdefault(self._get_param("ResourceARN"), {}).update(given)
        return "{}"

    def untag_resource(self: Any) -> str:
        for key in self._get_param("TagKeys"):
            _table(self, "tags").get(self._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"
