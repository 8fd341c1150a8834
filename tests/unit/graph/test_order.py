"""Levels, cycles with the place of every edge, dependents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.graph.conftest import built, write

from gaia.errors import Invalid
from gaia.graph import dependents, edges, order
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance


def _instances(folder: Path, **manifests: str) -> list[Instance]:
    return built(write(folder, **manifests))


def _names(levels: tuple[tuple[InstanceKey, ...], ...]) -> list[list[str]]:
    return [[str(key) for key in level] for level in levels]


def test_levels_hold_what_can_run_side_by_side(tmp_path: Path) -> None:
    """References, dependencies.components and settings.depends_on all count; a level is sorted."""
    instances = _instances(
        tmp_path,
        dev="""\
    vpc: {}
    key: {}
    db:
      vars: {subnet: !terraform.state vpc subnet_id}
      dependencies: {components: [{component: key}]}
    app:
      settings: {depends_on: {1: {component: db}}}
      providers: {aws: {token: !terraform.output key token}}
""",
    )
    assert _names(order(instances)) == [["dev/key", "dev/vpc"], ["dev/db"], ["dev/app"]]
    app = next(one for one in instances if one.key.component == "app")
    assert {(edge.kind, edge.target.component) for edge in edges(app, instances)} == {
        ("reference", "key"),
        ("depends_on", "db"),
    }


def test_other_stacks_count_when_they_are_given(tmp_path: Path) -> None:
    """An edge may lead to another stack; one that leads out of the given instances does not count."""
    instances = _instances(
        tmp_path, dev="    app: {vars: {zone: !terraform.state zone hub id}}\n", hub="    zone: {}\n"
    )
    assert _names(order(instances)) == [["hub/zone"], ["dev/app"]]
    assert _names(order(instances[:1])) == [["dev/app"]]
    assert dependents(InstanceKey("hub", "zone"), instances) == (InstanceKey("dev", "app"),)


def test_new_form_replaces_the_legacy_one(tmp_path: Path) -> None:
    """With an entry in dependencies.components, settings.depends_on is not read."""
    instances = _instances(
        tmp_path,
        dev="""\
    a: {}
    b: {}
    c: {dependencies: {components: [{name: a}]}, settings: {depends_on: {1: {component: b}}}}
""",
    )
    assert dependents(InstanceKey("dev", "a"), instances) == (InstanceKey("dev", "c"),)
    assert dependents(InstanceKey("dev", "b"), instances) == ()


def test_a_cycle_names_the_place_of_every_edge(tmp_path: Path) -> None:
    """A circle is one error with file and line of each of its edges, and of no other."""
    instances = _instances(
        tmp_path,
        dev="""\
    a: {vars: {x: !terraform.state b id}}
    b: {dependencies: {components: [{component: c}]}}
    c:
      settings:
        depends_on:
          1: {component: a}
    d: {vars: {x: !terraform.state a id}}
""",
    )
    with pytest.raises(Invalid) as caught:
        order(instances)
    assert caught.value.code == "dependency-cycle"
    found = caught.value.facts["edges"]
    assert isinstance(found, list)
    assert {(edge["source"], edge["target"], edge["at"]) for edge in found} == {
        ("dev/a", "dev/b", "stacks/dev.yaml:4:16"),
        ("dev/b", "dev/c", "stacks/dev.yaml:5:37"),
        ("dev/c", "dev/a", "stacks/dev.yaml:9:11"),
    }


def test_needing_oneself_is_a_cycle(tmp_path: Path) -> None:
    """An instance that reads its own state cannot be ordered."""
    with pytest.raises(Invalid) as caught:
        order(_instances(tmp_path, dev="    a: {vars: {x: !terraform.state a id}}\n"))
    assert caught.value.code == "dependency-cycle"


def test_the_reverse_order_begins_with_what_nobody_needs(tmp_path: Path) -> None:
    """As it is taken down: dependents before what they need."""
    instances = _instances(tmp_path, dev="    vpc: {}\n    db: {vars: {x: !terraform.state vpc id}}\n    key: {}\n")
    assert _names(order(instances, reverse=True)) == [["dev/db", "dev/key"], ["dev/vpc"]]


def test_a_legacy_dependency_finds_stacks_by_context(tmp_path: Path) -> None:
    """With a context field the target is looked for by all of them, one's own values standing for those not given."""
    instances = _instances(
        tmp_path,
        dev="    app: {vars: {tenant: a}, settings: {depends_on: {1: {component: zone, stage: hub}}}}\n",
        hub="    zone: {vars: {tenant: a}}\n",
        other="    zone: {vars: {tenant: b}}\n    app: {settings: {depends_on: {1: {component: zone, stage: hub}}}}\n",
    )
    assert dependents(InstanceKey("hub", "zone"), instances) == (InstanceKey("dev", "app"),)


def test_a_legacy_dependency_names_a_stack(tmp_path: Path) -> None:
    """A stack that is given decides alone."""
    instances = _instances(
        tmp_path,
        dev="    app: {settings: {depends_on: {1: {component: zone, stack: hub}}}}\n    zone: {}\n",
        hub="    zone: {}\n",
    )
    assert [str(edge.target) for edge in edges(instances[0], instances)] == ["hub/zone"]


def test_what_is_no_component_leaves_the_legacy_form_in_force(tmp_path: Path) -> None:
    """Files, folders and other kinds in dependencies.components do not replace settings.depends_on."""
    instances = _instances(
        tmp_path,
        dev="""\
    a: {}
    b:
      dependencies: {components: [{kind: file, path: x.json}, {kind: helmfile, component: a}]}
      settings: {depends_on: {1: {component: a}}}
""",
    )
    assert dependents(InstanceKey("dev", "a"), instances) == (InstanceKey("dev", "b"),)


def test_declaring_oneself_is_passed_over(tmp_path: Path) -> None:
    """What a whole file declares for all of its components reaches the needed one as well."""
    repository = write(tmp_path, dev="    vpc: {}\n    app: {}\n")
    file = tmp_path / "stacks/dev.yaml"
    file.write_text("settings: {depends_on: {1: {component: vpc}}}\n" + file.read_text())
    assert _names(order(built(repository))) == [["dev/vpc"], ["dev/app"]]
