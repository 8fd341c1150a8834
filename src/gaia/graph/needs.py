"""What an instance needs, as its manifests say it: before it is known whether that exists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_list
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.errors import Position
    from gaia.stacks.model import Instance

CONTEXT = ("namespace", "tenant", "environment", "stage")
REFERENCE, DEPENDENCIES, DEPENDS_ON = "reference", "dependencies", "depends_on"
DECLARED = (DEPENDENCIES, DEPENDS_ON)
"""The kinds that Atmos knows: somebody wrote the dependency down, no value comes from it."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """One dependency of an instance: on a component in a stack, or in whichever stacks have a context."""

    kind: str
    component: str
    stack: str | None
    """None: the stacks are found by `context`."""
    context: tuple[str, ...]
    """Values of `CONTEXT`, empty where absent; empty itself where `stack` is given."""
    path: Path
    """Where it stands in the instance."""
    written: Position | None = field(default=None, compare=False)

    def at(self, instance: Instance) -> Position:
        """The place in the manifest."""
        return self.written or instance.explain(self.path).at


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` needs `target` first."""

    source: InstanceKey
    target: InstanceKey
    need: Need
    instance: Instance = field(repr=False, compare=False)
    """The source."""

    @property
    def kind(self) -> str:
        """`reference`, `dependencies` or `depends_on`."""
        return self.need.kind

    @property
    def at(self) -> Position:
        """Where the manifest says so; found when it is asked for."""
        return self.need.at(self.instance)


def needs(instance: Instance) -> tuple[Need, ...]:
    """References first, then what is declared: `dependencies.components` if it names a component, else the old form."""
    return (*_references(instance), *declared(instance))


def declared(instance: Instance) -> Iterator[Need]:
    """The dependencies that Atmos knows: `dependencies.components` if it names a component, else `depends_on`."""
    stack = instance.key.stack
    listed = instance.dependencies.get("components")
    entries = list(enumerate(listed)) if isinstance(listed, list) else []
    if any(_component(entry) is not None for _, entry in entries):
        for index, entry in entries:
            component = _component(entry)
            if component is not None:
                yield Need(
                    DEPENDENCIES, component, _text(entry, "stack") or stack, (), ("dependencies", "components", index)
                )
        return
    legacy = instance.settings.get("depends_on")
    for name, entry in legacy.items() if isinstance(legacy, dict) else ():
        found = _legacy(stack, instance.vars, entry, ("settings", "depends_on", name))
        if found is not None:
            yield found


def files_and_folders(instance: Instance) -> Iterator[tuple[str, str]]:
    """`("file" or "folder", path)`: what an instance declares besides components, relative to the repository."""
    dependencies = instance.dependencies
    listed = dependencies.get("components")
    entries = as_list(listed)
    for entry in entries:
        kind = entry.get("kind") if isinstance(entry, dict) else None
        if kind in ("file", "folder") and _text(entry, "path"):
            yield str(kind), _text(entry, "path")
    for kind, key in (("file", "files"), ("folder", "folders")):
        paths = dependencies.get(key)
        yield from ((kind, path) for path in paths if isinstance(path, str)) if isinstance(paths, list) else ()
    legacy = instance.settings.get("depends_on")
    if not any(_component(entry) for entry in entries):
        for entry in legacy.values() if isinstance(legacy, dict) else ():
            yield from ((kind, _text(entry, kind)) for kind in ("file", "folder") if _text(entry, kind))


def context_of(variables: Mapping[str, object]) -> tuple[str, ...]:
    """The values of `CONTEXT`, empty where absent."""
    return tuple(str(variables.get(name) or "") for name in CONTEXT)


def _references(instance: Instance) -> Iterator[Need]:
    for path, reference in instance.references:
        yield Need(REFERENCE, reference.component, reference.stack, (), path, reference.at)


def _component(entry: object) -> str | None:
    """The Terraform component that an entry of `dependencies.components` names, or None."""
    if not isinstance(entry, dict) or entry.get("kind", "terraform") != "terraform":
        return None
    return _text(entry, "component") or _text(entry, "name") or None


def _legacy(stack: str, variables: Mapping[str, object], entry: object, path: Path) -> Need | None:
    """`settings.depends_on`: a stack by name, else by context; the own values stand for what is not given."""
    component = _text(entry, "component")
    if not isinstance(entry, dict) or not component:
        return None
    if _text(entry, "stack") or not any(entry.get(name) for name in CONTEXT):
        return Need(DEPENDS_ON, component, _text(entry, "stack") or stack, (), path)
    context = tuple(str(entry.get(name) or variables.get(name) or "") for name in CONTEXT)
    return Need(DEPENDS_ON, component, None, context, path)


def _text(entry: object, name: str) -> str:
    value = entry.get(name) if isinstance(entry, dict) else None
    return value if isinstance(value, str) else ""


def key_of(need: Need) -> InstanceKey | None:
    """The instance that is needed, or None where it has to be looked for by context."""
    return InstanceKey(need.stack, need.component) if need.stack is not None else None
