"""Restoring a backup: what is taken out of one, whose it has to be, and what is left when a restore is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError, Refused
from gaia.kit import clock, keys
from gaia.kit.archive import new_identity, reading, writing
from gaia.platform.home import backup_files, taking_out
from gaia.platform.home import restore as restoring
from gaia.platform.home.backup import back_up
from gaia.platform.home.restore import restore
from gaia.records import people
from gaia.records.database import Database
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.unit.platform.conftest import House

Files = dict[str, bytes]


@pytest.fixture(name="sealed")
def a_backup(house: House, tmp_path: Path) -> tuple[Path, Path]:
    """A backup of a home that has a clone, and the key that opens it."""
    identity = tmp_path / "backup.key"
    public = new_identity(identity)
    back_up(house.platform, tmp_path / "gaia.age", (public,))
    return tmp_path / "gaia.age", identity


@pytest.fixture
def settings(tmp_path: Path, environ: Mapping[str, str]) -> Settings:
    """Of a home that is not there yet."""
    (tmp_path / "away").mkdir()
    return Settings.capture({**environ, "GAIA_HOME": str(tmp_path / "away/home")}, tmp_path)


def changed(sealed: tuple[Path, Path], change: Callable[[Files], None]) -> Path:
    """The same backup with other files in it, sealed for the same key: who knows the public one can make it."""
    path, identity = sealed
    with reading(path, identity) as files:
        held = {name: content.read() for name, _, content in files}
    first, last = held.pop("backup.json"), held.pop("end.json")
    change(held)
    public = identity.read_text().partition("public key: ")[2].partition("\n")[0]
    forged = path.with_name("forged.age")
    with writing(forged, (public,)) as archive:
        for name, content in ({"backup.json": first} | held | {"end.json": last}).items():
            archive.add(name, content)
    return forged


def refused(settings: Settings, path: Path, identity: Path, **more: object) -> GaiaError:
    """How it is refused; nothing is left of it."""
    with pytest.raises(GaiaError) as caught:
        restore(settings, path, identity, **more)  # type: ignore[arg-type]
    assert not list(settings.home.parent.iterdir())
    return caught.value


def yes(_: str) -> bool:
    """Who says yes to anything."""
    return True


@pytest.mark.parametrize("dry_run", [True, False])
def test_no_command_of_a_backup_is_run(
    sealed: tuple[Path, Path], settings: Settings, tmp_path: Path, *, dry_run: bool
) -> None:
    """Configuration of git, which may name a program, is no file of a backup; neither is anything else around it."""
    ran = tmp_path / "ran"
    config = f"[core]\n\trepositoryformatversion = 0\n\tbare = true\n\talternateRefsCommand = touch {ran}; true\n"

    def forge(files: Files) -> None:
        clone = (
            next(name for name in files if name.startswith("clones/")).removeprefix("clones/").removesuffix(".bundle")
        )
        files[f"home/repos/{clone}/clone/config"] = config.encode()
        files[f"home/repos/{clone}/clone/objects/info/alternates"] = str(tmp_path).encode()

    error = refused(settings, changed(sealed, forge), sealed[1], confirm=yes, dry_run=dry_run)
    assert (error.code, ran.exists()) == ("backup-damaged", False)


@pytest.mark.parametrize(
    "name",
    [
        "home/repos/platform/clone/HEAD",
        "home/repos/platform/clone/hooks/post-update",
        "home/repos/platform/states/.git/config",
        "home/repos/platform/states/.GIT/config",
        "home/repos/platform/trees/0/x.tf",
        "home/repos/platform/work/s/c/tree/.terraform/modules/modules.json",
        "home/repos/platform/work/s/c/tree/main.tf",
        "home/repos/platform/batch/0/code/main.tf.json",
        "home/repos/platform/config",
        "home/repos/.git/config",
        "home/.git/config",
        "home/config",
        "home/HEAD",
        "home/gaia.db",
        "home/engine.db",
        "home/terraform/terraformrc",
        "home/keys/other.key",
        "home/previews/x.sh",
        "home/runs/../keys/repository.key",
        "home/repos/../config",
        "home",
        "home/",
        "records/1.sql",
        "records/000001.jsonl/x",
        "clones/../x.bundle",
        "clones/-x.bundle",
        "clones/a/b.bundle",
        "/records/000000.jsonl",
        "other/x",
        "home/repository.json\0",
    ],
)
def test_what_no_backup_holds_is_not_taken(name: str) -> None:
    """The list of what is taken is closed."""
    assert not backup_files.takes(name)


@pytest.mark.parametrize(
    "name",
    [
        "home/repository.json",
        "home/logins.json",
        "home/roles.yaml",
        "home/repositories/platform-019aa8c2.json",
        "home/keys/repository.key",
        "home/previews/0a1b.json",
        "home/plans/0a1b.sealed",
        "home/commits/gaia/photos.bundle",
        "home/runs/run_1/log.jsonl",
        "home/journals/req_1/acme-use1-dev/photos/journal.jsonl",
        "home/sandbox/state.json",
        "home/sandbox/snapshots/before.jsonl",
        "home/repos/platform/states/vpc/terraform.tfstate.d/dev/terraform.tfstate",
        "home/repos/platform/states/vpc/named-by-somebody",
        "home/repos/platform/lineages.json",
        "home/repos/platform/lineages/acme-use1-dev/vpc.json",
        "home/repos/platform/work/acme-use1-dev/vpc/tree/components/terraform/vpc/terraform.tfstate",
        "home/repos/platform/previews/0a1b.json",
        "home/repos/checkout-0123456789ab/checkout.json",
        "home/repos/checkout-0123456789ab/keys/repository.key",
        "home/repos/checkout-0123456789ab/journals/acme-use1-dev/vpc/1.jsonl",
        "home/repos/checkout-0123456789ab/moves/acme-use1-dev/vpc/journal.jsonl",
        "home/repos/checkout-0123456789ab/plans/acme-use1-dev/vpc/plan.sealed",
        "home/repos/checkout-0123456789ab/batch/apply/4711.json",
        "records/000000.jsonl",
        "clones/platform-019aa8c2.bundle",
    ],
)
def test_what_a_home_needs_is_taken(name: str) -> None:
    """Everything that Gaia writes and that cannot be made again."""
    assert backup_files.takes(name)


def test_whose_it_is_has_to_be_said(sealed: tuple[Path, Path], settings: Settings, house: House) -> None:
    """Anybody can seal a file for a public key: nobody's word, another key, and a no are refusals."""
    path, identity = sealed
    fingerprint = house.platform.key.fingerprint
    asked: list[str] = []
    assert refused(settings, path, identity).code == "key-unconfirmed"

    def no(one: str) -> bool:
        asked.append(one)
        return False

    assert refused(settings, path, identity, confirm=no).code == "key-unconfirmed"
    assert asked == [fingerprint]
    for other in ("key-" + "0" * 64, house.platform.key.id, "", "\x1b[2J"):
        error = refused(settings, path, identity, expected=other, confirm=yes)
        assert (error.code, type(error), "\x1b" in error.message) == ("key-unexpected", Refused, False)
    found = restore(settings, path, identity, expected=fingerprint)
    assert found.key == fingerprint
    assert keys.load_key(settings.home / "keys") == house.platform.key


