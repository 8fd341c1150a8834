"""Which resources an attribute refers to, and which refer to one."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.plan import PlanReader
from gaia.cost.usage import Usage

from .conftest import plan_of

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

TEMPLATE, GROUP = "aws_launch_template", "aws_autoscaling_group"
Found = list[str]


def thing(kind: str, label: str, module: str = "", index: str | int | None = None, /, **values: Any) -> dict[str, Any]:
    """A resource that will be created. Unknown values are `...`."""
    place = "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"
    item: dict[str, Any] = {
        "address": f"{module}{'.' if module else ''}{kind}.{label}{place}",
        "mode": "managed",
        "type": kind,
        "name": label,
        "change": {
            "before": None,
            "after": {key: value for key, value in values.items() if value is not ...},
            "after_unknown": {"id": "id" not in values, **{key: True for key, value in values.items() if value is ...}},
        },
    }
    if module:
        item["module_address"] = module
    return item if index is None else {**item, "index": index}


def said(kind: str, name: str, *, for_each: Any = None, **expressions: Any) -> dict[str, Any]:
    """A resource of the configuration; a list of texts is a list of references."""
    item = {"address": f"{kind}.{name}", "expressions": _expressions(expressions)}
    return item if for_each is None else {**item, "for_each_expression": refs(*for_each)}


def refs(*names: str) -> dict[str, Any]:
    """An expression that refers to these."""
    return {"references": list(names)}


def _expressions(given: dict[str, Any]) -> dict[str, Any]:
    return {key: refs(*value) if value and isinstance(value[0], str) else value for key, value in given.items()}


def read(root: dict[str, Any], *items: dict[str, Any]) -> dict[str, CostResource]:
    """The resources of a plan with this configuration, by address."""
    plan = {**plan_of(*items), "configuration": {"root_module": root}}
    reader = PlanReader(plan, "us-east-1", date(2026, 11, 30))
    return {resource.address: resource for resource in reader.resources("after", Usage({}))}


def named(resource: CostResource, attribute: str, *types: str) -> Found:
    """The addresses that an attribute refers to."""
    return [one.address for one in resource.refers(attribute, *types)]


@pytest.mark.parametrize(
    ("kind", "own", "value"),
    [
        (TEMPLATE, {"id": "lt-1"}, "lt-1"),
        (TEMPLATE, {"name": "web"}, "web"),
        ("aws_ecs_cluster", {"name": "web"}, "arn:aws:ecs:us-east-1:1:cluster/web"),
        ("aws_ecs_task_definition", {"family": "web"}, "web:3"),
        ("aws_dynamodb_table", {"name": "orders"}, "table/orders"),
        ("aws_kms_key", {"arn": "arn:aws:kms:us-east-1:1:key/a"}, "arn:aws:kms:us-east-1:1:key/a"),
    ],
)
def test_equal_values_tell(kind: str, own: dict[str, Any], value: str) -> None:
    """Ids, arns, names, and what holds a name."""
    found = read({}, thing(kind, "a", **own), thing(kind, "b", name="other"), thing("aws_user", "u", of=value))
    assert named(found["aws_user.u"], "of", kind) == [f"{kind}.a"]
    assert [one.address for one in found[f"{kind}.a"].referring("aws_user", "of")] == ["aws_user.u"]
    assert found[f"{kind}.b"].referring("aws_user", "of") == ()


def test_without_types_only_what_is_unique_tells() -> None:
    """A bucket and a table may have one name."""
    items = [thing("aws_x", "a", name="orders"), thing("aws_y", "b", id="y-1"), thing("aws_user", "u", of="orders")]
    found = read({}, *items, thing("aws_user", "v", of="y-1"))
    assert named(found["aws_user.u"], "of") == []
    assert named(found["aws_user.v"], "of") == ["aws_y.b"]


def test_an_expression_tells_where_values_are_unknown() -> None:
    """In blocks too, of one of them or of all; only resources of the types that are asked for."""
    block = [{"id": refs(f"{TEMPLATE}.a.id", f"{TEMPLATE}.a")}, {"id": refs(f"{TEMPLATE}.b.id", f"{TEMPLATE}.b")}]
    root = {"resources": [said(GROUP, "g", launch_template=block, role=["aws_iam_role.r.arn", "aws_iam_role.r"])]}
    group = thing(GROUP, "g", launch_template=[{"version": "1"}, {}])
    found = read(root, thing(TEMPLATE, "a"), thing(TEMPLATE, "b"), thing("aws_iam_role", "r"), group)[f"{GROUP}.g"]
    assert named(found, "launch_template.id", TEMPLATE) == [f"{TEMPLATE}.a", f"{TEMPLATE}.b"]
    assert named(found, "launch_template[0].id", TEMPLATE) == [f"{TEMPLATE}.a"]
    assert named(found, "launch_template[1].id", TEMPLATE) == [f"{TEMPLATE}.b"]
    assert named(found, "launch_template[2].id", TEMPLATE) == []
    assert named(found, "launch_template", TEMPLATE) == [f"{TEMPLATE}.a", f"{TEMPLATE}.b"]
    assert named(found, "role") == ["aws_iam_role.r"]
    assert named(found, "role", TEMPLATE) == []


@pytest.mark.parametrize(
    ("references", "names"),
    [
        (["aws_x.a", "each.key"], ['aws_x.a["two"]']),
        (["aws_x.a", "count.index"], ['aws_x.a["two"]']),
        (['aws_x.a["one"].id', 'aws_x.a["one"]', "aws_x.a"], ['aws_x.a["one"]']),
        (["each.value"], ['aws_x.a["two"]']),
        (["local.x"], []),
        (["data.aws_x.a.id", "data.aws_x.a"], []),
        (["var.x"], []),
        (["module.none.x", "module.none"], []),
    ],
)
def test_members_are_told_by_index(references: list[str], names: Found) -> None:
    """The one that is said, else the one with the same index, also where the loop is over the resources themselves."""
    root = {"resources": [said("aws_user", "u", of=references, for_each=["aws_x.a"])]}
    items = [thing("aws_x", "a", "", index) for index in ("one", "two")]
    found = read(root, *items, thing("aws_user", "u", "", "two", of=...))['aws_user.u["two"]']
    assert named(found, "of", "aws_x") == names
    assert found.doubts == ({"region"} if names else {"of", "region"})


def test_all_members_are_meant_by_one_that_has_no_index() -> None:
    """A list of all ids."""
    root = {"resources": [said("aws_user", "u", of=["aws_x.a"])]}
    items = [thing("aws_x", "a", "", index) for index in (0, 1)]
    assert named(read(root, *items, thing("aws_user", "u"))["aws_user.u"], "of") == ["aws_x.a[0]", "aws_x.a[1]"]


def test_a_variable_is_followed_up_to_the_call() -> None:
    """Through several modules; the index is that of the call's member."""
    inner = {"resources": [said("aws_user", "u", of=["var.x_id"])]}
    call = {"expressions": {"x_id": refs("var.outer_id")}, "module": inner}
    outer = {"module_calls": {"inner": call}}
    root = {
        "module_calls": {
            "outer": {
                "expressions": {"outer_id": refs("aws_x.a", "each.key")},
                "for_each_expression": refs("local.all"),
                "module": outer,
            }
        }
    }
    place = 'module.outer["b.c"].module.inner[0]'
    items = [thing("aws_x", "a", "", index) for index in ("a", "b.c")]
    found = read(root, *items, thing("aws_user", "u", place))
    assert named(found[f"{place}.aws_user.u"], "of", "aws_x") == ['aws_x.a["b.c"]']


