"""Atmos's own account of where values come from: per variable a list of files, strongest first.

It knows top-level keys only and looks into files in the order of their names, not of their imports; scripts read it,
so it is kept as it is. `Instance.explain` is the exact account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.stacks.loading.imports import stem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.stacks.building.sections import Built

SECTIONS = ("vars", "settings", "env", "backend")


def accounts(built: Built) -> dict[str, object]:
    """The keys `sources`, `deps` and `deps_all` of `describe component`; the values are those before templates."""
    account = sources(built)
    supplied, defining = files(account)
    return {"sources": account, "deps": supplied, "deps_all": defining}


def sources(built: Built) -> dict[str, object]:
    """Section → variable → value and files."""
    manifest = built.file.manifest
    trees = [("inline", manifest.name, manifest.document.value)]
    reached = manifest.reached
    trees += [("import", stem(path), reached[path].value) for path in sorted(reached)]
    inheritance = built.document["inheritance"]
    owners = (built.name, *(inheritance if isinstance(inheritance, list) else ()))
    result: dict[str, object] = {}
    for section in SECTIONS:
        path = (section, str(built.document.get("backend_type"))) if section == "backend" else (section,)
        found = built.document.get(section)
        result[section] = {
            key: {
                "final_value": value,
                "name": key,
                "stack_dependencies": _chain(built.kind.name, (*path, key), owners, trees),
            }
            for key, value in (found.items() if isinstance(found, dict) else ())
            if value is not None or section != "env"
        }
    return result


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


def _chain(
    kind: str, path: tuple[str, ...], owners: Sequence[str], trees: Sequence[tuple[str, str, object]]
) -> list[dict[str, object]]:
    places = [("components", kind, owner, *path) for owner in owners]
    looked = [(place, tree) for place in places for tree in trees]
    shared = ((kind, *path), path)
    looked += [(place, trees[0]) for place in shared]
    looked += [(place, tree) for place in shared for tree in _imports(trees[1:], place)]
    given: list[dict[str, object]] = []
    for place, (how, file, tree) in looked:
        found = _at(tree, place)
        if found is not None:
            shown = (*place[:2], *place[3:-1]) if place[0] == "components" else place[:-1]
            entry = {
                "dependency_type": how,
                "stack_file": file,
                "stack_file_section": ".".join(shown),
                "variable_value": found[0],
            }
            # A component and its base say the same in one file: that is one entry.
            if entry not in given:
                given.append(entry)
    return given


def _imports(trees: Sequence[tuple[str, str, object]], place: tuple[str, ...]) -> Sequence[tuple[str, str, object]]:
    """The imports that are looked into: for a backend not beyond the first that has one of another type only."""
    if place[-3:-2] == ("backend",):
        for index, (_, _, tree) in enumerate(trees):
            if _at(tree, place[:-2]) is not None and _at(tree, place[:-1]) is None:
                return trees[:index]
    return trees


def _at(tree: object, path: Sequence[str]) -> tuple[object] | None:
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return None
        tree = tree[key]
    return (tree,)
