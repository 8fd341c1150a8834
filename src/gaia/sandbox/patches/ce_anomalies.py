"""Anomaly monitors and subscriptions of Cost Explorer. Upstream: not implemented."""

from __future__ import annotations

import json
from typing import Any

from moto.ce.responses import CostExplorerResponse
from moto.core.exceptions import JsonRESTError
from moto.moto_api._internal import mock_random

from gaia.sandbox.patches.fitting import extend, store


def apply() -> None:
    """Create, get, update and delete both; their tags are those of everything else."""
    extend(CostExplorerResponse, _Responses)


def _table(response: Any, kind: str) -> dict[str, Any]:
    return store(response.ce_backend, kind)


def _find(response: Any, kind: str, arn: str) -> dict[str, Any]:
    found: dict[str, Any] | None = _table(response, kind).get(arn)
    if found is None:
        raise JsonRESTError(f"Unknown{kind}Exception", f"There is no anomaly {kind.lower()} {arn}")
    return found


def _create(response: Any, kind: str) -> str:
    given, account = json.loads(response.body), response.current_account
    arn = f"arn:{response.partition}:ce::{account}:anomaly{kind.lower()}/{mock_random.uuid4()}"
    _table(response, kind)[arn] = {**given[f"Anomaly{kind}"], f"{kind}Arn": arn, "AccountId": account}
    response.ce_backend.tag_resource(arn, given.get("ResourceTags") or [])
    return json.dumps({f"{kind}Arn": arn})


def _get(response: Any, kind: str) -> str:
    wanted = json.loads(response.body).get(f"{kind}ArnList") or list(_table(response, kind))
    return json.dumps({f"Anomaly{kind}s": [_find(response, kind, arn) for arn in wanted]})


def _update(response: Any, kind: str) -> str:
    given = json.loads(response.body)
    _find(response, kind, given[f"{kind}Arn"]).update(given)
    return json.dumps({f"{kind}Arn": given[f"{kind}Arn"]})


def _delete(response: Any, kind: str) -> str:
    arn = json.loads(response.body)[f"{kind}Arn"]
    _find(response, kind, arn)
    del _table(response, kind)[arn]
    return "{}"


class _Responses:
    def create_anomaly_monitor(self: Any) -> str:
        return _create(self, "Monitor")

    def get_anomaly_monitors(self: Any) -> str:
        return _get(self, "Monitor")

    def update_anomaly_monitor(self: Any) -> str:
        return _update(self, "Monitor")

    def delete_anomaly_monitor(self: Any) -> str:
        return _delete(self, "Monitor")

    def create_anomaly_subscription(self: Any) -> str:
        return _create(self, "Subscription")

    def get_anomaly_subscriptions(self: Any) -> str:
        return _get(self, "Subscription")

    def update_anomaly_subscription(self: Any) -> str:
        return _update(self, "Subscription")

    def delete_anomaly_subscription(self: Any) -> str:
        return _delete(self, "Subscription")
