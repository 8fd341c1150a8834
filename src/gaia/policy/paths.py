"""Addresses that findings about documents give, `spec.containers[0].image`, as paths into them. Pure."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
_INDEX = re.compile(r"\[(\d+)\]")


def path_of(document: object, address: str) -> Path:
    """The keys and indices that an address names, as far as the document has them.

    A key may hold dots, and a member of a list may be called by its `name`.

    >>> path_of({"labels": {"a.b/c": 1}, "env": [{"name": "X"}]}, "labels.a.b/c")
    ('labels', 'a.b/c')
    >>> path_of({"labels": {"a.b/c": 1}, "env": [{"name": "X"}]}, "env.X.value")
    ('env', 0)
    """
    return followed(document, address)[0]


def followed(document: object, address: str) -> tuple[Path, bool]:
    """As `path_of`, and whether that is the whole address."""
    path: list[str | int] = []
    rest = address
    while rest:
        step = _step(document, rest)
        if step is None:
            break
        key, length = step
        path.append(key)
        document = document[key]  # type: ignore[index]
        rest = rest[length:].removeprefix(".")
    return tuple(path), not rest


def _step(document: object, rest: str) -> tuple[str | int, int] | None:
    """The first key or index that a text names, and how much of the text that takes."""
    if isinstance(document, dict):
        fitting = [key for key in document if isinstance(key, str) and key and _begins(rest, key)]
        return max(((key, len(key)) for key in fitting), key=lambda one: one[1], default=None)
    if isinstance(document, list):
        if (index := _INDEX.match(rest)) and int(index[1]) < len(document):
            return int(index[1]), index.end()
        for number, one in enumerate(document):
            name = one.get("name") if isinstance(one, dict) else None
            if isinstance(name, str) and name and _begins(rest, name):
                return number, len(name)
    return None


def _begins(rest: str, key: str) -> bool:
    return rest.startswith(key) and rest[len(key) : len(key) + 1] in ("", ".", "[")
