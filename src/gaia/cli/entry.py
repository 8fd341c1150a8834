"""What an entry of the menu is, and how its function is found: a command, or a group of commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PASSED_ON = """COMPONENT is a component's name or the folder of its code, -s STACK its stack, --dry-run shows the line.
Every other word is terraform's, its streams and its exit code too; with -help it explains its own options."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command (`target` is `module:function` below `gaia.cli.commands`) or a group of commands.

    The function of a `raw` one is called with the context and the words after its name, as they were typed. A group
    may have a raw function too: it gets the words whose first one names none of its entries.
    """

    name: str
    help: str
    target: str = ""
    entries: tuple[Entry, ...] = ()
    raw: bool = False
    example: str = ""
    """Of a raw command whose function is another's too: the function is told this one's name as the first word."""
    usage: tuple[str, ...] = ("[WORD...]",)
    """Of a raw command: what stands behind its name."""


def on_instance(name: str, text: str, target: str = "terraform:other", example: str = "") -> Entry:
    """A subcommand of terraform on an instance."""
    return Entry(name, text, target, raw=True, example=example, usage=("COMPONENT", "-s", "STACK", "[WORD...]"))


def passed_on(name: str, text: str, rest: str = "", second: str = "") -> Entry:
    """A subcommand of terraform that Gaia only passes on."""
    words = (name, second, "vpc -s acme-use1-dev", rest)
    return on_instance(name, text, example=" ".join(("gaia terraform", *filter(None, words))))


@dataclass(frozen=True, slots=True)
class Section:
    """Commands that belong together in the help."""

    title: str
    entries: tuple[Entry, ...]


def function_of(entry: Entry) -> Callable[..., Any]:
    """The function that does what a menu entry promises; its module is imported now."""
    from importlib import import_module

    module, _, name = entry.target.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"gaia.cli.commands.{module}"), name)
    return _named(entry, function) if entry.example else function


def _named(entry: Entry, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, told the entry's name first, with the entry's help."""

    def named(context: object, words: Sequence[str]) -> object:
        return function(context, [entry.name, *words])

    named.__doc__ = f"{entry.help}\n\n{_PASSED_ON}\n\nExample: {entry.example}"
    return named
