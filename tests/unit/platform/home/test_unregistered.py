"""What a home keeps of checkouts that it does not serve: when it goes, and when it never does."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.aging import OLD, age, cleaned, names

from gaia.errors import Unavailable
from gaia.kit.files import exclusive
from gaia.kit.lines import LinesAt
from gaia.operations.journal import Journal
from gaia.platform.home import unregistered
from gaia.platform.instances import unfinished_moves
from gaia.platform.serving.retention import Retention, clean_checkouts
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.platform.loop import Loop

KEY = "dev/net"


class Used:
    """A checkout, and what a home keeps of it after a change that ended."""

    def __init__(self, folder: Path) -> None:
        self.home, self.root = folder / "home", folder / "infrastructure"
        self.root.mkdir()
        self.folder = unregistered.folder_of(self.home, self.root)
        (self.folder / "keys").mkdir(parents=True)
        (self.folder / "work" / KEY / "tree").mkdir(parents=True)
        (self.folder / "work" / KEY / "data").mkdir()
        self.lock = self.folder / "work" / KEY / "folder.lock"
        for name in ("folder.lock", "run.lock"):
            (self.folder / "work" / KEY / name).touch()
        (self.folder / "work" / KEY / "data/terraform.tfstate").write_text("{}")  # says which backend; no state
        unregistered.note_use(self.folder, self.root)
        self.journal = Journal(LinesAt(self.folder / "journals" / KEY / "1.jsonl"))
        self.journal.append("begin", operation="apply", instance=KEY)
        self.journal.append("outcome", status="applied")

    def clean(self, *, dry_run: bool = False, longest: timedelta | None = None) -> list[tuple[str, str]]:
        """What goes, in a home that serves nothing."""
        kept_for = Retention() if longest is None else Retention().at_most(longest)
        return [(one.kind, one.name) for one in clean_checkouts(self.home, kept_for, dry_run=dry_run)]


@pytest.fixture
def used(tmp_path: Path) -> Used:
    """Used just now."""
    return Used(tmp_path)


def test_each_checkout_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """It stays the same, and another checkout has another."""
    first = unregistered.folder_of(tmp_path, tmp_path / "a")
    assert first == unregistered.folder_of(tmp_path, tmp_path / "a") != unregistered.folder_of(tmp_path, tmp_path / "b")
    assert first.parent == tmp_path / "repos"
    assert first.name.startswith("checkout-")


def test_what_is_used_stays(used: Used) -> None:
    """Also where all else in it is old, and for a day whatever is asked: a question on a terminal leaves no mark."""
    age(used.folder, timedelta(days=20))
    unregistered.note_use(used.folder, used.root)
    assert used.clean() == []
    assert used.clean(longest=timedelta(0), dry_run=True) == [("directory", f"{used.folder.name}/work/{KEY}")]


def test_what_was_long_not_used_goes(used: Used) -> None:
    """A dry run says the same and takes nothing; the checkout itself is not touched."""
    age(used.folder)
    assert used.clean(dry_run=True) == [("checkout", str(used.root))] == used.clean()
    assert used.root.is_dir()
    assert list((used.home / "repos").iterdir()) == []
    assert used.clean() == []


def test_what_is_of_a_checkout_that_is_gone_goes_at_once(used: Used) -> None:
    """However young; one that was moved is another."""
    used.root.rename(used.root.with_name("elsewhere"))
    assert used.clean() == [("checkout", str(used.root))]
    assert not used.folder.exists()


def test_a_checkout_that_nobody_may_look_at_is_not_gone(used: Used) -> None:
    """A link that leads in a circle stands for every error that is no answer."""
    used.root.rmdir()
    used.root.symlink_to(used.root)
    assert used.clean() == []


def test_what_an_older_gaia_left_goes_by_its_age(used: Used) -> None:
    """Whose it is was not written down; what is damaged says nothing either."""
    shutil.rmtree(used.root)
    mark = used.folder / "checkout.json"
    for text in ("", "[]", '{"checkout": 1'):
        mark.write_text(text)
        assert used.clean() == []
    mark.unlink()
    assert used.clean() == []
    age(used.folder)
    assert used.clean() == [("checkout", used.folder.name)]


def begun(used: Used) -> None:
    """A change that did not end."""
    used.journal.append("begin", operation="apply", instance=KEY)
    used.journal.append("applying", digest="d", changes=[])


def damaged(used: Used) -> None:
    """A journal that nobody can read."""
    (used.folder / "journals" / KEY / "2.jsonl").write_text("what?\n" * 2)


def moving(used: Used) -> None:
    """A move that did not end, of resources of the instance."""
    document = unfinished_moves.document(used.folder, InstanceKey("dev", "new"))
    Journal(document).append("moving", target="dev/new", source=KEY, pairs=["a.b"], outputs=False)


def torn_move(used: Used) -> None:
    """One that nobody can read."""
    path = unfinished_moves.document(used.folder, InstanceKey.parse(KEY)).path
    path.parent.mkdir(parents=True)
    path.write_text("what?\n" * 2)


def errored(used: Used) -> None:
    """A state that terraform could not save."""
    (used.folder / "work" / KEY / "tree/errored.tfstate").write_text("{}")


@pytest.mark.parametrize("left", [begun, damaged, moving, torn_move, errored])
@pytest.mark.parametrize("gone", [False, True])
def test_what_is_needed_stays(used: Used, left: Callable[[Used], None], *, gone: bool) -> None:
    """With the working directory of its instance, however old all of it is, and with or without the checkout."""
    left(used)
    age(used.folder)
    if gone:
        shutil.rmtree(used.root)
    before = sorted(used.folder.rglob("*"))
    assert used.clean() == []
    assert sorted(used.folder.rglob("*")) == before


def test_what_is_in_use_stays(used: Used) -> None:
    """Somebody holds a lock in it; also one who came after it was listed."""
    shutil.rmtree(used.root)
    with exclusive(used.lock):
        assert used.clean() == []
    [kept] = unregistered.find(used.home)
    with exclusive(used.lock):
        kept.remove()
    assert used.lock.exists()
    kept.remove()
    kept.remove()
    assert not used.folder.exists()


def test_what_is_used_again_meanwhile_stays(used: Used) -> None:
    """Between the listing and the removal."""
    age(used.folder)
    [kept] = unregistered.find(used.home)
    unregistered.note_use(used.folder, used.root)
    kept.remove()
    assert used.lock.exists()


def test_what_only_looks_like_a_lone_state_keeps_nothing(used: Used) -> None:
    """`adopt --check` plans on copies of what it read; beside a tree terraform notes its backend, whatever the name."""
    for name in ("adopt/0/tree/terraform.tfstate", "work/dev/tree/data/terraform.tfstate"):
        (used.folder / name).parent.mkdir(parents=True)
        (used.folder / name).write_text("{}")
    shutil.rmtree(used.root)
    assert used.clean() == [("checkout", str(used.root))]


def test_a_removal_that_was_cut_off_is_ended_later(used: Used) -> None:
    """Half of it lies under another name, and goes when it is old."""
    half = used.folder.with_name(f".{used.folder.name}.{'0' * 32}")
    used.folder.rename(half)
    assert used.clean() == []
    (half / "checkout.json").unlink()
    age(half)
    assert used.clean() == [("checkout", half.name)]
    assert not half.exists()


def test_a_registered_repository_is_none_of_them(used: Used) -> None:
    """Whatever it is called; and what a link leads to is somebody else's."""
    (used.folder / "clone").mkdir()
    (used.home / "repos/checkout-service").mkdir()
    (used.home / "repos/checkout-0123456789ab").symlink_to(used.root)
    age(used.home)
    assert used.clean() == []


def test_a_folder_that_cannot_be_removed_is_told(used: Used, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said to be gone that is there."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    [kept] = unregistered.find(used.home)
    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(Unavailable):
        kept.remove()


def test_a_mark_that_cannot_be_written_is_told(used: Used, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that takes no writing would be cleaned by an age that is wrong."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(os, "utime", refuse)
    with pytest.raises(Unavailable):
        unregistered.note_use(used.folder, used.root)


def test_a_home_that_serves_a_repository_cleans_them_too(home: Loop, tmp_path: Path) -> None:
    """By the same command, an admin's; the audit log counts them."""
    used = Used(tmp_path)
    repos = home.platform.home / "repos"
    repos.mkdir(exist_ok=True)
    used.folder.rename(repos / used.folder.name)
    assert names(cleaned(home, dry_run=True), "checkout") == [str(used.root)]
    assert names(cleaned(home), "checkout") == [str(used.root)]
    assert not (repos / used.folder.name).exists()


def test_nothing_is_kept_where_nothing_was_done(tmp_path: Path) -> None:
    """A home that is not there yet is not made."""
    assert clean_checkouts(tmp_path / "home", Retention()) == ()
    assert not (tmp_path / "home").exists()
    assert timedelta(days=90) < OLD
