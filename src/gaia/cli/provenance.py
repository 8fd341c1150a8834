"""A describe document as YAML with a comment behind each value: the file and line that set it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.kit.yaml import Mark
    from gaia.stacks.model import Instance

EXPLAINED = ("vars", "settings", "env", "metadata", "backend", "providers", "hooks", "dependencies")
LEGEND = "# Behind a value: the file and line that set it. `gaia explain` shows what it beat.\n"


def commented(document: object, instance: Instance) -> str:
    """The YAML text of `document`, comments behind the lines of values that somebody wrote."""
    from gaia.golang.goyaml import dump
    from gaia.kit import yaml

    text = dump(document)
    lines = text.split("\n")
    root = yaml.parse(text.encode(), "document").mark
    for line, path in _leaves(root, ()):
        place = _place(instance, path)
        if place and _whole(lines, line):
            lines[line - 1] += f"  # {place}"
    return LEGEND + "\n".join(lines)


def _leaves(mark: Mark, path: tuple[str | int, ...]) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    """The line and path of each value that has nothing below it, in the sections that can be explained."""
    children = mark.children
    if not children:
        yield mark.key_line, path
        return
    if isinstance(children, dict):
        for key, child in children.items():
            if path or key in EXPLAINED:
                yield from _leaves(child, (*path, key))
    elif isinstance(children, list):
        for index, child in enumerate(children):
            yield from _leaves(child, (*path, index))


def _place(instance: Instance, path: tuple[str | int, ...]) -> str:
    try:
        at = instance.explain(path).at
    except NotFound:
        return ""
    return f"{at.file}:{at.line}"


def _whole(lines: list[str], line: int) -> bool:
    """Whether the value is on this line alone: a comment inside of a longer one would become part of it."""
    here = lines[line - 1]
    indent = len(here) - len(here.lstrip())
    following = lines[line] if line < len(lines) else ""
    return here.endswith(("|", "|-", "|+")) or not following or len(following) - len(following.lstrip()) <= indent
