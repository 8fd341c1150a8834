"""Import entries: their two forms, and which files they stand for."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.stacks.loading.globs import compiled, is_glob
from gaia.stacks.loading.tags import not_supported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.errors import Position
    from gaia.kit.yaml import Document

SUFFIXES = (".yaml", ".yml", ".yaml.tmpl", ".yml.tmpl")
FLAGS = ("skip_templates_processing", "ignore_missing_template_values", "skip_if_missing")
REMOTE = ("://", "git::", "s3::", "gcs::", "http::", "https::", "oci:", "github.com/", "git@")


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of `import:`."""

    path: str
    document: Document
    """The file that it stands in."""
    index: int
    context: Mapping[str, object] = field(default_factory=dict)
    skip_templates: bool = False
    ignore_missing: bool = False
    skip_if_missing: bool = False

    @property
    def at(self) -> Position:
        """Where it is written."""
        return self.document.at(("import", self.index))

    @property
    def plain(self) -> bool:
        """Whether it hands nothing on: then what the file gives is the same wherever it is imported."""
        return not (self.context or self.skip_templates or self.ignore_missing or "{{" in self.path)

    def at_path(self, path: str, *, optional: bool) -> Entry:
        """The same entry for another path."""
        return replace(self, path=path, skip_if_missing=optional)


def entries(document: Document) -> tuple[Entry, ...]:
    """The import entries of a manifest, in order.

    Raises:
        Invalid: `section-type` when `import` is not a list of texts and maps.
    """
    tree = document.value
    listed = tree.get("import") if isinstance(tree, dict) else None
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise Invalid(
            "section-type",
            f"import must be a list in {document.file}",
            at=document.at(("import",)),
            next_step="Write each import behind a dash.",
        )
    return tuple([_entry(one, document, index) for index, one in enumerate(listed)])


def _entry(value: object, document: Document, index: int) -> Entry:
    if isinstance(value, str) and value:
        return Entry(value, document, index)
    at = document.at(("import", index))
    path = value.get("path") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(path, str) or not path:
        raise Invalid("section-type", "an import is a path or a map with `path`", at=at, next_step="Give a path.")
    for flag in FLAGS:
        if not isinstance(value.get(flag, False), bool):
            raise Invalid("section-type", f"{flag} of an import must be true or false", at=at, next_step="Correct it.")
    context = value.get("context") or {}
    if not isinstance(context, dict):
        raise Invalid("section-type", "context of an import must be a map", at=at, next_step="Give a map.")
    skip, ignore, optional = (value.get(flag, False) is True for flag in FLAGS)
    return Entry(path, document, index, context, skip, ignore, optional)


def resolve(
    entry: Entry, importer: str, files: Callable[[], Sequence[str]], exists: Callable[[str], bool]
) -> tuple[str, ...]:
    """The files that an entry stands for, relative to the stacks folder, in the order in which they apply.

    `importer` is the importing file, `files` lists all files, `exists` tells whether one is there; all relative.

    Raises:
        NotFound: `import-not-found`, with the nearest existing path.
        Invalid: `not-supported` for remote imports.
    """
    if any(entry.path.startswith(one) or (one == "://" and one in entry.path) for one in REMOTE):
        raise not_supported("remote imports", entry.at, "Copy the file into the repository.")
    path = entry.path
    relative = path.split("/", 1)[0] in (".", "..", "")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(importer), path.lstrip("/")) if relative else path)
    found = _matches(path, files) if is_glob(path) else _file(path, exists)
    if found or entry.skip_if_missing:
        return found
    import difflib

    near = difflib.get_close_matches(path, {stem(one) for one in files()} | set(files()), n=1, cutoff=0.4)
    raise NotFound(
        "import-not-found",
        f"the import {entry.path!r} matches no file",
        at=entry.at,
        next_step=f"Did you mean {near[0]!r}?" if near else "Paths are relative to the stacks folder.",
        facts={"nearest": near[0] if near else None},
    )


def stem(path: str) -> str:
    """A manifest's path without its last extension."""
    return posixpath.splitext(path)[0]


def _file(path: str, exists: Callable[[str], bool]) -> tuple[str, ...]:
    suffix = posixpath.splitext(path)[1]
    if suffix in (".yaml", ".yml"):
        candidates: Sequence[str] = (path + ".tmpl", path)
    elif "." in posixpath.basename(path):
        candidates = (path,)
    else:
        candidates = [path + one for one in SUFFIXES]
    return next(((one,) for one in candidates if exists(one)), ())


def _matches(path: str, files: Callable[[], Sequence[str]]) -> tuple[str, ...]:
    pattern = compiled(path if posixpath.splitext(path)[1] else path + ".yaml")
    return tuple(sorted(one for one in files() if pattern.match(one)))
