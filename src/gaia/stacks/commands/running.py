"""A custom command that was typed, as steps to run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound, ToolFailed
from gaia.kit.pages import page
from gaia.stacks.building.atmosfunctions import veiled
from gaia.stacks.workflows.job import Job, Own
from gaia.stacks.workflows.templates import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.errors import Position
    from gaia.stacks.commands.model import CustomCommand
    from gaia.stacks.commands.typed import Given

    Describe = Callable[[str, str], Mapping[str, object]]
    Ask = Callable[[str, Path, Mapping[str, str]], tuple[int, str]]


def job(
    command: CustomCommand,
    given: Given,
    path: str,
    *,
    base: Path,
    cwd: Path,
    environ: Mapping[str, str],
    own: Own,
    describe: Describe,
    ask: Ask,
) -> Job:
    """The steps of a command with its environment. `describe` gives `describe component`, `ask` a command's output.

    Relative working directories are taken from `base`; without any the steps run where the caller is.

    Raises:
        Invalid: `not-supported`, `command-invalid`, `template-…`, each with the place in the command's definition.
        NotFound: `working-directory-missing`.
        ToolFailed: `value-command-failed`.
        GaiaError: what `describe` raises.
    """
    if command.unsupported:
        raise Invalid(
            "not-supported",
            f"not supported: {command.unsupported} of the custom command {path}",
            at=command.at,
            next_step=f"Write it without; {page('reference/atmos-compatibility.md')} says what Gaia lacks.",
        )
    folder = _folder(command, base) if command.working_directory else cwd
    data: dict[str, object] = {
        "Arguments": given.arguments,
        "Flags": given.flags,
        "flags": given.flags,
        "TrailingArgs": given.trailing,
        "Cwd": str(folder),
        "cwd": str(folder),
    }
    if command.component is not None:
        component, stack = (_named(text, data, environ, command.at) for text in command.component)
        try:
            data["ComponentConfig"] = veiled(describe(component, stack))
        except (NotFound, Invalid) as error:
            error.facts = {**error.facts, "asked for by": f"{path} at {command.at}"}
            raise
    env = dict(environ)
    for variable in command.env:
        if variable.command:
            status, output = ask(variable.command, folder, env)
            if status:
                raise ToolFailed(
                    "value-command-failed",
                    f"the valueCommand of {variable.key} ended with status {status}",
                    at=variable.at,
                    next_step="Correct the command, or write the value out.",
                )
            env[variable.key] = output.rstrip("\r\n")
        else:
            env[variable.key] = rendered(variable.value, {**data, "env": env}, env, variable.at)
    stack_given = given.flags.get("stack")
    return Job(
        name=path,
        steps=command.steps,
        at=command.at,
        base=folder,
        environ=env,
        own=replace(own, takes_stack=lambda _: False),
        stack=stack_given if isinstance(stack_given, str) else "",
        data=data,
        noun="custom command",
    )


def _named(text: str, data: Mapping[str, object], environ: Mapping[str, str], at: Position) -> str:
    name = rendered(text, data, environ, at)
    if not name or name == "<no value>":
        raise Invalid(
            "command-invalid", f"component_config: {text} is empty", at=at, next_step="Give the argument or the flag."
        )
    return name


def _folder(command: CustomCommand, base: Path) -> Path:
    folder = base / command.working_directory
    if not folder.is_dir():
        raise NotFound(
            "working-directory-missing",
            f"the working_directory {command.working_directory} of {command.name} is no folder",
            at=command.at,
            next_step=f"Make {folder}, or correct working_directory.",
        )
    return folder
