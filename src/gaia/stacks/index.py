"""Which components are in which stacks: what is asked first, and kept between processes.

Names come before instances. With the index of an earlier process only the manifests that hold what is asked for are
merged at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.stacks.building.naming import NameMissing
from gaia.stacks.building.stackfile import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gaia.stacks.building.assembler import Assembler
    from gaia.stacks.loading.manifests import Manifests

KEPT = "names"


class Index:
    """The components of all top-level manifests, by manifest."""

    def __init__(self, groups: Mapping[str, tuple[Group, ...]]) -> None:
        self._groups = groups
        self._places: dict[str, dict[str, list[tuple[str, str]]]] = {}

    @classmethod
    def of(cls, assembler: Assembler, manifests: Manifests, paths: Iterable[str]) -> Index:
        """From an earlier process where the files are the same, else from the manifests.

        Raises:
            GaiaError: a manifest cannot be read or merged.
        """
        config = assembler.config
        rules = (config.name_template, config.name_pattern, config.compat)
        kept = manifests.derived(KEPT, *rules) if assembler.names.pure else None
        if isinstance(kept, dict):
            return cls({path: tuple(Group(*group) for group in groups) for path, groups in kept.items()})
        groups = {path: _groups(assembler, path) for path in paths}
        if assembler.names.pure:
            plain = {path: [tuple(group) for group in found] for path, found in groups.items()}
            manifests.keep_derived(KEPT, plain, *rules)
        manifests.save()
        return cls(groups)

    def groups(self, path: str | None = None) -> Iterator[tuple[str, Group]]:
        """The manifest and each of its groups; of one manifest, or of all."""
        for one in self._groups if path is None else (path,):
            for group in self._groups[one]:
                yield one, group

    def holding(self, component: str, stack: str, kind: str | None) -> list[str]:
        """The manifests that have the component in the stack, in the order of their paths."""
        if stack not in self._places:
            self._places[stack] = self._places_of(stack)
        return [path for path, its in self._places[stack].get(component, ()) if kind in (None, its)]

    def _places_of(self, stack: str) -> dict[str, list[tuple[str, str]]]:
        """Manifest and kind of each component: once a stack, whose instances may be asked for one by one."""
        found: dict[str, list[tuple[str, str]]] = {}
        for path, group in self.groups():
            for name in group.names if group.stack == stack else ():
                found.setdefault(name, []).append((path, group.kind))
        return found

    def unnamed(self, path: str | None = None) -> list[str]:
        """The manifests with components that are not abstract and cannot be named."""
        return [one for one, group in self.groups(path) if group.stack is None and not group.abstract]


def _groups(assembler: Assembler, path: str) -> tuple[Group, ...]:
    file = assembler.file(path)
    if file.groups is None:
        groups: dict[tuple[str, str | None, bool], list[str]] = {}
        for kind in file.kinds:
            for name in file.names(kind):
                stack: str | None
                try:
                    stack = assembler.names.stack(file, kind, name)
                except (NameMissing, GaiaError):  # asked again, and told, where it is needed
                    stack = None
                groups.setdefault((kind, stack, file.is_abstract(kind, name)), []).append(name)
        file.groups = tuple(Group(*alike, tuple(names)) for alike, names in groups.items())
    return file.groups
