"""Descriptions of security group rules. Upstream: that of a rule for another group is forgotten."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule


def apply() -> None:
    """Wherever the request put it."""

    def description(self: Any) -> str | None:
        found: str | None = self.ip_range.get("Description") or self.source_group.get("Description")
        return found

    SecurityGroupRule.description = property(description)  # type: ignore[assignment,method-assign]
