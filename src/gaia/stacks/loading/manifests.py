"""Reading manifests and merging their imports: each file is parsed once and merged once.

Without a context that reaches it, what a file gives is a function of its closure alone, so the merged layer is kept
and shared by everything that imports it.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.kit import yaml
from gaia.stacks.layers import Layer, merged
from gaia.stacks.loading.globs import compiled
from gaia.stacks.loading.imports import SUFFIXES, Entry, entries, resolve, stem
from gaia.stacks.loading.overrides import Scope
from gaia.stacks.loading.tags import manifest_tag, not_supported

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.stacks.loading.config import Config

MAX_IMPORT_DEPTH = 64
MAX_APPLIED = 5_000
"""Files read into one manifest. Overrides make a file's result depend on its importer, so it is merged each time."""
TEMPLATE = "{{"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file with its imports merged under it."""

    path: str
    """Relative to the stacks folder."""
    layer: Layer
    document: yaml.Document
    reached: Mapping[str, yaml.Document]
    """Every file that imports lead to, by its path."""
    overrides: Mapping[str, Layer]
    """What `overrides:` sections set for each component that they reach."""
    outgoing: Layer | None
    """The overrides of this file and its imports: they leak to files that are imported after it."""

    @property
    def name(self) -> str:
        """The path without extension."""
        return stem(self.path)


class Manifests:
    """The files of one stacks folder."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._listed: list[str] | None = None
        self._documents: dict[str, yaml.Document] = {}
        self._applied = 0
        self._merged: dict[tuple[str, bool], Manifest] = {}

    def files(self) -> list[str]:
        """Every manifest file below the stacks folder, sorted; links to folders are not followed."""
        if self._listed is None:
            top = str(self._config.stacks)
            self._listed = sorted(
                posixpath.relpath(f"{folder}/{name}", top)
                for folder, _, names in os.walk(top)
                for name in names
                if name.endswith(SUFFIXES)
            )
        return self._listed

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.files())

    def top_level(self) -> list[str]:
        """The files that the included and not the excluded paths select, sorted.

        Raises:
            Invalid: `no-manifests`.
        """
        included = [compiled(one) for path in self._config.included for one in _with_suffixes(path)]
        excluded = [compiled(posixpath.normpath(path)) for path in self._config.excluded]
        chosen = [
            path
            for path in self.files()
            if any(one.match(path) for one in included) and not any(one.match(path) for one in excluded)
        ]
        if not chosen:
            raise Invalid(
                "no-manifests",
                f"no stack manifest matches {', '.join(self._config.included)} in {self.shown('')}",
                at=self._config.document.at(("stacks", "included_paths")),
                next_step="Correct stacks.base_path or stacks.included_paths in atmos.yaml.",
            )
        return chosen

    def shown(self, path: str) -> str:
        """A path below the stacks folder as it stands in positions: relative to the repository."""
        return os.path.relpath(self._config.stacks / path, self._config.root)

    def manifest(self, path: str) -> Manifest:
        """The file at `path` (relative to the stacks folder) with everything that it imports.

        Raises:
            GaiaError: what reading it and its imports raises, with a position.
        """
        self._applied = 0
        return self._load(path, context=False, chain=())

    def _load(
        self, path: str, *, context: bool, chain: tuple[tuple[str, Position], ...], incoming: Layer | None = None
    ) -> Manifest:
        known = self._merged.get((path, context))
        if known is not None and incoming is None:
            return known
        document = self._document(path, chain[-1][1] if chain else None)
        self._applied += 1
        if self._applied > MAX_APPLIED:
            message = f"more than {MAX_APPLIED:,} imports for one manifest"
            raise Invalid("import-too-many", message, at=document.at(), next_step="Import each file once.")
        self._refuse_templates(document, path, context=context)
        strategy = self._config.list_strategy
        scope = Scope(Layer(document.value or {}, document=document), incoming, strategy)
        layers: list[Layer] = []
        reached: dict[str, yaml.Document] = {}
        for entry in entries(document):
            for child in resolve(entry, path, self.files, self._exists):
                self._refuse_cycle(child, path, entry, chain)
                hands_on = (context or bool(entry.context)) and not entry.skip_templates
                links = (*chain, (path, entry.at))
                manifest = self._load(child, context=hands_on, chain=links, incoming=scope.handed_on())
                scope.gather(manifest.overrides, manifest.outgoing)
                layers.append(manifest.layer)
                reached |= {**manifest.reached, child: manifest.document}
        own = Layer(document.value or {}, document=document).without(("import", "locals", "overrides"))
        layer = merged([*(one for one in layers if one.value), own], strategy) or own
        result = Manifest(path, layer, document, reached, scope.attached(layer), scope.outgoing())
        if incoming is None:
            self._merged[path, context] = result
        return result

    def _refuse_cycle(self, child: str, path: str, entry: Entry, chain: tuple[tuple[str, Position], ...]) -> None:
        if child == path:
            raise Invalid(
                "import-self", f"{self.shown(path)} imports itself", at=entry.at, next_step="Remove this import."
            )
        names = [one for one, _ in chain]
        if child in names:
            loop = [*chain[names.index(child) :], (path, entry.at)]
            raise Invalid(
                "import-cycle",
                "imports go round in a circle: " + " → ".join([*(one for one, _ in loop), child]),
                at=entry.at,
                next_step="Remove one of these imports: " + ", ".join(str(at) for _, at in loop) + ".",
                facts={"cycle": [{"file": self.shown(one), "at": str(at)} for one, at in loop]},
            )
        if len(chain) >= MAX_IMPORT_DEPTH:
            message = f"imports are nested deeper than {MAX_IMPORT_DEPTH} files"
            raise Invalid("import-too-deep", message, at=entry.at, next_step="Import the files side by side.")

    def _exists(self, path: str) -> bool:
        return path in self._known or (self._config.stacks / path).is_file()

    def _document(self, path: str, at: Position | None) -> yaml.Document:
        if path not in self._documents:
            file = self._config.stacks / path
            self._refuse_escape(file, path, at)
            try:
                if path.endswith(".tmpl"):
                    _refuse_template(file.read_bytes()[: yaml.MAX_BYTES], self.shown(path))
                document = yaml.read(file, self.shown(path), manifest_tag)
            except OSError as error:
                raise Invalid(
                    "file-not-readable",
                    f"cannot read {self.shown(path)}: {error.strerror}",
                    at=at or Position(self.shown(path), 1),
                    next_step="Check the file's owner and rights.",
                ) from error
            if document.value is not None and not isinstance(document.value, dict):
                raise Invalid(
                    "manifest-type",
                    f"a manifest must be a map, {document.file} is not",
                    at=document.at(),
                    next_step="Write `key: value` lines.",
                )
            self._documents[path] = document
        return self._documents[path]

    def _refuse_escape(self, file: Path, path: str, at: Position | None) -> None:
        if not file.resolve().is_relative_to(self._config.top):
            raise Invalid(
                "path-escapes",
                f"{path} leads out of the repository",
                at=at or Position(self.shown(path), 1),
                next_step="Keep manifests, and what links lead to, inside of the repository.",
            )

    def _refuse_templates(self, document: yaml.Document, path: str, *, context: bool) -> None:
        """Templates of the import stage: better an error than a wrong value."""
        tree = document.value if isinstance(document.value, dict) else {}
        where = find_text(tree, TEMPLATE) if "locals" in tree or path.endswith(".tmpl") or context else None
        if where is not None:
            raise not_supported("templates in imported files and locals", document.at(where), "Write the value out.")


def _refuse_template(content: bytes, shown: str) -> None:
    """A template need not be YAML before it is rendered, so it is looked at as text."""
    before, found, _ = content.partition(TEMPLATE.encode())
    if found:
        at = Position(shown, before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)
        raise not_supported("templates in imported files", at, "Write the value out.")


def find_text(value: object, needle: str, path: tuple[str | int, ...] = ()) -> tuple[str | int, ...] | None:
    """The path of the first text (or key) below `value` that holds `needle`, or None."""
    if isinstance(value, str):
        return path if needle in value else None
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if isinstance(key, str) and needle in key:
            return (*path, key)
        found = find_text(inner, needle, (*path, key))
        if found is not None:
            return found
    return None


def _with_suffixes(path: str) -> tuple[str, ...]:
    path = posixpath.normpath(path)
    if posixpath.splitext(path)[1]:
        return (path,)
    return tuple(path + suffix for suffix in SUFFIXES)
