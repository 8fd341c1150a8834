"""`gaia describe affected`, `gaia describe dependents` and `gaia graph --affected`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import yaml

from gaia.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

MORE = """\
    photos-identity:
      dependencies: {components: [{component: photos-bucket}]}
"""
DEV = ("-s", "acme-use1-dev")


@pytest.fixture(name="repository")
def committed(gaia: Gaia) -> Path:
    """The test repository with two instances, in git, and the bucket's versions switched off since."""
    folder = gaia.settings.cwd
    file = folder / "stacks/orgs/acme/dev/photos.yaml"
    file.write_text(file.read_text() + MORE)
    git = Git(folder, gaia.settings.environ)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    catalog = folder / "stacks/catalog/bucket.yaml"
    catalog.write_text(catalog.read_text().replace("versioned: true", "versioned: false"))
    return folder


@pytest.mark.slow
def test_a_program_gets_the_document_of_atmos(gaia: Gaia, repository: Path) -> None:
    """On a pipe it is JSON without being asked, as Atmos gives it; YAML on request; a file with `--file`."""
    said = gaia("describe", "affected")
    (one,) = said.json
    assert (one["stack_slug"], one["affected"], one["dependents"]) == (
        "acme-use1-dev-photos-bucket",
        "stack.vars",
        None,
    )
    assert yaml.safe_load(gaia("describe", "affected", "--format", "yaml").out) == said.json
    assert yaml.safe_load(gaia("describe", "affected", "-o", "yaml").out) == said.json
    assert gaia("describe", "affected", "--file", "a.json").out == ""
    assert json.loads((repository / "a.json").read_text()) == said.json


def test_a_person_gets_a_table(gaia: Gaia, repository: Path) -> None:
    """The reasons, and what depends on it below."""
    said = gaia("describe", "affected", "--include-dependents", tty=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.out)
    lines = [line.split() for line in plain.splitlines() if line.strip()]
    assert lines[0] == ["1", "instance", "affected", "since", "HEAD"]
    assert lines[1] == ["~", "photos-bucket", "acme-use1-dev", "stack.vars"]
    assert lines[2][:2] == ["↳", "photos-identity"]
    Git(repository, gaia.settings.environ)("commit", "-q", "-a", "-m", "second")
    assert "Nothing differs from HEAD" in gaia("describe", "affected", tty=True, NO_COLOR="1").out


@pytest.mark.slow
def test_another_side_can_be_named(gaia: Gaia, repository: Path) -> None:
    """In each of Atmos's ways, but only one at a time."""
    Git(repository, gaia.settings.environ)("commit", "-q", "-a", "-m", "second")
    assert gaia("describe", "affected").json == []
    for option in ("--ref", "--sha", "--base"):
        assert len(gaia("describe", "affected", option, "HEAD~1", "--clone-target-ref").json) == 1
    assert gaia("describe", "affected", "--repo-path", ".").json == []
    said = gaia("describe", "affected", "--ref", "main", "--repo-path", ".", "-o", "json")
    assert (said.code, said.error["error"]) == (2, "options-conflict")
    said = gaia("describe", "affected", "--ref", "nothing", "-o", "json")
    assert (said.code, said.error["error"]) == (3, "ref-unknown")


def test_dependents_are_described(gaia: Gaia, repository: Path) -> None:
    """JSON for programs, a table for people."""
    del repository
    (one,) = gaia("describe", "dependents", "photos-bucket", *DEV).json
    assert one["stack_slug"] == "acme-use1-dev-photos-identity"
    assert (
        gaia("describe", "dependents", "photos-bucket", *DEV, tty=True, NO_COLOR="1").out.split()[0]
        == "photos-identity"
    )
    assert "Nothing declares" in gaia("describe", "dependents", "photos-identity", *DEV, tty=True, NO_COLOR="1").out
    said = gaia("describe", "dependents", "photos-buckt", *DEV, "-o", "json")
    assert (said.code, said.error["error"]) == (3, "component-unknown")


@pytest.mark.slow
def test_the_graph_marks_what_changed(gaia: Gaia, repository: Path) -> None:
    """And what that reaches."""
    del repository
    nodes = gaia("graph", *DEV, "--affected", "HEAD", "-o", "json").json["nodes"]
    assert {node["component"]: node["mark"] for node in nodes} == {
        "photos-bucket": "changed",
        "photos-identity": "reached",
    }
    text = gaia("graph", *DEV, "--affected", "main").out
    assert "~ photos-bucket" in text
    assert "↻ photos-identity" in text
    assert "changed since main" in text


def test_a_query_gives_a_part(gaia: Gaia, repository: Path) -> None:
    """As with the other commands that Atmos has; functions and templates can be left alone."""
    del repository
    assert gaia("describe", "affected", "--query", ".[0].affected").json == "stack.vars"
    said = gaia("describe", "dependents", "photos-bucket", *DEV, "--process-functions=false", "-q", ".[].component")
    assert said.json == "photos-identity"