def test_a_trial_compares_with_the_key_of_the_home_that_is_there(
    sealed: tuple[Path, Path], settings: Settings, house: House
) -> None:
    """Nobody is asked; a backup with another key is refused, even by who would say yes."""
    shutil.copytree(house.platform.home / "keys", settings.home / "keys")
    restore(settings, *sealed, dry_run=True)
    shutil.rmtree(settings.home / "keys")
    keys.make_key(settings.home / "keys")
    with pytest.raises(Refused) as caught:
        restore(settings, *sealed, dry_run=True, confirm=yes)
    assert caught.value.code == "key-unexpected"


def test_the_commits_come_from_the_bundle_alone(sealed: tuple[Path, Path], settings: Settings, house: House) -> None:
    """Into a clone that is made anew, with our own configuration; each branch is there."""
    git = house.platform.clone().git
    branches = git("for-each-ref", "--format=%(objectname) %(refname)")
    restore(settings, *sealed, confirm=yes)
    clone = settings.home / "repos" / house.platform.repository / "clone"
    said = subprocess.run(
        ["git", "-C", str(clone), "for-each-ref", "--format=%(objectname) %(refname)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == branches
    assert branches


def test_a_bundle_with_a_broken_object_is_refused(
    sealed: tuple[Path, Path], settings: Settings, tmp_path: Path
) -> None:
    """A tree that holds a `.git` would be written where it is exported: git checks what it is given."""
    made = tmp_path / "made"

    def git(*words: str, given: bytes = b"") -> str:
        done = subprocess.run(["git", "-C", str(made), *words], input=given, capture_output=True, check=True)
        return done.stdout.decode().strip()

    made.mkdir()
    git("init", "--quiet", "--bare")
    blob = git("hash-object", "-w", "--stdin", given=b"[core]\n")
    inner = b"100644 config\0" + bytes.fromhex(blob)
    sub = git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=inner)
    top = git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=b"40000 .git\0" + bytes.fromhex(sub))
    who = "a <a@example.com> 1700000000 +0000"
    text = f"tree {top}\nauthor {who}\ncommitter {who}\n\nx\n"
    commit = git("hash-object", "-w", "-t", "commit", "--stdin", given=text.encode())
    git("update-ref", "refs/heads/x", commit)
    git("bundle", "create", "--quiet", "x.bundle", "--all")

    def forge(files: Files) -> None:
        name = next(name for name in files if name.startswith("clones/"))
        files[name] = (made / "x.bundle").read_bytes()

    assert refused(settings, changed(sealed, forge), sealed[1], confirm=yes).code == "backup-damaged"


