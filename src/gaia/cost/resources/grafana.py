"""Amazon Managed Grafana: licenses of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource


class Workspace(Builder):
    """A workspace; it has one editor where the usage file says nothing else."""

    types = ("aws_grafana_workspace",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Licenses of editors and viewers, and those for enterprise plugins."""
        editors = resource.usage.number("editors_administrator_licenses")
        editors = ONE if editors is None else editors
        viewers = resource.usage.number("viewer_licenses")
        lines = [
            Component("Editor/administrator licenses", "users", _key("editor"), editors),
            used("Viewer licenses", "users", _key("viewer"), viewers),
        ]
        licenses = resource.referring("aws_grafana_license_association", "workspace_id")
        everybody = editors + (viewers or ZERO)
        if everybody and any((one.text("license_type") or "").casefold() == "enterprise" for one in licenses[:1]):
            lines.append(Component("Enterprise plugins licenses", "users", _key("enterprise-plugins"), everybody))
        return Bill(tuple(lines))


def _key(key: str) -> PriceKey:
    return PriceKey("AmazonGrafana", "User Fees", key)
