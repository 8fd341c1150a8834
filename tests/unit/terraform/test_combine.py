"""Who joins a preview, with which values, and how it is taken apart: preview_members, inputs, combine."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from tests.unit.terraform.conftest import reference

from gaia.errors import NotFound, Position
from gaia.kit import hcl
from gaia.stacks.model import InstanceKey, Reference
from gaia.terraform import combine
from gaia.terraform.inputs import Inputs, UnknownInput
from gaia.terraform.plan import Plan
from gaia.terraform.preview_members import members, phases
from gaia.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.stacks.model import Instance

REQUIRES = """terraform {
  required_providers {
    aws = { source = "hashicorp/aws", configuration_aliases = [aws.west] }
  }
}
"""
CODE = {
    "plain": 'variable "it" {}\nresource "aws_x" "y" {}\noutput "id" {\n  value = 1\n}\n'
    'output "secret" {\n  value     = 1\n  sensitive = true\n}\n',
    "own": 'provider "aws" {}\n',
    "imports": 'import {\n  to = aws_x.y\n  id = "i"\n}\n',
    "space": 'output "w" {\n  value = terraform.workspace\n}\n',
    "nested": 'module "own" {\n  source = "../own"\n}\n',
    "aliased": REQUIRES,
    "foreign": 'terraform {\n  required_providers {\n    aws = { source = "acme/aws" }\n  }\n}\n',
}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A components folder with `CODE`."""
    for name, text in CODE.items():
        (tmp_path / "code" / name).mkdir(parents=True)
        (tmp_path / "code" / name / "main.tf").write_text(text)
    return tmp_path / "code"


def test_lock_files_that_do_not_agree_part_a_preview(code: Path, make: Callable[..., Instance]) -> None:
    """Each is then planned with its own versions; those that agree, or have none, go together."""
    one = 'provider "registry.terraform.io/hashicorp/aws" {{\n  version = "{}"\n}}\n'
    for name, version in (("plain", "5.0.0"), ("aliased", "5.0.0"), ("foreign", "5.1.0")):
        (code / name / ".terraform.lock.hcl").write_text(one.format(version))
    (code / "foreign/main.tf").write_text("")
    instances = [make(name, name, {}) for name in ("plain", "nested", "aliased", "foreign")]
    (code / "nested/main.tf").write_text("")
    reasons = [member.reason for member in members(instances, code)]
    assert reasons[:3] == [None, None, None]
    assert reasons[3] == (
        "registry.terraform.io/hashicorp/aws is locked at 5.1.0 by foreign/.terraform.lock.hcl:1:1, "
        "and otherwise, at 5.0.0, by plain/.terraform.lock.hcl:1:1"
    )


def nothing(asked: Reference) -> object:
    """A resolver that knows one value."""
    if asked.component == "elsewhere":
        return "${from outside}"
    raise NotFound("output-unknown", f"{asked.component} is not there", next_step="-")


@pytest.mark.parametrize(
    ("component", "other", "reason"),
    [
        ("plain", {}, None),
        ("own", {}, "provider block of its own (own/main.tf:1:1)"),
        ("imports", {}, "import block (imports/main.tf:1:1)"),
        ("space", {}, "terraform.workspace"),
        ("nested", {}, "a module that it calls"),
        ("plain", {"providers": {"aws.west": {}}}, "configuration_aliases"),
        ("aliased", {"providers": {"aws.west": {}}}, None),
        ("foreign", {}, "its provider aws is acme/aws"),
        ("plain", {"vars": {"it": reference("first", ".id | length")}}, "cannot be written in HCL"),
        ("plain", {"providers": {"aws": {"role": reference("first", "id")}}}, "its provider configuration needs"),
    ],
)
def test_who_joins(
    code: Path, make: Callable[..., Instance], component: str, other: dict[str, object], reason: str | None
) -> None:
    """Each thing that a combined root cannot carry is found by reading the code, and said."""
    first = make("first", "plain", {"it": 1})
    second = make("second", component, other.pop("vars", {}), **other)
    found = members([first, second], code)
    assert found[0].reason is None
    assert (found[1].reason is None) == (reason is None)
    assert (reason or "") in (found[1].reason or "")


