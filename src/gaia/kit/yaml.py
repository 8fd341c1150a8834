"""Reading YAML with the place of every key and value.

PyYAML's C parser gives events; the tree is built here, so that scalars follow Go's yaml.v3, custom tags survive, a
duplicate key is an error, and a hostile file (deep nesting, alias bomb, huge scalar) is refused with a position.
Only the first document of a file counts, but for those who ask for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from gaia.errors import Invalid, Position
from gaia.kit.files import read_regular
from gaia.kit.marks import NOWHERE, Document, Mark
from gaia.kit.scalars import TIMESTAMP, Date, plain, standard, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from yaml.events import CollectionStartEvent, Event, ScalarEvent


__all__ = [
    "NOWHERE",
    "Builder",
    "Document",
    "Mark",
    "Unquoted",
    "guarded",
    "parse",
    "parse_values",
    "read",
    "too_large",
]
T = TypeVar("T")
MAX_BYTES = 16 * 2**20
MAX_SCALAR = 2**20
MAX_DEPTH = 100
MAX_NODES = 1_000_000
"""Of one file, aliases counted as often as they are used."""


class Unquoted(str):
    """The text of a scalar that has a custom tag and no quotes: without the tag it could be a number or the like."""

    __slots__ = ()

    def untagged(self) -> object:
        """What it is without its tag."""
        value = plain(str(self))
        return Date(self) if value is TIMESTAMP else value


def tag_is_unknown(tag: str, value: object, at: Position) -> object:
    """The default for custom tags: refuse them."""
    raise Invalid(
        "yaml-tag",
        f"unknown tag {tag} on {type(value).__name__}",
        at=at,
        next_step="Remove the tag, or quote the text.",
    )


def read(path: Path, file: str, tag: Callable[[str, object, Position], object] = tag_is_unknown) -> Document:
    """Read and parse `path`, shown as `file` in positions.

    Raises:
        Invalid: `yaml-…`, with a position.
        OSError: the file cannot be opened, or is no regular file.
    """
    return parse(read_regular(path, MAX_BYTES + 1), file, tag)


def parse(content: bytes, file: str, tag: Callable[[str, object, Position], object] = tag_is_unknown) -> Document:
    """Parse the first document of `content`. `tag(name, value, at)` gives the value of a node with a custom tag.

    Floats without a fraction are whole numbers (`1.0` is 1).

    Raises:
        Invalid: `yaml-syntax`, `yaml-binary`, `yaml-duplicate-key`, `yaml-too-large`, `yaml-too-deep`,
            `yaml-alias`, `yaml-tag`, `yaml-key`; each with a position.
    """
    if len(content) > MAX_BYTES:
        raise too_large(file)
    return guarded(content, file, lambda: Builder(content, file, tag).document())


def parse_values(content: bytes, file: str, tag: Callable[[str, object, Position], object]) -> object:
    """The same tree without its marks, in two thirds of the time; floats without a fraction stay floats.

    Raises:
        Invalid: as `parse`.
    """
    if len(content) > MAX_BYTES:
        raise too_large(file)
    return guarded(content, file, lambda: _Values(content, file, tag).tree())


def too_large(file: str) -> Invalid:
    """The error for a file that is larger than the limit."""
    return Invalid(
        "yaml-too-large",
        f"{file} is larger than {MAX_BYTES // 2**20} MiB",
        at=Position(file, 1),
        next_step="Split the file, or keep data of this size outside of the configuration.",
    )


def guarded(content: bytes, file: str, read: Callable[[], T]) -> T:
    """What `read` gives of this content; the parser's own errors as ours."""
    import yaml

    try:
        return read()
    except (yaml.reader.ReaderError, UnicodeDecodeError) as error:
        end = error.start if isinstance(error, UnicodeDecodeError) else max(error.position, 0)
        raise Invalid(
            "yaml-binary",
            f"{file} is not UTF-8 text",
            at=Position(file, content[:end].count(b"\n") + 1),
            next_step="Save the file as UTF-8 text.",
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1)
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise Invalid(
            "yaml-syntax", f"not valid YAML: {problem}", at=at, next_step="Correct the syntax at this place."
        ) from error


