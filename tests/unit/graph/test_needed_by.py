"""Who depends on an instance, in Atmos's words, and found by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.graph.conftest import built, write

from gaia.errors import NotFound
from gaia.graph import graph
from gaia.graph.index import ReverseIndex
from gaia.graph.needed_by import all_dependents, describe_dependents

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository

HUB = """\
    net/zone: {}
    spoke: {dependencies: {components: [{component: net/zone}]}}
"""
DEV = """\
    base: {metadata: {type: abstract}, dependencies: {components: [{component: net/zone, stack: hub}]}}
    net/zone: {}
    app: {metadata: {component: web, inherits: [base]}, vars: {tenant: acme}, settings: {a: 1}}
    idle: {metadata: {inherits: [base], enabled: false}}
    old: {settings: {depends_on: {1: {component: net/zone}}}}
    far: {settings: {depends_on: {1: {component: net/zone, stage: hub}}}}
    reader: {vars: {x: !terraform.state net/zone hub id}}
    top: {dependencies: {components: [{name: app}]}}
"""


@pytest.fixture(name="repository")
def two_stacks(tmp_path: Path) -> Repository:
    """`net/zone` is in both stacks, and needed in every way."""
    return write(tmp_path, hub=HUB, dev=DEV)


def test_dependents_are_those_that_declare_it(repository: Repository) -> None:
    """From any stack, with inherited declarations; no abstract, disabled or merely reading ones; sorted by slug."""
    found = describe_dependents(repository, "net/zone", "hub")
    assert [one["stack_slug"] for one in found] == ["dev-app", "dev-far", "hub-spoke"]
    assert found[0] == {
        "component": "app",
        "component_type": "terraform",
        "component_path": "components/web",
        "tenant": "acme",
        "stage": "dev",
        "stack": "dev",
        "stack_slug": "dev-app",
        "dependents": None,
        "included_in_dependents": False,
        "settings": None,
    }


def test_the_same_name_in_another_stack_is_another_instance(repository: Repository) -> None:
    """Without a stack a dependency means the own one."""
    assert [one["component"] for one in describe_dependents(repository, "net/zone", "dev")] == ["old"]


def test_more_can_be_asked_for(repository: Repository) -> None:
    """Settings, and the instances that read a state."""
    found = describe_dependents(repository, "net/zone", "hub", include_settings=True, references=True)
    assert {one["component"]: one["settings"] for one in found} == {
        "app": {"a": 1},
        "far": {"depends_on": {"1": {"component": "net/zone", "stage": "hub"}}},
        "reader": {},
        "spoke": {},
    }


def test_what_is_not_there_has_no_dependents(repository: Repository) -> None:
    """It is an error, with the nearest name."""
    with pytest.raises(NotFound):
        describe_dependents(repository, "net/zon", "hub")


def test_dependents_of_dependents_stand_below_them(repository: Repository) -> None:
    """To any depth; a circle ends where it closes."""
    found = all_dependents(ReverseIndex(repository), repository, repository.instance("net/zone", "hub"))
    below: dict[object, Any] = {one["component"]: one["dependents"] for one in found}
    assert [one["component"] for one in below["app"]] == ["top"]
    assert below["far"] == []


def test_a_circle_of_dependents_ends(tmp_path: Path) -> None:
    """Instances that need each other are each shown once on the way down."""
    repository = write(
        tmp_path,
        dev="    a: {dependencies: {components: [{component: b}]}}\n"
        "    b: {dependencies: {components: [{component: a}]}}\n",
    )
    (one,) = all_dependents(ReverseIndex(repository), repository, repository.instance("a", "dev"))
    assert (one["component"], one["dependents"]) == ("b", [])


def test_the_index_agrees_with_building_everything(repository: Repository) -> None:
    """Whatever the names suggest, the same instances are found as when each is built and asked."""
    index = ReverseIndex(repository)
    whole = graph(built(repository))
    for key in repository.instances:
        target = repository.instance(key.component, key.stack)
        enabled = [one for one in whole.predecessors(key) if repository.instance(one.component, one.stack).enabled]
        assert [one.key for one, _ in index.needing(target)] == sorted(enabled)


def test_only_what_may_depend_is_built(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what makes it quick in a large repository."""
    asked: list[str] = []
    whole = type(repository).instance

    def counted(self: Repository, component: str, stack: str) -> Instance:
        asked.append(component)
        return whole(self, component, stack)

    monkeypatch.setattr(type(repository), "instance", counted)
    describe_dependents(repository, "app", "dev")
    assert set(asked) == {"app", "top"}
