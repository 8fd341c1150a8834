"""The platform repository at one commit: what a run reads stacks, components, policies and templates from."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from gaia.access.approval_rules import Rule
    from gaia.catalog.model import Inventory
    from gaia.cost.declared import Declared
    from gaia.cost.ports import Estimator
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waiver
    from gaia.scaffold.clone import Clone
    from gaia.scaffold.template import Template
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository


@dataclass(frozen=True, slots=True)
class StackScope:
    """Where a stack is, in the words that its manifests use. Tenant and stage are always known."""

    tenant: str
    environment: str
    """Empty where the stack sets none, as is the region."""
    stage: str
    region: str


class Snapshot:
    """One commit. Immutable: everything is read when it is first asked for and shared from then on."""

    def __init__(self, commit: str, tree: Callable[[], Path], estimator: Callable[[], Estimator]) -> None:
        self.commit = commit
        self._tree = tree
        self._estimator = estimator

    policies_bind = True
    """Whether a deny of the policies stops an application; where they are not the repository's own it only reports."""

    @cached_property
    def tree(self) -> Path:
        """The folder that holds the files of the commit, resolved."""
        return self._tree().resolve()  # as the repository's own paths are, also where GAIA_HOME lies behind a link

    @cached_property
    def repository(self) -> Repository:
        """The configuration, with everything that could reach outside switched off."""
        from gaia.stacks.repository import Repository

        return Repository.open(self.tree, environ={}, untrusted=True)

    @cached_property
    def policies(self) -> PolicySet:
        """The rules in `policies/`; those of Gaia's package for a repository that has no such folder."""
        from gaia.policy.rules import PolicySet
        from gaia.scaffold.blueprint import find_blueprint

        return PolicySet.of(self.tree, find_blueprint)

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """What `waivers/` says, of rules that there are."""
        return self._waivers(self.tree)

    def _waivers(self, root: Path) -> tuple[Waiver, ...]:
        from gaia.policy.waivers import check, read

        if found := read(root):
            check(found, self.policies)
        return found

    @cached_property
    def declared(self) -> Declared:
        """What `budgets/` says."""
        from gaia.cost.declared import read

        return read(self.tree)

    @cached_property
    def approval_rules(self) -> tuple[Rule, ...]:
        """What `approvals/` says."""
        from gaia.access.approval_files import read

        return read(self.tree)

    @cached_property
    def estimator(self) -> Estimator:
        """What prices plans."""
        return self._estimator()

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """What can be requested.

        Raises:
            Invalid: `template-invalid`, `template-unsafe`.
        """
        from gaia.scaffold.template import templates

        return templates(self.tree)

    @cached_property
    def inventory(self) -> Inventory:
        """What the manifests have, for catalogs.

        Raises:
            GaiaError: what is wrong with a manifest.
        """
        from gaia.catalog import inventory
        from gaia.platform.scope import scope_of

        return inventory.read(self.repository, lambda stack: scope_of(self.repository, stack))

    @property
    def components(self) -> str:
        """The components' base path inside `tree`."""
        return str(self.repository.components_path.relative_to(self.tree))

    @property
    def backends(self) -> bool:
        """Whether stacks say where states are; else the code does, as `auto_generate_backend_file: false` means."""
        return self.repository.config.setting("components", "terraform", "auto_generate_backend_file") is not False

    def copying(self, instance: Instance) -> Callable[[Path, Path], None] | None:
        """What copies the part of `tree` that an instance needs; None for all of it."""
        del instance
        return None

    def code(self, instances: Iterable[str]) -> str:
        """A digest of the Terraform code of instances: their components, and the local modules that those call."""
        from gaia.graph.compare import local_modules

        digest = hashlib.sha256()
        for instance in self.instances(instances):
            own = f"{self.components}/{instance.component_path}"
            for folder in sorted({own, *local_modules(self.tree, own)}):
                for path in sorted(each for each in (self.tree / folder).rglob("*") if each.is_file()):
                    for data in (path.relative_to(self.tree).as_posix().encode(), path.read_bytes()):
                        digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()

    def instances(self, keys: Iterable[str]) -> list[Instance]:
        """The instances named `STACK/COMPONENT`, in the order given."""
        parsed = [InstanceKey.parse(key) for key in keys]
        return [self.repository.instance(key.component, key.stack) for key in parsed]

    def scope(self, stack: str) -> StackScope:
        """Where a stack is: see `gaia.platform.scope.scope_of`."""
        from gaia.platform.scope import scope_of

        return StackScope(**scope_of(self.repository, stack))


class Snapshots:
    """The commits of one platform repository that a process has read; called with a commit, gives its `Snapshot`."""

    def __init__(
        self,
        folder: Path,
        clone: Callable[[], Clone],
        estimator: Callable[[], Estimator],
        bring: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = folder
        """The exported trees, each named by its commit."""
        self._clone = clone
        self._bring = bring
        """Called before a commit is exported: where several machines work, it may have been made on another one."""
        self._estimator = estimator
        self._known: dict[str, Snapshot] = {}
        self._lock = threading.Lock()

    def __call__(self, commit: str) -> Snapshot:
        """The one `Snapshot` of this commit; its files are exported when they are first needed."""
        with self._lock:
            if commit not in self._known:
                self._known[commit] = Snapshot(commit, lambda: self._export(commit), self._estimator)
            return self._known[commit]

    def forget(self, commit: str) -> None:
        """Remove the exported tree of a commit; it is exported again when it is needed.

        Raises:
            Unavailable: `file-not-writable`.
        """
        with self._lock:
            self._known.pop(commit, None)
            self._remove(commit)

    def _export(self, commit: str) -> Path:
        from gaia.scaffold.clone import is_whole

        folder = self.folder / commit
        if folder.is_dir() and not is_whole(folder):  # who removed files from it weakened the rules, or worse
            self._remove(commit)
        if not folder.is_dir():
            self._bring(commit)
            return self._clone().export(commit, folder)
        os.utime(folder)  # it is in use: `gaia.platform.serving.retention` goes by that
        return folder

    def _remove(self, commit: str) -> None:
        from gaia.kit.files import write_failed
        from gaia.scaffold.clone import listing_of

        going = self.folder / f".{commit.strip('.')}.{uuid4().hex}"
        try:
            (self.folder / commit).rename(going)  # whole or not at all
            shutil.rmtree(going)
            listing_of(self.folder / commit).unlink(missing_ok=True)
        except FileNotFoundError:  # somebody else took it away
            return
        except OSError as error:
            raise write_failed(going, error) from error
