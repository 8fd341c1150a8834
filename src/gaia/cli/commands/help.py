"""`gaia help`."""

from typing import Annotated

import typer

from gaia.cli import completion
from gaia.cli.app import described
from gaia.cli.session import Session


def show(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND...]",
            help="A command, or a group and one of its commands; all commands if left out.",
            autocompletion=completion.commands,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show the help of a command.

    Example: gaia help terraform plan
    """
    Session.of(context).write(described(context.find_root(), command or []).get_help() + "\n")
