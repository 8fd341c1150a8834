"""gaia.terraform.schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gaia.terraform.schemas import Schemas

if TYPE_CHECKING:
    from gaia.terraform.values import Path

RULE = {"attributes": {"groups": {"type": ["set", "string"]}, "cidrs": {"type": ["list", "string"]}}}
BLOCK = {
    "attributes": {
        "name": {"type": "string"},
        "ids": {"type": ["set", "string"]},
        "any": {"type": "dynamic"},
        "pair": {"type": ["tuple", ["string", ["set", "number"]]]},
        "rules": {"type": ["set", ["object", {"groups": ["set", "string"], "cidrs": ["list", "string"]}]]},
        "nested": {"nested_type": {"nesting_mode": "map", **RULE}},
        "one": {"nested_type": {"nesting_mode": "single", **RULE}},
    },
    "block_types": {
        "rule": {"nesting_mode": "list", "block": RULE},
        "item": {"nesting_mode": "set", "block": {"block_types": {"in": {"nesting_mode": "set", "block": RULE}}}},
        "timeouts": {"nesting_mode": "single", "block": RULE},
    },
}


def schemas(*blocks: object) -> Schemas:
    """What as many providers say of the type `x`."""
    said = {str(at): {"resource_schemas": {"x": {"block": block}}} for at, block in enumerate(blocks)}
    return Schemas.parse(json.dumps({"format_version": "1.0", "provider_schemas": said}))


@pytest.mark.parametrize(
    "path",
    [
        ("ids",), ("pair", 1), ("rules",), ("rules", 3, "groups"), ("nested", "key", "groups"), ("one", "groups"),
        ("rule", 0, "groups"), ("item",), ("item", 1, "in"), ("item", 1, "in", 0, "groups"), ("timeouts", "groups"),
    ],
)  # fmt: skip
def test_sets(path: Path) -> None:
    """Attributes, blocks and what lies in them, in whichever way it is nested."""
    assert schemas(BLOCK).is_set("x", path)


@pytest.mark.parametrize(
    "path",
    [
        (), ("name",), ("any",), ("any", 0), ("pair",), ("pair", 0), ("pair", 2), ("rules", 0), ("rules", 0, "cidrs"),
        ("nested",), ("nested", "key"), ("one",), ("rule",), ("rule", 0), ("timeouts",), ("ids", 0), ("ids", 0, 0),
        ("not-there",), ("not-there", 0),
    ],
)  # fmt: skip
def test_no_sets(path: Path) -> None:
    """Everything else, also what the schema does not know."""
    assert not schemas(BLOCK).is_set("x", path)


def test_what_is_not_known_for_sure_is_no_set() -> None:
    """Two providers with a type of one name must agree; a type that nobody has is no set."""
    assert schemas(BLOCK, BLOCK).is_set("x", ("ids",))
    assert not schemas(BLOCK, {"attributes": {"ids": {"type": ["list", "string"]}}}).is_set("x", ("ids",))
    assert not schemas(BLOCK).is_set("y", ("ids",))
    assert not Schemas.parse(json.dumps({"format_version": "1.0"})).is_set("x", ("ids",))