def test_an_output_is_followed_down_into_the_module() -> None:
    """Of the member that is said, of that with the same index, or of all; through outputs of modules in it."""
    leaf = {
        "resources": [said("aws_x", "a")],
        "outputs": {"id": {"expression": refs("aws_x.a.id", "aws_x.a")}, "other": {"expression": refs("var.y")}},
    }
    middle = {"module_calls": {"leaf": {"module": leaf}}, "outputs": {"out": {"expression": refs("module.leaf.id")}}}
    users = {
        "one": ['module.m["one"].out', 'module.m["one"]', "module.m"],
        "all": ["module.m"],
        "none": ['module.m["three"].out'],
    }
    root = {
        "resources": [said("aws_user", name, of=references) for name, references in users.items()]
        + [said("aws_user", "each", of=["module.m", "each.key"])],
        "module_calls": {"m": {"module": middle}},
    }
    items = [thing("aws_x", "a", f'module.m["{index}"].module.leaf') for index in ("one", "two")]
    found = read(root, *items, *(thing("aws_user", name) for name in users), thing("aws_user", "each", "", "two"))
    one, two = (item["address"] for item in items)
    assert named(found["aws_user.one"], "of") == [one]
    assert named(found["aws_user.all"], "of") == [one, two]
    assert named(found["aws_user.none"], "of") == []
    assert named(found['aws_user.each["two"]'], "of") == [two]


