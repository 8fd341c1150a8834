"""The words behind a custom command: its arguments, its flags, and what stands behind `--`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.errors import Position
    from gaia.stacks.commands.model import CustomCommand, Flag


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed, with the defaults for what was not."""

    arguments: Mapping[str, str]
    flags: Mapping[str, str | bool]
    trailing: str
    """What stands behind `--`, as a shell reads it."""


def typed(command: CustomCommand, flags: Sequence[Flag], words: Sequence[str], path: str) -> Given:
    """Read the words behind a command; `flags` are its own and those of the groups around it.

    Raises:
        Invalid: `command-usage`, with the place of the command's definition.
    """
    end = words.index("--") if "--" in words else len(words)
    usage = _Usage(command.at, path)
    loose, found = _flags(flags, words[:end], usage)
    for one in flags:
        if one.required and one.name not in found:
            raise usage.wrong(f"{path} needs --{one.name}")
        _allowed(one.values, found.get(one.name), f"--{one.name}", usage)
    if len(loose) > len(command.arguments):
        raise usage.wrong(f"{path} takes {len(command.arguments)} arguments, not {len(loose)}: {' '.join(loose)}")
    arguments: dict[str, str] = {}
    for index, argument in enumerate(command.arguments):
        value = loose[index] if index < len(loose) else argument.default
        if index >= len(loose) and argument.required and not argument.default:
            raise usage.wrong(f"{path} needs {argument.name}")
        _allowed(argument.values, value or None, argument.name, usage)
        arguments[argument.name] = value
    return Given(arguments, {one.name: found.get(one.name, one.default) for one in flags}, shlex.join(words[end + 1 :]))


@dataclass(frozen=True, slots=True)
class _Usage:
    at: Position
    path: str

    def wrong(self, message: str) -> Invalid:
        return Invalid("command-usage", message, at=self.at, next_step=f"Run `gaia {self.path} --help` to see how.")


def _allowed(values: Sequence[str], value: str | bool | None, what: str, usage: _Usage) -> None:
    if values and value is not None and value not in values:
        raise usage.wrong(f"{what} is {value!r}; it must be one of {', '.join(values)}")


def _flags(flags: Sequence[Flag], words: Sequence[str], usage: _Usage) -> tuple[list[str], dict[str, str | bool]]:
    """The words that are no flags, and the flags' values: `--name value`, `--name=value`, `-n value`, `-nvalue`."""
    long = {one.name: one for one in flags}
    short = {one.shorthand: one for one in flags if one.shorthand}
    loose: list[str] = []
    found: dict[str, str | bool] = {}
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            _take(long.get(name), f"--{name}", value if equals else None, rest, found, usage)
        elif word.startswith("-") and len(word) > 1:
            letters = word[1:]
            while letters:
                flag, letters = short.get(letters[0]), letters[1:]
                if flag is None:
                    raise usage.wrong(f"{usage.path} has no flag -{word[1:2]}")
                if flag.switch and not letters.startswith("="):
                    found[flag.name] = True
                    continue
                inline = letters.removeprefix("=") if letters else None
                _take(flag, f"-{flag.shorthand}", inline, rest, found, usage)
                break
        else:
            loose.append(word)
    return loose, found


def _take(
    flag: Flag | None,
    shown: str,
    value: str | None,
    rest: object,
    found: dict[str, str | bool],
    usage: _Usage,
) -> None:
    if flag is None:
        raise usage.wrong(f"{usage.path} has no flag {shown}")
    if flag.switch:
        if value not in (None, "true", "false", "1", "0"):
            raise usage.wrong(f"{shown} is true or false, not {value!r}")
        found[flag.name] = value in (None, "true", "1")
        return
    given = next(rest, None) if value is None else value  # type: ignore[call-overload] # the iterator of the words
    if given is None:
        raise usage.wrong(f"{shown} needs a value")
    found[flag.name] = given
