"""Which instances one plan holds, and which of their values are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gaia.adoption.check import judged
from gaia.checkout.together import CONFIGURATIONS, TOGETHER, Member, Planner, Unresolved, groups, member_of
from gaia.errors import NotFound, Position, ToolFailed
from gaia.stacks.model import Instance, InstanceKey, Reference, Unknown
from gaia.terraform.plan import Plan
from gaia.terraform.preview import WHOSE
from gaia.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.checkout.checkout import Checkout
    from gaia.errors import GaiaError

AT = Position("stacks/dev.yaml", 1)
KEY = InstanceKey("dev", "vpc")


def member(number: int, configuration: str, kind: str = "") -> Member:
    """One whose plan needs this provider configuration, and has this in common with others."""
    instance = cast("Instance", SimpleNamespace(key=InstanceKey("dev", str(number)), command=kind))
    return Member(instance, state(), False, configuration)


def state(**outputs: object) -> State:
    """A state with outputs."""
    values = {name: {"value": value} for name, value in outputs.items()}
    return State.parse({"version": 4, "outputs": values, "resources": []})


def kinds(members: list[Member]) -> list[int]:
    """The sizes of the groups."""
    return [len(group) for group in groups(members, lambda one: one.instance.command)]


def test_equal_configurations_are_planned_together() -> None:
    """A few configurations a plan, and not too many instances."""
    assert kinds([member(number, "same") for number in range(30)]) == [30]
    assert kinds([member(number, str(number % (CONFIGURATIONS * 2))) for number in range(16)]) == [8, 8]
    assert kinds([member(number, "same") for number in range(2 * TOGETHER + 3)]) == [TOGETHER, TOGETHER, 3]
    assert kinds([]) == []


class _Blaming(Planner):
    """One whose plans fail where these members are among them, in words that name nobody."""

    def __init__(self, bad: set[str]) -> None:
        super().__init__(cast("Checkout", None), lambda _: None, lambda _: None)
        self.bad, self.tried = bad, 0

    def blame(self, names: list[str]) -> list[str]:
        """Who has an error."""
        members = [
            Member(
                cast("Instance", SimpleNamespace(key=InstanceKey("dev", name), component_path=name[0])),
                None,
                taken_out=False,
                configuration="",
            )
            for name in names
        ]
        self._group(cast("Path", None), members)
        return sorted(key.component for key in self.errors)

    def _tried(self, folder: Path, group: Sequence[Member]) -> GaiaError | None:
        del folder
        self.tried += 1
        guilty = [one.key.component for one in group if one.key.component in self.bad]
        whose = str(group[0].key) if len(group) == 1 else "the preview"
        text = f"{whose}: no such provider"
        return ToolFailed("terraform-failed", text, next_step="", facts={"subject": whose}) if guilty else None


@pytest.mark.parametrize("bad", [{"a1"}, {"a4"}, {"a1", "a2"}, {"a1", "a2", "b4"}, {"b1", "b2", "b3", "b4"}])
def test_only_who_is_guilty_is_blamed(bad: set[str]) -> None:
    """Also where terraform names nobody, and the guilty stand first."""
    assert _Blaming(bad).blame([f"{kind}{number}" for kind in "ab" for number in range(1, 5)]) == sorted(bad)


def test_what_is_wrong_with_all_is_found_in_few_plans() -> None:
    """An instance of each component stands for the others of it."""
    names = [f"{kind}{number:03}" for kind in "abcd" for number in range(64)]
    planner = _Blaming(set(names))
    assert planner.blame(names) == sorted(names)
    assert planner.tried < 20


def test_an_error_does_not_speak_of_a_root_that_nobody_wrote() -> None:
    """The row that it stands in says whose it is."""

    class Failing(Planner):
        def _plan(self, folder: Path, group: Sequence[Member]) -> None:
            del folder, group
            raise ToolFailed("terraform-failed", f"terraform plan failed for {WHOSE}: no", next_step="Repair it.")

    planner = Failing(SimpleNamespace(workplace=SimpleNamespace(folder=Path("x"))), print, lambda _: None)  # type: ignore[arg-type]
    planner._group(Path("x"), [member(1, "same")])
    [error] = planner.errors.values()
    assert error.message == "terraform plan failed: no"


def test_a_value_that_does_not_exist_is_named_by_who_asks_for_it() -> None:
    """Here is said only who would tell it, else the same stood twice in one sentence."""
    reference = Reference("terraform.state", "vpc", "dev", "id", "!terraform.state vpc id", AT)
    planner = Planner(cast("Checkout", None), lambda _: None, lambda _: None)
    with pytest.raises(NotFound) as caught:
        planner._outside(reference)
    assert caught.value.message == "only an apply of dev/vpc tells it"


def test_tools_and_environments_are_kept_apart() -> None:
    """One plan has one program and one environment."""
    assert kinds([member(1, "same", "terraform"), member(2, "same", "tofu"), member(3, "same", "tofu")]) == [1, 2]


def test_references_have_their_values_from_the_states(tmp_path: Path) -> None:
    """As the instance's own plan would have them; what nobody can say is named with its place."""
    (tmp_path / "main.tf").write_text('provider "aws" { region = var.region }\nvariable "region" {}\n')
    reference = Reference("terraform.state", "net", "dev", "id", "!terraform.state net id", AT)
    states: dict[InstanceKey, State | None] = {InstanceKey("dev", "net"): state(id="vpc-1")}

    def resolved(value: object) -> Member:
        variables = {"region": "eu-west-1", "id": value}
        return member_of(_instance(variables), state(), states, tmp_path)

    made = resolved(reference)
    assert made.instance.vars["id"] == "vpc-1"
    assert made.instance.providers == {"aws": {"region": "eu-west-1"}}
    assert made.taken_out
    assert made.configuration == resolved("other").configuration
    gone = Reference("terraform.state", "net", "dev", "no", "!terraform.state net no", AT)
    with pytest.raises(Unresolved, match=r"no at stacks/dev\.yaml:1:1: the state of dev/net has no such output"):
        resolved(gone)
    with pytest.raises(Unresolved, match="known only outside"):
        resolved(Unknown("store", "!store x y", AT))


