"""Reads objects of Kubernetes from files, as kubectl does, and more strictly: what it would apply is never left out.

Every document of a file is read, whatever divides them; plain scalars are those of YAML 1.1, where `yes` is true; a
list is its items, which take their kind from it. What looks like an object and is none is refused.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound, Position
from gaia.kit import yaml
from gaia.kit.files import STANDARD_INPUT, read_given
from gaia.kit.scalars import Date
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from yaml.events import ScalarEvent

    from gaia.policy.paths import Path as Steps

SUFFIXES = (".yaml", ".yml", ".json")
"""Of the files of a folder that are read, as kubectl reads them."""
_SPACE = re.compile(r"\s*")
_TRUE = frozenset(word for one in ("y", "yes", "on") for word in (one, one.capitalize(), one.upper()))
_FALSE = frozenset(word for one in ("n", "no", "off") for word in (one, one.capitalize(), one.upper()))


@dataclass(frozen=True, slots=True)
class Object:
    """One object, and where it and what is in it is written."""

    value: Mapping[str, object]
    place: Callable[[Steps], Position]

    @property
    def name(self) -> str:
        """`KIND/NAME`, with a namespace `NAMESPACE/KIND/NAME`; a name that is yet to be generated is no name."""
        about = as_map(self.value.get("metadata"))
        begun = about.get("generateName")
        name = about.get("name") or (f"{begun}(generated)" if begun else "-")
        return "/".join(str(step) for step in (about.get("namespace"), self.value.get("kind"), name) if step)


def objects_in(paths: Sequence[Path], cwd: Path) -> tuple[Object, ...]:
    """The objects of files, of the files of folders, and of standard input (`-`), in their order.

    In a folder what does not look like an object is passed over, as values and patches are; a file that is named holds
    nothing else than objects.

    Raises:
        NotFound: `objects-not-found`. Invalid: `objects-invalid`, `yaml-…`, with their places.
    """
    found: list[Object] = []
    for path in paths:
        named = path if str(path) in STANDARD_INPUT else cwd / path
        folder = named.is_dir()
        held: list[Object] = []
        for file in _below(named, path) if folder else [named]:
            shown = (path / file.relative_to(named)).as_posix() if folder else str(path)
            held += _of_file(file, shown, strict=not folder)
        if not held:
            raise Invalid(
                "objects-invalid",
                f"{path} holds no object of Kubernetes, which has apiVersion and kind",
                next_step="Give the files that are applied: of a chart or an overlay, what it renders.",
            )
        found += held
    return tuple(found)


def _below(folder: Path, shown: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise _unreadable((shown / Path(error.filename).relative_to(folder)).as_posix(), error)

    return sorted(
        Path(above, name)
        for above, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if name.endswith(SUFFIXES)
    )


def _unreadable(shown: str, error: OSError) -> NotFound:
    return NotFound(
        "objects-not-found",
        f"cannot read {shown}: {error.strerror}",
        next_step="Give YAML or JSON files, or a folder of them, that you may read.",
    )


def _of_file(file: Path, shown: str, *, strict: bool) -> Iterator[Object]:
    try:
        content = read_given(file, yaml.MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(shown, error) from error
    if len(content) > yaml.MAX_BYTES:
        raise yaml.too_large(shown)
    for document in _documents(content, shown):
        yield from _held(document, strict=strict)


def _documents(content: bytes, shown: str) -> list[yaml.Document]:
    try:
        return yaml.guarded(content, shown, lambda: list(_Reading(content, shown, yaml.tag_is_unknown).documents()))
    except Invalid as error:
        if error.code != "yaml-syntax" or not content.lstrip().startswith(b"{"):
            raise
        found = _of_json(content, shown)
        if found is None:
            raise
        return found


def _of_json(content: bytes, shown: str) -> list[yaml.Document] | None:
    """Objects of JSON one after the other, or with what YAML has no word for; None where they are none."""
    found: list[yaml.Document] = []
    try:
        text = content.decode()
        begin = _end_of_space(text, 0)
        while begin < len(text):
            value, end = json.JSONDecoder().raw_decode(text, begin)
            line = text.count("\n", 0, begin) + 1
            found.append(yaml.Document(shown, value, yaml.Mark(line, 1, line, 1, None)))
            begin = _end_of_space(text, end)
    except (ValueError, RecursionError):
        return None
    return found


def _end_of_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


class _Reading(yaml.Builder):
    """Plain scalars as kubectl reads them: YAML 1.1's truths, and dates as texts."""

    def scalar(self, event: ScalarEvent) -> object:
        if event.implicit[0] and event.tag is None:
            if event.value in _TRUE:
                return True
            if event.value in _FALSE:
                return False
        value = super().scalar(event)
        return event.value if isinstance(value, Date) else value


def _held(document: yaml.Document, *, strict: bool) -> Iterator[Object]:
    """The objects of one document."""
    value = document.value
    if value is None:
        return
    one = as_map(value)
    if _is_object(one):
        yield from _objects(one, (), document.at)
    elif strict or _looks_like_one(one):
        raise _no_object(document.at(), "it has no apiVersion and kind" if one else "it is no map")


def _is_object(one: Mapping[str, object]) -> bool:
    return all(isinstance(one.get(name), str) and one[name] for name in ("apiVersion", "kind"))


def _looks_like_one(one: Mapping[str, object]) -> bool:
    """Whether somebody who wrote this meant an object: values of a chart have neither of both beside a `kind`."""
    kind = one.get("kind")
    listed = isinstance(kind, str) and kind.endswith("List") and "items" in one
    return listed or (("apiVersion" in one or "kind" in one) and ("metadata" in one or "spec" in one))


def _objects(one: Mapping[str, object], above: Steps, at: Callable[[Steps], Position]) -> Iterator[Object]:
    """The object, or the items of a list; kubectl takes whatever has items, or Items, for a list."""
    kind = str(one["kind"])
    held = next((name for name in one if name.lower() == "items"), None)
    is_list = held is not None and kind.endswith("List")
    if not is_list:
        yield Object(one, lambda path: at((*above, *path)))
    if held is None:
        return
    items = one[held]
    if not isinstance(items, list):
        if is_list and items is not None:
            raise _no_object(at((*above, held)), "the items of a list are no list")
        return
    for number, item in enumerate(items):
        inner: dict[str, object] = dict(as_map(item))
        if is_list and kind != "List":
            inner = {"apiVersion": one["apiVersion"], "kind": kind.removesuffix("List"), **inner}
        if _is_object(inner):
            yield from _objects(inner, (*above, held, number), at)
        elif is_list:
            raise _no_object(at((*above, held, number)), "an item of the list has no apiVersion and kind")


def _no_object(at: Position, why: str) -> Invalid:
    return Invalid(
        "objects-invalid",
        f"this is no object of Kubernetes: {why}",
        next_step="Give each object its apiVersion and kind, and name only files of objects.",
        at=at,
    )