class Builder:
    """One pass over the parser's events; what it raises of the parser's own, `guarded` makes ours."""

    def __init__(self, content: bytes, file: str, tag: Callable[[str, object, Position], object]) -> None:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.next: Callable[[], Event] = loader(content).get_event
        self.file = file
        self.tag = tag
        self.anchors: dict[str, tuple[object, Mark, int] | None] = {}
        self.nodes = 0
        self.events = yaml.events

    def document(self) -> Document:
        """The first one; an empty one where there is none."""
        return next(self.documents(), Document(self.file, None, Mark(1, 1, 1, 1, None)))

    def documents(self) -> Iterator[Document]:
        """Each document of the stream."""
        events = self.events
        self.next()
        while not isinstance(self.next(), events.StreamEndEvent):
            self.anchors = {}
            value, mark = self.node(self.next(), None, 0)
            yield Document(self.file, whole(value), mark)
            self.next()

    def node(self, event: Event, key: tuple[int, int] | None, depth: int) -> tuple[object, Mark]:
        """The value and mark of the node that `event` begins."""
        events = self.events
        line, column = _place(event)
        key_line, key_column = key or (line, column)
        self.nodes += 1
        if isinstance(event, events.AliasEvent):
            return self.alias(event.anchor or "", Mark(key_line, key_column, line, column, None))
        before = self.nodes
        children: dict[str, Mark] | list[Mark] | None = None
        if isinstance(event, events.ScalarEvent):
            value = self.scalar(event)
            anchor = event.anchor
        elif isinstance(event, events.CollectionStartEvent):
            anchor = event.anchor
            if depth >= MAX_DEPTH:
                raise self.refuse("yaml-too-deep", f"nested deeper than {MAX_DEPTH} levels", event)
            if anchor:
                self.anchors[anchor] = None
            value, children = self.collection(event, depth)
        else:
            raise self.refuse("yaml-syntax", "a value is missing here", event)
        mark = Mark(key_line, key_column, line, column, children)
        if anchor:
            self.anchors[anchor] = (value, mark, self.nodes - before + 1)
        return value, mark

    def collection(self, event: CollectionStartEvent, depth: int) -> tuple[object, dict[str, Mark] | list[Mark]]:
        """A map or a list, with its tag."""
        value: object
        children: dict[str, Mark] | list[Mark]
        if isinstance(event, self.events.MappingStartEvent):
            value, children = self.mapping(depth)
        else:
            value, children = self.sequence(depth)
        if event.tag and event.tag.startswith("!") and event.tag != "!":
            value = self.tag(event.tag, value, self.place(event))
        return value, children

    def sequence(self, depth: int) -> tuple[list[object], list[Mark]]:
        """The elements of a list."""
        values: list[object] = []
        marks: list[Mark] = []
        end = self.events.SequenceEndEvent
        while not isinstance(event := self.next(), end):
            value, mark = self.node(event, None, depth + 1)
            values.append(value)
            marks.append(mark)
        return values, marks

    def mapping(self, depth: int) -> tuple[dict[str, object], dict[str, Mark]]:
        """The keys and values of a map."""
        values: dict[str, object] = {}
        marks: dict[str, Mark] = {}
        merged: list[tuple[object, Mark, Event]] = []
        end = self.events.MappingEndEvent
        while not isinstance(event := self.next(), end):
            place = _place(event)
            key = self.key(event)
            if key is None:
                merged.append((*self.node(self.next(), place, depth + 1), event))
                continue
            if key in values:
                raise self.refuse("yaml-duplicate-key", f"the key {key!r} is here twice", event)
            values[key], marks[key] = self.node(self.next(), place, depth + 1)
        for source, mark, event in merged:
            self.merge(values, marks, source, mark, event)
        return values, marks

    def merge(
        self, values: dict[str, object], marks: dict[str, Mark], source: object, mark: Mark, event: Event
    ) -> None:
        """Apply a merge key: what the map says itself wins, then the earlier of several sources."""
        children = mark.children
        if isinstance(source, list) and isinstance(children, list):
            for one, its in zip(source, children, strict=True):
                self.merge(values, marks, one, its, event)
        elif isinstance(source, dict) and isinstance(children, dict):
            for key, value in source.items():
                if key not in values:
                    values[key], marks[key] = value, children[key]
        else:
            raise self.refuse("yaml-key", "a merge key needs a map or a list of maps", event)

    def key(self, event: Event) -> str | None:
        """The text of a key; None for the merge key."""
        if type(event) is self.events.ScalarEvent and event.tag is None and not event.anchor:
            text = event.value
            if text[:1].isalpha() and not event.implicit[0]:
                return str(text)
        if isinstance(event, self.events.AliasEvent):
            value, _ = self.alias(event.anchor or "", Mark(0, 0, *_place(event), None))
        elif isinstance(event, self.events.ScalarEvent):
            if event.value == "<<" and event.implicit[0]:
                return None
            value = event.value if event.value[:1] == "!" else self.scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = (value, Mark(0, 0, 0, 0, None), 1)
        else:
            raise self.refuse("yaml-key", "a key must be a word, not a map or a list", event)
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or value is None:
            return {True: "true", False: "false", None: "null"}[value]
        if isinstance(value, (int, float)):
            return str(whole(value))
        if isinstance(event, self.events.ScalarEvent):
            return str(event.value)
        raise self.refuse("yaml-key", "a key must be a word, not a map or a list", event)

    def alias(self, name: str, mark: Mark) -> tuple[object, Mark]:
        """What an anchor holds."""
        at = Position(self.file, mark.line, mark.column)
        fix = "Anchors are set with &NAME before *NAME is used, and outside of themselves."
        known = self.anchors.get(name)
        if known is None:
            problem = "contains itself" if name in self.anchors else "is not defined before its use"
            raise Invalid("yaml-alias", f"the alias *{name} {problem}", at=at, next_step=fix)
        value, target, size = known
        self.nodes += size
        if self.nodes > MAX_NODES:
            message = f"aliases blow this file up to more than {MAX_NODES:,} values"
            raise Invalid("yaml-alias", message, at=at, next_step="Use fewer nested aliases.")
        return value, mark._replace(children=target.children)

    def scalar(self, event: ScalarEvent) -> object:
        """What a text stands for."""
        text, tag = event.value, event.tag
        if len(text) > MAX_SCALAR:
            raise self.refuse("yaml-too-large", f"a text of more than {MAX_SCALAR // 2**20} MiB", event)
        if tag is None:
            if not event.implicit[0]:
                return text
            value = plain(text)
            # Go's decoder leaves a date as an empty structure, and Atmos merges that as an empty map.
            return Date(text) if value is TIMESTAMP else value
        if tag == "!":
            value = text if event.style else plain(text)
            return Date(text) if value is TIMESTAMP else value
        if tag.startswith("tag:yaml.org,2002:"):
            try:
                return standard(tag.rpartition(":")[2], text)
            except ValueError as error:
                raise self.refuse("yaml-syntax", f"not what its tag says: {error}", event) from None
        return self.tag(tag, text if event.style else Unquoted(text), self.place(event))

    def place(self, event: Event) -> Position:
        """Where it begins."""
        return Position(self.file, *_place(event))

    def refuse(self, code: str, message: str, event: Event) -> Invalid:
        """The error, at its place."""
        return Invalid(code, message, at=self.place(event), next_step="Correct the file at this place.")