def _instance(variables: dict[str, object]) -> Instance:
    fields: dict[str, Any] = dict.fromkeys(Instance.__dataclass_fields__)
    return Instance(
        **{**fields, "key": KEY, "vars": variables, "providers": {}, "env": {}, "command": "", "references": ()}
    )


def plan(*changes: tuple[str, list[str]], drift: tuple[str, ...] = ()) -> Plan:
    """A plan of changes by address and actions, after these drifted."""
    return Plan.parse(
        {
            "format_version": "1.2",
            "resource_changes": [
                {"address": name, "mode": "managed", "type": "x",
                 "change": {"actions": actions, "before": {"a": 1, "b": 1}, "after": {"a": 1, "b": 2}}}
                for name, actions in changes
            ],
            "resource_drift": [{"address": name, "change": {"actions": ["update"]}} for name in drift],
        }
    )  # fmt: skip


def test_a_plan_is_empty_drifts_or_differs() -> None:
    """It drifts where all that would be done is to take back what was changed outside; names only, no values."""
    assert judged(KEY, "p", state(), plan(("x.a", ["no-op"]), drift=("x.a",))).status == "empty"
    assert judged(KEY, "p", state(), plan(("x.a", ["update"]), drift=("x.a",))).status == "drifts"
    made = judged(KEY, "p", state(), plan(("x.a", ["update"]), ("x.b", ["create"]), drift=("x.a",)))
    assert made.status == "differs"
    assert [(one.address, one.action, one.attributes, one.drift) for one in made.differences] == [
        ("x.a", "update", ("b",), True), ("x.b", "create", (), False),
    ]  # fmt: skip


def _reads(name: str, *others: str, configuration: str = "same", kind: str = "") -> Member:
    instance = cast("Instance", SimpleNamespace(key=InstanceKey("dev", name), command=kind))
    return Member(instance, None, False, configuration, frozenset(InstanceKey("dev", one) for one in others))


def _names(members: list[Member]) -> list[list[str]]:
    return [[one.key.component for one in group] for group in groups(members, lambda one: one.instance.command)]


def test_those_that_read_each_other_stay_in_one_plan() -> None:
    """As far as one plan can hold them; in the order that they were given."""
    many = [_reads(str(number), configuration=str(number)) for number in range(CONFIGURATIONS - 1)]
    pair = [_reads("a", configuration="x"), _reads("b", "a", configuration="y")]
    assert _names([*many, *pair]) == [["0", "1", "2"], ["a", "b"]]
    chain = [_reads(str(number), str(number - 1), configuration=str(number)) for number in range(CONFIGURATIONS + 1)]
    assert _names(chain) == [["0", "1", "2", "3"], ["4"]]
    assert _names([_reads("a", kind="tofu"), _reads("b", "a")]) == [["a"], ["b"]]


def test_a_reference_to_a_member_is_left_for_terraform(tmp_path: Path) -> None:
    """The others have their values from the states."""
    inside = Reference("terraform.state", "net", "dev", "id", "!terraform.state net id", AT)
    outside = Reference("terraform.state", "key", "dev", "arn", "!terraform.state key arn", AT)
    instance = replace(_instance({"net": inside, "key": outside}), references=((("net",), inside), (("key",), outside)))
    states: dict[InstanceKey, State | None] = {InstanceKey("dev", "key"): state(arn="arn:key")}
    made = member_of(instance, None, states, tmp_path, wired={InstanceKey("dev", "net")})
    assert made.instance.vars == {"net": inside, "key": "arn:key"}
    assert made.instance.references == ((("net",), inside),)
    assert made.reads == {InstanceKey("dev", "net")}
