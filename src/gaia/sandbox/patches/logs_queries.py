"""Saved queries of CloudWatch Logs. Upstream: not implemented."""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import unix_time_millis, utcnow
from moto.logs.models import LogsBackend
from moto.logs.responses import LogsResponse
from moto.moto_api._internal import mock_random

from gaia.sandbox.patches.fitting import extend, store

_GIVEN = ("name", "queryString", "logGroupNames", "queryLanguage")


def apply() -> None:
    """Put, describe and delete."""
    extend(LogsBackend, _Backend)
    extend(LogsResponse, _Responses)


class _Backend:
    def put_query_definition(self: Any, given: dict[str, Any]) -> str:
        name: str = given.get("queryDefinitionId") or str(mock_random.uuid4())
        kept = {key: given[key] for key in _GIVEN if given.get(key)}
        kept |= {"queryDefinitionId": name, "lastModified": int(unix_time_millis(utcnow()))}
        store(self, "queries")[name] = kept
        return name

    def describe_query_definitions(self: Any, prefix: str) -> list[dict[str, Any]]:
        return [one for one in store(self, "queries").values() if one["name"].startswith(prefix)]

    def delete_query_definition(self: Any, name: str) -> bool:
        return store(self, "queries").pop(name, None) is not None


class _Responses:
    def put_query_definition(self: Any) -> str:
        return json.dumps({"queryDefinitionId": self.logs_backend.put_query_definition(json.loads(self.body))})

    def describe_query_definitions(self: Any) -> str:
        found = self.logs_backend.describe_query_definitions(self._get_param("queryDefinitionNamePrefix") or "")
        return json.dumps({"queryDefinitions": found})

    def delete_query_definition(self: Any) -> str:
        return json.dumps({"success": self.logs_backend.delete_query_definition(self._get_param("queryDefinitionId"))})
