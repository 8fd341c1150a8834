"""`gaia describe component|stacks|config`: Atmos's documents and options."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gaia.cli.main import spelled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

COMPONENT = ("describe", "component", "photos-bucket", "-s", "acme-use1-dev")


def document(gaia: Gaia, *arguments: str, **environ: Any) -> Any:
    """What a describe command prints as JSON."""
    return json.loads(gaia(*arguments, "--format", "json", **environ).out)


def test_component_is_atmos_s_document(gaia: Gaia) -> None:
    """YAML unless JSON is asked for, by Atmos's option or the house's."""
    found = yaml.safe_load(gaia(*COMPONENT).out)
    assert (found["component"], found["atmos_stack"], found["vars"]["name"]) == ("s3-bucket", "acme-use1-dev", "photos")
    assert document(gaia, *COMPONENT) == found == gaia(*COMPONENT, "-o", "json").json


def test_the_schema_filter_leaves_out_what_nobody_wrote(gaia: Gaia, tmp_path: Path) -> None:
    """By the variable or atmos.yaml; the variable wins; another filter is refused."""
    found = document(gaia, *COMPONENT, ATMOS_DESCRIBE_COMPONENT_FILTER="schema")
    assert list(found) == ["command", "component", "import", "metadata", "vars"]
    assert found["import"] == ["catalog/bucket", "orgs/acme/_defaults"]
    with (tmp_path / "atmos.yaml").open("a") as file:
        file.write("describe: {component: {filter: schema}}\n")
    assert "sources" not in document(gaia, *COMPONENT)
    assert "sources" in document(gaia, *COMPONENT, ATMOS_DESCRIBE_COMPONENT_FILTER="full")
    assert gaia(*COMPONENT, ATMOS_DESCRIBE_COMPONENT_FILTER="some").code == 2


def test_provenance_stands_behind_the_values(gaia: Gaia) -> None:
    """In YAML, which stays the same YAML; by option or variable; JSON has no comments."""
    plain = gaia(*COMPONENT).out
    said = gaia(*COMPONENT, "--provenance").out
    assert "name: photos  # stacks/orgs/acme/dev/photos.yaml:8\n" in said
    assert "versioned: true  # stacks/catalog/bucket.yaml:5\n" in said
    assert yaml.safe_load(said) == yaml.safe_load(plain)
    assert gaia(*COMPONENT, ATMOS_DESCRIBE_PROVENANCE="true").out == said
    assert gaia(*COMPONENT, "--provenance=false", ATMOS_DESCRIBE_PROVENANCE="true").out == plain
    assert document(gaia, *COMPONENT, "--provenance")["vars"]["name"] == "photos"


def test_provenance_does_not_break_long_texts(gaia: Gaia, tmp_path: Path) -> None:
    """A comment inside of a text of several lines would become part of it."""
    path = tmp_path / "stacks/orgs/acme/dev/photos.yaml"
    path.write_text(path.read_text() + "        note: |\n          one\n          # two\n        more: [a, {b: c}]\n")
    said = gaia(*COMPONENT, "--provenance").out
    assert yaml.safe_load(said) == yaml.safe_load(gaia(*COMPONENT).out)


def test_templates_and_functions_can_be_left_alone(gaia: Gaia, tmp_path: Path) -> None:
    """With Atmos's spelling too; single functions by name."""
    atmos = tmp_path / "atmos.yaml"
    atmos.write_text(atmos.read_text() + "templates: {settings: {enabled: true}}\n")
    path = tmp_path / "stacks/orgs/acme/dev/photos.yaml"
    path.write_text(path.read_text() + "        home: !env PLACE\n        upper: '{{ .vars.name }}!'\n")

    def values(*arguments: str) -> tuple[str, str]:
        found = document(gaia, *COMPONENT, *arguments, PLACE="here")["vars"]
        return found["home"], found["upper"]

    assert values() == ("here", "photos!")
    assert values("--process-functions=false") == values("--no-process-functions") == ("!env PLACE", "photos!")
    assert values("--process-templates=false", "--process-functions=true") == ("here", "{{ .vars.name }}!")
    assert values("--skip", "env") == ("!env PLACE", "photos!")


def test_a_query_gives_a_part(gaia: Gaia) -> None:
    """A yq expression over the document; one that cannot be read is an error."""
    assert gaia(*COMPONENT, "-q", ".vars.tags.owner").out == "team-media\n"
    assert document(gaia, *COMPONENT, "--query", ".vars.tags") == {"owner": "team-media"}
    assert document(gaia, "describe", "stacks", "-q", ". | keys") == ["acme-use1-dev", "acme-use1-prod"]
    assert gaia(*COMPONENT, "-q", ".vars[").code == 2


