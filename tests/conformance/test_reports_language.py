"""Public reports about the language of manifests: repositories of people who hit a fault, and the right outcome."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.graph.needs import needs
from gaia.stacks.local import LocalResolver
from gaia.stacks.model import Reference, Unknown
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.stacks.model import Instance

REPORTS = Path(__file__).parent / "reports"
STACK = "acme-dev"
ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/home/" + "user"}


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Repository]:
    """A report's repository, in a git work tree of its own."""

    def open_(name: str, *, untrusted: bool = False) -> Repository:
        folder = tmp_path / name
        (source,) = REPORTS.glob(f"{name}-*/repository")
        shutil.copytree(source, folder)
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        resolver = None if untrusted else LocalResolver(folder)
        return Repository.open(folder, environ=ENVIRON, resolver=resolver, untrusted=untrusted)

    return open_


def wanted(instance: Instance) -> list[tuple[str, str | None]]:
    """What an instance needs."""
    return [(need.component, need.stack) for need in needs(instance)]


def test_a_local_of_a_catalog_may_refer_to_another_component(opened: Callable[..., Repository]) -> None:
    """07: the reference is one to this stack, also in a text around it, and the value stays unknown, never text."""
    eks = opened("07").instance("eks", STACK)
    own = eks.vars["vpc_id"]
    assert isinstance(own, Reference)
    assert (own.component, own.stack, own.expression) == ("vpc", STACK, ".id")
    assert isinstance(eks.vars["label"], Unknown)
    assert ("vpc", STACK) in wanted(eks)
    assert eks.describe()["vars"]["label"] == "x-{{ .locals.vpc_id }}"  # type: ignore[index]


def test_functions_in_locals_run_before_templates_use_them(opened: Callable[..., Repository]) -> None:
    """17: texts, pipelines, conditions and paths hold what the functions gave."""
    repository = opened("17")
    found = repository.instance("mock", STACK).vars
    assert {key: found[key] for key in ("whole", "label", "upper", "second", "deep", "cond", "inc")} == {
        "whole": "hi",
        "label": "x-hi-default",
        "upper": "HI",
        "second": "s-hi",
        "deep": 7,
        "cond": "yes",
        "inc": 9,
    }
    assert found["root"] == f"{repository.config.root}/x"


def test_a_command_in_a_local_does_not_run_for_a_stranger(opened: Callable[..., Repository]) -> None:
    """17: where the content is not trusted, what needs the command is refused by name and place."""
    with pytest.raises(GaiaError) as caught:
        opened("17", untrusted=True).instance("mock", STACK)
    assert caught.value.code == "exec-refused"
    assert str(caught.value.at).startswith("stacks/deploy/dev.yaml:")


@pytest.mark.parametrize(("component", "name"), [("mock", "a"), ("m2", "b")])
def test_a_datasource_in_the_repository_is_read(opened: Callable[..., Repository], component: str, name: str) -> None:
    """38: gomplate's own function and the one of Atmos give what the file holds."""
    assert opened("38").instance(component, STACK).vars[name] == "10.0.0.1"


@pytest.mark.parametrize("url", ["http://localhost/x", "s3://bucket/x", "vault:///x", "file:///etc/passwd", "../x"])
def test_a_datasource_elsewhere_fails_only_what_uses_it(opened: Callable[..., Repository], url: str) -> None:
    """38: it is refused with the place of the template; other components work."""
    repository = opened("38")
    config = repository.config.root / "atmos.yaml"
    config.write_text(config.read_text().replace("ip.json", url))
    repository = Repository.open(repository.config.root, environ=ENVIRON)
    with pytest.raises(GaiaError) as caught:
        repository.instance("mock", STACK)
    assert caught.value.code in ("not-supported", "template-failed")
    assert str(caught.value.at) == "stacks/deploy/dev.yaml:6:9"
    assert repository.instance("m3", STACK).vars["b"] == "fine"


EXPRESSIONS = {
    "c1": '.id // "none"',
    "c2": '.id // "none"',
    "c3": '.id // "none"',
    "c4": ".id",
    "c5": '.id // "arn:aws:kms:us-east-1:0:key/0"',
    "c6": '.tokens["a b"]',
    "c7": '.id // "none"',
    "c8": "id",
    "c9": ".subnets | length",
    "c10": '.subnets // ["m1", "m2"]',
    "c11": '.cfg // {"a": "localhost:3000", "u": "t"}',
    "c13": ".a // .b",
    "c14": ".zones[0]",
    "c15": '.tags["k 1"]',
    "c16": '.id // "x"',
}


@pytest.mark.parametrize(("component", "expression"), EXPRESSIONS.items())
def test_the_expression_of_a_reference_goes_to_the_end(
    opened: Callable[..., Repository], component: str, expression: str
) -> None:
    """40: COMPONENT [STACK] EXPRESSION, quoted or not, after its templates are rendered."""
    instance = opened("40").instance(component, STACK)
    found = instance.vars["x"]
    assert isinstance(found, Reference)
    assert (found.component, found.stack, found.expression) == ("vpc", STACK, expression)
    assert wanted(instance) == [("vpc", STACK)]


def test_the_default_of_a_store_may_be_in_quotes(opened: Callable[..., Repository]) -> None:
    """40: `!store … | default "a b"` is one call of the store, unknown without one."""
    found = opened("40").instance("c12", STACK).vars["x"]
    assert isinstance(found, Unknown)
    assert found.function == "store"


def test_delimiters_may_hold_quotes(opened: Callable[..., Repository]) -> None:
    """45: they are the quotes of the value in YAML, so arguments of functions can be templates; others stay."""
    instance = opened("45").instance("mock", STACK)
    reference = instance.vars["a"]
    assert isinstance(reference, Reference)
    assert (reference.component, reference.stack, reference.expression) == ("vpc", STACK, "id")
    assert instance.vars["b"] == STACK
    assert instance.vars["c"] == "{{ .notours }}"


def test_what_a_template_gives_may_touch_its_tag(opened: Callable[..., Repository]) -> None:
    """48: `!template["one"]`, as trim markers leave it, is decoded like any other."""
    found = opened("48").instance("mock", STACK).vars
    assert found["generated"] == ["one", "two"]
    assert found["m"] == {"a": 1}
    assert found["plain"] == [1, 2]
    assert found["folded"] == {"a": [1, 2]}
