"""Features of GuardDuty's detectors. Upstream: naming one forgets the others."""

from __future__ import annotations

from typing import Any

from moto.guardduty.models import Detector

from gaia.sandbox.patches.fitting import wrap


def apply() -> None:
    """Change those that are named."""
    wrap(Detector, "update", _update)


def _update(plain: Any, self: Any, enable: Any, frequency: Any, sources: Any, features: Any) -> None:
    named = {one["name"]: one for one in (*self.features, *(features or ()))}
    plain(self, enable, frequency, sources, list(named.values()))
