"""Flips sampled from the provider's schema: whatever else a resource says, a wrong setting is found by its rule.

`GAIA_FLIPS` says how many, `GAIA_FLIPS_SEED` by which seed: without it `make nightly` takes a fresh one, which a
failure names; the unit tests take always the same.
"""

from __future__ import annotations

import json
import os
import secrets
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import regorus

from .flipping import Judge, _known, put, whole
from .test_schema import SCHEMA, _whole

if TYPE_CHECKING:
    from gaia.policy.rules import PolicySet

MANY = os.environ.get("GAIA_FLIPS", "")
"""Read at import: tests see no variable of whoever runs them."""
SEED = int(os.environ.get("GAIA_FLIPS_SEED") or (secrets.randbelow(10**9) if MANY else 16))
RULES = (
    "encrypted_at_rest", "encrypted_in_transit", "instance_metadata", "production_survives", "tls_floor",
)  # fmt: skip
"""Those that are tables and nothing else."""
ADDRESS = "module.shop.{}.sampled"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def judged() -> Judge:
    """The shipped rules."""
    return Judge()


@pytest.fixture(scope="module")
def tables(shipped: PolicySet) -> list[tuple[str, str, list[Row]]]:
    """Rule, type and rows of each type whose good values can be made up: a pattern tells none."""
    engine = regorus.Engine()
    for module in shipped.modules:
        engine.add_policy(module.path, module.text)
    engine.set_input_json(json.dumps({"gaia": {"stage": "prod"}}))
    return [
        (rule, kind, rows)
        for rule in RULES
        for kind, rows in json.loads(engine.eval_rule_as_json(f"data.gaia.plan.{rule}.settings")).items()
        if not any(isinstance(row["want"], dict) and "matches" in row["want"] for row in rows)
    ]


def _steps(row: Row) -> list[str | int]:
    return [0 if step == "*" else step for step in row["path"]]


def _good(want: Any, random: Random) -> object:
    match want:
        case "on" | "off":
            return want == "on"
        case "set":
            return "arn:aws:kms:us-east-1:123456789012:key/1"
        case {"at_least": least}:
            return least + random.randrange(3)
        case {"one_of": some}:
            return random.choice(some)
    return "nothing of the kind"


def _wrong(want: Any, random: Random) -> object:
    match want:
        case "on" | "off":
            return want == "off"
        case "set":
            return ""
        case {"at_least": least}:
            return random.randrange(least)
        case {"one_of": _}:
            return random.choice(["odd", ""])
    return random.choice(want["none_of"])


def _resource(kind: str, rows: list[Row], random: Random) -> dict[str, Any]:
    """Everything else is ordinary, null, absent or unknown; what the rows are about is good."""
    after, unknown = _whole(SCHEMA[kind]), {"id": True}
    for name in sorted(set(after) - {row["path"][0] for row in rows}):
        state = random.choice(("ordinary", "null", "absent", "unknown"))
        if state != "ordinary":
            del after[name]
        if state == "null":
            after[name] = None
        if state == "unknown":
            unknown[name] = True
    for row in rows:
        put(after, _steps(row), _good(row["want"], random))
    change = {
        "actions": [random.choice(("create", "update"))],
        "before": None,
        "after": after,
        "after_unknown": unknown,
    }
    address = ADDRESS.format(kind)
    place = {"address": address, "module_address": "module.shop", "mode": "managed", "type": kind, "name": "sampled"}
    return place | {"change": change}


def _forgotten(resource: dict[str, Any], row: Row) -> None:
    *above, last = _steps(row)
    holder = resource["change"]["after"]
    for step in above:
        holder = holder[step]
    del holder[last]
    put(resource["change"]["after_unknown"], [*above, last], value=True)


def test_a_sampled_flip_is_found_by_its_rule(judged: Judge, tables: list[tuple[str, str, list[Row]]]) -> None:
    """The good value is fine, the wrong one is denied, and one that is known only after apply is undecided."""
    random = Random(SEED)  # noqa: S311 - no secret
    print(f"GAIA_FLIPS_SEED={SEED}")  # noqa: T201 - to do it again

    def said(resource: dict[str, Any], rule: str) -> set[str]:
        document = whole("prod")
        document["resource_changes"] = [resource]
        found = judged(document)
        return {effect for name, effect, address in found if name == f"plan.{rule}" and address == resource["address"]}

    for number in range(int(MANY or 30)):
        rule, kind, rows = random.choice(tables)
        row = random.choice(rows)
        resource = _resource(kind, rows, random)
        what = f"flip {number} of seed {SEED}: {rule}, {kind}, {row}"
        assert said(resource, rule) == set(), what
        put(resource["change"]["after"], _steps(row), _wrong(row["want"], random))
        assert "deny" in said(resource, rule), what
        _known(resource["change"]["after_unknown"], _steps(row))
        if not row.get("may_be_absent"):
            _forgotten(resource, row)
            assert said(resource, rule) == {"undecided"}, what
