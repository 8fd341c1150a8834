"""Asks the rules about manifests for resolved instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.policy.judge import judge
from gaia.stacks.model import HOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gaia.policy.model import Finding
    from gaia.policy.ports import Engine
    from gaia.policy.rules import PolicySet
    from gaia.stacks.model import Instance

UNKNOWN = {"$unknown": True}
_SECTIONS = ("vars", "settings", "env", "metadata", "providers", "backend")


def manifest_document(instance: Instance) -> dict[str, object]:
    """The instance as `gaia describe component` shows it; a value that is not resolved is `{"$unknown": true}`."""
    resolved = {name: _plain(getattr(instance, name)) for name in _SECTIONS}
    return {**instance.listing(), **resolved, "backend_type": instance.backend_type}


def manifest_findings(
    policies: PolicySet, instances: Iterable[Instance], engine: Engine
) -> tuple[tuple[Instance, Finding], ...]:
    """What the rules for `manifest` say of each instance, in the order given; a deny is a no to the whole.

    Raises:
        Invalid, Unavailable: as `judge`.
    """
    return tuple(
        (instance, finding)
        for instance in instances
        for finding in judge(policies, "manifest", manifest_document(instance), engine=engine)
    )


def _plain(value: object) -> object:
    if isinstance(value, HOLDERS):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
