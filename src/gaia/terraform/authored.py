"""Who wrote what stands in a file that Gaia makes for terraform: from a place in it to the stack's file and line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.errors import Position
    from gaia.stacks.model import Instance

    Finder = Callable[[Sequence[str]], Position | None]
    """From the path of a value in the file to where it was written."""

_KEY = re.compile(r'^( *)("(?:[^"\\]|\\.)*"):')
_END = re.compile(r"^( *)[}\]]")
_INDENT = 2
_ARGUMENTS = {"source": ("metadata", "component"), "providers": ("providers",)}
"""What a module call has beside its variables, which cannot be called so, and where the instance says it."""


def path_at(text: str, line: int) -> tuple[str, ...]:
    """The keys that lead to a line of JSON as `generated.dump` writes it: one key a line, each level indented by two.

    An element of a list goes by the list's key. The line that ends a map is the map.
    """
    path: list[str] = []
    for written in text.splitlines()[:line]:
        if key := _KEY.match(written):
            path[len(key[1]) // _INDENT - 1 :] = [str(json.loads(key[2]))]
        elif end := _END.match(written):
            path = path[: len(end[1]) // _INDENT]
    return tuple(path)


def of_vars(instance: Instance) -> Finder:
    """For the varfile."""
    return lambda path: instance.place(("vars", *path[:1]))


def of_providers(instance: Instance) -> Finder:
    """For the files of the `providers` section."""
    return lambda path: instance.place(("providers", *path[1:2]))


def of_modules(members: Mapping[str, Instance]) -> Finder:
    """For a root that calls instances as modules, by the modules' names."""

    def find(path: Sequence[str]) -> Position | None:
        instance = members.get(path[1]) if path[:1] == ("module",) and len(path) > 1 else None
        if instance is None:
            return None
        if not path[2:]:  # an argument that is missing stands nowhere: what others wrote of `vars` is not its place
            return instance.place(())
        return instance.place(_ARGUMENTS.get(path[2], ("vars", path[2])))

    return find
