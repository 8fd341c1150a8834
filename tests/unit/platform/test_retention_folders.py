"""Trees and working directories: which of them go when they are old, and which somebody still stands in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.unit.platform.aging import age, cleaned, names
from tests.unit.platform.loop import STACK

from gaia.kit import clock
from gaia.platform.serving.retention import Retention, clean
from gaia.platform.snapshot import Snapshots
from gaia.records import leases, runs
from gaia.records.model import Subject
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.platform.loop import Loop


def test_a_working_directory_in_use_stays(home: Loop) -> None:
    """Somebody is in it, whatever its age says."""
    from gaia.terraform.workdir import alone_in

    folder = home.platform.folder / "plan" / STACK / "vpc"
    (folder / "data").mkdir(parents=True)
    with alone_in(folder):
        cleaned(home)
        assert (folder / "data").exists()
    cleaned(home)
    assert not (folder / "data").exists()


def test_a_state_that_was_saved_nowhere_else_stays(home: Loop) -> None:
    """With its working directory, also where no journal is of the command that could not save it."""
    left = home.platform.folder / "work" / STACK / "vpc/tree/components/vpc/errored.tfstate"
    left.parent.mkdir(parents=True)
    left.write_text("{}")
    (home.platform.folder / "work" / STACK / "vpc/folder.lock").touch()
    assert names(cleaned(home), "directory") == []
    left.unlink()
    assert names(cleaned(home), "directory") == [f"work/{STACK}/vpc"]


def test_the_folder_of_one_instance_is_not_within_anothers(home: Loop) -> None:
    """`eks` is old and goes; `eks/cluster`, which somebody is in, stays whole."""
    from gaia.terraform.workdir import alone_in

    folders = {name: home.platform.folder / "work" / InstanceKey(STACK, name).folder for name in ("eks", "eks/cluster")}
    for folder in folders.values():
        (folder / "data").mkdir(parents=True)
        (folder / "folder.lock").touch()
    assert not folders["eks/cluster"].is_relative_to(folders["eks"])
    with alone_in(folders["eks/cluster"]):
        assert names(cleaned(home), "directory") == [f"work/{STACK}/eks", f"work/{STACK}/eks/cluster"]
        assert [(folder / "data").exists() for folder in folders.values()] == [False, True]


def test_trees_go_that_no_open_request_is_about_and_come_back_when_read(home: Loop) -> None:
    """Reading a tree again keeps it; one that was removed is exported anew, also for whoever had read it before."""
    commit = home.platform.clone().fetch()
    tree = home.platform.snapshot(commit).tree
    assert names(cleaned(home), "tree") == [commit]
    assert not tree.exists()
    assert list(home.platform.snapshot.folder.iterdir()) == []
    assert home.platform.snapshot(commit).tree.is_dir()
    age(home.platform.snapshot.folder)
    again = Snapshots(home.platform.snapshot.folder, home.platform.clone, home.platform.snapshot._estimator)
    assert again(commit).tree.is_dir()
    assert clean(home.platform, Retention(), actor="engine") == ()
    request = home.previewed()
    assert {str(home.row(request).base), str(home.row(request).commit)}.isdisjoint(names(cleaned(home), "tree"))


def test_a_link_in_a_working_directory_goes_and_what_it_leads_to_stays(home: Loop, tmp_path: Path) -> None:
    """In each of the three kinds of working directories; their locks stay too."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    folders = [home.platform.folder / use / STACK / "vpc" for use in ("work", "plan", "read")]
    for folder in folders:
        (folder / "data").mkdir(parents=True)
        (folder / "link").symlink_to(outside)
        for name in ("folder.lock", "operation.lock", "run.lock", "values.json"):
            (folder / name).touch()
    found = cleaned(home)
    assert names(found, "directory") == [f"{use}/{STACK}/vpc" for use in ("work", "plan", "read")]
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == ["folder.lock", "operation.lock", "run.lock"]
    assert (outside / "precious").exists()


def test_the_working_directory_of_a_leased_instance_stays(home: Loop) -> None:
    """Somebody holds it, with or without a request."""
    folder = home.platform.folder / "work" / STACK / "net"
    (folder / "data").mkdir(parents=True)
    (folder / "folder.lock").touch()
    with home.platform.database.begin() as tx:
        subject = Subject(f"{STACK}/net", "platform", "acme", "dev")
        run = runs.add(tx, subject, "operation", (), at=clock.now())
        leases.acquire_all(tx, "platform", [f"{STACK}/net"], run=run.id, at=clock.now())
    assert names(cleaned(home), "directory") == []
    with home.platform.database.begin() as tx:
        leases.release_run(tx, run.id, at=clock.now())
    assert names(cleaned(home), "directory") == [f"work/{STACK}/net"]


def test_what_a_killed_command_left_in_clear_goes_at_once(home: Loop) -> None:
    """Plan files and varfiles of a working directory, however young, unless somebody works in it."""
    from gaia.terraform.workdir import alone_in

    folder = home.platform.folder / "plan" / STACK / "vpc"
    left = [
        folder / "tree" / "x" / "dev-vpc.terraform.tfvars.json",
        folder / "plans" / "1",
        folder / "dev-vpc.planfile",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("hunter-two")
    (folder / "data").mkdir()
    with alone_in(folder):
        clean(home.platform, Retention(), actor="engine")
        assert all(path.exists() for path in left)
    [found] = clean(home.platform, Retention(), actor="engine")
    assert (found.kind, found.name, found.size) == ("plans", f"plan/{STACK}/vpc", 30)
    assert not any(path.exists() for path in left)
    assert (folder / "data").exists()
    assert clean(home.platform, Retention(), actor="engine") == ()


def test_a_link_leads_to_somebody_elses_and_is_left_alone(home: Loop, tmp_path: Path) -> None:
    """Whoever put it there: what it leads to is not ours."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep me")
    for name in ("preview", "trees"):
        (home.platform.folder / name).mkdir(parents=True, exist_ok=True)
        (home.platform.folder / name / "link").symlink_to(precious)
    age(precious)
    assert cleaned(home) == ()
    assert (precious / "file").exists()


def test_two_may_clean_at_once(home: Loop) -> None:
    """What the other one took is gone, which is what was wanted."""
    commit = home.platform.clone().fetch()
    assert home.platform.snapshot(commit).tree.is_dir()
    home.platform.snapshot.forget(commit)
    home.platform.snapshot.forget(commit)


def test_a_tree_is_kept_for_a_day_whatever_is_asked(home: Loop) -> None:
    """Who works in one does not say so."""
    assert home.platform.snapshot(home.platform.clone().fetch()).tree.is_dir()
    assert names(clean(home.platform, Retention().at_most(timedelta(0)), actor="engine"), "tree") == []


def test_a_tree_that_lost_a_file_is_exported_anew(home: Loop) -> None:
    """A rule that is missing would judge nothing."""
    commit = home.platform.clone().fetch()
    tree = home.platform.snapshot(commit).tree
    [rule, *_] = sorted((tree / "policies").rglob("*.rego"))
    text = rule.read_text()
    rule.unlink()
    again = Snapshots(home.platform.snapshot.folder, home.platform.clone, home.platform.snapshot._estimator)
    assert (again(commit).tree / rule.relative_to(tree)).read_text() == text
