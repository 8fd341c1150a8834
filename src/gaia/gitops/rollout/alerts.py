"""Alerts as Alertmanager's webhook sends them (version 4), and which of them say something of a release."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gaia.gitops.incidents import line
from gaia.gitops.rollout.answers import below, is_object, objects, text
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.gitops.model import Place

_SKEW = timedelta(minutes=5)
"""By which another machine's clock may be ahead."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One that fires, about some service."""

    name: str
    said: str
    """Its summary or description; empty without either."""
    labels: Mapping[str, str]
    starts: datetime

    def is_about(self, place: Place) -> bool:
        """By `tenant`, `stage` and `service`, or by the `namespace` and the `service` that Prometheus adds."""
        if self.labels.get("service") != place.service:
            return False
        by_name = (self.labels.get("tenant"), self.labels.get("stage")) == (place.tenant, place.stage)
        return by_name or self.labels.get("namespace") == place.namespace

    def is_since(self, released: datetime) -> bool:
        """Whether it began after a release: one that fired before has another cause, and may be an old one once more.

        One of the future is as wrong.
        """
        return released <= self.starts <= clock.now() + _SKEW

    @property
    def told(self) -> str:
        """For people."""
        return line(f"alert {self.name}" + (f": {self.said}" if self.said else ""))


def read(body: bytes) -> tuple[Alert, ...] | None:
    """Those that fire, of one call; None where it is none of Alertmanager's."""
    try:
        held = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not is_object(held) or not isinstance(held.get("alerts"), list):
        return None
    found = (_alert(one) for one in objects(held, "alerts") if one.get("status") == "firing")
    return tuple(one for one in found if one is not None)


def _alert(held: Mapping[str, object]) -> Alert | None:
    labels = {name: text(below(held, "labels"), name) for name in below(held, "labels")}
    told = below(held, "annotations")
    try:
        starts = clock.parse_rfc3339(text(held, "startsAt"))
    except (ValueError, OverflowError):
        return None
    said = text(told, "summary") or text(told, "description")
    return Alert(labels.get("alertname") or "without a name", said, labels, starts)
