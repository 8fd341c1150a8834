"""What the plan of one instance costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.platform.snapshot import Snapshot
    from gaia.stacks.model import Instance


def estimate_of(
    snapshot: Snapshot,
    instance: Instance,
    plan: Mapping[str, Any],
    *,
    usage: Mapping[str, Any] | None = None,
    parity: bool = False,
) -> dict[str, Any]:
    """Infracost JSON of a plan, with the usage that `settings.cost.usage` says.

    `usage`: the content of a usage file, which wins key by key. `parity`: only what Infracost prices.

    Raises:
        Invalid: `scope-invalid`, `usage-invalid`. Unavailable, ToolFailed: what prices cannot be used.
    """
    from gaia.cost.usage import merged

    settings = instance.settings.get("cost")
    said = settings.get("usage", {}) if isinstance(settings, dict) else {}
    given = merged({"resource_usage": said}, usage or {})
    region = snapshot.scope(instance.key.stack).region
    found = snapshot.estimator.estimate(
        plan, usage=given, project=str(instance.key), region_default=region, parity=parity
    )
    for project in found["projects"]:
        project["metadata"] = {**project["metadata"], "terraformWorkspace": instance.workspace}
    return found
