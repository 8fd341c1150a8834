"""A component that cannot be built fails only what needs it; the rest is shown, and it is listed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gaia.errors import GaiaError, Incomplete
from gaia.graph.analyzer import DependencyAnalyzer
from gaia.stacks.model import InstanceKey
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.failures import Failures

ATMOS = """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks:
  base_path: stacks
  included_paths: ["deploy/**/*"]
  name_pattern: "{tenant}-{stage}"
templates: {settings: {enabled: true}}
"""
GOOD = "    vpc: {vars: {cidr: 10.0.0.0/16}}\n"
BROKEN = {
    "a template": ('a: {vars: {x: "{{ .nope.deeper | quote"}}', "template-syntax"),
    "a function": ("a: {vars: {x: !env }}", "function-arguments"),
    "a base that is not there": ("a: {metadata: {inherits: [none]}}", "missing-base-component"),
    "a section of another type": ("a: {vars: [1]}", "section-type"),
    "a component of another type": ("a: 1", "section-bad"),
    "a backend of another type": ("a: {backend_type: s3, backend: [1]}", "section-type"),
}


def repository(folder: Path, components: str, **more: str) -> Repository:
    """One stack with `vpc` and these components; `more` are manifests."""
    dev = f"vars: {{tenant: acme, stage: dev}}\ncomponents:\n  terraform:\n    {components}\n{GOOD}"
    for name, text in {"dev": dev, **more}.items():
        path = folder / f"stacks/deploy/{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "atmos.yaml").write_text(ATMOS)
    return Repository.open(folder)


def failures(forgiving: Repository) -> Failures:
    """What it has noted."""
    assert forgiving.failures is not None
    return forgiving.failures


def told(forgiving: Repository) -> list[dict[str, Any]]:
    """What a command ends with."""
    with pytest.raises(Incomplete) as caught:
        failures(forgiving).refuse()
    assert caught.value.exit_code == 9
    return cast("list[dict[str, Any]]", caught.value.facts["failed"])


def shown(forgiving: Repository) -> dict[str, list[str]]:
    """The Terraform components of each stack."""
    stacks = cast("dict[str, Any]", forgiving.describe_stacks())
    return {name: list(stack["components"]["terraform"]) for name, stack in stacks.items()}


@pytest.mark.parametrize(("components", "code"), BROKEN.values(), ids=BROKEN)
def test_the_rest_is_shown(tmp_path: Path, components: str, code: str) -> None:
    """In a description of all stacks; a caller that forgives nothing gets the error itself."""
    strict = repository(tmp_path, components)
    with pytest.raises(GaiaError):
        strict.describe_stacks()
    forgiving = strict.forgiving()
    assert shown(forgiving) == {"acme-dev": ["vpc"]}
    (failed,) = told(forgiving)
    assert failed["component"] in ("a in acme-dev", "a in deploy/dev")
    assert failed["at"].startswith("stacks/deploy/dev.yaml:4:")
    assert code in (failed["error"], "section-bad")


@pytest.mark.parametrize(("components", "code"), BROKEN.values(), ids=BROKEN)
def test_another_component_is_found_and_built(tmp_path: Path, components: str, code: str) -> None:
    """By name, and in the drawing."""
    del code
    strict = repository(tmp_path, components)
    assert strict.instance("vpc", "acme-dev").vars["cidr"] == "10.0.0.0/16"
    forgiving = strict.forgiving()
    assert InstanceKey("acme-dev", "vpc") in forgiving.instances
    picture = DependencyAnalyzer(forgiving).picture(None)
    assert [node.key.component for node in picture.own] == ["vpc"]


def test_a_component_that_cannot_be_given_a_stack_goes_by_its_manifest(tmp_path: Path) -> None:
    """As Atmos shows it; it is listed all the same, and other stacks are named as ever."""
    bare = "vars: {tenant: acme}\ncomponents: {terraform: {db: {}}}\n"
    forgiving = repository(tmp_path, "a: {}", bare=bare).forgiving()
    assert list(forgiving.describe_stacks()) == ["acme-dev", "deploy/bare"]
    assert [(one.component, one.where) for one in failures(forgiving)] == [("db", "deploy/bare")]
    assert forgiving.stacks == ("acme-dev",)


def test_only_what_was_asked_for_is_complained_about(tmp_path: Path) -> None:
    """A stack, or a component, that is in order does not fail by another one."""
    bad = 'vars: {tenant: acme, stage: prod}\ncomponents: {terraform: {a: {vars: {x: "{{ "}}}}\n'
    strict = repository(tmp_path, "a: {}", prod=bad)
    for stack, components in (("acme-dev", []), ("deploy/dev", []), (None, ["vpc"])):
        forgiving = strict.forgiving()
        assert forgiving.describe_stacks(stack=stack, components=components)["acme-dev"]
        assert not forgiving.failures
    forgiving = strict.forgiving()
    forgiving.describe_stacks()
    failures(forgiving).refuse("acme-dev")
    with pytest.raises(Incomplete):
        failures(forgiving).refuse("acme-*")


def test_what_two_manifests_define_differently_is_left_out(tmp_path: Path) -> None:
    """Nobody can say which of them is meant."""
    other = "vars: {tenant: acme, stage: dev}\ncomponents: {terraform: {vpc: {vars: {cidr: other}}}}\n"
    forgiving = repository(tmp_path, "a: {}", other=other).forgiving()
    assert shown(forgiving) == {"acme-dev": ["a"]}
    (failure,) = failures(forgiving)
    assert (failure.component, failure.error.code) == ("vpc", "duplicate-component")


def test_one_mistake_in_a_catalog_is_one_line(tmp_path: Path) -> None:
    """With its place and the number of components that it fails."""
    (tmp_path / "stacks/catalog").mkdir(parents=True)
    (tmp_path / "stacks/catalog/db.yaml").write_text('components: {terraform: {db: {vars: {x: "{{ "}}}}\n')
    stacks = {
        name: f"import: [catalog/db]\nvars: {{tenant: acme, stage: {name}}}\ncomponents: {{terraform: {{vpc: {{}}}}}}\n"
        for name in ("one", "two", "three")
    }
    forgiving = repository(tmp_path, "a: {}", **stacks).forgiving()
    forgiving.describe_stacks()
    (line,) = told(forgiving)
    assert (line["component"], line["at"]) == ("db in acme-one and 2 more", "stacks/catalog/db.yaml:1:38")
