"""Building one instance: sections merged in their order, names derived, functions resolved."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.stacks.building import backend, naming
from gaia.stacks.building.describe import describe
from gaia.stacks.building.functions import UNSET, Functions
from gaia.stacks.building.stackfile import ORDER, StackFile
from gaia.stacks.layers import Layer
from gaia.stacks.model import Instance, InstanceKey, Origin, Reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.errors import Position

REFERRING = ("vars", "providers")
ASSIGNED = {"command": "TBCO", "backend_type": "TBC", "remote_state_backend_type": "TBC", "required_version": "BCO"}
"""Sections that are one word, and the layers that may set it."""


class Sections:
    """The sections of one instance, and where their values come from."""

    def __init__(self, file: StackFile, name: str) -> None:
        self.file = file
        self.name = name
        strategy = file.strategy(name)
        self.strategy = strategy
        self.layers: dict[str, Layer] = {}
        for section in ORDER:
            layer = file.section(name, section, strategy)
            if layer is not None:
                self.layers[section] = layer
        metadata = file.metadata(name, strategy)
        if metadata is not None:
            self.layers["metadata"] = metadata
        if name in file.manifest.overrides:
            self.layers["overrides"] = file.manifest.overrides[name]
        for key, order in ASSIGNED.items():
            layer = file.assigned(name, key, order)
            if layer is not None:
                self.layers[key] = layer
        self.values: dict[str, object] = {key: layer.value for key, layer in self.layers.items()}
        self.trees: dict[str, object] = {}

    def map(self, section: str) -> dict[str, object]:
        """The value of a section that is a map; empty where it is missing."""
        value = self.values.get(section)
        return value if isinstance(value, dict) else {}

    def text(self, section: str) -> str:
        """The value of a section that is one word; empty where it is missing."""
        value = self.values.get(section)
        return value if isinstance(value, str) else ""

    def locate(self, path: Sequence[str | int]) -> Position:
        """Where the value at `path`, or the nearest one above it, is written; else where the component is."""
        layer: Layer | None = self.layers.get(str(path[0])) if path else None
        found = layer
        for key in path[1:]:
            layer = layer.child(key) if layer else None
            found = layer or found
        return found.position if found else self.file.component(self.name).position

    def explain(self, path: Sequence[str | int]) -> Origin:
        """As `Instance.explain`."""
        value: object = self.values
        for step in path:
            inner = Layer(value).child(step)
            if inner is None:
                raise self._unknown(path, value)
            value = inner.value
        layer = self.layers.get(str(path[0])) if path else self.file.component(self.name)
        layer = layer.at(path[1:]) if layer else None
        if layer is None:
            return Origin(value, self.locate(path), ())
        origin = layer.origin()
        return Origin(value, origin.at, origin.overridden)

    def describe(self, instance: Instance) -> dict[str, object]:
        """As `Instance.describe`."""
        return describe(instance, self)

    def _unknown(self, path: Sequence[str | int], value: object) -> NotFound:
        import difflib

        known = [str(key) for key in value] if isinstance(value, dict) else []
        near = difflib.get_close_matches(str(path[-1]) if path else "", known, n=3)
        shown = ".".join(str(step) for step in path)
        return NotFound(
            "path-unknown",
            f"{self.name} has no value at {shown}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else "Look at `gaia describe component`.",
            facts={"nearest": near},
        )


def build(file: StackFile, name: str, *, environ: Mapping[str, str], untrusted: bool) -> Instance:
    """The instance of a component of a top-level manifest.

    Raises:
        GaiaError: what is wrong with the configuration, with a position.
    """
    sections = Sections(file, name)
    metadata = sections.map("metadata")
    base, component_path = _components(file, name, metadata)
    _check_settings(sections)
    _derive_backend(sections, base, metadata)
    context = naming.context_name(file, name)
    stack = context or file.manifest.name
    references = _resolve(sections, stack, environ=environ, untrusted=untrusted)
    # A pattern without a known token names nothing: the stack goes by its path, its files by the empty name.
    prefix = file.manifest.name if context is None else context
    workspace = naming.workspace(
        file,
        name=name,
        stack=prefix,
        base=component_path if component_path != name else base,
        metadata=metadata,
        variables=sections.map("vars"),
        backend_type=sections.text("backend_type"),
    )
    own_base = sections.values["component"] = base or name
    stem = naming.file_stem(prefix, name, str(own_base) if base else None)
    return Instance(
        key=InstanceKey(stack, name),
        component_path=component_path,
        vars=sections.map("vars"),
        settings=sections.map("settings"),
        env=sections.map("env"),
        metadata=sections.map("metadata"),
        providers=sections.map("providers"),
        backend_type=sections.text("backend_type"),
        backend=sections.map("backend"),
        dependencies=sections.map("dependencies"),
        workspace=workspace,
        command=sections.text("command") or file.config.command,
        inheritance=tuple(dict.fromkeys(reversed(file.bases(name)))),
        imports=file.imports,
        manifest=file.manifest.name,
        varfile_name=f"{stem}.terraform.tfvars.json",
        planfile_name=f"{stem}.planfile",
        abstract=file.is_abstract(name),
        enabled=metadata.get("enabled") is not False,
        references=references,
        provenance=sections,
    )


def _resolve(
    sections: Sections, stack: str, *, environ: Mapping[str, str], untrusted: bool
) -> tuple[tuple[tuple[str | int, ...], Reference], ...]:
    """Replace the functions in all sections by what they give; the references to other instances are returned."""
    config = sections.file.config
    if config.env:
        sections.values["env"] = {**config.env, **sections.map("env")}
    functions = Functions(
        stack=stack,
        env=sections.map("env"),
        metadata=sections.map("metadata"),
        environ=environ,
        untrusted=untrusted,
        templates=config.templates,
        locate=sections.locate,
    )
    for section, value in list(sections.values.items()):
        resolved = functions.walk(value, (section,))
        sections.values[section] = {} if resolved is UNSET else resolved
    return tuple(one for one in functions.references if one[0][0] in REFERRING)


def _components(file: StackFile, name: str, metadata: Mapping[str, object]) -> tuple[str | None, str]:
    """The base component (None: it is its own), and the folder of the code."""
    own = file.components.at((name, "metadata", "component"))
    base = own.value if own and isinstance(own.value, str) and own.value else file.base_component(name)
    folder = metadata.get("component")
    folder = folder if isinstance(folder, str) and folder else base or name
    normal = posixpath.normpath(str(folder))
    if normal.startswith("../") or normal == ".." or posixpath.isabs(normal):
        layer = file.scalar(name, ("metadata", "component"), "BC") or file.component(name)
        raise Invalid(
            "path-escapes",
            f"the component {folder!r} leads out of the components' folder",
            at=layer.position,
            next_step="Name a folder below it.",
        )
    return str(base) if base else None, str(folder)


def _check_settings(sections: Sections) -> None:
    depends = sections.map("settings").get("depends_on")
    if depends is not None and not isinstance(depends, dict):
        raise Invalid(
            "settings-decode",
            f"settings.depends_on of {sections.name} must be a map",
            at=sections.locate(("settings", "depends_on")),
            next_step="Write `1: {component: NAME}`, or use dependencies.components.",
        )


def _derive_backend(sections: Sections, base: str | None, metadata: Mapping[str, object]) -> None:
    """Replace the trees of backends by the entries of their types."""
    file, name, strategy = sections.file, sections.name, sections.strategy
    kind = sections.text("backend_type")
    logical = metadata.get("name")
    owner = logical if isinstance(logical, str) and logical else base or name
    layer, value = backend.backend(file, name, kind, owner, strategy)
    sections.values |= {"backend_type": kind, "backend": value}
    sections.layers.pop("backend", None)
    if layer is not None:
        sections.layers["backend"] = layer
    remote = sections.text("remote_state_backend_type") or kind
    sections.values |= {
        "remote_state_backend_type": remote,
        "remote_state_backend": backend.remote_state_backend(file, name, remote, (kind, value), strategy),
    }
    sections.layers.pop("remote_state_backend", None)
