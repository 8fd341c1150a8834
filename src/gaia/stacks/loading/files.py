"""The files of one stacks folder: which there are, and each one read and parsed once."""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.kit import yaml
from gaia.kit.files import read_regular, real_path
from gaia.stacks.loading.cache import Cache, Signature, signature
from gaia.stacks.loading.globs import compiled
from gaia.stacks.loading.imports import SUFFIXES, Entry, resolve
from gaia.stacks.loading.included import Tags

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from gaia.stacks.loading.config import Config


class Files:
    """Paths are relative to the stacks folder."""

    def __init__(self, config: Config, cache: Cache | None = None) -> None:
        self._config = config
        self._cache = cache or Cache(None, config.stacks)
        self._signatures: dict[str, Signature] = {}
        self._documents: dict[str, yaml.Document] = {}
        self._targets: dict[str, tuple[str, ...]] = {}
        self._links: set[str] = set()
        self._prefix: str | None = None
        self._appending: set[str] = set()
        self.including: set[str] = set()
        """Files in which others than those listed play a part."""

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

    def refreshed(self, changed: Collection[str]) -> Files:
        """The files after some have changed, come or gone; those that were parsed and did not are taken over."""
        fresh = Files(self._config, self._cache)
        changed = self.including.union(changed)
        fresh._documents = {path: known for path, known in self._documents.items() if path not in changed}
        fresh._signatures = {path: known for path, known in self._signatures.items() if path not in changed}
        fresh._appending = {path for path in self._appending if path not in changed}
        if fresh.listed == self.listed:
            fresh._targets = self._targets
        return fresh

    @cached_property
    def listed(self) -> list[str]:
        """Every manifest file, sorted; links to folders are not followed."""
        names: list[str] = []
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
                    names.append(prefix + one.name)
                    if one.is_symlink():
                        self._links.add(prefix + one.name)
        return sorted(names)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.listed)

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._known or (self._config.stacks / path).is_file()

    @cached_property
    def top_level(self) -> tuple[str, ...]:
        """The files that the included and not the excluded paths select, sorted.

        Raises:
            Invalid: `no-manifests`.
        """
        chosen = tuple(filter(selector(self._config), self.listed))
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
        if self._prefix is None:
            self._prefix = os.path.relpath(self._config.stacks, self._config.root)
        return posixpath.normpath(f"{self._prefix}/{path}")

    def document(self, path: str, at: Entry | None) -> yaml.Document:
        """A file, parsed. `at` is where it is imported.

        Raises:
            Invalid: `file-not-readable`, `path-escapes`, `manifest-type`, or the YAML reader's.
        """
        known = self._documents.get(path)
        if known is None:
            known = self._documents[path] = self._kept(path, at) or self._fresh(path, at)
        return known

    def parsed(self, path: str, content: bytes) -> yaml.Document:
        """The document in a content, which must be a map or nothing."""
        return self._parsed(path, content)[0]

    def save(self) -> None:
        """Keep what was parsed for the next process."""
        self._cache.save(self.listed)

    def derived(self, name: str, *parts: str) -> object:
        """What another process derived from exactly these files, or None; `parts` is what else plays a part."""
        state = self._state(parts)
        return self._cache.derived(name, state) if state else None

    def keep_derived(self, name: str, value: object, *parts: str) -> None:
        """Keep plain data that is a function of the files (and of `parts`) for the next process."""
        state = self._state(parts)
        if state:
            self._cache.keep_derived(name, state, value)

    def _state(self, parts: tuple[str, ...]) -> bytes | None:
        if not self._cache.enabled or self.including:
            return None
        try:
            return self._cache.state([(path, self._signature(path)) for path in self.listed], *parts)
        except OSError:
            return None

    def _signature(self, path: str) -> Signature:
        known = self._signatures.get(path)
        if known is None:
            known = self._signatures[path] = signature(f"{self._config.stacks}/{path}")
        return known

    def _kept(self, path: str, at: Entry | None) -> yaml.Document | None:
        if not self._cache.enabled or path not in self._known or path in self._links:
            return None
        file = f"{self._config.stacks}/{path}"
        try:
            entry = self._cache.find(path, file, self._signature(path))
        except OSError:
            return None
        if entry is None:
            return None
        value, appends = entry
        if appends:
            self._appending.add(path)
        return yaml.Document(self.shown(path), value, again=lambda: self._marks(path, at))

    def _marks(self, path: str, at: Entry | None) -> yaml.Mark:
        """The places of a file that was read for its values; where it has changed since, there are none."""
        try:
            return yaml.parse(self.content(path, at), self.shown(path), self._tags(path)).mark
        except Invalid:
            return yaml.NOWHERE

    def _fresh(self, path: str, at: Entry | None) -> yaml.Document:
        before = None
        if self._cache.enabled and path in self._known:
            with suppress(OSError):
                before = self._signature(path)
        content = self.content(path, at)
        document, tags = self._parsed(path, content)
        if tags.included:
            self.including.add(path)
        elif before is not None and path not in self._links:
            self._cache.keep(path, content, before, document.value, appends=tags.appends)
        return document

    def _parsed(self, path: str, content: bytes) -> tuple[yaml.Document, Tags]:
        tags = self._tags(path)
        shown = self.shown(path)
        value = yaml.parse_values(content, shown, tags)
        if tags.appends:
            self._appending.add(path)
        document = yaml.Document(shown, value, again=lambda: yaml.parse(content, shown, self._tags(path)).mark)
        if value is not None and not isinstance(value, dict):
            raise Invalid(
                "manifest-type",
                f"a manifest must be a map, {shown} is not",
                at=document.at(),
                next_step="Write `key: value` lines.",
            )
        return document, tags

    def _tags(self, path: str) -> Tags:
        return Tags((self._config.stacks / path).parent, self._config.base, self._config.top)

    def appends(self, path: str) -> bool:
        """Whether a file that was parsed has an `!append`."""
        return path in self._appending

    def content(self, path: str, at: Entry | None) -> bytes:
        """The bytes of a file; `at` is where it is imported."""
        file = self._config.stacks / path
        self._refuse_escape(file, path, at)
        try:
            return read_regular(file, yaml.MAX_BYTES + 1)
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
        if not real_path(file).is_relative_to(self._config.top):
            raise Invalid(
                "path-escapes",
                f"{path} leads out of the repository",
                at=at.at if at else Position(self.shown(path), 1),
                next_step="Keep manifests, and what links lead to, inside of the repository.",
            )


def selector(config: Config) -> Callable[[str], bool]:
    """Whether a file of a path, relative to the stacks folder, is a top-level manifest, or would be one."""
    included = [compiled(one) for path in config.included for one in _with_suffixes(path)]
    excluded = [compiled(posixpath.normpath(path)) for path in config.excluded]
    return lambda path: any(one.match(path) for one in included) and not any(one.match(path) for one in excluded)


def _with_suffixes(path: str) -> tuple[str, ...]:
    path = posixpath.normpath(path)
    if posixpath.splitext(path)[1]:
        return (path,)
    return tuple(path + suffix for suffix in SUFFIXES)
