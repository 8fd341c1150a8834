"""The command tree: built from the menu, each command's module imported only when it is used."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from gaia import __version__
from gaia.cli import menu
from gaia.cli.menu import Entry
from gaia.cli.options import Output
from gaia.cli.session import Session

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 110},
}


class MenuGroup(TyperGroup):
    """A group whose commands are entries of the menu."""

    menu_entries: tuple[Entry, ...] = ()

    def list_commands(self, ctx: "Context") -> list[str]:  # noqa: ARG002
        """The names in the menu's order."""
        return [entry.name for entry in self.menu_entries]

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":  # noqa: ARG002
        """The command, its module imported now; None when there is none of that name."""
        for entry in self.menu_entries:
            if entry.name == cmd_name:
                if cmd_name not in self.commands:
                    self.commands[cmd_name] = build(entry)
                return self.commands[cmd_name]
        # Typer proposes the nearest of `commands`; stubs will do for that.
        self.commands = {entry.name: TyperCommand(entry.name) for entry in self.menu_entries}
        return None

    def shell_complete(self, ctx: "Context", incomplete: str) -> "list[Any]":
        """The names that begin so, from the menu alone."""
        from typer._click.shell_completion import CompletionItem

        names = [
            CompletionItem(each.name, help=each.help) for each in self.menu_entries if each.name.startswith(incomplete)
        ]
        return names if not incomplete.startswith("-") else TyperCommand.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:  # noqa: ARG002
        """The menu's lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.help) for entry in self.menu_entries])


class RootGroup(MenuGroup):
    """`gaia` itself."""

    menu_entries = menu.entries()

    def get_help(self, ctx: "Context") -> str:  # noqa: ARG002
        """The grouped help."""
        return menu.help_text(bold=False).rstrip("\n")


def build(entry: Entry) -> "Command":
    """The command or the group of a menu entry."""
    if entry.entries:
        group = MenuGroup(
            name=entry.name,
            help=entry.help,
            no_args_is_help=True,
            rich_markup_mode=None,
            context_settings=_PLAIN["context_settings"],
        )
        group.menu_entries = entry.entries
        return group
    app = typer.Typer(**_PLAIN)
    app.command(entry.name)(function_of(entry))
    return get_command(app)


def function_of(entry: Entry) -> Callable[..., Any]:
    """The function that does what a menu entry promises."""
    module, _, name = entry.target.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"gaia.cli.commands.{module}"), name)
    return function


def described(context: "Context", words: Sequence[str]) -> "Context":
    """The context of the command that the words name below this one, for its help.

    Raises:
        UsageError: there is none; the nearest is named.
    """
    for word in words:
        group = context.command
        if not isinstance(group, TyperGroup):
            context.fail(f"`{context.command_path}` has no commands of its own.")
        name, command, _ = group.resolve_command(context, [word])
        if command is None:
            context.fail(f"No such command {word!r}.")
        context = command.context_class(command, parent=context, info_name=name, **command.context_settings)
    return context


def root() -> "Command":
    """`gaia`."""
    app = typer.Typer(**(_PLAIN | {"add_completion": True}), cls=RootGroup, name="gaia", no_args_is_help=True)
    app.callback()(_root)
    return get_command(app)


def _version(context: typer.Context, wanted: bool) -> None:
    if wanted:
        context.find_object(Session).write(f"gaia {__version__}\n")  # type: ignore[union-attr]
        raise typer.Exit


def _root(
    context: typer.Context,
    output: Output = None,
    directory: Annotated[
        Path | None, typer.Option("-C", metavar="DIR", help="As if started in this folder.", show_default=False)
    ] = None,
    version: Annotated[  # noqa: ARG001 - typer calls its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    session = Session.of(context, output)
    if directory is not None:
        session.go_to(directory)
