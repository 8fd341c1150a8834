"""The places of all values at once are those that `explain` finds one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE, built

from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Steps = tuple[str | int, ...]

FILES = {
    "orgs/dev.yaml": f"import: [catalog/a, catalog/b]\n{PLACE}"
    "terraform:\n  backend_type: s3\n  backend:\n    s3: {bucket: b}\n  overrides:\n    vars: {over: ridden}\n"
    "components:\n  terraform:\n    c:\n      metadata: {inherits: [base]}\n      vars:\n        list: [3]\n"
    "        map: {b: {c: null}}\n        more: !append [4]\n",
    "catalog/a.yaml": "vars:\n  list: [1, 2]\n  map: {a: 1, b: {c: 2, d: 3}}\n  more: [0]\nsettings: {x: [{y: 1}]}\n",
    "catalog/b.yaml": "components:\n  terraform:\n    base:\n      metadata: {type: abstract, component: x}\n"
    "      vars:\n        list: [9, 9]\n        map: {b: {d: 4}, e: {}}\n        over: base\n"
    "    c:\n      vars: {more: [1]}\n      env: {A: b}\n",
}


def _leaves(tree: object, path: Steps = ()) -> Iterator[tuple[Steps, object]]:
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else None
    if pairs is None:
        yield path, tree
    for key, inner in pairs or ():
        yield from _leaves(inner, (*path, key))


def _at(tree: object, path: Steps) -> object:
    for key in path:
        assert isinstance(tree, (dict, list))
        tree = tree[key]  # type: ignore[index]
    return tree


def _check(repository: Repository) -> int:
    count = 0
    for stack, found in repository.iter_stacks(provenance=True):
        for component, document in found["components"]["terraform"].items():  # type: ignore[index]
            instance = repository.instance(component, stack)
            for path, place in _leaves(document["provenance"]):
                origin = instance.explain(path)
                assert f"{origin.at.file}:{origin.at.line}" == place, path
                assert getattr(origin.value, "text", origin.value) == _at(document, path)
                count += 1
    return count


@pytest.mark.parametrize("strategy", ["replace", "append", "merge"])
def test_places_agree_with_explanations(repository: Callable[..., Repository], strategy: str) -> None:
    """For maps, lists under each strategy, overrides, bases, backends and appended lists."""
    atmos = ATMOS + f"settings: {{list_merge_strategy: {strategy}}}\nenv: {{B: c}}\n"
    atmos += "integrations: {github: {a: {b: [1]}}, other: {}}\n"
    assert _check(repository(FILES, atmos=atmos)) > 20


@pytest.mark.slow
@pytest.mark.no_cover
def test_places_of_the_blueprint(pytestconfig: pytest.Config) -> None:
    """A whole repository, as people write it."""
    blueprint: Path = pytestconfig.rootpath / "blueprint"
    assert _check(Repository.open(blueprint)) > 500


def test_the_place_of_what_nobody_wrote_is_that_of_what_is_around_it(repository: Callable[..., Repository]) -> None:
    """The nearest map above it, else the component."""
    one = built(repository, "components:\n  terraform:\n    c:\n      vars:\n        a: {b: 1}\n")
    paths = (("vars", "a", "b"), ("vars", "a", "x"), ("vars", "y"), ("z",), ())
    places = [str(one.place(path)) for path in paths]
    line = "stacks/orgs/dev.yaml:{}".format
    assert places == [line("6:13"), line("6:9"), line("5:7"), line("4:5"), line("4:5")]
