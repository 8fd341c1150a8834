"""gaia.terraform.errored: a state that terraform could not save is neither lost nor overlooked."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from gaia.checkout.words import read
from gaia.cli.next_step import command
from gaia.errors import Conflict, Next, Unavailable
from gaia.terraform import errored
from gaia.terraform.workdir import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.stacks.model import Instance

    MakeInstance = Callable[..., Instance]


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A copy's component folder with the file; `home` beside it is the component's own."""
    folder = tmp_path / "copy"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    (folder / errored.FILE).write_text("one")
    return folder


def test_it_is_brought_into_the_components_folder_under_the_instances_name(module: Path, make: MakeInstance) -> None:
    """Another instance's is beside it, and a second one of the same instance does not take the first one's place."""
    home, vpc = module.parent / "home", make("vpc", "vpc", {})
    errored.keep(module, home, vpc)
    errored.keep(module, home, vpc)
    assert [path.name for path in home.iterdir()] == [errored.own_name(vpc)]
    assert not (module / errored.FILE).exists()
    (module / errored.FILE).write_text("two")
    errored.keep(module, home, vpc)
    assert sorted(path.read_text() for path in home.iterdir()) == ["one", "two"]
    assert errored.lying(home, vpc) is not None
    assert errored.lying(home, make("other", "vpc", {})) is None


def test_what_cannot_be_brought_stays(module: Path, make: MakeInstance) -> None:
    """As on a full disk."""
    with pytest.raises(Unavailable):
        errored.keep(module, module.parent / "nowhere", make("vpc", "vpc", {}))
    assert (module / errored.FILE).read_text() == "one"


def test_it_stops_a_plan_and_says_how_it_is_saved(module: Path, make: MakeInstance) -> None:
    """Also the one that plain terraform left, which does not say whose it is."""
    home, vpc = module.parent / "home", make("vpc", "vpc", {})
    errored.check(vpc, (), home)
    (home / errored.FILE).touch()
    with pytest.raises(Conflict, match="stands in") as caught:
        errored.check(vpc, (), home)
    step = caught.value.next_step
    assert isinstance(step, Next)
    assert caught.value.code == "state-errored"
    typed = command(step).removeprefix("gaia terraform ")
    assert typed == f"state push vpc -s {vpc.key.stack} {errored.FILE}"
    words = read(shlex.split(typed))  # it can be typed
    assert (words.name, words.component, words.names) == ("state push", "vpc", (errored.FILE,))
    errored.keep(module, home, vpc)
    with pytest.raises(Conflict, match=errored.own_name(vpc)):
        errored.check(vpc, (), home)


def test_a_copy_is_not_made_anew_over_it(tmp_path: Path, make: MakeInstance) -> None:
    """On the platform there is no folder to bring it to."""
    source, vpc = tmp_path / "source", make("vpc", "vpc", {})
    (source / vpc.component_path).mkdir(parents=True)
    directory = prepare(tmp_path / "work", tree_source=source, instance=vpc, variables={})
    (directory.module / errored.FILE).write_text("one")
    with pytest.raises(Conflict, match="could not save"):
        prepare(tmp_path / "work", tree_source=source, instance=vpc, variables={})
    assert (directory.module / errored.FILE).read_text() == "one"
