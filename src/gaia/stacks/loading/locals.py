"""`locals:` of a file: names for values, seen in this file only.

They may name each other in any order, and the file's own settings, vars and env. Those of a type (`terraform.locals`)
come on top of the file's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.stacks.loading.deferred import OPEN, Deferred, open_locals, uses
from gaia.stacks.loading.rendering import ABSENT, REFERENCE, Data, Renderer, lookup, texts
from gaia.stacks.loading.tags import function_of
from gaia.stacks.loading.variables import TYPES
from gaia.stacks.ports import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.errors import Position
    from gaia.kit.yaml import Document

    Answer = Callable[[str, Position], object]

SECTIONS = ("settings", "vars", "env")
_NAMED = re.compile(r"\.locals\.([A-Za-z_][A-Za-z0-9_]*)")


def has_locals(tree: object) -> bool:
    """Whether a file defines locals, for itself or for a type."""
    return isinstance(tree, dict) and (
        "locals" in tree or any(isinstance(tree.get(one), dict) and "locals" in tree[one] for one in TYPES)
    )


def unanswered(text: str, at: Position) -> object:
    """The answer of somebody who knows nothing."""
    del text, at
    raise Unanswered


def template_data(
    document: Document, renderer: Renderer, context: dict[str, object], answer: Answer
) -> dict[str, object]:
    """What the templates of a file with locals see: its locals, and its settings, vars and env with locals filled in.

    `answer` runs the functions of locals that some template names.

    Raises:
        Invalid: `locals-undefined`, `locals-cycle`, `section-type`.
    """
    tree = document.value
    if not isinstance(tree, dict):
        return context
    sections = {key: tree[key] for key in SECTIONS if isinstance(tree.get(key), dict)}
    resolver = Locals(document, renderer, {**context, **sections}, answer)
    data: dict[str, object] = {**context, "locals": resolver.all()}
    for key, section in sections.items():
        data[key] = renderer.section(section, data, document.file)
    return data


class Locals:
    """The locals of one file, each resolved when it is first needed."""

    def __init__(self, document: Document, renderer: Renderer, data: Data, answer: Answer) -> None:
        self._document = document
        self._renderer = renderer
        self._data = data
        self._answer = answer
        self._named = set(_NAMED.findall(" ".join(text for _, text in texts(document.value))))
        self._paths: dict[str, tuple[str, ...]] = {}
        self._raw: dict[str, object] = {}
        self._known: dict[str, object] = {}
        self._open: list[str] = []
        for path in (("locals",), *((one, "locals") for one in TYPES)):
            self._take(path)

    def all(self) -> dict[str, object]:
        """Every local with its value."""
        return {name: self.value(name) for name in self._raw}

    def value(self, name: str) -> object:
        """The value of one local."""
        if name in self._open:
            loop = " → ".join([*self._open[self._open.index(name) :], name])
            raise Invalid(
                "locals-cycle",
                f"locals go round in a circle: {loop}",
                at=self._document.at(self._paths[name]),
                next_step="Write one of them out.",
            )
        if name not in self._known:
            self._open.append(name)
            self._known[name] = self._resolved(self._raw[name], name)
            self._open.pop()
        return self._known[name]

    def _take(self, path: tuple[str, ...]) -> None:
        section: object = self._document.value
        for key in path:
            if not isinstance(section, dict) or key not in section:
                return
            section = section[key]
        if section is None:
            return
        if not isinstance(section, dict):
            raise Invalid(
                "section-type",
                f"{'.'.join(path)} must be a map",
                at=self._document.at(path),
                next_step="Remove the key, or write {} for an empty map.",
            )
        self._raw.update(section)
        self._paths.update({name: (*path, name) for name in section})

    def _resolved(self, value: object, name: str) -> object:
        if isinstance(value, str):
            return self._text(value, name)
        if isinstance(value, dict):
            return {key: self._resolved(inner, name) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._resolved(inner, name) for inner in value]
        return value

    def _text(self, text: str, name: str) -> object:
        if text[:1] == "!" and name in self._named and function_of(text) is not None:
            found = self._answered(text, name)
            if found is not None:
                return found
        if OPEN in text:
            needed = _NAMED.findall(text)
            if not needed and ".locals" in text:
                needed = [other for other in self._raw if other != name]
            for other in needed:
                if other not in self._raw:
                    raise self._undefined(name, f"locals.{other}")
            data = {**self._data, "locals": {other: self.value(other) for other in needed}}
            match = REFERENCE.match(text)
            found = lookup(data, match.group(1)) if match else ABSENT
            if found is not ABSENT:
                return found
            if uses(text, open_locals(data)):
                return Deferred(text, data)
            try:
                text = self._renderer.text(text, data, self._document.file, strict=True)
            except Invalid as error:
                raise self._undefined(name, error.message) from error
        return text

    def _answered(self, text: str, name: str) -> object:
        """What a function gives; None where it runs where the value arrives."""
        try:
            found = self._answer(text, self._document.at(self._paths[name]))
        except Unanswered:
            return None
        self._renderer.used = True
        return found

    def _undefined(self, name: str, what: str) -> Invalid:
        return Invalid(
            "locals-undefined",
            f"the local {name} cannot be resolved: {what}",
            at=self._document.at(self._paths[name]),
            next_step=f"Locals of this file: {', '.join(sorted(self._raw))}. Imported values are not visible here.",
        )
