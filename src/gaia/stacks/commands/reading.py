"""Reading custom commands. A mistake in one is an error with the file and the line that define it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.shapes import as_map
from gaia.stacks.commands.model import Argument, CustomCommand, Customs, Flag, Variable
from gaia.stacks.workflows.steps import StepReader, waits_for, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.errors import Position
    from gaia.stacks.layers import Layer
    from gaia.stacks.loading.atmosyaml import Resolved

    Path = tuple[str | int, ...]

REFUSED = ("identity", "component")
"""Fields that say with whose rights or on what a command works: to ignore one would run something else."""
KINDS = ("", "string", "bool")
MOST_DEEP = 20


def customs(resolved: Resolved) -> Customs:
    """The custom commands and the aliases of a configuration.

    Raises:
        Invalid: `command-invalid`, with the place.
    """
    commands: list[CustomCommand] = []
    for layer in resolved.commands:
        _add(commands, _read(_Reader(layer), layer.value))
    aliases = resolved.get("aliases")
    listed = as_map(aliases)
    texts = {name.strip(): written(line) for name, line in listed.items() if not isinstance(line, dict | list)}
    return Customs(tuple(commands), texts)


def _read(reader: _Reader, tree: object) -> CustomCommand:
    """A command of the first level; one that is wrong keeps its mistake, for others are not to blame."""
    try:
        return reader.command(tree, (), 0)
    except Invalid as error:
        name = tree.get("name") if isinstance(tree, dict) else None
        if not isinstance(name, str) or not name.strip():
            raise
        return CustomCommand(name.strip(), reader.at(()), mistake=error)


def _add(commands: list[CustomCommand], made: CustomCommand) -> None:
    """A later one of the same name stands for the earlier one."""
    commands[:] = [one for one in commands if one.name != made.name]
    commands.append(made)


class _Reader:
    """Reads one command of the first level, and those below it."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._reader = StepReader(self.at, self.wrong)

    def at(self, path: Path) -> Position:
        """Where a value is written; of one that is not there, where it would be."""
        layer = self._layer
        for key in path:
            inner = layer.child(key)
            if inner is None:
                break
            layer = inner
        return layer.position

    def wrong(self, path: Path, message: str) -> Invalid:
        return Invalid("command-invalid", message, at=self.at(path), next_step="Correct this custom command.")

    def command(self, tree: object, path: Path, depth: int) -> CustomCommand:
        reader = self._reader
        if not isinstance(tree, dict):
            raise self.wrong(path, "a custom command must be a map")
        name = reader.text(tree, path, "name").strip()
        if not name or name.startswith("-") or len(name.split()) > 1:
            raise self.wrong((*path, "name"), "a custom command needs a name of one word")
        if depth > MOST_DEEP:
            raise self.wrong(path, f"custom commands are nested more than {MOST_DEEP} deep")
        below = self.several(tree, path, "commands")
        flags = tuple(self.flag(one, where, name) for one, where in self.several(tree, path, "flags"))
        self.unique([one.name for one in flags], (*path, "flags"), "flag --")
        self.unique([one.shorthand for one in flags if one.shorthand], (*path, "flags"), "flag -")
        return CustomCommand(
            name=name,
            at=self.at(path),
            description=reader.text(tree, path, "description").strip(),
            arguments=tuple(self.argument(one, where) for one, where in self.several(tree, path, "arguments")),
            flags=flags,
            env=self.env(tree, path),
            component=self.component(tree, path),
            steps=reader.steps(tree.get("steps") or [], (*path, "steps"), "shell"),
            commands=tuple(self.command(one, where, depth + 1) for one, where in below),
            verbose=reader.flag(tree, path, "verbose"),
            working_directory=reader.text(tree, path, "working_directory"),
            aliases=reader.names(tree, path, "aliases"),
            hidden=reader.flag(tree, path, "internal"),
            default=reader.text(tree, path, "default").strip(),
            unsupported=next((one for one in REFUSED if tree.get(one)), waits_for(tree)),
        )

    def several(self, tree: Mapping[str, object], path: Path, key: str) -> list[tuple[dict[str, object], Path]]:
        listed = tree.get(key) or []
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise self.wrong((*path, key), f"{key} must be a list of maps")
        return [(one, (*path, key, index)) for index, one in enumerate(listed)]

    def argument(self, tree: dict[str, object], path: Path) -> Argument:
        reader = self._reader
        name = reader.text(tree, path, "name")
        if not name:
            raise self.wrong(path, "an argument needs a name")
        return Argument(
            name,
            reader.text(tree, path, "description"),
            reader.flag(tree, path, "required"),
            reader.text(tree, path, "default"),
            reader.names(tree, path, "values"),
            reader.text(tree, path, "type") or ("component" if name == "component" else ""),
        )

    def flag(self, tree: dict[str, object], path: Path, command: str) -> Flag:
        reader = self._reader
        name, kind = reader.text(tree, path, "name"), reader.text(tree, path, "type")
        shorthand = reader.text(tree, path, "shorthand")
        if not name:
            raise self.wrong(path, "a flag needs a name")
        if kind not in KINDS:
            raise self.wrong((*path, "type"), f"the type of --{name} must be string or bool, not {kind}")
        if len(shorthand) > 1:
            raise self.wrong((*path, "shorthand"), f"the shorthand of --{name} of {command} must be one letter")
        default = tree.get("default")
        text = reader.text(tree, path, "default")
        return Flag(
            name,
            shorthand,
            kind == "bool",
            reader.text(tree, path, "description") or reader.text(tree, path, "usage"),
            reader.flag(tree, path, "required"),
            default is True or text == "true" if kind == "bool" else text,
            reader.names(tree, path, "values"),
            reader.text(tree, path, "semantic_type") or ("stack" if name == "stack" else ""),
        )

    def env(self, tree: Mapping[str, object], path: Path) -> tuple[Variable, ...]:
        value = tree.get("env") or []
        path = (*path, "env")
        if isinstance(value, dict):
            items = [
                (key, one if isinstance(one, dict) else {"value": one}, (*path, key)) for key, one in value.items()
            ]
        elif isinstance(value, list) and all(isinstance(one, dict) for one in value):
            items = [(self._reader.text(one, (*path, i), "key"), one, (*path, i)) for i, one in enumerate(value)]
        else:
            raise self.wrong(path, "env must be a list of key and value, or a map")
        return tuple(self.variable(key.strip(), one, where) for key, one, where in items)

    def variable(self, key: str, tree: dict[str, object], path: Path) -> Variable:
        text, command = self._reader.text(tree, path, "value"), self._reader.text(tree, path, "valueCommand")
        if not key:
            raise self.wrong(path, "a variable needs a key")
        if text and command:
            raise self.wrong(path, f"{key} has a value and a valueCommand; it can have one of them")
        return Variable(key, text, command, self.at(path))

    def component(self, tree: Mapping[str, object], path: Path) -> tuple[str, str] | None:
        value = tree.get("component_config") or {}
        if not isinstance(value, dict):
            raise self.wrong((*path, "component_config"), "component_config must be a map")
        where = (*path, "component_config")
        component, stack = (self._reader.text(value, where, key) for key in ("component", "stack"))
        return (component, stack) if component and stack else None

    def unique(self, names: list[str], path: Path, what: str) -> None:
        twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
        if twice is not None:
            raise self.wrong(path, f"{what}{twice} is there twice")
