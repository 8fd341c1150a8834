"""A new platform repository from the blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gaia
from gaia.errors import Conflict, Unavailable
from gaia.kit.git import Git
from gaia.scaffold.blueprint import find_blueprint, init_repository
from gaia.scaffold.clone import Clone
from gaia.scaffold.template import templates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.mark.slow
def test_a_new_repository_can_be_asked_and_published_to(tmp_path: Path, environ: Mapping[str, str]) -> None:
    """It has one commit with everything in it, offers its templates, and takes a fast-forward while checked out."""
    target = tmp_path / "platform"
    commit = init_repository(target, environ=environ)
    git = Git(target, environ)
    assert not git("status", "--porcelain")
    assert git("rev-list", "--count", "main") == "1"
    assert [template.name for template in templates(target)] == ["database", "object-store", "queue-worker"]
    clone = Clone.open(tmp_path / "clone", str(target), "main", environ)
    assert clone.fetch() == commit
    clone.propose("gaia/x", commit, {"stacks/x.yaml": b"a: 1\n"}, "x")
    clone.publish("gaia/x")
    assert (target / "stacks/x.yaml").exists()


def test_an_empty_folder_may_be_there(tmp_path: Path, environ: Mapping[str, str], blueprint: Path) -> None:
    """A folder that somebody made for it is used."""
    init_repository(tmp_path, blueprint, environ=environ)
    assert (tmp_path / "atmos.yaml").is_file()


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_there_is_not_touched(tmp_path: Path, environ: Mapping[str, str], what: str) -> None:
    """A target that holds anything is refused."""
    target = tmp_path / "target"
    if what == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "mine").write_text("mine")
    with pytest.raises(Conflict) as caught:
        init_repository(target, environ=environ)
    assert caught.value.code == "target-not-empty"
    assert [path.name for path in target.iterdir()] == ["mine"] if what == "folder" else target.read_text() == "mine"


def test_the_blueprint_is_found_in_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel carries it inside the package; without it the error says what to do."""
    package = tmp_path / "lib/site-packages/gaia"
    package.mkdir(parents=True)
    monkeypatch.setattr(gaia, "__file__", str(package / "__init__.py"))
    with pytest.raises(Unavailable) as caught:
        find_blueprint()
    assert caught.value.code == "blueprint-missing"
    (package / "blueprint").mkdir()
    (package / "blueprint/atmos.yaml").touch()
    assert find_blueprint() == package / "blueprint"