def test_phases(code: Path, make: Callable[..., Instance]) -> None:
    """Alone ones run first when they need nothing of the combined plan; who needs a later one is later too."""
    found = members(
        [
            make("early", "own", {}),
            make("a", "plain", {"it": reference("early", "id")}),
            make("b", "plain", {"it": [{"deep": reference("a", "id")}]}),
            make("late", "own", {"it": reference("b", "id")}),
            make("c", "plain", {"it": reference("late", "id")}),
            make("d", "plain", {"it": reference("elsewhere", "id")}),
        ],
        code,
    )
    when = {key.component: phase for key, phase in phases(found, {}).items()}
    assert when == {"early": "before", "a": "joined", "b": "joined", "late": "after", "c": "after", "d": "joined"}
    forced = phases(found, {InstanceKey("t-dev", "a"): "because"})
    assert {key.component: phase for key, phase in forced.items()}["b"] == "joined"


def inputs(
    code: Path, instances: list[Instance], *, destroy: bool = False, states: Mapping[str, State] | None = None
) -> Inputs:
    """Inputs for instances of the stack."""
    given = {InstanceKey("t-dev", name): state for name, state in (states or {}).items()}
    return Inputs({member.key: member for member in members(instances, code)}, given, nothing, destroy)


def test_values_are_data_and_wirings_are_not(code: Path, make: Callable[..., Instance]) -> None:
    """Only a reference to a module becomes a template; what comes from outside is escaped like everything else."""
    first = make("first", "plain", {})
    names = {first.key: "first"}
    value = {
        "${k}": ["%{v}", reference("first", "id"), reference("elsewhere", "x")],
        "s": reference("first", "secret"),
        "d": reference("first", '.none // "${x}"'),
    }
    assert inputs(code, [first]).wired(value, names) == {
        "$${k}": ["%%{v}", "${module.first.id}", "$${from outside}"],
        "s": "${sensitive(module.first.secret)}",
        "d": "$${x}",
    }
    with pytest.raises(NotFound) as refused:
        inputs(code, [first]).wired(reference("first", "none"), names)
    assert refused.value.code == "output-unknown"
    assert str(refused.value.at) == "stacks/dev.yaml:3:9"


def test_values_that_are_known_or_not(code: Path, make: Callable[..., Instance]) -> None:
    """Planned outputs resolve; what nobody knows yet says so; for a destruction it is null."""
    first = make("first", "plain", {})
    known = inputs(code, [first])
    for asked in (reference("first", "id"), reference("absent", "id")):
        with pytest.raises(UnknownInput):
            known.known([asked])
    known.outputs[first.key] = {"id": {"a": 1}}
    assert known.known({"x": [reference("first", ".id.a")]}) == {"x": [1]}
    state = State.parse({"version": 4, "outputs": {"id": {"value": "i"}}})
    gone = inputs(code, [first], destroy=True, states={"first": state})
    assert gone.known([reference("first", "id"), reference("first", "other"), reference("absent", "x")]) == [
        "i",
        None,
        None,
    ]


def test_module_names() -> None:
    """Names are valid and unique, whatever components are called."""
    keys = [InstanceKey("s", name) for name in ("a/b", "a b", "a-b", "1st", "ünï")]
    assert list(combine.module_names(keys).values()) == ["a-b", "a-b-2", "a-b-3", "c-1st", "c--n-"]


def call(code: Path, make: Callable[..., Instance], name: str, component: str, **providers: object) -> combine.Call:
    """A module call with these provider configurations (`aws_west` for `aws.west`)."""
    section = {key.replace("_", "."): value for key, value in providers.items()}
    (member,) = members([make(name, component, {}, providers=section)], code)
    return combine.Call(member.key, name, f"../tree/{component}", member.component, {"it": "x"}, section)


def test_one_configuration_is_inherited(code: Path, make: Callable[..., Instance]) -> None:
    """Where all agree there is one default block, and the components' sources are named."""
    calls = [call(code, make, name, "plain", aws={"region": "${r}"}) for name in ("a", "b")]
    root = combine.root_module(calls, {"o0": "module.a.id"})
    assert root.configurations == 1
    assert root.document == {
        "module": {name: {"source": "../tree/plain", "it": "x"} for name in ("a", "b")},
        "provider": {"aws": [{"region": "$${r}"}]},
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "output": {"o0": {"value": "${module.a.id}", "sensitive": True}},
    }


