"""Go templates of the import stage: whole files are rendered before they are merged.

A value that is nothing but one reference keeps its type; the rest is rendered as text that is written as Atmos writes
it, and read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid
from gaia.kit import yaml
from gaia.stacks.loading.deferred import OPEN, Deferred, open_locals, restored, set_aside
from gaia.stacks.loading.tags import manifest_tag

if TYPE_CHECKING:
    from gaia.errors import Position

ABSENT = object()
REFERENCE = re.compile(r"\{\{-?\s*((?:\.[A-Za-z_][A-Za-z0-9_]*)+)\s*-?\}\}\Z")

Data = Mapping[str, object]
Path = tuple[str | int, ...]


class Renderer:
    """Renders texts with sprig's and gomplate's functions; whether the component stage has them plays no part."""

    def __init__(self, environ: Mapping[str, str], *, untrusted: bool) -> None:
        self._environ = {} if untrusted else environ
        self.used = False
        """Whether anything was rendered at all: then the environment may have played a part."""

    @cached_property
    def _functions(self) -> Mapping[str, Callable[..., object]]:
        from gaia.golang.gotemplate.gomplate import library as gomplate
        from gaia.golang.gotemplate.sprig import library as sprig

        return {**gomplate.functions(self._environ), **sprig.functions(self._environ)}

    def text(self, text: str, data: Data, name: str, *, strict: bool) -> str:
        """`text` rendered; `strict` makes a missing key a failure, else it prints `<no value>`.

        Raises:
            Invalid: `template-…`, at the action.
        """
        from gaia.golang.gotemplate import parse

        self.used = True
        return parse(text, name=name).render(data, self._functions, missing="error" if strict else "default")

    def document(self, document: yaml.Document, data: Data, *, strict: bool, fatal: bool) -> yaml.Document:
        """A parsed file, rendered. Positions stay those of the source, down to where its keys still are.

        What cannot be rendered is left for the component stage, for the whole file, unless it is `fatal`.

        Raises:
            Invalid: `template-…` at the value that fails, `yaml-after-template` for text that is no YAML any more.
        """
        kept: list[Deferred] = []
        tree = set_aside(substituted(document.value, data), data, open_locals(data), kept)
        if contains(tree, OPEN):
            from gaia.golang.goyaml import dump

            try:
                text = self.text(dump(tree), data, document.file, strict=strict)
            except Invalid as error:
                if fatal:
                    error.at = self._culprit(tree, data, strict=strict, document=document)
                    raise
            else:
                tree = self._again(text, document)
        return document.holding(restored(tree, kept))

    def section(self, section: dict[str, object], data: Data, file: str) -> object:
        """One section of a file with locals, rendered as a whole; as it is written where anything of it fails."""
        kept: list[Deferred] = []
        tree = set_aside(substituted(section, data), data, open_locals(data), kept)
        if not contains(tree, OPEN):
            return restored(tree, kept)
        from gaia.golang.goyaml import dump

        try:
            text = self.text(dump(tree), data, file, strict=True)
            return restored(yaml.parse_values(text.encode(), file, manifest_tag), kept)
        except Invalid:
            return section

    def source(
        self, content: bytes, file: str, data: Data, *, strict: bool, fatal: bool
    ) -> tuple[bytes, Invalid | None]:
        """The text of a template file, rendered; as it is, with the reason, where that fails and is not `fatal`.

        Raises:
            Invalid: `template-…`, at the action.
        """
        if OPEN.encode() not in content:
            return content, None
        try:
            return self.text(content.decode(), data, file, strict=strict).encode(), None
        except UnicodeDecodeError:
            return content, None
        except Invalid as error:
            if fatal:
                raise
            return content, error

    def _again(self, text: str, document: yaml.Document) -> object:
        if not text.strip():
            return {}
        try:
            return yaml.parse_values(text.encode(), document.file, manifest_tag)
        except Invalid as error:
            raise Invalid(
                "yaml-after-template",
                f"after its templates are rendered, {document.file} is {error.message}",
                at=document.at(),
                next_step="Quote what a template inserts, or check the text it gives.",
            ) from error

    def _culprit(self, tree: object, data: Data, *, strict: bool, document: yaml.Document) -> Position:
        """The place of the first value that fails when it is rendered alone."""
        for path, text in texts(tree):
            try:
                self.text(text, data, document.file, strict=strict)
            except GaiaError:
                return document.at(path)
        return document.at()


def texts(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The texts (and keys) below a value that hold a template, in the order in which they are written out."""
    if isinstance(value, str):
        if OPEN in value:
            yield path, value
    elif isinstance(value, dict):
        for key in sorted(value):
            if OPEN in key:
                yield (*path, key), key
            yield from texts(value[key], (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, (*path, index))


def contains(value: object, needle: str) -> bool:
    """Whether a text or key below `value` holds `needle`."""
    if isinstance(value, str):
        return needle in value
    if isinstance(value, dict):
        return any(needle in key or contains(inner, needle) for key, inner in value.items())
    return isinstance(value, list) and any(contains(inner, needle) for inner in value)


def lookup(data: object, reference: str) -> object:
    """What a reference like `.vars.a.b` stands for, or `ABSENT`."""
    for key in reference[1:].split("."):
        if not isinstance(data, Mapping) or key not in data:
            return ABSENT
        data = data[key]
    return data


def substituted(value: object, data: Data) -> object:
    """`value` with each text that is exactly one known reference replaced by what it stands for, type and all."""
    if isinstance(value, str):
        match = REFERENCE.match(value) if OPEN in value and not isinstance(value, Deferred) else None
        found = lookup(data, match.group(1)) if match else ABSENT
        return value if found is ABSENT else found
    if isinstance(value, dict):
        return {key: substituted(inner, data) for key, inner in value.items()}
    if isinstance(value, list):
        return [substituted(inner, data) for inner in value]
    return value
