"""A new snapshot after a change reads what has changed and takes over the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE

from gaia.errors import GaiaError
from gaia.stacks.loading.config import read_config
from gaia.stacks.loading.manifests import Manifests
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILES = {
    "orgs/a.yaml": f"import: [base, a]\n{PLACE}",
    "orgs/b.yaml": f"import: [base, 'm/*']\n{PLACE}",
    "base.yaml": "vars: {base: 1}\n",
    "a.yaml": "vars: {a: 1}\n",
    "m/one.yaml": "vars: {one: 1}\n",
}


@pytest.fixture
def manifests(tmp_path: Path) -> Manifests:
    """Two manifests with a common import, both loaded."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "atmos.yaml").write_text(ATMOS)
    _write(tmp_path, FILES)
    found = Manifests(read_config(tmp_path, {}))
    for path in found.top_level():
        found.manifest(path)
    return found


def _write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / "stacks" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "stacks" / path).write_text(text)


def _vars(manifests: Manifests, path: str) -> object:
    layer = manifests.manifest(path).layer.child("vars")
    value = layer.value if layer else None
    return {key: value[key] for key in value if len(key) < 5} if isinstance(value, dict) else None


def test_only_what_depends_on_a_changed_file_is_read_again(manifests: Manifests, tmp_path: Path) -> None:
    """The other manifest is the same object, so everything that was made of it still holds."""
    _write(tmp_path, {"a.yaml": "vars: {a: 2}\n"})
    fresh = manifests.refreshed(["a.yaml"])
    assert _vars(fresh, "orgs/a.yaml") == {"base": 1, "a": 2}
    assert fresh.manifest("orgs/b.yaml") is manifests.manifest("orgs/b.yaml")
    assert _vars(manifests, "orgs/a.yaml") == {"base": 1, "a": 1}


def test_files_that_come_and_go_are_seen(manifests: Manifests, tmp_path: Path) -> None:
    """Also by the patterns that match them, and by imports that name them."""
    _write(tmp_path, {"m/two.yaml": "vars: {two: 2}\n", "orgs/c.yaml": PLACE})
    fresh = manifests.refreshed(["m/two.yaml", "orgs/c.yaml"])
    assert fresh.top_level() == ("orgs/a.yaml", "orgs/b.yaml", "orgs/c.yaml")
    assert _vars(fresh, "orgs/b.yaml") == {"base": 1, "one": 1, "two": 2}
    (tmp_path / "stacks" / "base.yaml").unlink()
    assert _code(fresh.refreshed(["base.yaml"])) == "import-not-found"


def test_a_file_that_was_broken_and_is_mended_is_read(manifests: Manifests, tmp_path: Path) -> None:
    """An error is not kept."""
    _write(tmp_path, {"a.yaml": "\tx\n"})
    broken = manifests.refreshed(["a.yaml"])
    assert _code(broken) == "yaml-syntax"
    _write(tmp_path, {"a.yaml": "vars: {a: 3}\n"})
    assert _vars(broken.refreshed(["a.yaml"]), "orgs/a.yaml") == {"base": 1, "a": 3}


def test_included_content_is_read_again_always(manifests: Manifests, tmp_path: Path) -> None:
    """It is no manifest, so nobody says that it has changed."""
    _write(tmp_path, {"a.yaml": "vars: {a: !include ./a.txt}\n", "a.txt": "one"})
    first = manifests.refreshed(["a.yaml"])
    assert _vars(first, "orgs/a.yaml") == {"base": 1, "a": "one"}
    _write(tmp_path, {"a.txt": "two"})
    assert _vars(first.refreshed([]), "orgs/a.yaml") == {"base": 1, "a": "two"}


def _code(manifests: Manifests) -> str:

    with pytest.raises(GaiaError) as caught:
        manifests.manifest("orgs/a.yaml")
    return caught.value.code


def test_a_repository_is_refreshed(tmp_path: Path) -> None:
    """Names, instances and where values come from are those of now; the older snapshot stays what it was."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "atmos.yaml").write_text(ATMOS)
    component = "components: {terraform: {c: {vars: {x: '%s'}}}}\n"
    files = {"orgs/a.yaml": f"import: [base]\n{PLACE}", "base.yaml": component % "old"}
    _write(tmp_path, {**files, "orgs/b.yaml": PLACE.replace("dev", "prod") + component % "b"})
    before = Repository.open(tmp_path)
    assert before.stacks == ("acme-use1-dev", "acme-use1-prod")
    assert before.instance("c", "acme-use1-dev").vars["x"] == "old"
    _write(
        tmp_path, {"base.yaml": "\n" + component % "new", "orgs/c.yaml": PLACE.replace("dev", "test") + component % "c"}
    )
    after = before.refreshed(["base.yaml", "orgs/c.yaml"])
    assert after.stacks == ("acme-use1-dev", "acme-use1-prod", "acme-use1-test")
    origin = after.instance("c", "acme-use1-dev").explain(("vars", "x"))
    assert (origin.value, origin.at.line) == ("new", 2)
    assert after.instance("c", "acme-use1-prod").vars["x"] == "b"
    assert before.instance("c", "acme-use1-dev").vars["x"] == "old"
    assert before.stacks == ("acme-use1-dev", "acme-use1-prod")