def test_outputs_that_are_shown_are_not_marked(code: Path, make: Callable[..., Instance]) -> None:
    """The others are sensitive, so that nothing of them stands in a plan's text."""
    root = combine.root_module([call(code, make, "a", "plain")], {"o0": "module.a.id", "o1": "module.a.secret"}, {"o0"})
    assert root.document["output"] == {
        "o0": {"value": "${module.a.id}", "sensitive": False},
        "o1": {"value": "${module.a.secret}", "sensitive": True},
    }


def test_distinct_configurations_are_aliases(code: Path, make: Callable[..., Instance]) -> None:
    """Each distinct one is one alias; one that two share, also under an alias of its own, is made once."""
    calls = [
        call(code, make, "a", "plain", aws={"region": "e"}),
        call(code, make, "b", "plain", aws={"region": "w"}),
        call(code, make, "c", "aliased", aws={"region": "e"}, aws_west={"region": "w"}),
        call(code, make, "d", "plain"),
    ]
    root = combine.root_module(calls, {})
    assert root.configurations == 3
    assert root.document["provider"] == {
        "aws": [{"region": "e", "alias": "c0"}, {"region": "w", "alias": "c1"}, {"alias": "c2"}]
    }
    modules = root.document["module"]
    assert isinstance(modules, dict)
    assert modules["a"]["providers"] == {"aws": "aws.c0"}
    assert modules["b"]["providers"] == {"aws": "aws.c1"}
    assert modules["c"]["providers"] == {"aws": "aws.c0", "aws.west": "aws.c1"}
    assert modules["d"]["providers"] == {"aws": "aws.c2"}


def test_states_are_merged_under_their_modules() -> None:
    """Module paths get the module's prefix; nested modules keep theirs; outputs go."""
    entry = {"mode": "managed", "type": "t", "name": "n", "provider": 'provider["h/n/t"]', "instances": []}
    state = State.parse(
        {"version": 4, "outputs": {"o": {"value": 1}}, "resources": [entry, entry | {"module": "module.sub[0]"}]}
    )
    merged = json.loads(combine.merged_state({"key": state}, "1.11.4", combine.Root({}, 0)))
    assert merged["outputs"] == {}
    assert merged["terraform_version"] == "1.11.4"
    assert [(found["module"], found["provider"]) for found in merged["resources"]] == [
        ("module.key", 'provider["h/n/t"]'),
        ("module.key.module.sub[0]", 'provider["h/n/t"]'),
    ]


def test_outputs_of_the_root_stand_in_the_merged_state() -> None:
    """Or a plan would say of all of them that they are new."""
    known = {"o0": {"value": "vpc-1", "type": "string", "sensitive": False}}
    merged = json.loads(combine.merged_state({}, "1.11.4", combine.Root({}, 0), known))
    assert merged["outputs"] == known


AWS, BUILT_IN = 'provider["registry.terraform.io/hashicorp/aws"]', 'provider["terraform.io/builtin/terraform"]'


def test_a_state_names_the_configurations_of_the_root(code: Path, make: Callable[..., Instance]) -> None:
    """Also for what the code has no more: by default, by alias, built in, of a nested module; a block's own stays."""
    calls = [
        call(code, make, "a", "plain", aws={"region": "e"}),
        call(code, make, "c", "aliased", aws={"region": "e"}, aws_west={"region": "w"}),
    ]
    root = combine.root_module(calls, {})
    alone = combine.root_module(calls[:1], {})
    assert root.provider_of("a", AWS) == f"{AWS}.c0"
    assert root.provider_of("c", f"{AWS}.west") == f"{AWS}.c1"
    assert alone.provider_of("a", AWS) == AWS
    assert root.provider_of("a", BUILT_IN) == BUILT_IN
    assert root.provider_of("a", f"module.sub.{AWS}") == f"module.a.module.sub.{AWS}"
    block = hcl.Provider("aws", None, Position("main.tf", 1))
    own = combine.root_module([replace(calls[0], component=replace(calls[0].component, providers=(block,)))], {})
    assert own.provider_of("a", AWS) == f"module.a.{AWS}"


