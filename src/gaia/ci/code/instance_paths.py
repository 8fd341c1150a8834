"""Which files an instance is made of, by their paths in git, as its manifest and its code say it.

A path is taken as it is written and as links lead: whoever may change a link chooses what is read there.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.ci.code.commits import top_of
from gaia.graph.compare import local_modules
from gaia.stacks.loading.imports import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gaia.checkout.files import CheckoutFiles
    from gaia.ci.code.ground import Ground
    from gaia.stacks.model import Instance


@dataclass(frozen=True, slots=True)
class Paths:
    """Files and folders; also what is below a folder, and a link or a submodule that one of them is reached through."""

    manifests: frozenset[str] = frozenset()
    """The files in which instances are defined."""
    others: frozenset[str] = frozenset()

    def __or__(self, other: Paths) -> Paths:
        return Paths(self.manifests | other.manifests, self.others | other.others)

    def __contains__(self, path: str) -> bool:
        return any(_meet(path, one) for paths in (self.manifests, self.others) for one in paths)


def _meet(path: str, one: str) -> bool:
    return one in (".", path) or path.startswith(f"{one}/") or one.startswith(f"{path}/")


@dataclass(frozen=True, slots=True)
class Side:
    """The files of one commit, and the folder in which git's paths begin."""

    files: CheckoutFiles
    top: Path

    def paths(self, instance: Instance) -> Paths:
        """What an instance is made of: its manifest, what that imports, its component, the local modules of that."""
        files = self.files
        code = f"{files.components}/{instance.component_path}"
        folders = [files.tree / one for one in (code, *local_modules(files.tree, code))]
        imported = [path for one in instance.imports for path in self._manifests(one)]
        return Paths(
            frozenset(self.manifests(instance)),
            frozenset(one for path in (*folders, *imported) for one in self._at(path)),
        )

    def manifests(self, instance: Instance) -> Iterator[str]:
        """The file in which an instance is defined, whatever its ending; of two that differ only in it both."""
        for path in self._manifests(instance.manifest):
            yield from self._at(path)

    def configuration(self, instances: Iterable[Instance]) -> frozenset[str]:
        """The files of these instances of which only counts what they say."""
        names = {name for one in instances for name in (one.manifest, *one.imports)}
        return frozenset(at for name in names for path in self._manifests(name) for at in self._at(path))

    def _manifests(self, name: str) -> list[Path]:
        stacks = self.files.repository.config.stacks
        found = [path for path in (stacks / f"{name}{suffix}" for suffix in SUFFIXES) if os.path.lexists(path)]
        return found or [stacks / f"{name}.yaml"]

    def _at(self, path: Path) -> Iterator[str]:
        for one in (Path(posixpath.normpath(path)), path.resolve()):
            if one.is_relative_to(self.top):
                yield one.relative_to(self.top).as_posix()


def head_of(ground: Ground) -> Side:
    """The pull request's."""
    return Side(ground.files, _top(ground))


def base_of(ground: Ground) -> Side:
    """The base branch's."""
    return Side(ground.files.base, beside(ground, ground.files.base.repository.root))


def beside(ground: Ground, root: Path) -> Path:
    """Where git's paths begin of another commit's files, of which the platform repository lies at `root`."""
    up = os.path.relpath(_top(ground), ground.checkout.root.resolve())
    return Path(posixpath.normpath(root.resolve() / up))


def _top(ground: Ground) -> Path:
    return top_of(ground.checkout.root, ground.checkout.shell).resolve()
