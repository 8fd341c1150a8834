"""Redrive policies of SQS queues.

Upstream: the redrive allow policy is forgotten, so that a client which waits for it waits for ever; the redrive policy
comes back with spaces that nobody wrote.
"""

from __future__ import annotations

import json
from typing import Any, cast

from moto.sqs.models import Queue

from gaia.sandbox.patches.fitting import wrap

_ALLOW = "RedriveAllowPolicy"


def apply() -> None:
    """Give both back as they were given."""
    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, _ALLOW]  # any other name is refused as unknown
    wrap(Queue, "_set_attributes", _set_attributes)
    plain = cast("property", vars(Queue)["attributes"]).fget

    def attributes(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = plain(self) if plain else {}
        if found.get("RedrivePolicy"):
            found["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
        if not found.get(_ALLOW):
            found.pop(_ALLOW, None)
        return found

    Queue.attributes = property(attributes)  # type: ignore[assignment,method-assign]


def _set_attributes(plain: Any, self: Any, attributes: dict[str, Any], now: Any = None) -> None:
    self.__dict__.setdefault("redrive_allow_policy", None)
    plain(self, attributes, now)
