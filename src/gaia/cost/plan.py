"""Reads from plan JSON what prices depend on: resources before and after, their regions, what refers to what.

`resource_changes` is the source for both moments: it holds unchanged resources too, and what a plan with targets leaves
out is in neither moment. Data sources and deposed objects cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from gaia.cost.block import Asked
from gaia.cost.configuration import Configuration
from gaia.cost.model import CostResource
from gaia.cost.references import References
from gaia.cost.resources import DECLARED, counted
from gaia.cost.shape import managed

if TYPE_CHECKING:
    from datetime import date

    from gaia.cost.usage import Usage

_ARN = re.compile(r"arn:[^:]*:[^:]*:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d+):")
Moment = Literal["before", "after"]


class PlanReader:
    """One plan, with its configuration indexed."""

    def __init__(self, plan: Mapping[str, Any], region_default: str, today: date, *, parity: bool = False) -> None:
        self._changes = managed(plan)
        self._configuration = Configuration(plan)
        self._default = region_default
        self._today = today
        self._parity = parity

    def resources(self, moment: Moment, usage: Usage) -> list[CostResource]:
        """The resources that exist at one moment, in the plan's order. They share what they are `asked`."""
        links, asked = References(self._configuration), Asked()
        found = []
        for item in self._changes:
            if isinstance(item["change"].get(_side(item, moment)), Mapping):
                resource = self._resource(item, _side(item, moment), usage, links, asked)
                links.add(resource, item)
                found.append(resource)
        # Before there is anything, nothing is sent.
        return [*found, *(self._declared(address, usage, links) for address in usage.declared(DECLARED) if found)]

    def forgotten(self) -> list[str]:
        """Addresses of what terraform lets go of without destroying it: it goes on costing what it costs."""
        return [item["address"] for item in self._changes if _is_forgotten(item) and counted(item["type"])]

    def changing(self) -> Iterator[str]:
        """The type of each resource that is not afterwards what it was before."""
        for item in self._changes:
            change = item["change"]
            before, after = (change.get(_side(item, moment)) for moment in ("before", "after"))
            unknown = any(change.get(name) for name in ("before_unknown", "after_unknown"))
            if before != after or (unknown and change.get("actions") != ["no-op"]):
                yield item["type"]

    def _declared(self, address: str, usage: Usage, links: References) -> CostResource:
        kind = address.partition(".")[0]
        return CostResource(
            {},
            {},
            None,
            address=address,
            type=kind,
            region=self._default,
            usage=usage.of(address, kind),
            links=links,
            today=self._today,
            parity=self._parity,
        )

    def _resource(
        self, item: Mapping[str, Any], moment: Moment, usage: Usage, links: References, asked: Asked
    ) -> CostResource:
        values = item["change"][moment]
        unknown = item["change"].get(f"{moment}_unknown")  # of what is before only where two plans are compared
        region = self._region(item, values)
        # A moved resource is billed under its new address at both moments, else it would look removed and added.
        return CostResource(
            values,
            unknown if isinstance(unknown, Mapping) else {},
            self._configuration.expressions(item),
            address=item["address"],
            type=item["type"],
            region=region or self._default,
            usage=usage.of(item["address"], item["type"]),
            links=links,
            today=self._today,
            parity=self._parity,
            doubts=set() if region else {"region"},
            unusable=set() if isinstance(values.get("region"), str | None) else {"region"},
            sensitive=_mapping_or_true(item["change"].get(f"{moment}_sensitive")),
            owner=f"{item['address']}.",
            asked=asked,
        )

    def _region(self, item: Mapping[str, Any], values: Mapping[str, Any]) -> str | None:
        if isinstance(values.get("region"), str) and values["region"]:
            return str(values["region"])
        arn = _ARN.match(values["arn"]) if isinstance(values.get("arn"), str) else None
        return arn["region"] if arn else self._configuration.region(item)


def _side(item: Mapping[str, Any], moment: Moment) -> Moment:
    return "before" if _is_forgotten(item) else moment


def _is_forgotten(item: Mapping[str, Any]) -> bool:
    change = item["change"]
    return change.get("actions") == ["forget"] and change.get("after") is None


def _mapping_or_true(mask: object) -> Mapping[str, Any] | bool:
    return mask if isinstance(mask, Mapping) else mask is True
