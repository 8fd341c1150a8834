"""Which edge of a circle to cut, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.graph.conftest import built, write

from gaia.errors import Invalid
from gaia.graph import graph, order
from gaia.graph.cycles import circles

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.graph.cycles import Circle


def _circles(folder: Path, dev: str) -> tuple[Circle, ...]:
    return circles(graph(built(write(folder, dev=dev))))


def _cut(circle: Circle) -> tuple[str, str]:
    return circle.cut[0].source.component, circle.cut[0].target.component


def test_a_declared_order_is_cut_before_a_value(tmp_path: Path) -> None:
    """Of edges that help equally, the one that no value depends on."""
    (found,) = _circles(
        tmp_path,
        "    a: {vars: {x: !terraform.state b id}}\n    b: {dependencies: {components: [{component: a}]}}\n",
    )
    assert _cut(found) == ("b", "a")
    assert "only declares" in found.why


def test_the_edge_in_most_circles_is_cut(tmp_path: Path) -> None:
    """Two circles that share an edge need one cut, although it reads a value and others only declare."""
    (found,) = _circles(
        tmp_path,
        """\
    a: {vars: {x: !terraform.state b id}}
    b: {dependencies: {components: [{component: c}, {component: d}]}}
    c: {dependencies: {components: [{component: a}]}}
    d: {dependencies: {components: [{component: a}]}}
""",
    )
    assert _cut(found) == ("a", "b")
    assert "no circle is left" in found.why
    assert "reads a value" in found.why


def test_every_knot_is_opened(tmp_path: Path) -> None:
    """Circles that have nothing to do with each other are each reported; all edges of a cut are named."""
    found = _circles(
        tmp_path,
        """\
    a: {vars: {x: !terraform.state b id}}
    b: {vars: {x: !terraform.state a id, y: !terraform.state a arn}}
    c: {vars: {x: !terraform.state c id}}
""",
    )
    assert len(found) == 2
    assert {_cut(one) for one in found} == {("a", "b"), ("c", "c")}
    assert next(one for one in found if _cut(one) == ("c", "c")).why == "an instance cannot need itself"


def test_the_error_shows_the_whole_circle_and_the_cut(tmp_path: Path) -> None:
    """File and line of every edge in the message, the cut with its reason as the next step, both for machines."""
    repository = write(
        tmp_path,
        dev="    a: {vars: {x: !terraform.state b id}}\n    b:\n      dependencies:\n        components:\n"
        "          - component: a\n",
    )
    with pytest.raises(Invalid) as caught:
        order(built(repository))
    error = caught.value
    assert error.message.splitlines() == [
        "instances need each other in a circle: dev/b → dev/a → dev/b",
        "  dev/b needs dev/a (dependencies at stacks/dev.yaml:8:13)",
        "  dev/a needs dev/b (reference at stacks/dev.yaml:4:16)",
    ]
    assert error.next_step.startswith("Cut stacks/dev.yaml:8:13 (dev/b needs dev/a): no circle is left")
    cycles = error.facts["cycles"]
    assert isinstance(cycles, list)
    (cycle,) = cycles
    assert [one["at"] for one in cycle["cut"]] == ["stacks/dev.yaml:8:13"]
    assert [one["kind"] for one in cycle["edges"]] == ["dependencies", "reference"]


@pytest.mark.slow
@pytest.mark.no_cover
def test_a_large_knot_is_opened_quickly(tmp_path: Path) -> None:
    """A ring of many with a shortcut each: the search stays small."""
    many = 60
    text = "".join(
        f"    c{n}: {{vars: {{x: !terraform.state c{(n + 1) % many} id, y: !terraform.state c{(n + 7) % many} id}}}}\n"
        for n in range(many)
    )
    found = _circles(tmp_path, text)
    assert 1 < len(found) < many
