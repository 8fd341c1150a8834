"""Options that select instances: what they mean together, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.checkout.selection import Selection
from gaia.cli.main import with_ref
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
    ("typed", "read"),
    [
        ("plan --affected=main net", "plan --affected --ref=main net"),
        ("plan --affected HEAD~1", "plan --affected --ref=HEAD~1"),
        ("plan --affected 1a2b3c4 -s dev", "plan --affected --ref=1a2b3c4 -s dev"),
        ("plan --affected origin/main", "plan --affected --ref=origin/main"),
        ("plan --affected net", "plan --affected net"),
        ("plan --affected --downstream HEAD", "plan --affected --downstream HEAD"),
        ("plan --affected=true -- --affected=x", "plan --affected=true -- --affected=x"),
    ],
)
def test_affected_may_say_what_it_compares_with(typed: str, read: str) -> None:
    """A word that may be a component is one."""
    assert with_ref(typed.split()) == read.split()


def test_a_commit_that_is_given_so_is_read(gaia: Gaia) -> None:
    """And what was taken for a component says how a branch is meant; the graph has an option of that name itself."""
    for line in ("plan --affected=nowhere", "plan --affected nowhere~1"):
        assert "[not-in-git]" in gaia(*line.split()).err  # it goes to look for the commit
    taken = gaia("plan", "--affected", "nowhere")
    assert "[component-unknown]" in taken.err
    assert "--affected=nowhere" in taken.err


def test_what_needs_something_that_is_not_made_says_how_it_is_seen(gaia: Gaia) -> None:
    """A plan of it alone cannot be; together with what it needs it can."""
    gaia.code()
    album = "album: {metadata: {component: s3-bucket}, vars: {name: !terraform.state photos-bucket arn}}"
    with (gaia.app.root / "stacks/orgs/acme/dev/photos.yaml").open("a") as file:
        file.write(f"    {album}\n")
    for word in ("plan", "apply"):
        said = gaia(word, "album", "-s", "acme-use1-dev")
        assert "[output-missing]" in said.err
        assert "gaia plan album -s acme-use1-dev --upstream" in said.err


@pytest.mark.parametrize("command", ["apply", "destroy"])
@pytest.mark.parametrize(
    "line",
    [
        "--query .settings.deploy", "--affected", "--affected --downstream", "photos-bucket --affected",
        "--components photos-bucket", "--upstream --query true",
    ],
)  # fmt: skip
def test_no_change_means_every_stack_by_chance(gaia: Gaia, command: str, line: str) -> None:
    """A workflow whose stack was forgotten would go for production too; a plan of all changes nothing."""
    said = gaia(command, *line.split(), "--yes")
    assert said.code == 2
    assert "[usage]" in said.err
    assert "-s STACK" in said.err
    assert "--all" in said.err


@pytest.mark.parametrize(
    "selected", [Selected(stack="d*", query="true"), Selected(everything=True, affected=True), Selected()]
)
def test_a_stack_a_pattern_or_all_says_where(selected: Selected) -> None:
    """And nothing at all is refused for itself."""
    selected.check_stacks("apply")


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
    assert (said.code, said.out, said.err) == (0, "", "No instance is meant: nothing was done.\n")
    summary = gaia(*line.split(), "-s", "acme-use1-prod", "-o", "json").json
    assert (summary["event"], summary["act"], summary["instances"]) == ("summary", line.split(maxsplit=1)[0], [])
