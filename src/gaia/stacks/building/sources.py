"""Atmos's own account of where values come from: per variable a list of files, strongest first.

It knows top-level keys only and looks into files in the order of their names, not of their imports; scripts read it,
so it is kept as it is. `Instance.explain` is the exact account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit.scalars import Date, plain
from gaia.stacks.loading.imports import stem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.kit.yaml import Document
    from gaia.stacks.building.built import Built

SECTIONS = ("vars", "settings", "env", "backend")


def accounts(built: Built) -> dict[str, object]:
    """The keys `sources`, `deps` and `deps_all` of `describe component`; the values are those before templates."""
    account = sources(built)
    supplied, defining = files(account)
    return {"sources": account, "deps": supplied, "deps_all": defining}


def sources(built: Built) -> dict[str, object]:
    """Section → variable → value and files."""
    manifest = built.file.manifest
    root = built.file.config.root
    trees = [_Tree("inline", manifest.name, manifest.document, root)]
    trees += [_Tree("import", stem(path), manifest.reached[path], root) for path in sorted(manifest.reached)]
    inheritance = built.document["inheritance"]
    owners = (built.name, *(inheritance if isinstance(inheritance, list) else ()))
    result: dict[str, object] = {}
    for section in SECTIONS:
        path = (section, str(built.document.get("backend_type"))) if section == "backend" else (section,)
        section_value = built.document.get(section)
        result[section] = {
            key: {
                "final_value": value,
                "name": key,
                "stack_dependencies": _chain(built.kind.name, (*path, key), owners, trees),
            }
            for key, value in (section_value.items() if isinstance(section_value, dict) else ())
            if value is not None or section != "env"
        }
    return result


class _Tree:
    """A file as it is written. Atmos does not look into maps that have keys other than texts."""

    def __init__(self, how: str, name: str, document: Document, root: Path) -> None:
        self.how = how
        self.name = name
        self._document = document
        self._root = root
        self._hidden: dict[tuple[str, ...], bool] = {}

    def at(self, path: tuple[str, ...]) -> tuple[object] | None:
        """The value at a path, in a tuple; None where there is none."""
        tree = self._document.value
        for depth, key in enumerate(path):
            if not isinstance(tree, dict) or key not in tree or self._is_hidden(path[:depth], tree):
                return None
            tree = tree[key]
        return (tree,)

    def _is_hidden(self, path: tuple[str, ...], tree: dict[str, object]) -> bool:
        if path not in self._hidden:
            odd = [key for key in tree if key and not isinstance(plain(key), str)]
            self._hidden[path] = any(self._is_bare((*path, key)) for key in odd)
        return self._hidden[path]

    def _is_bare(self, path: tuple[str, ...]) -> bool:
        """Whether a key that could be a number or the like is written without quotes."""
        place = self._document.at(path)
        try:
            lines = (self._root / place.file).read_text().splitlines()
        except (OSError, ValueError):
            return False
        return place.line <= len(lines) and lines[place.line - 1][place.column - 1 :].startswith(path[-1])


def files(account: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """The files that supplied a final value, and all that are named, each sorted."""
    supplied: set[str] = set()
    named: set[str] = set()
    for section in account.values():
        for variable in section.values() if isinstance(section, dict) else ():
            chain = [entry["stack_file"] for entry in variable["stack_dependencies"]]
            supplied.update(chain[:1])
            named.update(chain)
    return sorted(supplied), sorted(named)


def _chain(kind: str, path: tuple[str, ...], owners: Sequence[str], trees: Sequence[_Tree]) -> list[dict[str, object]]:
    places = [("components", kind, owner, *path) for owner in owners]
    looked = [(place, tree) for place in places for tree in (trees[0], *_imports(trees[1:], place))]
    shared = ((kind, *path), path)
    looked += [(place, trees[0]) for place in shared]
    looked += [(place, tree) for place in shared for tree in _imports(trees[1:], place)]
    given: list[dict[str, object]] = []
    for place, tree in looked:
        chain = tree.at(place)
        if chain is not None:
            shown = (*place[:2], *place[3:-1]) if place[0] == "components" else place[:-1]
            entry = {
                "dependency_type": tree.how,
                "stack_file": tree.name,
                "stack_file_section": ".".join(shown),
                "variable_value": _dated(chain[0]),
            }
            # A component and its base say the same in one file: that is one entry.
            if entry not in given:
                given.append(entry)
    return given


def _dated(value: object) -> object:
    """`value` with unquoted dates as texts, which Atmos sees here before it makes empty maps of them."""
    if isinstance(value, Date):
        return value.text
    if isinstance(value, dict):
        return {key: _dated(inner) for key, inner in value.items()}
    return [_dated(inner) for inner in value] if isinstance(value, list) else value


def _imports(trees: Sequence[_Tree], place: tuple[str, ...]) -> Sequence[_Tree]:
    """The imports that are looked into: for a backend not beyond the first that has one of another type only."""
    if place[-3:-2] == ("backend",):
        for index, tree in enumerate(trees):
            if tree.at(place[:-2]) is not None and tree.at(place[:-1]) is None:
                return trees[:index]
    return trees
