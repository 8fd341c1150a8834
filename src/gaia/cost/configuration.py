"""The `configuration` part of a plan: modules, their calls, expressions of resources and providers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_STEP = re.compile(rf"module\.(?P<name>[^.\[]+)(?P<index>{INDEX.pattern})?")
Index = str | int | None
Path = tuple[tuple[str, Index], ...]
"""A module instance: names and indices of the calls that lead to it; `()` is the root."""


def path_of(address: str | None) -> Path:
    """The path of a module's address: `module.a["x"].module.b[0]`."""
    return tuple((step["name"], index_of(step["index"])) for step in _STEP.finditer(address or ""))


def index_of(text: str | None) -> Index:
    """The index that `[0]` or `["x"]` says; None of nothing."""
    index = json.loads(text[1:-1]) if text else None
    return index if isinstance(index, str | int) else None


class Configuration:
    """What the plan says of its configuration; empty for a plan without one."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        configuration = plan.get("configuration") or {}
        self._root = configuration.get("root_module") or {}
        self._providers = configuration.get("provider_config") or {}
        self._variables = plan.get("variables") or {}
        self._modules: dict[tuple[str, ...], Mapping[str, Any]] = {(): self._root}
        self._resources: dict[tuple[str, ...], dict[str, Mapping[str, Any]]] = {}

    def module(self, path: Path) -> Mapping[str, Any]:
        """The configuration of a module."""
        names = tuple(name for name, _ in path)
        if names not in self._modules:
            self._modules[names] = self.call(path).get("module") or {}
        return self._modules[names]

    def call(self, path: Path) -> Mapping[str, Any]:
        """The call of a module, in its parent."""
        return (self.module(path[:-1]).get("module_calls") or {}).get(path[-1][0]) or {}

    def resource(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """The configuration of the resource that a change is of; empty where the plan does not hold it."""
        path = path_of(item.get("module_address"))
        names = tuple(name for name, _ in path)
        if names not in self._resources:
            resources = self.module(path).get("resources") or ()
            self._resources[names] = {resource["address"]: resource for resource in resources}
        return self._resources[names].get(f"{item['type']}.{item['name']}", {})

    def expressions(self, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What the configuration says about each attribute; None where the plan does not tell.

        Terraform leaves the expressions of an empty block out: nothing is said there, and that is known.
        """
        found = self.resource(item)
        said = found.get("expressions", {})
        return said if found and isinstance(said, Mapping) else None

    def region(self, item: Mapping[str, Any]) -> str | None:
        """The region of the provider configuration that a resource uses; None where the plan does not say it."""
        provider = self._providers.get(self.resource(item).get("provider_config_key"))
        if not provider:
            return None
        return self._value(provider.get("expressions", {}).get("region"), path_of(provider.get("module_address")))

    def _value(self, expression: object, path: Path) -> str | None:
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
        if not path and name in self._variables:
            value = self._variables[name].get("value")
            return value if isinstance(value, str) else None
        call = self.call(path) if path else {}
        if name in call.get("expressions", {}):
            return self._value(call["expressions"][name], path[:-1])
        default = self.module(path).get("variables", {}).get(name, {}).get("default")
        return default if isinstance(default, str) else None