class _Values(Builder):
    """The same pass, for the values alone."""

    def tree(self) -> object:
        events = self.events
        self.next()
        if isinstance(self.next(), events.StreamEndEvent):
            return None
        return self.value(self.next(), 0)

    def value(self, event: Event, depth: int) -> object:
        """The value of the node that `event` begins."""
        events = self.events
        kind = type(event)
        self.nodes += 1
        if kind is events.ScalarEvent:
            result = self.scalar(event)  # type: ignore[arg-type]
            anchor = event.anchor  # type: ignore[attr-defined]
            if anchor:
                self.anchors[anchor] = (result, NOWHERE, 1)
            return result
        if kind is events.AliasEvent:
            return self.alias(event.anchor or "", Mark(0, 0, *_place(event), None))[0]  # type: ignore[attr-defined]
        if kind not in (events.MappingStartEvent, events.SequenceStartEvent):
            raise self.refuse("yaml-syntax", "a value is missing here", event)
        return self.whole(event, depth)  # type: ignore[arg-type]

    def whole(self, event: CollectionStartEvent, depth: int) -> object:
        """A map or a list, with its tag."""
        before = self.nodes - 1
        if depth >= MAX_DEPTH:
            raise self.refuse("yaml-too-deep", f"nested deeper than {MAX_DEPTH} levels", event)
        anchor = event.anchor
        if anchor:
            self.anchors[anchor] = None
        result: object = self.pairs(depth) if type(event) is self.events.MappingStartEvent else self.items(depth)
        if event.tag and event.tag.startswith("!") and event.tag != "!":
            result = self.tag(event.tag, result, self.place(event))
        if anchor:
            self.anchors[anchor] = (result, NOWHERE, self.nodes - before)
        return result

    def items(self, depth: int) -> list[object]:
        """The elements of a list."""
        items: list[object] = []
        following, end = self.next, self.events.SequenceEndEvent
        while type(event := following()) is not end:
            items.append(self.value(event, depth + 1))
        return items

    def pairs(self, depth: int) -> dict[str, object]:
        """The keys and values of a map, merge keys applied."""
        pairs: dict[str, object] = {}
        merged: list[tuple[object, Event]] = []
        following, end = self.next, self.events.MappingEndEvent
        while type(event := following()) is not end:
            key = self.key(event)
            if key is None:
                merged.append((self.value(following(), depth + 1), event))
            elif key in pairs:
                raise self.refuse("yaml-duplicate-key", f"the key {key!r} is here twice", event)
            else:
                pairs[key] = self.value(following(), depth + 1)
        for source, event in merged:
            self.under(pairs, source, event)
        return pairs

    def under(self, pairs: dict[str, object], source: object, event: Event) -> None:
        """Put what a merge key names under what the map says itself."""
        if isinstance(source, list):
            for one in source:
                self.under(pairs, one, event)
        elif isinstance(source, dict):
            for key, value in source.items():
                pairs.setdefault(key, value)
        else:
            raise self.refuse("yaml-key", "a merge key needs a map or a list of maps", event)


def _place(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
