"""Which parts of a resource are sets: a plan writes them as lists, and only the provider's schema tells them apart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaia.terraform.values import Path

_ONE = ("single", "group")
"""Nesting modes of a block that is there once: it is no list, set or map of blocks."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """What `terraform providers schema -json` says of the resources of a configuration's providers."""

    _blocks: dict[str, list[dict[str, object]]] = field(repr=False)
    """Type → its schemas: two providers may have a type of one name."""

    @classmethod
    def parse(cls, text: str) -> Schemas:
        """Read terraform's document; one without providers has no resources."""
        blocks: dict[str, list[dict[str, object]]] = {}
        for provider in json.loads(text).get("provider_schemas", {}).values():
            for name, schema in provider.get("resource_schemas", {}).items():
                blocks.setdefault(name, []).append(schema["block"])
        return cls(blocks)

    def is_set(self, resource: str, path: Path) -> bool:
        """Whether every resource type of this name has a set at `path`, which begins with an attribute or block."""
        found = self._blocks.get(resource, [])
        return bool(found) and all(_is_set(_type_of(block), path) for block in found)


def _type_of(block: object) -> object:
    """A block as the type expression that terraform writes for an attribute: `["object", {NAME: TYPE}]`."""
    if not isinstance(block, dict):
        return None
    inner: dict[str, object] = {}
    for name, attribute in block.get("attributes", {}).items():
        nested = attribute.get("nested_type")
        inner[name] = _nested(nested["nesting_mode"], nested) if nested else attribute.get("type")
    for name, child in block.get("block_types", {}).items():
        inner[name] = _nested(child["nesting_mode"], child["block"])
    return ["object", inner]


def _nested(mode: str, block: object) -> object:
    return _type_of(block) if mode in _ONE else [mode, _type_of(block)]


def _is_set(node: object, path: Path) -> bool:
    for step in path:
        match node:
            case ["object", dict() as inner]:
                node = inner.get(step)
            case ["set" | "list" | "map", inner]:
                node = inner
            case ["tuple", list() as inner] if isinstance(step, int) and step < len(inner):
                node = inner[step]
            case _:
                return False
    return isinstance(node, list) and node[:1] == ["set"]