def test_what_a_killed_restore_left_is_taken_away(
    sealed: tuple[Path, Path], settings: Settings, tmp_path: Path
) -> None:
    """By the next one: it holds the home's key in clear. What another restore works in, and is no folder, stays."""
    place = settings.home.parent
    script = (
        "import os, signal, sys; from pathlib import Path; from gaia.platform.home import taking_out\n"
        "with taking_out.folder_beside(Path(sys.argv[1]), dry_run=False) as folder:\n"
        "    (folder / 'repository.key').write_bytes(b'x'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(settings.home)], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = place.glob(".gaia-restore-*")
    assert (left / "repository.key").exists()
    outside = tmp_path / "outside"
    outside.mkdir()
    (place / ".gaia-restore-link").symlink_to(outside)
    with taking_out.folder_beside(settings.home, dry_run=False) as used:
        assert not left.exists()
        assert taking_out.take_away(settings.home) == 0
        assert used.exists()
    assert outside.exists()
    (place / ".gaia-restore-link").unlink()
    restore(settings, *sealed, confirm=yes)
    assert [one.name for one in place.iterdir()] == ["home"]


def test_a_restore_that_was_killed_after_it_filled_the_database_goes_on(
    sealed: tuple[Path, Path], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one finds the same rows there; a database in which somebody has acted since is refused."""
    where = tmp_path / "shared.db"
    shared = replace(settings, database=f"sqlite:///{where}")
    monkeypatch.setattr(restoring, "_check_kind", lambda *_: None)  # a file stands for the database here
    with monkeypatch.context() as killed:
        killed.setattr(restoring, "_clone", lambda *_: os.kill(os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            restore(shared, *sealed, confirm=yes)
    assert not shared.home.exists()
    assert restore(shared, *sealed, confirm=yes).rows["people"]
    shutil.rmtree(shared.home)
    with closing(Database.open(shared.records)) as database, database.begin() as tx:
        people.add_person(tx, "somebody", at=clock.now())
    with pytest.raises(GaiaError) as caught:
        restore(shared, *sealed, confirm=yes)
    assert caught.value.code == "database-in-use"
