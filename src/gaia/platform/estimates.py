"""What the plan of one instance costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.platform.snapshot import Snapshot
    from gaia.stacks.model import Instance


def estimate_of(snapshot: Snapshot, instance: Instance, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Infracost JSON of a plan, with the usage that `settings.cost.usage` says and the snapshot's prices.

    Raises:
        Invalid: `scope-invalid`, `usage-invalid`. Unavailable: the price book cannot be read.
    """
    from gaia.cost.estimate import estimate

    settings = instance.settings.get("cost")
    usage = {"resource_usage": settings.get("usage", {}) if isinstance(settings, dict) else {}}
    region = snapshot.scope(instance.key.stack).region
    return estimate(plan, usage=usage, book=snapshot.prices, project=str(instance.key), region_default=region)
