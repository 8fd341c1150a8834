"""Which variables a finding goes back to, and what the tests of rules have seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Position
from gaia.policy.causes import Configuration, split_address
from gaia.policy.coverage import Coverage, coverage
from gaia.policy.foreign import load_any
from gaia.policy.regorus import Regorus
from gaia.policy.report import Cause
from gaia.policy.rules import PolicySet

from .conftest import METADATA, write

if TYPE_CHECKING:
    from pathlib import Path


def _refers(*names: str) -> dict[str, Any]:
    return {"references": list(names)}


PLAN = {
    "configuration": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_db_instance.this",
                    "expressions": {
                        "multi_az": _refers("var.high_availability.zones", "var.high_availability"),
                        "tags": _refers("local.tags"),
                        "storage": [{"size": _refers("var.size")}],
                        "engine": {"constant_value": "postgres"},
                    },
                    "count_expression": _refers("var.enabled"),
                }
            ],
            "module_calls": {
                "outer": {
                    "expressions": {"given": _refers("var.name"), "other": {}},
                    "module": {
                        "module_calls": {
                            "inner": {
                                "expressions": {"x": _refers("var.given", "each.value")},
                                "module": {
                                    "resources": [{"address": "a.b", "expressions": {"name": _refers("var.x")}}]
                                },
                            }
                        }
                    },
                }
            },
        }
    }
}


@pytest.mark.parametrize(
    ("address", "rule", "expected"),
    [
        ("aws_db_instance.this[0]", "after.multi_az", [("multi_az", "high_availability")]),
        ("aws_db_instance.this", "storage", [("storage", "size")]),
        ("aws_db_instance.this", "count(x)", [("count", "enabled")]),
        ("aws_db_instance.this", '"tags"', [("tags", "owner")]),
        ("aws_db_instance.this", "engine # not multi_az", []),
        ("module.outer[\"a.b\"].module.inner.a.b", "name", [("name", "name")]),
        ("aws_db_instance.none", "multi_az", []),
    ],
)  # fmt: skip
def test_an_attribute_goes_back_to_the_variables_of_the_root(
    address: str, rule: str, expected: list[tuple[str, str]]
) -> None:
    """Of those that the rule reads: through calls of modules and local values, blocks and counts."""
    found = Configuration(PLAN, lambda modules, name: "" if modules else f"merge(var.owner, local.{name})")
    assert found.causes(address, rule) == tuple(Cause(*each) for each in expected)


def test_only_modules_are_taken_off_an_address() -> None:
    """A data source has as many words as a resource in a module."""
    assert split_address("module.a.data.aws_vpc.this[0]") == (("a",), "data.aws_vpc.this")
    assert split_address("data.aws_vpc.this") == ((), "data.aws_vpc.this")
    assert split_address("module.this") == ((), "module.this")


def test_where_a_rule_names_no_attribute_all_of_them_count() -> None:
    """Nobody can say which one it is about."""
    found = {cause.variable for cause in Configuration(PLAN).causes("aws_db_instance.this", "something else")}
    assert found == {"high_availability", "size", "enabled"}


@pytest.mark.parametrize("plan", [{}, {"configuration": {"root_module": {"resources": 3, "module_calls": []}}}])
def test_a_plan_that_says_nothing_of_its_configuration_has_no_causes(plan: dict[str, Any]) -> None:
    """Or something that is none."""
    assert Configuration(plan).causes("module.a.b.c", "x") == ()


BODY = """deny contains {"message": "one"} if input.one

deny contains {"message": "two"} if {
\tinput.two
}

warn contains {"message": "three"} if { input.three }

warn contains {"message": "four if"} if input.four
"""


def _covered(folder: Path, *tests: str) -> tuple[Coverage, ...]:
    text = "package gaia.plan.a_test\n\nimport data.gaia.plan.a\n" + "".join(
        f"\ntest_{number} if {{\n\t{test}\n}}\n" for number, test in enumerate(tests)
    )
    files = {"plan/a.rego": f"{METADATA}package gaia.plan.a\n\n{BODY}", "plan/a_test.rego": text}
    return coverage(PolicySet.load(write(folder, files)), engine=Regorus())


def test_a_set_is_seen_where_a_test_has_filled_it(tmp_path: Path) -> None:
    """Statement by statement: one whose test finds it empty is not seen, wherever its body stands."""
    deny, warn = _covered(
        tmp_path,
        'count(a.deny) == 1 with input as {"one": true}',
        'count(a.warn) == 0 with input as {"one": true}',
    )
    assert (deny.rule, deny.effect, deny.statements, deny.seen) == ("plan.a", "deny", 2, True)
    assert deny.unseen == (Position("policies/plan/a.rego", 11),)
    assert (warn.effect, warn.statements, warn.seen) == ("warn", 2, False)
    assert [at.line for at in warn.unseen] == [15, 17]


def test_all_of_it_can_be_seen(tmp_path: Path) -> None:
    """And nothing of it, without a test."""
    inputs = ("one", "two", "three", "four")
    found = _covered(
        tmp_path / "a", *(f'count(a.deny | a.warn) == 1 with input as {{"{one}": true}}' for one in inputs)
    )
    assert [each.unseen for each in found] == [(), ()]
    assert [each.seen for each in _covered(tmp_path / "b")] == [False, False]


def test_a_set_of_version_0_is_seen_as_well(tmp_path: Path) -> None:
    """`deny[msg] { … }`, in one line or in several."""
    rule = 'package main\n\ndeny[msg] { input.one; msg := "1" }\n\ndeny[msg] {\n\tinput.two\n\tmsg := "2"\n}\n'
    test = 'package main_test\n\nimport data.main\n\ntest_x { count(main.deny) == 1 with input as {"one": true} }\n'
    policies = load_any(write(tmp_path, {"a.rego": rule, "a_test.rego": test}), "rules")
    (found,) = coverage(policies, engine=Regorus())
    assert (found.seen, found.statements, found.unseen) == (True, 2, (Position("rules/a.rego", 5),))
