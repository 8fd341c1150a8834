"""One component in its stack: sections, derived values and keys of context, as the document that Atmos works on."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.stacks.building import backend, workspaces
from gaia.stacks.building.built import Built
from gaia.stacks.building.integrations import integrations
from gaia.stacks.building.kinds import KINDS, TERRAFORM, Kind
from gaia.stacks.building.naming import NameMissing

if TYPE_CHECKING:
    from gaia.stacks.building.folding import Fold, Folds
    from gaia.stacks.building.naming import Names
    from gaia.stacks.building.stackfile import StackFile

WITHOUT_PATH = ("kubernetes", "helm", "emulator")
"""Types whose components `describe stacks` shows without the folder of their code."""
ONLY_IF_SET = ("dependencies", "locals", "secrets", "retry", "mocks", "hooks", "generate", "source", "provision")
"""Sections that are left out where nobody set them, unless the type shows them always."""


class Builder:
    """Builds the components of one repository."""

    def __init__(self, folds: Folds, names: Names) -> None:
        self.folds = folds
        self.names = names

    def raw(self, file: StackFile, kind: str, name: str) -> dict[str, object]:
        """The document before it has a stack: what a name template sees."""
        return self._sections(file, KINDS[kind], name)[1]

    def build(self, file: StackFile, kind: str, name: str, *, listed: bool = False, by_path: bool = False) -> Built:
        """A component of a manifest, as `describe component` sees it, or (`listed`) as `describe stacks` does.

        With `by_path` one that cannot be given a stack goes by the manifest's path.

        Raises:
            GaiaError: what is wrong with the configuration, with a position.
            NameMissing: the stack cannot be named.
        """
        fold, document, base, folder = self._sections(file, KINDS[kind], name)
        try:
            context = self.names.context(file, kind, name)
        except NameMissing:
            if not by_path:
                raise
            context = None
        path = file.manifest.name
        stack = context or path
        # A pattern without a known token names nothing: the stack goes by its path, its files by the empty name.
        prefix = path if context is None else context
        document["atmos_stack"] = document["stack"] = stack
        document["atmos_stack_file"] = document["atmos_manifest"] = path
        built = Built(file, KINDS[kind], name, fold, stack, prefix, base, folder, document, listed)
        if listed:
            _list(built)
        else:
            _detail(built)
        return built

    def _sections(self, file: StackFile, kind: Kind, name: str) -> tuple[Fold, dict[str, object], str | None, str]:
        fold = self.folds.fold(file, kind, name)
        values = fold.values
        base, folder = _components(file, kind, name, values.get("metadata"))
        _check_settings(file, kind, name, fold)
        if kind is TERRAFORM:
            metadata = values.get("metadata")
            logical = metadata.get("name") if isinstance(metadata, dict) else None
            backend.derive(file, kind, name, fold, logical if isinstance(logical, str) and logical else base or name)
        document = {**kind.always, **values}
        for section in ONLY_IF_SET:
            if section in document and section not in kind.always and not document[section]:
                del document[section]
        if "command" not in document:
            document["command"] = file.config.commands.get(kind.name) or kind.command
        document["atmos_component"] = name
        document["component"] = base or name
        document["inheritance"] = list(dict.fromkeys(reversed(file.bases(kind.name, name))))
        return fold, document, base, folder


def _list(built: Built) -> None:
    """What `describe stacks` adds. It never puts the component into the workspace, other than runs do."""
    document, kind = built.document, built.kind
    info = document["component_info"] = {"component_type": kind.name}
    folder = _setting(built, "base_path")
    if folder and kind.name not in WITHOUT_PATH:
        info["component_path"] = posixpath.normpath(posixpath.join(folder, str(document["component"])))
    if kind is TERRAFORM:
        document["workspace"] = workspaces.listed(built)


def _detail(built: Built) -> None:
    """What `describe component` adds."""
    document, kind, config = built.document, built.kind, built.file.config
    folder = config.folders.get(kind.name, config.base)
    document["component_info"] = {"component_type": kind.name, "component_path": str(folder / built.folder)}
    document["component_type"] = kind.name
    document["imports"] = list(built.file.imports)
    document["workspace"] = workspaces.of_run(built)
    integrations(built)


def _components(file: StackFile, kind: Kind, name: str, metadata: object) -> tuple[str | None, str]:
    """The base component (None: it is its own), and the folder of the code."""
    own = file.raw((kind.name, name), ("metadata", "component"))
    base = own if isinstance(own, str) and own else file.base_component(kind.name, name)
    folder = metadata.get("component") if isinstance(metadata, dict) else None
    folder = folder if isinstance(folder, str) and folder else base or name
    if ".." in folder or folder[:1] == "/":
        normal = posixpath.normpath(folder)
        if normal.startswith("../") or normal == ".." or posixpath.isabs(normal):
            layer = file.section_layer(kind, name, "metadata", file.config.list_strategy)
            layer = (layer.child("component") if layer else None) or file.component(kind.name, name)
            raise Invalid(
                "path-escapes",
                f"the component {folder!r} leads out of the components' folder",
                at=layer.position,
                next_step="Name a folder below it.",
            )
    return base, folder


def _check_settings(file: StackFile, kind: Kind, name: str, fold: Fold) -> None:
    settings = fold.values.get("settings")
    if not isinstance(settings, dict):
        return
    depends = settings.get("depends_on")
    if depends is not None and not isinstance(depends, dict):
        layer = file.section_layer(kind, name, "settings", fold.strategy)
        layer = layer.child("depends_on") if layer else None
        raise Invalid(
            "settings-decode",
            f"settings.depends_on of {name} must be a map",
            at=layer.position if layer else None,
            next_step="Write `1: {component: NAME}`, or use dependencies.components.",
        )
    spacelift = settings.get("spacelift")
    if isinstance(spacelift, dict) and "workspace_enabled" in spacelift and file.is_abstract(kind.name, name):
        kept = {key: value for key, value in spacelift.items() if key != "workspace_enabled"}
        fold.values["settings"] = {**settings, "spacelift": kept}


def _setting(built: Built, key: str) -> str:
    value = built.file.config.setting("components", built.kind.name, key)
    return value if isinstance(value, str) else ""
