"""Pictures, and the four formats that they are drawn in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from tests.unit.graph.conftest import write

from gaia.errors import Invalid, NotFound
from gaia.graph.analyzer import FORMATS, DependencyAnalyzer
from gaia.graph.picture import Picture, picture
from gaia.graph.svg import MOST_NODES, as_svg
from gaia.graph.text import as_dot, as_mermaid
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.repository import Repository

SVG = "{http://www.w3.org/2000/svg}"
DEV = """\
    vpc: {}
    db: {vars: {subnet: !terraform.state vpc id}}
    app:
      vars: {url: !terraform.state db url}
      dependencies: {components: [{component: vpc}, {component: zone, stack: hub}, {component: gone}]}
"""
HUB = """\
    zone: {}
    peer: {vars: {x: !terraform.output vpc dev id}}
    idle: {metadata: {enabled: false}}
"""


def _read(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - what was drawn here


@pytest.fixture(name="repository")
def two_stacks(tmp_path: Path) -> Repository:
    """dev has three instances; hub has one that they need and one that needs them."""
    return write(tmp_path, dev=DEV, hub=HUB)


def test_a_stack_is_shown_with_what_others_have_to_do_with_it(repository: Repository) -> None:
    """Own instances on levels; of other stacks those that are needed, those that need, and what does not exist."""
    found = DependencyAnalyzer(repository).picture("dev")
    assert [(str(node.key), node.level, node.state) for node in found.nodes] == [
        ("hub/peer", -1, "external"),
        ("dev/gone", 0, "missing"),
        ("hub/zone", 0, "external"),
        ("dev/vpc", 1, ""),
        ("dev/db", 2, ""),
        ("dev/app", 3, ""),
    ]
    lines = {(str(line.source), str(line.target)): line for line in found.lines}
    assert lines["dev/app", "dev/vpc"].implied, "needed through db already"
    assert not lines["dev/app", "dev/db"].implied
    assert lines["dev/db", "dev/vpc"].kinds == ("reference",)
    assert lines["dev/app", "hub/zone"].places == ("stacks/dev.yaml:8:53",)
    assert "3 instances on 3 levels" in found.summary


def test_all_stacks_are_one_picture(repository: Repository) -> None:
    """Without a stack everything is on a level, disabled instances too."""
    found = DependencyAnalyzer(repository).picture(None)
    assert {node.state for node in found.nodes} == {"", "missing", "disabled"}
    assert len(found.own) == 6
    assert found.title == "All stacks"


def test_json_says_it_all(repository: Repository) -> None:
    """Nodes, edges with the places, levels in the order of work."""
    document = json.loads(DependencyAnalyzer(repository).generate_graph("dev", "json"))
    assert document["levels"] == [["dev/vpc"], ["dev/db"], ["dev/app"]]
    assert {"source": "dev/db", "target": "dev/vpc", "kinds": ["reference"], "at": ["stacks/dev.yaml:5:17"],
            "implied": False} in document["edges"]  # fmt: skip
    turned = json.loads(DependencyAnalyzer(repository).generate_graph("dev", "json", reverse=True))
    assert turned["levels"] == [["dev/app"], ["dev/db"], ["dev/vpc"]]


def test_mermaid_is_the_default(repository: Repository) -> None:
    """A subgraph a level; a value that is read is a whole line, a declaration a dotted one; `reverse` turns arrows."""
    text = DependencyAnalyzer(repository).generate_graph("dev")
    assert text.startswith('---\ntitle: "dev"\n---\nflowchart LR\n')
    names = dict(re.findall(r'(n\d+)\["([^"<]*)', text))
    arrows = {(names[a], way, names[b]) for a, way, b in re.findall(r"^  (n\d+) (\S+) (n\d+)$", text, re.MULTILINE)}
    assert ("db", "-->", "vpc") in arrows
    assert ("app", "-.->", "vpc") in arrows
    turned = DependencyAnalyzer(repository).generate_graph("dev", reverse=True)
    assert re.search(r"n3 --> n4\n", turned), "vpc leads to db"
    assert text.count("subgraph") == text.count("  end") == 5


def test_dot_can_be_read_by_graphviz(repository: Repository) -> None:
    """Its own library reads it, with one node an instance."""
    from pygraphviz import AGraph

    read = AGraph(string=DependencyAnalyzer(repository).generate_graph("dev", "dot"))
    assert len(read.nodes()) == 6
    assert len(read.edges()) == 6


def test_the_drawing_can_be_read_without_seeing_it(repository: Repository) -> None:
    """Title and description, a tooltip for each box and each arrow, colors for light and dark."""
    text = DependencyAnalyzer(repository).generate_graph("dev", "svg")
    root = _read(text)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "dev: who needs whom"
    assert "3 instances" in str(root.findtext(f"{SVG}desc"))
    tips = [str(one.text) for one in root.iter(f"{SVG}title")]
    assert "dev/db needs dev/vpc: reference at stacks/dev.yaml:5:17" in tips
    assert "dev/app, level 3" in tips
    assert "prefers-color-scheme: dark" in text
    assert DependencyAnalyzer(repository).generate_graph("dev", "svg") == text, "the same bytes again"


def test_arrows_run_from_column_to_column(repository: Repository) -> None:
    """What an instance needs is to its right; reversed, to its left."""

    def places(*, reverse: bool) -> dict[str, float]:
        root = _read(DependencyAnalyzer(repository).generate_graph("dev", "svg", reverse=reverse))
        return {
            str(group.findtext(f"{SVG}text")): float(str(group.find(f"{SVG}rect").get("x")))  # type: ignore[union-attr]
            for group in root.iter(f"{SVG}g")
            if str(group.get("class", "")).startswith("node") and group.find(f"{SVG}title") is not None
        }

    x = places(reverse=False)
    assert x["peer"] < x["app"] < x["db"] < x["vpc"] < x["zone"]
    x = places(reverse=True)
    assert x["zone"] < x["vpc"] < x["db"] < x["app"] < x["peer"]


def test_marks_are_shown_in_every_format(repository: Repository) -> None:
    """What changed, and what such a change reaches."""
    marks = {InstanceKey("dev", "db"): "changed", InstanceKey("dev", "app"): "reached"}
    analyzer = DependencyAnalyzer(repository, marks=marks, marked="main")  # type: ignore[arg-type]
    document = json.loads(analyzer.generate_graph("dev", "json"))
    assert {node["id"]: node["mark"] for node in document["nodes"] if node["mark"]} == {
        "dev/db": "changed",
        "dev/app": "reached",
    }
    assert document["compared_with"] == "main"
    assert ":::changed" in analyzer.generate_graph("dev", "mermaid")
    assert "#ffd43b" in analyzer.generate_graph("dev", "dot")
    assert "changed since main" in analyzer.generate_graph("dev", "svg")


def test_names_are_data(tmp_path: Path) -> None:
    """Whatever a component is called, it cannot become markup."""
    nasty = "<script>alert(1)</script>\"]; --> %% \\\\ ' &amp;"
    repository = write(tmp_path, dev=f"    {json.dumps(nasty)}: {{}}\n")
    analyzer = DependencyAnalyzer(repository)
    root = _read(analyzer.generate_graph("dev", "svg"))
    assert any(nasty in str(one.text) for one in root.iter(f"{SVG}title"))
    mermaid = as_mermaid(analyzer.picture("dev"))
    assert "<script" not in mermaid
    assert mermaid.count('"]') == 2
    from pygraphviz import AGraph

    assert AGraph(string=as_dot(analyzer.picture("dev"))).nodes() == ["n0"]


def test_an_empty_stack_is_drawn(tmp_path: Path) -> None:
    """A stack may exist before its first instance."""
    repository = write(tmp_path, dev="    base: {metadata: {type: abstract}}\n")
    assert repository.stacks == ("dev",)
    for form in FORMATS:
        assert DependencyAnalyzer(repository).generate_graph("dev", form)


def test_what_cannot_be_drawn_is_refused(repository: Repository) -> None:
    """Another format, a stack that is not there, more boxes than anybody can read."""
    with pytest.raises(Invalid) as format_error:
        DependencyAnalyzer(repository).generate_graph("dev", "png")
    assert format_error.value.code == "graph-format"
    with pytest.raises(NotFound) as stack_error:
        DependencyAnalyzer(repository).generate_graph("devv")
    assert "dev" in stack_error.value.next_step
    node = DependencyAnalyzer(repository).picture("dev").nodes[-1]
    with pytest.raises(Invalid) as size_error:
        as_svg(Picture(None, (node,) * (MOST_NODES + 1), ()))
    assert size_error.value.code == "graph-too-large"


def test_a_circle_is_an_error_and_no_drawing(tmp_path: Path) -> None:
    """Levels do not exist then."""
    repository = write(tmp_path, dev="    a: {vars: {x: !terraform.state a id}}\n")
    with pytest.raises(Invalid) as caught:
        picture([repository.instance("a", "dev")])
    assert caught.value.code == "dependency-cycle"