def test_a_document_can_be_written_to_a_file(gaia: Gaia, tmp_path: Path) -> None:
    """Then nothing is printed."""
    said = gaia(*COMPONENT, "--format", "json", "--file", "out.json")
    assert said.out == ""
    assert json.loads((tmp_path / "out.json").read_text()) == document(gaia, *COMPONENT)


def test_stacks_are_shown_with_filters(gaia: Gaia) -> None:
    """Stack, components, types, sections; lists with commas or repeated; empty stacks when asked for."""
    found = document(gaia, "describe", "stacks")
    assert list(found) == ["acme-use1-dev", "acme-use1-prod"]  # an abstract component is there too
    assert "photos-bucket" in found["acme-use1-dev"]["components"]["terraform"]
    only = ("--components", "photos-bucket,other", "--sections", "vars", "--component-types", "terraform")
    found = document(gaia, "describe", "stacks", "-s", "acme-use1-dev", *only)
    assert set(found["acme-use1-dev"]["components"]["terraform"]) == {"photos-bucket"}
    assert list(found["acme-use1-dev"]["components"]["terraform"]["photos-bucket"]) == ["vars"]
    assert document(gaia, "describe", "stacks", "--components", "nothing") == {}
    assert "acme-use1-prod" in document(gaia, "describe", "stacks", "--components", "x", "--include-empty-stacks=true")
    assert yaml.safe_load(gaia("describe", "stacks").out) == document(gaia, "describe", "stacks")


def test_an_unknown_stack_is_answered_with_the_nearest(gaia: Gaia) -> None:
    """Not with an empty document."""
    said = gaia("describe", "stacks", "-s", "acme-use1-dve")
    assert (said.code, "acme-use1-dev" in said.err) == (3, True)


def test_config_is_what_holds(gaia: Gaia) -> None:
    """atmos.yaml with variables over it, as JSON unless YAML is asked for."""
    assert json.loads(gaia("describe", "config").out)["stacks"]["base_path"] == "stacks"
    assert yaml.safe_load(gaia("describe", "config", "--format", "yaml").out)["workflows"] == {"base_path": "workflows"}
    changed = gaia("describe", "config", "-q", ".stacks.base_path", ATMOS_STACKS_BASE_PATH="stacks/orgs").out
    assert json.loads(changed) == "stacks/orgs"


@pytest.mark.parametrize(
    ("given", "result"),
    [
        (["--process-templates=false"], ["--no-process-templates"]),
        (["--process-templates=true", "-s", "x"], ["--process-templates", "-s", "x"]),
        (["--dry-run=false", "--dry-run=true"], ["--dry-run"]),
        (["--columns=true", "--answer=false"], ["--columns=true", "--answer=false"]),
        (["--", "--dry-run=true"], ["--", "--dry-run=true"]),
    ],
)
def test_switches_may_be_spelled_as_in_atmos(given: list[str], result: list[str]) -> None:
    """Only switches, and only before two dashes."""
    assert spelled(given) == result


def _echo(folder: Path) -> Path:
    """An `atmos` that answers with the words that it was given."""
    program = folder / "atmos"
    program.write_text(
        f"#!{sys.executable}\nimport json, sys\nprint(json.dumps({{'dev': {{'words': sys.argv[1:]}}}}))\n"
    )
    program.chmod(0o755)
    return program


def test_a_real_atmos_answers_where_one_is_configured(gaia: Gaia, tmp_path: Path) -> None:
    """GAIA_ATMOS names it; it gets the options in its own words, and its answer is shown as ours would be."""
    program = str(_echo(tmp_path))
    found = document(gaia, *COMPONENT, "--process-templates=false", GAIA_ATMOS=program)
    assert found["dev"]["words"] == [
        *("describe", "component", "photos-bucket", "-s", "acme-use1-dev"),
        *("--format", "json", "--process-templates=false"),
    ]
    words = ("describe", "stacks", "-s", "acme-use1-dev", "--sections", "vars", "--skip", "!env")
    found = document(gaia, *words, "-q", ".dev.words", GAIA_ATMOS=program)
    assert found == [
        *("describe", "stacks", "--stack=acme-use1-dev", "--sections=vars"),
        "--format",
        "json",
        "--skip=env",
    ]


def test_an_atmos_that_is_not_there_is_an_error(gaia: Gaia) -> None:
    """Nothing falls back silently to another engine than the one that was asked for."""
    said = gaia(*COMPONENT, GAIA_ATMOS="nowhere/atmos")
    assert (said.code, said.out, "GAIA_ATMOS is nowhere/atmos" in said.err) == (8, "", True)
