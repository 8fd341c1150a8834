"""Texts that cannot be rendered with their file, since they are built around a local that is not known yet.

A local may be a function that only an instance, a state or a store can answer. A text that uses one is kept as it is
written, with what its templates see, until the instance is finished; so the source of a function never becomes text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gaia.stacks.loading.tags import function_of

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN: Final = "{{"
_PATHS: Final = re.compile(r"\.locals\b((?:\.[A-Za-z_][A-Za-z0-9_]*)*)")


class Deferred(str):
    """A text whose templates are rendered when the instance is finished."""

    __slots__ = ("data",)
    data: Mapping[str, object]

    def __new__(cls, text: str, data: Mapping[str, object]) -> Deferred:
        """`data` is what the templates see; functions in its locals are not resolved."""
        made = super().__new__(cls, text)
        made.data = data
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return (Deferred, (str(self), self.data))


def is_open(value: object) -> bool:
    """Whether a value holds something that is not known yet."""
    if isinstance(value, str):
        return isinstance(value, Deferred) or function_of(value) is not None
    if isinstance(value, dict):
        return any(is_open(inner) for inner in value.values())
    return isinstance(value, list) and any(is_open(inner) for inner in value)


def open_locals(data: Mapping[str, object]) -> frozenset[str]:
    """The names of the locals that are not known yet."""
    known = data.get("locals")
    return (
        frozenset(name for name, value in known.items() if is_open(value)) if isinstance(known, dict) else frozenset()
    )


def uses(text: str, names: frozenset[str]) -> bool:
    """Whether the templates of a text name one of these locals, or all of them at once."""
    return any(not path or path.split(".")[0] in names for path in local_paths(text))


def set_aside(value: object, data: Mapping[str, object], names: frozenset[str], kept: list[Deferred]) -> object:
    """`value` with words for the texts that are kept back; `restored` puts them in their places again."""
    if isinstance(value, str):
        if isinstance(value, Deferred):
            kept.append(value)
        elif OPEN in value and names and uses(value, names):
            kept.append(Deferred(value, data))
        else:
            return value
        return _word(len(kept) - 1)
    if isinstance(value, dict):
        return {key: set_aside(inner, data, names, kept) for key, inner in value.items()}
    if isinstance(value, list):
        return [set_aside(inner, data, names, kept) for inner in value]
    return value


def restored(value: object, kept: list[Deferred]) -> object:
    """`value` with the texts that were set aside."""
    if not kept:
        return value
    words = {_word(number): text for number, text in enumerate(kept)}

    def put(inner: object) -> object:
        if isinstance(inner, str):
            return words.get(inner, inner)
        if isinstance(inner, dict):
            return {key: put(one) for key, one in inner.items()}
        return [put(one) for one in inner] if isinstance(inner, list) else inner

    return put(value)


def _word(number: int) -> str:
    """A word that no file holds: from the part of Unicode that has no characters of its own."""
    return f"\ue000deferred-{number}\ue001"


def local_paths(text: str) -> list[str]:
    """The paths below `.locals` that the templates of a text name; an empty one stands for all of them."""
    return [path.lstrip(".") for path in _PATHS.findall(text)]
