"""Whether a text in what a template renders is nothing but text: seen by rendering a harmless one in its place."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from gaia.scaffold.template import looks_like_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Path = tuple[str | int, ...]
    """Keys and indexes that lead to a value."""


def harmless(text: str) -> str:
    """A text of the same length that means nothing to anybody: digits stay digits, all else becomes a letter."""
    shape = "".join("7" if character.isdigit() else "x" for character in text)
    return shape if shape != text else "".join("8" if character.isdigit() else "y" for character in text)


def differences(given: object, other: object, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where two renderings differ in more than texts, and how."""
    if type(given) is not type(other):
        yield at, f"turns a {type(other).__name__} into a {type(given).__name__}"
    elif isinstance(given, dict) and isinstance(other, dict):
        if list(given) != list(other):
            changed = next((key for key, wanted in zip_longest(given, other) if key != wanted), None)
            yield (*at, str(changed)), "changes keys"
        else:
            for key, value in given.items():
                yield from differences(value, other[key], (*at, key))
    elif isinstance(given, list) and isinstance(other, list):
        if len(given) != len(other):
            yield at, "changes a list"
        else:
            for index, (one, wanted) in enumerate(zip(given, other, strict=True)):
                yield from differences(one, wanted, (*at, index))
    elif isinstance(given, str) and given != other and looks_like_code(given):
        yield at, "is part of something that is executed"


def manifest_tree(path: str, text: str, wrong: Callable[[str, int | None], Exception]) -> object:
    """A manifest as plain values; `wrong` makes the error of what is no YAML, of the reason and the line."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads Atmos's `!function arguments` as the text that Atmos makes of it."""

    def function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
        if isinstance(node, yaml.ScalarNode):
            return f"!{suffix} {loader.construct_scalar(node)}"
        raise yaml.constructor.ConstructorError(None, None, f"!{suffix} on more than a scalar", node.start_mark)

    Loader.add_multi_constructor("!", function)
    try:
        return yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        reason = f"{path} is not YAML: {getattr(error, 'problem', error)} (line {line or '?'})"
        raise wrong(reason, line) from error
