"""Reads from plan JSON what prices depend on: resources before and after, their regions, what belongs to what.

`resource_changes` is the source for both moments: it holds unchanged resources too, and what a plan with targets leaves
out is in neither moment. Data sources and deposed objects cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from gaia.cost.model import CostResource
from gaia.cost.resources import RELATED
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.usage import Usage

_ARN = re.compile(r"arn:[^:]*:[^:]*:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d+):")
_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
Moment = Literal["before", "after"]


class PlanReader:
    """One plan, with its configuration indexed."""

    def __init__(self, plan: Mapping[str, Any], region_default: str) -> None:
        changes = plan.get("resource_changes", [])
        if not isinstance(plan.get("format_version"), str) or not isinstance(changes, list):
            raise Invalid(
                "plan-invalid",
                "this is not the JSON of a Terraform plan",
                next_step="Give what `terraform show -json PLANFILE` prints.",
            )
        self._changes = [item for item in changes if item.get("mode") == "managed" and "deposed" not in item]
        self._configuration = Configuration(plan)
        self._default = region_default

    def resources(self, moment: Moment, usage: Usage) -> list[CostResource]:
        """The resources that exist at one moment, in the plan's order."""
        found = [item for item in self._changes if isinstance(item["change"].get(moment), Mapping)]
        belonging = self._belonging(found, moment)
        return [self._resource(item, moment, usage, belonging) for item in found]

    def _resource(
        self, item: Mapping[str, Any], moment: Moment, usage: Usage, belonging: Mapping[str, list[tuple[str, Any]]]
    ) -> CostResource:
        related: dict[str, list[CostResource]] = {}
        for kind, other in belonging.get(item["address"], ()):
            related.setdefault(kind, []).append(self._resource(other, moment, usage, {}))
        values = item["change"][moment]
        unknown = item["change"].get("after_unknown") if moment == "after" else None
        region, assumed = self._region(item, values)
        # A moved resource is billed under its new address at both moments, else it would look removed and added.
        return CostResource(
            address=item["address"],
            type=item["type"],
            region=region,
            values=values,
            unknown=unknown if isinstance(unknown, Mapping) else {},
            usage=usage.of(item["address"], item["type"]),
            related=related,
            assumed=assumed,
        )

    def _region(self, item: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
        if isinstance(values.get("region"), str) and values["region"]:
            return values["region"], ()
        arn = _ARN.match(values["arn"]) if isinstance(values.get("arn"), str) else None
        if arn:
            return arn["region"], ()
        region = self._configuration.region(item)
        return (region, ()) if region else (self._default, ("region",))

    def _belonging(self, items: list[Any], moment: Moment) -> dict[str, list[tuple[str, Any]]]:
        """By address of a priced resource: type and change of what belongs to it."""
        belonging: dict[str, list[tuple[str, Any]]] = {}
        for owner_type, kinds in RELATED.items():
            owners = [item for item in items if item["type"] == owner_type]
            for other in (item for item in items if item["type"] in kinds):
                attribute = kinds[other["type"]]
                name = other["change"][moment].get(attribute)
                named = [owner for owner in owners if name and owner["change"][moment].get(attribute) == name]
                for owner in named or self._referred(other, attribute, owners):
                    belonging.setdefault(owner["address"], []).append((other["type"], other))
        return belonging

    def _referred(self, other: Any, attribute: str, owners: list[Any]) -> Iterator[Any]:  # noqa: ANN401 - plan JSON
        """Owners that an expression of `other` names: in the same module and, where both are counted, at its index."""
        names = self._configuration.references(other, attribute)
        for owner in owners:
            if owner.get("module_address") != other.get("module_address"):
                continue
            both = "index" in owner and "index" in other
            if f"{owner['type']}.{owner['name']}" in names and (not both or owner["index"] == other["index"]):
                yield owner


class Configuration:
    """The `configuration` part of a plan: expressions of resources and providers."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        configuration = plan.get("configuration") or {}
        self._root = configuration.get("root_module") or {}
        self._providers = configuration.get("provider_config") or {}
        self._variables = plan.get("variables") or {}
        self._index: dict[str, dict[str, Mapping[str, Any]]] = {}

    def references(self, item: Mapping[str, Any], attribute: str) -> frozenset[str]:
        """What an attribute's expression refers to, for instance `aws_s3_bucket.this`."""
        expression = self._resource(item).get("expressions", {}).get(attribute)
        return frozenset(expression.get("references", ())) if isinstance(expression, Mapping) else frozenset()

    def region(self, item: Mapping[str, Any]) -> str | None:
        """The region of the provider configuration that a resource uses; None where the plan does not say it."""
        provider = self._providers.get(self._resource(item).get("provider_config_key"))
        if not provider:
            return None
        modules = _modules(provider.get("module_address", ""))
        return self._value(provider.get("expressions", {}).get("region"), modules)

    def _resource(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        place = item.get("module_address", "")
        if place not in self._index:
            resources = self._module(_modules(place)).get("resources", ())
            self._index[place] = {resource["address"]: resource for resource in resources}
        return self._index[place].get(f"{item['type']}.{item['name']}", {})

    def _module(self, modules: tuple[str, ...]) -> Mapping[str, Any]:
        module: Mapping[str, Any] = self._root
        for name in modules:
            module = module.get("module_calls", {}).get(name, {}).get("module", {})
        return module

    def _value(self, expression: object, modules: tuple[str, ...]) -> str | None:
        """A constant, or a variable followed up through the calls of modules to a constant, a value or a default."""
        if not isinstance(expression, Mapping):
            return None
        if "constant_value" in expression:
            value = expression["constant_value"]
            return value if isinstance(value, str) else None
        name = next(iter(expression.get("references", ())), "")
        if not name.startswith("var."):
            return None
        name = name.removeprefix("var.")
        if not modules and name in self._variables:
            value = self._variables[name].get("value")
            return value if isinstance(value, str) else None
        call = self._module(modules[:-1]).get("module_calls", {}).get(modules[-1], {}) if modules else {}
        if name in call.get("expressions", {}):
            return self._value(call["expressions"][name], modules[:-1])
        default = self._module(modules).get("variables", {}).get(name, {}).get("default")
        return default if isinstance(default, str) else None


def _modules(address: str) -> tuple[str, ...]:
    """Names of the modules in a module's address, without indices."""
    bare = _INDEX.sub("", address or "")
    return tuple(bare.removeprefix("module.").split(".module.")) if bare else ()
