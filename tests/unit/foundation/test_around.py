"""gaia.platform.home.registration.registered_here: which repository a command acts on."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.bootstrap import App
from gaia.errors import Conflict
from gaia.kit.git import Git
from gaia.platform.home import registration
from gaia.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that serves `ours`; `theirs` is another repository with the same stacks."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "GAIA_HOME": str(tmp_path / "home")}
    for name in ("ours", "theirs"):
        (tmp_path / name / "stacks").mkdir(parents=True)
        (tmp_path / name / "atmos.yaml").write_text("base_path: .\n")
    (tmp_path / "home").mkdir()
    row = {"id": "ours", "source": str(tmp_path / "ours"), "branch": "main"}
    (tmp_path / "home/repository.json").write_text(json.dumps(row))
    git = Git(tmp_path / "ours", environ)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    return Settings.capture(environ, tmp_path)


def refused(settings: Settings, cwd: str = ".", **environ: str) -> Path | None:
    """The repository because of which a command in `cwd` is refused; None where it may act."""
    place = replace(settings, cwd=settings.cwd / cwd, environ={**settings.environ, **environ})
    try:
        assert registration.registered_here(place).id == "ours"
    except Conflict as error:
        found = error
    else:
        return None
    assert found.code == ("checkout-other" if cwd == "clone" else "repository-other")
    assert str(settings.cwd / "ours") in found.message
    assert str(found.facts["around"]) in found.message
    return place.cwd / str(found.facts["around"])


def test_only_the_registered_repository_is_acted_on(settings: Settings, tmp_path: Path) -> None:
    """From inside of it and from outside of any; never from inside of another, which is named."""
    assert refused(settings) is None
    assert refused(settings, "ours") is None
    assert refused(settings, "ours/stacks") is None
    assert refused(settings, "theirs") == tmp_path / "theirs"
    assert refused(settings, "theirs/stacks") == tmp_path / "theirs"
    (tmp_path / "theirs/atmos.yaml").unlink()
    assert refused(settings, "theirs") == tmp_path / "theirs"  # a folder of stacks is one by Atmos's defaults


@pytest.mark.parametrize("name", ["ATMOS_BASE_PATH", "ATMOS_CLI_CONFIG_PATH", registration.AROUND])
def test_a_repository_that_was_chosen_counts_too(settings: Settings, tmp_path: Path, name: str) -> None:
    """By Atmos's variables, or by the workflow whose step runs elsewhere; relative to the working directory."""
    assert refused(settings, **{name: "theirs"}) == tmp_path / "theirs"
    assert refused(settings, **{name: "ours"}) is None
    assert refused(settings, "theirs", **{name: "../ours"}) == tmp_path / "theirs"


def test_the_configuration_may_lie_apart_from_the_repository(settings: Settings, tmp_path: Path) -> None:
    """With both variables the base path is the repository; the configuration's file may be named itself."""
    (tmp_path / "settings").mkdir()
    assert refused(settings, ATMOS_CLI_CONFIG_PATH="settings", ATMOS_BASE_PATH="ours") is None
    assert refused(settings, ATMOS_CLI_CONFIG_PATH="ours/atmos.yaml") is None
    assert refused(settings, ATMOS_CLI_CONFIG_PATH="theirs/atmos.yaml") == tmp_path / "theirs"


def test_a_work_tree_is_the_same_and_a_clone_is_another(settings: Settings, tmp_path: Path) -> None:
    """A link too; another folder of the same repository with a configuration of its own is another."""
    git = Git(tmp_path / "ours", settings.environ)
    git("worktree", "add", "-q", "../tree")
    git("clone", "-q", ".", "../clone")
    (tmp_path / "link").symlink_to(tmp_path / "ours")
    assert refused(settings, "tree") is None
    assert refused(settings, "link") is None
    assert refused(settings, "clone") == tmp_path / "clone"
    (tmp_path / "ours/example").mkdir()
    (tmp_path / "ours/example/atmos.yaml").write_text("")
    assert refused(settings, "ours/example") == tmp_path / "ours/example"


def test_the_platform_does_not_open_in_another_repository(settings: Settings) -> None:
    """Unless the caller only reads."""
    with pytest.raises(Conflict) as caught, App(replace(settings, cwd=settings.cwd / "theirs")).platform():
        pass
    assert caught.value.code == "repository-other"
