"""`validate schema`: files by the schemas that `atmos.yaml` names for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.stacks.loading.config import read_config
from gaia.stacks.validation.files import validate_files

if TYPE_CHECKING:
    from pathlib import Path

ATMOS = """\
base_path: "."
stacks: {base_path: stacks, included_paths: ["*"]}
schemas:
  opa: {base_path: rules}
  people: {schema: people.json, matches: ["people/**/*.yaml", "*.yml"]}
"""


@pytest.fixture(name="root")
def files(tmp_path: Path) -> Path:
    """Two files of people, one without a name."""
    (tmp_path / "people/a").mkdir(parents=True)
    (tmp_path / "atmos.yaml").write_text(ATMOS)
    (tmp_path / "people.json").write_text(json.dumps({"type": "object", "required": ["name"]}))
    (tmp_path / "people/good.yaml").write_text("name: ada\n")
    (tmp_path / "people/a/bad.yaml").write_text("age: 1\n")
    return tmp_path


def found(root: Path, key: str | None = None, schema: Path | None = None) -> list[tuple[str, str]]:
    """Code and place of everything that is found."""
    report = validate_files(read_config(root, {}), key, schema)
    return [(one.code, str(one.at)) for one in report.findings]


def test_each_file_is_held_to_its_schema(root: Path) -> None:
    """Every mistake has its place; the entries for other engines are passed over."""
    assert found(root) == [("schema-violation", "people/a/bad.yaml:1:1")]
    assert found(root, "people") == found(root)
    (root / "people/a/bad.yaml").write_text("name: {\n")
    assert found(root) == [("yaml-syntax", "people/a/bad.yaml:2:1")]
    (root / "people/a/bad.yaml").write_text("name: b\n")
    report = validate_files(read_config(root, {}))
    assert (report.findings, report.files) == ((), 3)


def test_one_entry_and_another_schema_can_be_chosen(root: Path) -> None:
    """The configuration itself is an entry too: it was checked when it was read."""
    assert found(root, "config") == []
    other = root / "other.json"
    other.write_text('{"required": ["age"]}')
    assert found(root, "people", other) == [("schema-violation", "people/good.yaml:1:1")]


def test_patterns_that_match_nothing_are_a_mistake(root: Path) -> None:
    """Else a typing error in a path would look as if all were well."""
    (root / "atmos.yaml").write_text(ATMOS.replace("people/**", "poeple/**").replace('"*.yml"', '"x/*"'))
    assert found(root) == [("schema-without-files", "atmos.yaml:5:3")]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("people.json", "https://x.example/s.json", "not-supported"),
        ("people.json", "none.json", "schema-missing"),
        ("people.json", "atmos.yaml", "schema-invalid"),
        ("  people:", "  others:", "schema-unknown"),
    ],
)
def test_a_schema_that_cannot_be_used_is_said(root: Path, old: str, new: str, code: str) -> None:
    """It is at a URL, not there, or no schema; or nothing is called so."""
    (root / "atmos.yaml").write_text(ATMOS.replace(old, new))
    with pytest.raises(GaiaError) as caught:
        found(root, "people")
    assert caught.value.code == code
