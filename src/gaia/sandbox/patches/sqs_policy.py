"""The policy of an SQS queue. Upstream: setting any other attribute takes it away."""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Queue

from gaia.sandbox.patches.fitting import wrap


def apply() -> None:
    """It stays until it is set itself."""
    wrap(Queue, "_set_attributes", _set_attributes)


def _set_attributes(plain: Any, self: Any, attributes: dict[str, Any], now: Any = None) -> None:
    before = self.__dict__.get("_policy_json") and self.policy
    plain(self, attributes, now)
    if "Policy" not in attributes:
        self.policy = before
