"""Options that select instances: what they mean together, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.checkout.selection import Selection
from gaia.cli.selecting import Selected
from gaia.errors import Invalid

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia


@pytest.mark.parametrize(
    ("selected", "one"),
    [
        (Selected("net", "dev"), True),
        (Selected("net", "d*"), False),
        (Selected("n[eo]t", "dev"), False),
        (Selected("net", "dev", upstream=True), False),
        (Selected("net", "dev", query="true"), False),
        (Selected("net"), False),
        (Selected(stack="dev"), False),
    ],
)
def test_one_instance_is_a_component_and_a_stack(selected: Selected, one: bool) -> None:
    """And nothing more: everything else means several, even where only one is found."""
    assert selected.one is one


@pytest.mark.parametrize(
    ("selected", "meant"),
    [
        (Selected(stack="acme-*"), Selection("acme-*")),
        (Selected(everything=True), Selection()),
        (Selected("photos-bucket", everything=True), Selection("", ("photos-bucket",))),
        (Selected(stack="s", components="a, b*,"), Selection("s", ("a", "b*"))),
        (Selected(affected=True, downstream=True), Selection("", None, affected=True, downstream=True)),
        (Selected(query=".a"), Selection("", None, query=".a")),
        (Selected("a*", "s", upstream=True), Selection("s", ("a*",), upstream=True)),
    ],
)
def test_options_become_a_selection(gaia: Gaia, selected: Selected, meant: Selection) -> None:
    """Each narrows what the others leave."""
    with gaia.app.checkout() as checkout:
        assert selected.selection(checkout, gaia.session()) == meant


@pytest.mark.parametrize(
    ("selected", "code"),
    [
        (Selected(), "usage"),
        (Selected(upstream=True), "usage"),
        (Selected(components="a"), "usage"),
        (Selected("net"), "usage"),
        (Selected("net", "dev", components="a"), "options-conflict"),
    ],
)
def test_what_means_nobody_or_everybody_by_chance_is_refused(gaia: Gaia, selected: Selected, code: str) -> None:
    """All instances are meant only where somebody says so."""
    with gaia.app.checkout() as checkout, pytest.raises(Invalid) as caught:
        selected.selection(checkout, gaia.session())
    assert caught.value.code == code


@pytest.mark.parametrize(
    "typed",
    [
        {"component": "", "everything": True}, {"component": "", "stack": "d*"}, {"stack": ""}, {"stack": " "},
        {"components": "", "stack": "dev"}, {"query": ""}, {"ref": "", "affected": True}, {"stack": "dev", "ref": "a"},
    ],
)  # fmt: skip
def test_an_empty_name_is_nobody(typed: dict[str, Any]) -> None:
    """Often it is a variable of the shell that is not set, and everybody would be destroyed."""
    with pytest.raises(Invalid) as caught:
        Selected(**typed)
    assert caught.value.code == "usage"


def test_a_path_names_the_component_of_its_code(gaia: Gaia) -> None:
    """As with one instance."""
    gaia.code()
    with gaia.app.checkout() as checkout:
        selected = Selected("./components/terraform/s3-bucket", "acme-use1-dev", downstream=True)
        assert selected.selection(checkout, gaia.session()).components == ("photos-bucket",)


@pytest.mark.parametrize("line", ["plan", "apply --yes", "destroy --yes"])
def test_several_and_nobody(gaia: Gaia, line: str) -> None:
    """Nothing said is a mistake; a selection that finds nobody is none, and says so."""
    said = gaia(*line.split())
    assert (said.code, "nothing says which instances are meant" in said.err) == (2, True)
    said = gaia(*line.split(), "-s", "acme-use1-prod")
    assert (said.code, "No instance is meant: nothing was done." in said.err) == (0, True)
