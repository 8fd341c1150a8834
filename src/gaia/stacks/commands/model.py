"""What `atmos.yaml` says of a custom command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.errors import GaiaError, Position
    from gaia.stacks.workflows.model import Step


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument."""

    name: str
    description: str = ""
    required: bool = False
    default: str = ""
    values: tuple[str, ...] = ()
    meaning: str = ""
    """`component` or `stack`: what is completed there."""


@dataclass(frozen=True, slots=True)
class Flag:
    """An option; one that is a switch takes no value."""

    name: str
    shorthand: str = ""
    switch: bool = False
    description: str = ""
    required: bool = False
    default: str | bool = ""
    values: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the steps' environment: a template, or the output of a command."""

    key: str
    value: str
    command: str
    at: Position


@dataclass(frozen=True, slots=True)
class CustomCommand:
    """A command with steps, a group of commands, or both. A group's flags are its commands' too."""

    name: str
    at: Position
    description: str = ""
    arguments: tuple[Argument, ...] = ()
    flags: tuple[Flag, ...] = ()
    env: tuple[Variable, ...] = ()
    component: tuple[str, str] | None = None
    """Templates of the component and the stack whose configuration the steps see as `.ComponentConfig`."""
    steps: tuple[Step, ...] = ()
    commands: tuple[CustomCommand, ...] = ()
    verbose: bool = False
    working_directory: str = ""
    aliases: tuple[str, ...] = ()
    hidden: bool = False
    default: str = ""
    """The command of a group that runs where none is named."""
    unsupported: str = ""
    """What is written there and is refused when it is to be run."""
    mistake: GaiaError | None = None
    """What is wrong with its definition: raised when it is to be run, for nothing else is to blame."""

    @property
    def line(self) -> str:
        """The first paragraph of the description, in one line: what a list of commands shows."""
        return " ".join(self.description.strip().partition("\n\n")[0].split())

    def named(self, name: str) -> CustomCommand | None:
        """The command of this name or alias below a group."""
        return find(self.commands, name)


@dataclass(frozen=True, slots=True)
class Customs:
    """All that a repository adds to the command line."""

    commands: tuple[CustomCommand, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """A name, and the command line that it stands for."""

    def below(self, path: tuple[str, ...]) -> tuple[CustomCommand, ...]:
        """The commands that belong to a group of ours; to the first level for no path."""
        commands = self.commands
        for name in path:
            commands = tuple(inner for one in commands if one.name == name for inner in one.commands)
        return commands


def find(commands: tuple[CustomCommand, ...], name: str) -> CustomCommand | None:
    """The command of this name, else of this alias."""
    by_name = (one for one in commands if one.name == name)
    return next(by_name, None) or next((one for one in commands if name in one.aliases), None)
