"""IPv6 blocks of subnets. Upstream: nobody can filter by them, and their state is a table in place of a word."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.subnets import Subnet

from gaia.sandbox.patches.fitting import wrap

_FILTER = "ipv6-cidr-block-association."
_FIELDS = {"association-id": "associationId", "ipv6-cidr-block": "ipv6CidrBlock"}


def apply() -> None:
    """Filters by id, block and state."""
    wrap(Subnet, "get_filter_value", _get_filter_value)
    Subnet.ipv6_cidr_block_association_set = property(_associations)  # type: ignore[assignment,method-assign]


def _associations(self: Any) -> list[dict[str, Any]]:
    known = self.ipv6_cidr_block_associations.values()
    return [one for one in known if one["ipv6CidrBlockState"]["State"] == "associated"]


def _get_filter_value(plain: Any, self: Any, name: str, *more: Any) -> Any:
    if not name.startswith(_FILTER):
        return plain(self, name, *more)
    field = name.removeprefix(_FILTER)
    if field == "state":
        return [one["ipv6CidrBlockState"]["State"] for one in _associations(self)]
    return [one[_FIELDS[field]] for one in _associations(self)]