def test_a_module_only_sees_its_own_resources() -> None:
    """One of the same name in another module is not meant."""
    inner = {"resources": [said("aws_user", "u", of=["aws_x.a.id", "aws_x.a"])]}
    root = {"module_calls": {"m": {"module": inner}, "n": {"module": inner}}}
    found = read(root, thing("aws_x", "a"), thing("aws_x", "a", "module.n"), thing("aws_user", "u", "module.m"))
    assert named(found["module.m.aws_user.u"], "of") == []


def test_values_and_expressions_together_tell_equal_names_apart() -> None:
    """Two templates of one name in two regions."""
    root = {"resources": [said("aws_user", "u", of=["aws_x.b.name", "aws_x.b"])]}
    items = [thing("aws_x", name, name="web") for name in ("a", "b")]
    assert named(read(root, *items, thing("aws_user", "u", of="web"))["aws_user.u"], "of", "aws_x") == ["aws_x.b"]


def test_a_plan_without_configuration_tells_by_values_alone() -> None:
    """And an attribute that is unknown is a doubt."""
    found = read({}, thing("aws_x", "a", id="x"), thing("aws_user", "u", of="x"), thing("aws_user", "v", of=...))
    assert named(found["aws_user.u"], "of", "aws_x") == ["aws_x.a"]
    assert named(found["aws_user.v"], "of", "aws_x") == []
    assert (found["aws_user.u"].doubts, found["aws_user.v"].doubts) == ({"region"}, {"of", "region"})


def test_what_goes_round_in_circles_ends() -> None:
    """Broken configuration, which terraform would refuse."""
    module: dict[str, Any] = {"outputs": {"x": {"expression": refs("module.m.x")}}, "module_calls": {}}
    module["module_calls"]["m"] = {"module": module}
    root = {"resources": [said("aws_user", "u", of=["module.m.x"])], "module_calls": {"m": {"module": module}}}
    assert named(read(root, thing("aws_user", "u"))["aws_user.u"], "of") == []


@pytest.mark.no_cover
def test_ten_thousand_resources_are_indexed_once() -> None:
    """Ten times as many take about ten times as long, both ways."""

    def taken(number: int) -> float:
        root = {"resources": [said("aws_user", "u", of=["aws_x.a", "count.index"])]}
        items = [thing("aws_x", "a", "", index) for index in range(number)]
        items += [thing("aws_user", "u", "", index) for index in range(number)]
        found = read(root, *items)
        begun = time.process_time()
        assert all(len(one.refers("of", "aws_x")) == 1 for one in found.values() if one.type == "aws_user")
        assert all(len(one.referring("aws_user", "of")) == 1 for one in found.values() if one.type == "aws_x")
        return time.process_time() - begun

    small = min(taken(500) for _ in range(2))
    assert taken(5000) < 30 * small
