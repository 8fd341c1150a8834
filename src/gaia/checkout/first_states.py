"""States that lie on this machine for a while, because the bucket that they belong into is made with them.

One folder an instance, in the repository's own in the home. It is there from before anything is made until its state is
in the bucket, so whoever goes on finds what was begun, and nobody else plans such an instance with the empty state that
the bucket has of it.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.checkout.files import CheckoutFiles
from gaia.errors import Conflict, Next
from gaia.kit.files import make_private, sync_folders
from gaia.platform.home.unregistered import FIRST_STATES
from gaia.stacks.repository import Repository
from gaia.states.places import DEFAULT, LOCAL_FILE, FilePlace

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance, InstanceKey


def folder_of(home: Path, key: InstanceKey) -> Path:
    """Where the state of an instance lies meanwhile; `home` is the repository's folder in the home."""
    return home / FIRST_STATES / key.folder


def is_begun(home: Path, key: InstanceKey) -> bool:
    """Whether it was begun to make the instance there, and its state is not in the bucket yet."""
    return folder_of(home, key).is_dir()


def begin(home: Path, key: InstanceKey) -> None:
    """From now on the instance is made there.

    Raises:
        Unavailable: `disk-full`, `file-not-writable`.
    """
    folder = folder_of(home, key)
    make_private(folder)
    sync_folders(folder, home)


def end(home: Path, key: InstanceKey) -> None:
    """Its state is in the bucket, or there never was one: forget what lies here."""
    folder = folder_of(home, key)
    shutil.rmtree(folder, ignore_errors=True)
    for empty in (folder.parent, home / FIRST_STATES):
        with suppress(OSError):  # another one is being made in there
            empty.rmdir()


def place_of(home: Path, instance: Instance) -> FilePlace:
    """The file of the state, as terraform names it for the workspace."""
    folder, workspace = folder_of(home, instance.key), instance.workspace or DEFAULT
    return FilePlace((folder if workspace == DEFAULT else folder / workspace) / LOCAL_FILE)


def local(home: Path, instance: Instance) -> Instance:
    """The instance with its state there, in the workspace that it has anyway."""
    folder = folder_of(home, instance.key)
    body = {"path": str(folder / LOCAL_FILE), "workspace_dir": str(folder)}
    return replace(instance, backend_type="local", backend=body)


def check_none(home: Path, instance: Instance) -> None:
    """Raise where an instance is being made there, and this is not the one that is.

    Raises:
        Conflict: `bootstrap-unfinished`.
    """
    if not is_begun(home, instance.key) or instance.backend == local(home, instance).backend:
        return
    raise Conflict(
        "bootstrap-unfinished",
        f"{instance.key} is made for the bucket of its states to come to exist, and its state is not in there yet",
        next_step=Next("bootstrap", words="Go on with that", stack=instance.key.stack),
        facts={"state": str(place_of(home, instance).path)},
    )


class FirstRepository(Repository):
    """A repository whose begun instances have their states here, for whoever reads them."""

    home: Path

    @classmethod
    def of(cls, repository: Repository, home: Path) -> FirstRepository:
        """The same snapshot."""
        made = cls.__new__(cls)
        vars(made).update(vars(repository), home=home)
        return made

    def instance(self, component: str, stack: str, kind: str | None = None) -> Instance:
        """As of any repository."""
        found = super().instance(component, stack, kind)
        return local(self.home, found) if is_begun(self.home, found.key) else found


class FirstFiles(CheckoutFiles):
    """The files of a checkout whose begun instances have their states here; its stacks say where, not its code."""

    backends = True

    @classmethod
    def over(cls, files: CheckoutFiles, home: Path) -> FirstFiles:
        """The same files."""
        return cls(FirstRepository.of(files.repository, home), files.commit, files.estimator_of, files.package_of)
