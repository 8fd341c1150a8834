"""AWS Directory Service: domain controllers by the hour, at least two of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.model import HOURS_A_MONTH, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE, _FAMILY = "AWSDirectoryService", "AWS Directory Service"
_KINDS = {"MicrosoftAD": "Microsoft AD", "SimpleAD": "Simple AD", "ADConnector": "AD Connector"}
_LEAST = Decimal(2)


class Directory(Builder):
    """A directory, or what connects to one elsewhere."""

    types = ("aws_directory_service_directory",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its controllers, those that are added, and accounts that it is shared with."""
        said = resource.text("type") or "SimpleAD"
        kind, microsoft = _KINDS.get(said, said), said == "MicrosoftAD"
        size = (resource.text("edition") or "Enterprise") if microsoft else resource.text("size") or "Large"
        price = PriceKey(_SERVICE, _FAMILY, f"{kind}, {size}")
        lines = [_line(f"Directory service ({kind}, {size})", "controllers", price, _LEAST, usage_based=False)]
        more, accounts = (resource.usage.number(key) for key in ("additional_domain_controllers", "shared_accounts"))
        if more is not None:
            lines.append(_line("Additional domain controllers", "controllers", price, more))
        if accounts is not None and microsoft:
            shared = PriceKey(_SERVICE, _FAMILY, f"Shared {kind}, {size}")
            lines.append(_line("Directory sharing", "accounts", shared, accounts))
        return Bill(tuple(lines))


def _line(name: str, unit: str, price: PriceKey, count: Decimal, *, usage_based: bool = True) -> Component:
    return Component(name, unit, price, hourly=count, multiplier=HOURS_A_MONTH, usage_based=usage_based)
