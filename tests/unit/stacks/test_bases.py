"""Which bases a component has, how often they count, and how lists and overrides of several layers meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE, STACK, built

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.stacks.repository import Repository


@pytest.mark.parametrize(
    ("others", "inherits", "bases"),
    [
        ("x: {}, y: {}", "[x, y]", ("y", "x")),
        ("x: {}, y: {}", "[x, y, x]", ("x",)),
        ("x: {}, y: {}", "[x, y, x, y]", ("y", "x")),
        ("x: {}, y: {metadata: {inherits: [c]}}", "[x, y]", ("y", "x")),
        ("x: {metadata: {inherits: [y]}}, y: {metadata: {inherits: [c]}}", "[x]", ("x", "y")),
        ("x: {component: y, metadata: {type: abstract}}, y: {}", "[x]", ("x",)),
        ("x: {component: y}, y: {}", "[x]", ("x", "y")),
    ],
)
def test_what_the_bases_are(
    repository: Callable[..., Repository], others: str, inherits: str, bases: tuple[str, ...]
) -> None:
    """A base that is named twice ends the list where it was first; an owner that is reached again is let through."""
    text = f"components:\n  terraform: {{c: {{metadata: {{inherits: {inherits}}}}}, {others}}}\n"
    assert built(repository, text, component="c").inheritance == bases


@pytest.mark.parametrize("others", ["x: {metadata: {inherits: [y]}}, y: {metadata: {inherits: [x]}}"])
def test_a_circle_of_bases_is_refused(repository: Callable[..., Repository], others: str) -> None:
    """Two bases that inherit from each other would never end."""
    text = f"components:\n  terraform: {{c: {{metadata: {{inherits: [x]}}}}, {others}}}\n"
    with pytest.raises(Invalid, match="circle: x → y → x"):
        built(repository, text, component="c")


def test_appended_values_of_bases_count_as_often_as_they_are_reached(repository: Callable[..., Repository]) -> None:
    """Only the component's own list of bases is rid of repetitions, those of its bases are followed as they are."""
    text = (
        "components:\n  terraform:\n    a: {vars: {l: [1]}}\n    b: {metadata: {inherits: [a, a]}}\n"
        "    c: {metadata: {inherits: [a, b, a, b]}}\n"
    )
    atmos = ATMOS + "settings: {list_merge_strategy: append}\n"
    assert built(repository, text, component="b", atmos=atmos).vars["l"] == [1]
    assert built(repository, text, component="c", atmos=atmos).vars["l"] == [1, 1, 1]


def test_a_components_list_strategy_holds_for_its_bases(repository: Callable[..., Repository]) -> None:
    """Also where a base says it; what another component inherits from them is merged as `atmos.yaml` says."""
    text = """\
components:
  terraform:
    one: {metadata: {type: abstract, tags: [t]}, vars: {l: [one]}}
    two: {metadata: {type: abstract, inherits: [one]}, vars: {l: [two]}}
    way: {metadata: {type: abstract}, settings: {list_merge_strategy: append}, vars: {l: [way]}}
    c: {metadata: {inherits: [one, two]}, settings: {list_merge_strategy: append}, vars: {l: [c]}}
    d: {metadata: {inherits: [two, way]}}
    e: {metadata: {inherits: [two]}}
"""
    found = {name: built(repository, text, component=name) for name in "cde"}
    assert {name: instance.vars["l"] for name, instance in found.items()} == {
        "c": ["one", "one", "two", "c"], "d": ["one", "two", "way"], "e": ["two"],
    }  # fmt: skip
    assert found["c"].metadata["tags"] == ["t", "t"]
    assert found["c"].explain(("vars", "l")).value == ["one", "one", "two", "c"]


def test_the_same_list_is_appended_as_often_as_its_layer_is_met(repository: Callable[..., Repository]) -> None:
    """A file that is imported twice, a base that two bases share: what `!append` adds is added each time."""
    twice = {"orgs/dev.yaml": f"{PLACE}import: [a, a]\ncomponents: {{terraform: {{c: {{}}}}}}\n"}
    files = {**twice, "a.yaml": "vars: {l: !append [x]}\n"}
    assert repository(files).instance("c", STACK).vars["l"] == ["x", "x"]
    root = "r: {metadata: {type: abstract}, vars: {m: {l: !append [r]}}}"
    bases = ", ".join(f"b{index}: {{metadata: {{type: abstract, inherits: [r]}}}}" for index in range(2))
    diamond = f"{PLACE}components: {{terraform: {{{root}, {bases}, c: {{metadata: {{inherits: [b0, b1]}}}}}}}}\n"
    assert repository({"orgs/dev.yaml": diamond}).instance("c", STACK).vars["m"] == {"l": ["r", "r"]}


def test_a_list_within_a_list_is_not_appended(repository: Callable[..., Repository]) -> None:
    """Other than Atmos, which shows a wrapper of its own making there, the list is shown."""
    text = f"{PLACE}components: {{terraform: {{c: {{vars: {{l: [1, !append [2]]}}}}}}}}\n"
    assert repository({"orgs/dev.yaml": text}).instance("c", STACK).vars["l"] == [1, [2]]


def test_lists_that_are_appended_to_and_merged_know_where_each_element_comes_from(
    repository: Callable[..., Repository],
) -> None:
    """Under `merge` an earlier element stays, one that `!append` added too, and a function in it is found."""
    files = {
        "orgs/dev.yaml": f"{PLACE}import: [a, b, d]\ncomponents: {{terraform: {{c: {{}}}}}}\n",
        "a.yaml": "vars: {l: [{k: 1}]}\n",
        "b.yaml": "vars:\n  l: !append\n    - !env PLACE\n",
        "d.yaml": "vars: {l: [{m: 2}, x, y]}\n",
    }
    atmos = ATMOS + "settings: {list_merge_strategy: merge}\n"
    instance = repository(files, atmos=atmos, environ={"PLACE": "home"}).instance("c", STACK)
    assert instance.vars["l"] == [{"k": 1, "m": 2}, "home", "y"]
    places = [str(instance.explain(("vars", "l", index)).at) for index in range(3)]
    assert places == ["stacks/d.yaml:1:12", "stacks/b.yaml:3:7", "stacks/d.yaml:1:23"]


def test_overrides_of_several_files_merge(repository: Callable[..., Repository]) -> None:
    """What leaks from earlier imports counts again for each file: under `append` that shows."""
    files = {
        "orgs/dev.yaml": f"{PLACE}import: [a, b]\noverrides: {{vars: {{l: [1]}}}}\n"
        "components: {terraform: {both: {}, own: {}}}\n",
        "a.yaml": "components: {terraform: {a: {}, both: {}}}\n",
        "b.yaml": "components: {terraform: {b: {}}}\n",
    }
    opened = repository(files, atmos=ATMOS + "settings: {list_merge_strategy: append}\n")
    counts = {name: len(opened.instance(name, STACK).vars["l"]) for name in ("a", "b", "own", "both")}  # type: ignore[arg-type]
    assert counts == {"a": 1, "b": 2, "own": 4, "both": 5}
    replaced = repository(files)
    assert all(replaced.instance(name, STACK).vars["l"] == [1] for name in ("a", "b", "own", "both"))
