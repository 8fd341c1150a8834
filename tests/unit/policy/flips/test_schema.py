"""Every rule against the provider's own schema: no value that an attribute may have breaks one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import regorus

from gaia.policy.rules import PolicySet

from ..conftest import POLICIES
from .flipping import BrokenRule, Judge, put, whole
from .record import DATA_SOURCES, read, types_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


@dataclass(frozen=True, slots=True)
class Row:
    """An attribute of a type that a rule asks for, from one of the tables that rules are written as."""

    rule: str
    kind: str
    path: tuple[str | int, ...]
    want: Any = None
    """What a row of `settings` wants; nothing is said of the attributes of other tables."""
    may_be_absent: bool = False

    def holds(self, value: object) -> dict[str, Any]:
        """The resource with this value and nothing else."""
        after: Any = value
        for step in reversed(self.path):
            after = [after] if isinstance(step, int) else {step: after}
        return after  # type: ignore[no-any-return]


TABLES = {
    "lib.policy.of_identities": "no_wildcard_grant",
    "lib.policy.of_resources": "trust_is_named",
    "plan.instance_families.databases": "instance_families",
    "plan.instance_families.machines": "instance_families",
    "plan.managed_policies.lists": "managed_policies",
    "plan.naming.names": "naming",
}
"""Tables of a type's one attribute or path, and a rule that goes through them."""
EXAMPLES = ("TLSv1.2_2021", "Policy-Min-TLS-1-2-2019-07", "TransferSecurityPolicy-2024-01")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Every row of every table."""
    engine = regorus.Engine()
    policies = PolicySet.load(POLICIES)
    for module in policies.modules:
        engine.add_policy(module.path, module.text)
    engine.set_input_json("{}")

    def table(name: str) -> Any:
        return json.loads(engine.eval_rule_as_json(f"data.gaia.{name}"))

    found = [
        Row(name, kind, (path,) if isinstance(path, str) else _steps(path))
        for at, name in TABLES.items()
        for kind, path in table(at).items()
    ]
    for rule in policies.about("plan"):
        text = next(module.text for module in policies.modules if module.path == rule.path)
        if re.search(r"^settings := \{", text, re.MULTILINE):
            short = rule.name.removeprefix("plan.")
            for kind, wanted in table(f"{rule.name}.settings").items():
                found += [
                    Row(short, kind, _steps(row["path"]), row["want"], row.get("may_be_absent", False))
                    for row in wanted
                ]
    return found


def _steps(path: list[str | int]) -> tuple[str | int, ...]:
    return tuple(0 if step == "*" else step for step in path)


def _good(want: Any) -> object:
    """A value that is wanted."""
    if isinstance(want, str):
        return {"on": True, "off": False, "set": "text"}[want]
    if "matches" in want:
        return next(one for one in EXAMPLES if re.search(want["matches"], one))
    return want["at_least"] if "at_least" in want else want["one_of"][0] if "one_of" in want else True


def _bad(want: Any) -> object:
    """A value that is not."""
    if isinstance(want, str):
        return {"on": False, "off": True, "set": ""}[want]
    return want["none_of"][0] if "none_of" in want else -1 if "at_least" in want else "odd"


def _said(judged: Judge, asked: list[tuple[Row, dict[str, Any], object]]) -> list[set[str]]:
    """What the rule of each row says of a resource, of a plan without code, which may say anything."""
    changes = [
        _resource(number, row.kind, {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown})
        for number, (row, after, unknown) in enumerate(asked)
    ]
    said = judged({"gaia": {"stage": "prod", "tenant": "acme"}, "resource_changes": changes})
    return [
        {effect for rule, effect, address in said if (rule, address) == (f"plan.{row.rule}", change["address"])}
        for (row, _, _), change in zip(asked, changes, strict=True)
    ]


def test_tables_name_attributes_that_there_are(rows: list[Row]) -> None:
    """A path of a table leads to something in the schema; a misspelled one would never hold."""
    for row in rows:
        value: Any = _whole(SCHEMA[row.kind])
        for step in row.path:
            value = value[step]
    assert {row.rule for row in rows} > set(TABLES.values())


def test_no_value_of_a_table_passes_that_is_not_wanted(judged: Judge, rows: list[Row]) -> None:
    """With all of a rule's attributes as it wants them, a resource passes. With one unknown it is undecided; with one
    that is wrong, null or left out it is denied, unless the row says that this is fine."""
    wanting = [row for row in rows if row.want is not None]
    asked: list[tuple[Row, dict[str, Any], object]] = []
    expected: list[set[str]] = []
    for row in wanting:
        others = [one for one in wanting if (one.rule, one.kind) == (row.rule, row.kind) and one is not row]
        lenient = row.may_be_absent or row.want == "off" or "none_of" in row.want
        for value, unknown, answer in (
            (_good(row.want), {}, set()),
            (..., row.holds(True), {"undecided"}),
            (_bad(row.want), {}, {"deny"}),
            (None, {}, set() if lenient else {"deny"}),
            (..., {}, set() if lenient else {"deny"}),
        ):
            after: dict[str, Any] = {}
            for one in others:
                put(after, list(one.path), _good(one.want))
            if value is not ...:
                put(after, list(row.path), value)
            elif row.path[-1] != 0 and len(row.path) > 1:
                put(after, list(row.path), None)
                _take(after, row.path)
            asked.append((row, after, unknown))
            expected.append(answer)
    said = _said(judged, asked)
    wrong = [
        (row, after, unknown, effects, answer)
        for (row, after, unknown), effects, answer in zip(asked, said, expected, strict=True)
        if effects != answer
    ]
    assert wrong == []


def test_no_unknown_attribute_of_a_table_passes(judged: Judge, rows: list[Row]) -> None:
    """Names, machines, policies and what is attached are undecided where they are known only after apply."""
    listed = [row for row in rows if row.want is None]
    said = _said(judged, [(row, {}, row.holds(True)) for row in listed])
    assert [row for row, effects in zip(listed, said, strict=True) if effects != {"undecided"}] == []


def _take(after: Any, path: tuple[str | int, ...]) -> None:
    for step in path[:-1]:
        after = after[step]
    del after[path[-1]]


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
