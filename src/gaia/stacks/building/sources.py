"""Atmos's own account of where values come from: per variable a list of files, strongest first.

It knows top-level keys only and looks into files in the order of their names, not of their imports; scripts read it,
so it is kept as it is. `Instance.explain` is the exact account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.stacks.building.stackfile import TYPE
from gaia.stacks.loading.imports import stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.stacks.building.stackfile import StackFile
    from gaia.stacks.model import Instance

SECTIONS = ("vars", "settings", "env", "backend")


def sources(file: StackFile, instance: Instance, values: Mapping[str, object]) -> dict[str, object]:
    """The section `sources` of `describe component`: section → variable → value and files."""
    trees = [("inline", instance.manifest, file.manifest.document.value)]
    reached = file.manifest.reached
    trees += [("import", stem(path), reached[path].value) for path in sorted(reached)]
    owners = (instance.key.component, *instance.inheritance)
    result: dict[str, object] = {}
    for section in SECTIONS:
        path = (section, instance.backend_type) if section == "backend" else (section,)
        found = values.get(section)
        result[section] = {
            key: {
                "final_value": value,
                "name": key,
                "stack_dependencies": list(_chain((*path, key), owners, trees)),
            }
            for key, value in (found.items() if isinstance(found, dict) else ())
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
    path: tuple[str, ...], owners: Sequence[str], trees: Sequence[tuple[str, str, object]]
) -> Iterator[dict[str, object]]:
    places = [[("components", TYPE, owner, *path)] for owner in owners]
    places.append([(TYPE, *path), path])
    for candidates in places:
        for kind, file, tree in trees:
            for place in candidates:
                found = _at(tree, place)
                if found is not None:
                    shown = (*place[:2], *place[3:-1]) if place[0] == "components" else place[:-1]
                    yield {
                        "dependency_type": kind,
                        "stack_file": file,
                        "stack_file_section": ".".join(shown),
                        "variable_value": found[0],
                    }


def _at(tree: object, path: Sequence[str]) -> tuple[object] | None:
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return None
        tree = tree[key]
    return (tree,)
