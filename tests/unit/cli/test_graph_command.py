"""`gaia graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

MORE = """\
    photos-key: {}
    photos-identity:
      dependencies: {components: [{component: photos-bucket}]}
      vars: {key: !terraform.state photos-key arn}
"""


def _extend(folder: Path) -> None:
    file = folder / "stacks/orgs/acme/dev/photos.yaml"
    file.write_text(file.read_text() + MORE)


def test_levels_are_shown(gaia: Gaia, tmp_path: Path) -> None:
    """Each instance with what it needs, what needs nothing first."""
    _extend(tmp_path)
    said = gaia("graph", "-s", "acme-use1-dev")
    assert said.code == 0
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines.index("level 1") < lines.index("photos-bucket") < lines.index("level 2")
    assert any(line.split() == ["photos-identity", "needs", "photos-bucket,", "photos-key"] for line in lines)


def test_reversed_levels_say_who_needs_it(gaia: Gaia, tmp_path: Path) -> None:
    """In the order in which things are taken down."""
    _extend(tmp_path)
    said = gaia("graph", "-s", "acme-use1-dev", "--reverse")
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines.index("level 2") < lines.index("level 1")
    assert any(line.split() == ["photos-key", "needed", "by", "photos-identity"] for line in lines)


def test_a_format_is_printed(gaia: Gaia) -> None:
    """The drawing alone is on standard output."""
    assert gaia("graph", "--format", "mermaid").out.startswith("---\ntitle:")
    assert gaia("graph", "-f", "dot").out.startswith("digraph")


def test_a_file_is_written_in_the_format_of_its_name(gaia: Gaia, tmp_path: Path) -> None:
    """Another ending needs `--format`."""
    said = gaia("graph", "--file", "a.svg")
    assert (said.code, said.out) == (0, "")
    assert (gaia.settings.cwd / "a.svg").read_text().startswith("<svg")
    refused = gaia("graph", "--file", "a.png", "-o", "json")
    assert (refused.code, refused.error["error"]) == (2, "graph-format")
    assert gaia("graph", "--file", "a.txt", "--format", "dot").code == 0
    del tmp_path


def test_the_document_is_that_of_the_json_format(gaia: Gaia, tmp_path: Path) -> None:
    """`--output json` and `--format json` agree."""
    _extend(tmp_path)
    assert gaia("graph", "-o", "json").json == gaia("graph", "--format", "json").json


def test_an_unknown_stack_is_refused(gaia: Gaia) -> None:
    """With the nearest names."""
    said = gaia("graph", "-s", "acme-use1-de", "-o", "json")
    assert (said.code, said.error["error"]) == (3, "stack-unknown")
    assert "acme-use1-dev" in said.error["next_step"]
