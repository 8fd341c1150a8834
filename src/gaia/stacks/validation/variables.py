"""Variables that a component is given and does not declare: Terraform would pass over them with a warning."""

from __future__ import annotations

import difflib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import hcl
from gaia.stacks.building.kinds import TERRAFORM
from gaia.stacks.validation.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gaia.errors import Position
    from gaia.stacks.building.built import Built
    from gaia.stacks.building.stackfile import StackFile
    from gaia.stacks.layers import Layer

UNDECLARED = "variable-undeclared"
CODE = (".tf", ".tf.json", ".tofu", ".tofu.json")
_SHOWN = 3
"""Components named in one warning."""


@dataclass
class _Inherited:
    """A variable that something else than an instance's own manifest sets for instances of some components."""

    components: dict[str, frozenset[str]] = field(default_factory=dict)
    """Folder of the code → what it declares."""
    places: dict[Position, None] = field(default_factory=dict)


class Undeclared:
    """Shown each instance once, tells what is set for it in vain.

    What a stack's manifest sets for one component is a mistake. What is inherited (globals, mixins, catalogs, bases,
    overrides) is a warning, one for each variable: many repositories give all of their components the same.
    """

    def __init__(self) -> None:
        self._declared: dict[Path, frozenset[str] | None] = {}
        self._mistakes: dict[Position, Finding] = {}
        self._inherited: dict[str, _Inherited] = defaultdict(_Inherited)
        self._leaves: dict[tuple[int, str], tuple[object, Layer | None]] = {}

    def look(self, built: Built) -> None:
        """Judge one component that was built; not one that is abstract or whose code cannot be known."""
        given = built.document.get("vars")
        if built.kind is not TERRAFORM or built.file.is_abstract(TERRAFORM.name, built.name):
            return
        declared = self._variables(built)
        if declared is None or not isinstance(given, dict) or given.keys() <= declared:
            return
        for name in given.keys() - declared:
            if isinstance(name, str) and "{{" not in name:
                self._tell(built, name, declared)

    def findings(self) -> Iterator[Finding]:
        """Everything that was found so far."""
        yield from self._mistakes.values()
        for name, found in self._inherited.items():
            if not self._mistakes.keys() >= found.places.keys():  # else only stacks whose manifests import each other's
                yield _warning(name, found)

    def _variables(self, built: Built) -> frozenset[str] | None:
        """What the code declares; None where it is not here, is made or fetched by a run, or cannot be read."""
        if built.document.get("source") or built.document.get("generate"):
            return None
        config = built.file.config
        folder = config.folders.get(TERRAFORM.name, config.components) / built.folder
        if folder not in self._declared:
            try:
                self._declared[folder] = _variable_names(folder)
            except (Invalid, OSError):
                self._declared[folder] = None
        return self._declared[folder]

    def _tell(self, built: Built, name: str, declared: frozenset[str]) -> None:
        holder, find = next(
            (vars_, find) for vars_, find in _layers(built) if isinstance(vars_, dict) and name in vars_
        )
        # Equal layers of many manifests are one map, and its place is looked for once.
        if (id(holder), name) not in self._leaves:
            layer = find(name)
            self._leaves[id(holder), name] = holder, next(layer.leaves()) if layer else None
        leaf = self._leaves[id(holder), name][1]
        if leaf is None:
            return
        own = built.file.own(TERRAFORM.name, built.name).get("vars")
        if holder is own and leaf.document is built.file.manifest.document:
            self._mistakes.setdefault(leaf.position, _mistake(built, name, declared, leaf.position))
        else:
            found = self._inherited[name]
            found.components[built.folder] = declared
            found.places[leaf.position] = None


def _variable_names(folder: Path) -> frozenset[str] | None:
    """The variables that the code in a folder declares, for OpenTofu too; None where there is no code.

    Much less work than `hcl.read_component`: only files that may hold a declaration are parsed.

    Raises:
        Invalid: `hcl-syntax`. OSError: it cannot be read.
    """
    names: set[str] = set()
    files = [path for path in folder.iterdir() if path.name.endswith(CODE) and not path.name.startswith(".")]
    for path in files:
        text = path.read_text("utf-8", "replace")
        if "variable" in text:
            read = hcl.parse_json if path.name.endswith(".json") else hcl.parse
            names.update(block.labels[0] for block in read(text, path.name).all("variable") if block.labels)
    return frozenset(names) if files else None


def _layers(built: Built) -> Iterator[tuple[object, Callable[[str], Layer | None]]]:
    """The `vars` of each layer of a component, strongest first, and what finds the layer of one of them."""
    file, kind = built.file, TERRAFORM.name
    over, under = file.overrides(kind, built.name), file.config.under.get("vars")
    if over is not None and isinstance(over.value, dict):
        yield over.value.get("vars"), lambda name: over.at(("vars", name))
    chain = (built.name, *reversed(file.bases(kind, built.name)))
    for one in (one for one in chain if file.has(kind, one)):  # a base may be a folder of code alone
        yield file.own(kind, one).get("vars"), partial(_at, file, ("components", kind, one))
    typed = file.tree.get(kind)
    yield typed.get("vars") if isinstance(typed, dict) else None, partial(_at, file, (kind,))
    yield file.tree.get("vars"), partial(_at, file, ())
    if under is not None:
        yield under.value, under.child


def _at(file: StackFile, path: tuple[str, ...], name: str) -> Layer | None:
    return file.top.at((*path, "vars", name))


def _warning(name: str, found: _Inherited) -> Finding:
    components = sorted(found.components)
    more = f" and {len(components) - _SHOWN} more" if len(components) > _SHOWN else ""
    who = f"{', '.join(components[:_SHOWN])}{more}, which {'does' if len(components) == 1 else 'do'} not declare it"
    places = f" (set at {len(found.places)} places)" if len(found.places) > 1 else ""
    near = _nearest(name, found.components[components[0]]) if len(components) == 1 else ""
    step = near or "Terraform passes over it. Set it only where it is declared, or declare it."
    return Finding(UNDECLARED, f"{name} is inherited by {who}{places}", step, min(found.places), "warning")


def _mistake(built: Built, name: str, declared: frozenset[str], at: Position) -> Finding:
    known = ", ".join(sorted(declared)[:8]) + (" …" if len(declared) > 8 else "")
    step = _nearest(name, declared) or f"Remove it, or declare it. There is {known or 'no variable'}."
    message = f"{built.name} sets {name}, which the component {built.folder} does not declare"
    return Finding(UNDECLARED, message, step, at)


def _nearest(name: str, declared: frozenset[str]) -> str:
    near = difflib.get_close_matches(name, sorted(declared), n=1, cutoff=0.7)
    return f"Did you mean {near[0]}?" if near else ""