def test_a_part_is_a_plan_of_its_own() -> None:
    """Everywhere in a part the module's prefix is gone, and other modules' resources are not in it."""

    def resource(address: str, module: str) -> dict[str, object]:
        return {
            "address": address,
            "module_address": module,
            "mode": "managed",
            "type": "t",
            "change": {"actions": ["create"]},
        }

    def values(address: str) -> dict[str, object]:
        return {"address": address, "values": {}}

    inner = {"address": "module.key.module.sub", "resources": [values("module.key.module.sub.t.b")]}
    root = {
        "child_modules": [
            {
                "address": "module.key",
                "resources": [values("module.key.t.a")],
                "child_modules": [inner],
            },
            {"address": "module.key2", "resources": [values("module.key2.t.a")]},
        ]
    }
    plan = Plan.parse(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "resource_changes": [
                resource("module.key.t.a", "module.key") | {"previous_address": "module.key.t.old"},
                resource("module.key.module.sub.t.b", "module.key.module.sub"),
                resource("module.key2.t.a", "module.key2"),
            ],
            "planned_values": {"root_module": root},
            "prior_state": {"values": {"root_module": root}},
            "configuration": {
                "provider_config": {"aws": {}},
                "root_module": {"module_calls": {"key": {"module": {"resources": [{"address": "t.a"}]}}}},
            },
        }
    )
    part = combine.part_of(plan, "key")
    assert "module.key" not in json.dumps(part.raw)
    assert [(change.address, change.module_address) for change in part.resources] == [
        ("t.a", ""),
        ("module.sub.t.b", "module.sub"),
    ]
    assert part.resources[0].previous_address == "t.old"
    assert part.raw["planned_values"] == {
        "root_module": {
            "resources": [values("t.a")],
            "child_modules": [{"address": "module.sub", "resources": [values("module.sub.t.b")]}],
        }
    }
    assert part.raw["configuration"] == {
        "provider_config": {"aws": {}},
        "root_module": {"resources": [{"address": "t.a"}]},
    }
    assert (part.raw["format_version"], part.raw["terraform_version"]) == ("1.2", "1.11.4")
    assert part.raw["prior_state"] == {
        "format_version": "1.0", "values": part.raw["planned_values"],
    }  # fmt: skip
    assert combine.part_of(plan, "absent").resources == ()


def test_a_part_has_its_outputs_under_their_own_names() -> None:
    """Those of others are not its, and one of which the plan says nothing is not in it."""
    changes = {name: {"actions": [action]} for name, action in (("o0", "create"), ("o1", "no-op"), ("o2", "update"))}
    plan = Plan.parse({"format_version": "1.2", "output_changes": changes})
    part = combine.part_of(plan, "key", {"o0": "arn", "o1": "id", "o9": "gone"})
    assert part.raw["output_changes"] == {"arn": {"actions": ["create"]}, "id": {"actions": ["no-op"]}}
    assert not part.empty
    assert combine.part_of(plan, "key", {"o1": "id"}).empty
    assert combine.part_of(plan, "key").empty


def test_what_is_said_of_the_whole_plan_holds_for_a_part() -> None:
    """Whether it ended well, what drifted, when it was made; outputs of the root are nobody's."""
    drift = {"address": "module.key.t.a", "mode": "managed", "type": "t", "change": {"actions": ["update"]}}
    said = {"errored": True, "applyable": False, "complete": False, "timestamp": "noon"}
    outputs = {"o": {"actions": ["create"]}}
    whole = {"format_version": "1.2", "resource_drift": [drift], "output_changes": outputs, "unheard": 1, **said}
    whole["relevant_attributes"] = [{"resource": f"{at}t.a", "attribute": ["x"]} for at in ("module.key.", "module.o.")]
    raw = combine.part_of(Plan.parse(whole), "key").raw
    assert {name: raw[name] for name in said} == said
    assert [entry["address"] for entry in cast("list[dict[str, object]]", raw["resource_drift"])] == ["t.a"]
    assert raw["output_changes"] == {}
    assert raw["relevant_attributes"] == [{"resource": "t.a", "attribute": ["x"]}]
    assert "unheard" not in raw
    bare = combine.part_of(Plan.parse({"format_version": "1.2"}), "key").raw
    assert not said.keys() & bare.keys()


def test_terraforms_own_resources_need_no_provider(tmp_path: Path) -> None:
    """A component of `terraform_data` alone has no source that could differ from another's."""
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {}\nresource "aws_x" "b" {}\n')
    sources = combine.provider_sources(hcl.read_component(tmp_path, tmp_path), {})
    assert set(sources) == {"aws"}
