"""Tags of budgets, their change, and who is told. Upstream: not implemented."""

from __future__ import annotations

import json
from typing import Any

from moto.budgets.responses import BudgetsResponse

from gaia.sandbox.patches.fitting import extend, store, wrap

_SAME = ("NotificationType", "ComparisonOperator", "Threshold")


def apply() -> None:
    """Tags, subscribers of a notification, and an update."""
    wrap(BudgetsResponse, "create_budget", _create_budget)
    extend(BudgetsResponse, _Responses)


def _tags(response: Any, arn: str) -> dict[str, str]:
    tags: dict[str, str] = store(response.backend, "tags").setdefault(arn, {})
    return tags


def _create_budget(plain: Any, self: Any) -> str:
    answer: str = plain(self)
    account, name = self._get_param("AccountId"), self._get_param("Budget")["BudgetName"]
    given = {tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags") or []}
    store(self.backend, "tags")[f"arn:aws:budgets::{account}:budget/{name}"] = given
    return answer


class _Responses:
    def list_tags_for_resource(self: Any) -> str:
        tags = _tags(self, self._get_param("ResourceARN"))
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]})

    def tag_resource(self: Any) -> str:
        given = {tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags")}
        _tags(self, self._get_param("ResourceARN")).update(given)
        return "{}"

    def untag_resource(self: Any) -> str:
        for key in self._get_param("ResourceTagKeys"):
            _tags(self, self._get_param("ResourceARN")).pop(key, None)
        return "{}"

    def update_budget(self: Any) -> str:
        account, budget = self._get_param("AccountId"), self._get_param("NewBudget")
        self.backend.describe_budget(account, budget["BudgetName"])
        self.backend.budgets[account][budget["BudgetName"]].budget.update(budget)
        return "{}"

    def describe_subscribers_for_notification(self: Any) -> str:
        account, name, wanted = map(self._get_param, ("AccountId", "BudgetName", "Notification"))
        self.backend.describe_budget(account, name)
        found = [
            subscriber
            for one in self.backend.budgets[account][name].notifications
            if all(one.details[key] == wanted[key] for key in _SAME)
            for subscriber in one.subscribers
        ]
        return json.dumps({"Subscribers": found})
