"""YAML functions inside `atmos.yaml`: they run while it is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid, Refused
from gaia.kit.scalars import from_json
from gaia.kit.yaml import Unquoted
from gaia.stacks.layers import Layer
from gaia.stacks.loading.arguments import words
from gaia.stacks.loading.included import include
from gaia.stacks.loading.tags import not_supported
from gaia.stacks.merge import APPENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.errors import Position

    Execute = Callable[[str, Mapping[str, str]], str]

_NUMBER = re.compile(r"-?[0-9]{1,18}")
UNSET = "!unset"
"""Stands for a key that is taken away, until all layers are merged."""


def config_tag(
    cwd: Path, folder: Path, environ: Mapping[str, str], execute: Execute | None
) -> Callable[[str, object, Position], object]:
    """What gives the value of a tagged node in a configuration file that lies in `folder`."""

    def value(tag: str, given: object, at: Position) -> object:
        name = tag[1:]
        if name == "append" and isinstance(given, list):
            return {APPENDED: given}
        if name == "literal":
            return given.untagged() if isinstance(given, Unquoted) else given
        if not isinstance(given, str):
            raise not_supported(f"{tag} on a map or a list", at, "Give the arguments as a text.")
        if name == "exec":
            return _executed(given, execute, environ, at)
        return _of_text(name, given, at, cwd, folder, environ)

    return value


def _of_text(name: str, given: str, at: Position, cwd: Path, folder: Path, environ: Mapping[str, str]) -> object:
    """The value of a tag on a text."""
    if name == "cel":
        return f"!cel {given}"  # the condition of a custom command's step
    arguments = words(given, at)
    if name == "unset":
        return UNSET
    if name == "cwd":
        return str(cwd)
    if name in ("repo-root", "git.root"):
        return _root(folder, arguments, at)
    if name == "env" and arguments:
        return environ.get(arguments[0], arguments[1] if len(arguments) > 1 else "")
    if name == "random":
        return _random(arguments, at)
    if name in ("include", "include.raw"):
        return include(given, folder, folder, cwd, at, raw=name == "include.raw").value
    raise not_supported(f"!{name} in atmos.yaml", at, "Write the value out.")


def _executed(command: str, execute: Execute | None, environ: Mapping[str, str], at: Position) -> object:
    """What a command prints, as JSON if it is that."""
    if execute is None:
        raise Refused(
            "exec-refused",
            "!exec in atmos.yaml would run a command, which only happens for the person at this machine",
            at=at,
            next_step="Write the value out.",
        )
    try:
        output = execute(command, environ).removesuffix("\n")
    except GaiaError as error:
        error.at = at
        raise
    try:
        return from_json(output)
    except (ValueError, RecursionError):
        return output


def without_unset(layer: Layer) -> Layer:
    """The layer without the keys whose last word is that they are unset."""
    value = _pruned(layer.value)
    return layer if value is layer.value else Layer(value, sources=(layer,))


def _pruned(value: object) -> object:
    if not isinstance(value, dict):
        return value
    pruned = {key: _pruned(inner) for key, inner in value.items() if inner != UNSET}
    same = len(pruned) == len(value) and all(pruned[key] is inner for key, inner in value.items())
    return value if same else pruned


def _root(folder: Path, arguments: list[str], at: Position) -> str:
    for one in (folder, *folder.parents):
        if (one / ".git").exists():
            return str(one)
    if arguments:
        return arguments[0]
    raise Invalid("function-failed", "this is no git repository", at=at, next_step="Give a folder to fall back to.")


def _random(arguments: list[str], at: Position) -> int:
    import secrets

    numbers = [int(one) for one in arguments if _NUMBER.fullmatch(one)]
    low, high = (numbers[0], numbers[1]) if len(numbers) == 2 else (0, numbers[0] if numbers else 65535)
    if len(numbers) != len(arguments) or high < low:
        raise Invalid("function-arguments", "!random needs [MIN] MAX", at=at, next_step="Correct the arguments.")
    return low + secrets.randbelow(high - low + 1)
