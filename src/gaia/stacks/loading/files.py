"""The files of one stacks folder: which there are, and each one read and parsed once."""

from __future__ import annotations

import os
import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.kit import yaml
from gaia.stacks.loading.globs import compiled
from gaia.stacks.loading.imports import SUFFIXES, Entry, resolve
from gaia.stacks.loading.included import Tags

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.loading.config import Config


class Files:
    """Paths are relative to the stacks folder."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._documents: dict[str, yaml.Document] = {}
        self._targets: dict[str, tuple[str, ...]] = {}
        self._links: set[str] = set()
        self._appending: set[str] = set()

    def targets(self, entry: Entry, importer: str) -> tuple[str, ...]:
        """The files that an import entry of `importer` stands for, as `resolve`."""
        path = entry.path
        known = self._targets.get(path)
        if known is None:
            known = resolve(entry, importer, lambda: self.listed, self.exists)
            # The same text means the same files everywhere, unless it is relative.
            if known and path[0] not in "./":
                self._targets[path] = known
        return known

    @cached_property
    def listed(self) -> list[str]:
        """Every manifest file, sorted; links to folders are not followed."""
        found: list[str] = []
        pending = [("", str(self._config.stacks))]
        while pending:
            prefix, folder = pending.pop()
            try:
                inside = list(os.scandir(folder))
            except OSError:
                continue
            for one in inside:
                if one.is_dir(follow_symlinks=False):
                    pending.append((f"{prefix}{one.name}/", one.path))
                elif one.name.endswith(SUFFIXES):
                    found.append(prefix + one.name)
                    if one.is_symlink():
                        self._links.add(prefix + one.name)
        return sorted(found)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.listed)

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._known or (self._config.stacks / path).is_file()

    def top_level(self) -> list[str]:
        """The files that the included and not the excluded paths select, sorted.

        Raises:
            Invalid: `no-manifests`.
        """
        included = [compiled(one) for path in self._config.included for one in _with_suffixes(path)]
        excluded = [compiled(posixpath.normpath(path)) for path in self._config.excluded]
        chosen = [
            path
            for path in self.listed
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
        """A path as it stands in positions: relative to the repository."""
        return os.path.relpath(self._config.stacks / path, self._config.root)

    def document(self, path: str, at: Entry | None) -> yaml.Document:
        """A file, parsed. `at` is where it is imported.

        Raises:
            Invalid: `file-not-readable`, `path-escapes`, `manifest-type`, or the YAML reader's.
        """
        if path not in self._documents:
            self._documents[path] = self.parsed(path, self.content(path, at))
        return self._documents[path]

    def parsed(self, path: str, content: bytes) -> yaml.Document:
        """The document in a content, which must be a map or nothing."""
        folder = (self._config.stacks / path).parent
        tags = Tags(folder, self._config.base, self._config.top)
        document = yaml.parse(content, self.shown(path), tags)
        if tags.appends:
            self._appending.add(path)
        if document.value is not None and not isinstance(document.value, dict):
            raise Invalid(
                "manifest-type",
                f"a manifest must be a map, {document.file} is not",
                at=document.at(),
                next_step="Write `key: value` lines.",
            )
        return document

    def appends(self, path: str) -> bool:
        """Whether a file that was parsed has an `!append`."""
        return path in self._appending

    def content(self, path: str, at: Entry | None) -> bytes:
        """The bytes of a file; `at` is where it is imported."""
        file = self._config.stacks / path
        self._refuse_escape(file, path, at)
        try:
            with file.open("rb") as handle:
                return handle.read(yaml.MAX_BYTES + 1)
        except OSError as error:
            raise Invalid(
                "file-not-readable",
                f"cannot read {self.shown(path)}: {error.strerror}",
                at=at.at if at else Position(self.shown(path), 1),
                next_step="Check the file's owner and rights.",
            ) from error

    def _refuse_escape(self, file: Path, path: str, at: Entry | None) -> None:
        if path in self._known and path not in self._links:
            return
        if not file.resolve().is_relative_to(self._config.top):
            raise Invalid(
                "path-escapes",
                f"{path} leads out of the repository",
                at=at.at if at else Position(self.shown(path), 1),
                next_step="Keep manifests, and what links lead to, inside of the repository.",
            )


def _with_suffixes(path: str) -> tuple[str, ...]:
    path = posixpath.normpath(path)
    if posixpath.splitext(path)[1]:
        return (path,)
    return tuple(path + suffix for suffix in SUFFIXES)
