"""Two values of one resource: where they differ, and whether the provider alone makes the difference."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.kit import canonical
from gaia.kit.redact import MASK
from gaia.terraform.values import any_mark, child_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.terraform.values import Path

_LONGEST = 80
_NAME = re.compile(r"[A-Za-z_][\w-]*")


@dataclass(frozen=True, slots=True)
class Differing:
    """One place where two values differ."""

    path: Path
    before: object
    after: object

    @property
    def top(self) -> str:
        """The attribute or block that it is in."""
        return str(self.path[0]) if self.path else ""


def differing(before: object, after: object, path: Path = ()) -> Iterator[Differing]:
    """The innermost places. Lists of one length are gone through; others, and their elements in another order, are one
    place: nobody sees in a plan which of them are sets."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from differing(before.get(name), after.get(name), (*path, name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        if same_elements(before, after):
            if before != after:
                yield Differing(path, before, after)
            return
        for at, (was, now) in enumerate(zip(before, after, strict=True)):
            yield from differing(was, now, (*path, at))
    elif canonical.dumps(before) != canonical.dumps(after):
        yield Differing(path, before, after)


def same_elements(before: list[object], after: list[object]) -> bool:
    """Whether the one holds the elements of the other, in whatever order."""
    return Counter(map(canonical.dumps, before)) == Counter(map(canonical.dumps, after))


def both_nothing(before: object, after: object) -> bool:
    """Whether neither says anything: null, or empty."""
    return _is_nothing(before) and _is_nothing(after)


def means_the_same(before: object, after: object) -> bool:
    """Whether only the provider's way of writing differs: an order, the layout of a JSON text."""
    if isinstance(before, list) and isinstance(after, list):
        return same_elements(before, after)
    if isinstance(before, str) and isinstance(after, str):
        texts = [_as_json(text) for text in (before, after)]
        return None not in texts and canonical.dumps(texts[0]) == canonical.dumps(texts[1])
    return False


def _is_nothing(value: object) -> bool:
    return value is None or value in ("", [], {})


def _as_json(text: str) -> object:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def changing(before: object, after: object, unknown: object) -> dict[str, bool]:
    """The top-level attributes that a plan changes, each with whether anything of the new value is known."""
    was = before if isinstance(before, dict) else {}
    now = after if isinstance(after, dict) else {}
    marks = unknown if isinstance(unknown, dict) else {}
    found: dict[str, bool] = {}
    for name in was.keys() | now.keys() | marks.keys():
        if any_mark(marks.get(name, False)):
            found[name] = False
        elif canonical.dumps(was.get(name)) != canonical.dumps(now.get(name)):
            found[name] = True
    return found


def written(path: Path) -> str:
    """As Terraform writes it."""
    text = ""
    for step in path:
        if isinstance(step, str) and _NAME.fullmatch(step):
            text += f".{step}"
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text.removeprefix(".")


def shown(value: object, marks: object, path: Path, hide: Callable[[str], bool]) -> str:
    """A short text with nothing secret in it."""
    mark = marks
    for step in path:
        mark = child_mark(mark, step)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if any_mark(mark) or any(hide(leaf) for leaf in texts(value)):
        return MASK if value is not None else "null"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def texts(value: object) -> Iterator[str]:
    """The texts anywhere in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from texts(child)


def leaves(value: object) -> set[str]:
    """What stands anywhere in a value, as texts; nothing and truth values tell nothing."""
    found = set(texts(value))
    stack = [value]
    while stack:
        node = stack.pop()
        stack.extend(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        if isinstance(node, int | float) and not isinstance(node, bool):
            found.add(str(node))
    return {leaf for leaf in found if leaf}


def holds_new(before: object, after: object, source: object) -> bool:
    """Whether `after` holds something of `source` that `before` does not."""
    old, new = leaves(before), leaves(after)
    fresh = new - old
    return any(leaf in text and not any(leaf in was for was in old) for leaf in leaves(source) for text in fresh)
