"""Every rule against the provider's own schema: no value that an attribute may have breaks one."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import regorus

from ..conftest import POLICIES
from .flipping import BrokenRule, Judge, whole
from .record import DATA_SOURCES, read, types_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.policy.rules import PolicySet

SCHEMA: dict[str, Any] = read("schema")
DEPTH = 4
"""Blocks in blocks that are tried; deeper ones are read by no rule."""
WORDS = frozenset(
    word for file in POLICIES.rglob("*.rego") for word in re.findall(r"[a-z][a-z0-9_]*", file.read_text("utf-8"))
)


@pytest.fixture(scope="module")
def judged() -> Judge:
    """The shipped rules."""
    return Judge()


def _ordinary(kind: object, name: str = "") -> object:
    """Some value of a type of the schema."""
    if isinstance(kind, list) and kind[0] in ("list", "set"):
        return [_ordinary(kind[1], name)]
    if isinstance(kind, list) and kind[0] == "map":
        return {"key": _ordinary(kind[1])}
    if isinstance(kind, list) and kind[0] == "object":
        return {inner: _ordinary(one, inner) for inner, one in kind[1].items()}
    if "policy" in name and kind == "string":
        return json.dumps(
            {"Statement": {"Effect": "Allow", "Action": "a:b", "Principal": {"AWS": "c"}, "Resource": "d"}}
        )
    if "cidr" in name and kind == "string":
        return "10.0.0.0/24"
    return {"bool": True, "number": 1}.get(str(kind), "text")


def _whole(block: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """A resource with everything set."""
    blocks = block["blocks"] if depth < DEPTH else {}
    return {name: _ordinary(kind, name) for name, kind in block["attributes"].items()} | {
        name: inner if one["nesting"] == "single" else [inner]
        for name, one in blocks.items()
        for inner in [_whole(one["block"], depth + 1)]
    }


def _tried(kind: str) -> list[tuple[str | int, ...]]:
    """Paths below the attributes that some rule names; whatever else a resource has, no rule can read."""
    return [path for path in _paths(_whole(SCHEMA[kind])) if path[0] in WORDS]


def _paths(value: object) -> Iterator[tuple[str | int, ...]]:
    """Of everything in a value, lists and what is in them too."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (key,)
        yield from ((key, *path) for path in _paths(inner))


def _empty(value: object) -> object:
    return type(value)()


STATES: dict[str, Callable[[Any], tuple[object, bool]]] = {
    "null": lambda _: (None, False),
    "unknown": lambda _: (..., True),
    "absent": lambda _: (..., False),
    "empty": lambda value: (_empty(value), False),
    "a list of nothing": lambda value: ([None] if isinstance(value, list) else None, False),
    "another type": lambda value: ({"odd": 1} if isinstance(value, (str, list)) else "odd", False),
}
"""What to put in the place of a value (`...` takes it away), and whether it is unknown."""


def _changed(kind: str, path: tuple[str | int, ...], state: str) -> dict[str, Any]:
    after: Any = _whole(SCHEMA[kind])
    holder: Any = after
    unknown: dict[str | int, Any] = {}
    mark: Any = unknown
    for step, following in pairwise(path):
        holder = holder[step]
        inner: Any = [] if isinstance(following, int) else {}
        if isinstance(mark, list):
            mark.append(inner)
        else:
            mark[step] = inner
        mark = inner
    last = path[-1]
    value, is_unknown = STATES[state](holder[last])
    if value is not ...:
        holder[last] = value
    elif isinstance(last, int):
        holder[last] = {}
    else:
        del holder[last]
    if is_unknown and isinstance(mark, list):
        mark.append(True)
    elif is_unknown:
        mark[last] = True
    return {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown}


def _resource(number: int, kind: str, change: dict[str, Any]) -> dict[str, Any]:
    address = f"{kind}.number{number}"
    return {"address": address, "mode": "managed", "type": kind, "name": f"number{number}", "change": change}


def test_the_record_is_of_the_rules() -> None:
    """Every type that a rule names is in the provider, and is recorded."""
    assert set(SCHEMA) == types_named() - DATA_SOURCES


def test_tables_name_attributes_that_there_are(shipped: PolicySet) -> None:
    """A path of a table of settings leads to something in the schema; a misspelled one would never hold."""
    engine = regorus.Engine()
    for module in shipped.modules:
        engine.add_policy(module.path, module.text)
    engine.set_input_json("{}")
    tables = 0
    for rule in shipped.about("plan"):
        if not re.search(r"^settings := \{", _text(shipped, rule.path), re.MULTILINE):
            continue
        tables += 1
        for kind, rows in json.loads(engine.eval_rule_as_json(f"data.{rule.package}.settings")).items():
            for row in rows:
                steps = [0 if step == "*" else step for step in row["path"]]
                value: Any = _whole(SCHEMA[kind])
                for step in steps:
                    value = value[step]
    assert tables > 5


def _text(shipped: PolicySet, path: str) -> str:
    return next(module.text for module in shipped.modules if module.path == path)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["prod", "dev", None])
def test_whole_resources_break_nothing(judged: Judge, stage: str | None) -> None:
    """Each type with everything set, nothing set, everything null and everything unknown."""
    changes = [
        {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown}
        for block in SCHEMA.values()
        for names in [[*block["attributes"], *block["blocks"]]]
        for after, unknown in (
            (_whole(block), {}),
            ({}, {}),
            (dict.fromkeys(names), {}),
            ({}, dict.fromkeys(names, True)),
            ({}, True),
        )
    ]
    kinds = [kind for kind in SCHEMA for _ in range(5)]
    document = whole("prod")
    if stage is None:
        del document["gaia"]
    else:
        document["gaia"]["stage"] = stage
    document["resource_changes"] = [
        _resource(number, kind, change) for number, (kind, change) in enumerate(zip(kinds, changes, strict=True))
    ]
    assert judged(document)


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_no_value_of_an_attribute_breaks_a_rule(judged: Judge, state: str) -> None:
    """Each attribute of each type by itself, in blocks and lists too, beside ordinary ones."""
    document = whole("prod")
    for kind in SCHEMA:
        document["resource_changes"] = [
            _resource(number, kind, _changed(kind, path, state)) for number, path in enumerate(_tried(kind))
        ]
        try:
            judged(document)
        except BrokenRule as error:
            pytest.fail(f"{kind}: {_broken(judged, document)}: {error}")


def _broken(judged: Judge, document: dict[str, Any]) -> str:
    """Which of the resources it is."""
    for one in document["resource_changes"]:
        try:
            judged({**document, "resource_changes": [one]})
        except BrokenRule:
            return json.dumps(one["change"])[:3000]
    return "all of them together"
