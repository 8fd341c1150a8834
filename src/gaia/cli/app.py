"""The command tree: built from the menu, each command's module imported only when it is used."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from gaia import __version__
from gaia.cli import lacking, menu
from gaia.cli.atmosflags import GROUPS
from gaia.cli.custom import CustomDoor, door
from gaia.cli.entry import Entry, function_of
from gaia.cli.options import Output
from gaia.cli.raw import RawCommand
from gaia.cli.session import Session

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

OF_ATMOS = GROUPS | {"version", "completion", "help", "init"}
"""Commands of the first level that Atmos has too."""
_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 110},
}


class MenuGroup(TyperGroup):
    """A group whose commands are entries of the menu."""

    menu_entries: tuple[Entry, ...] = ()
    entry: Entry | None = None

    def list_commands(self, ctx: "Context") -> list[str]:  # noqa: ARG002
        """The names in the menu's order."""
        return [entry.name for entry in self.menu_entries]

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """The command, its module imported now; None when there is none of that name.

        Custom commands come after Gaia's own, and before what a group takes raw.

        Raises:
            Invalid: `not-supported`: a command of Atmos that Gaia does not have, or what is wrong with a custom one.
        """
        path, session = self._path(ctx), _session(ctx)
        if self.entry is None:
            cmd_name = menu.ALIASES.get(cmd_name, cmd_name)
            if session.is_atmos and cmd_name not in OF_ATMOS and (custom := door(session, path, cmd_name)) is not None:
                return custom  # a script of Atmos's means its repository's command, not one that only Gaia has
        for entry in self.menu_entries:
            if entry.name == cmd_name:
                if cmd_name not in self.commands:
                    self.commands[cmd_name] = build(entry)
                return self.commands[cmd_name]
        if cmd_name.startswith("-"):
            return None
        if (custom := door(session, path, cmd_name)) is not None:
            return custom
        if not ctx.resilient_parsing and (refusal := lacking.refusal((*path, cmd_name))) is not None:
            raise refusal
        if self.entry is not None and self.entry.raw:
            return RawCommand(cmd_name, function_of(self.entry), (cmd_name,))
        # Typer proposes the nearest of `commands`; stubs will do for that.
        names = [*self.list_commands(ctx), *(name for name, _ in session.custom_rows(path))]
        self.commands = {name: TyperCommand(name) for name in names}
        return None

    def _path(self, ctx: "Context") -> tuple[str, ...]:
        """The names of the groups around the commands of this one; none for those of the first level."""
        return tuple(menu.ALIASES.get(word, word) for word in ctx.command_path.split()[1:])

    def shell_complete(self, ctx: "Context", incomplete: str) -> "list[Any]":
        """The names that begin so, from the menu alone."""
        from typer._click.shell_completion import CompletionItem

        rows = [(each.name, each.help) for each in self.menu_entries]
        rows += _session(ctx).custom_rows(self._path(ctx))
        names = [CompletionItem(name, help=text) for name, text in rows if name.startswith(incomplete)]
        return names if not incomplete.startswith("-") else TyperCommand.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """The menu's lines, and those of custom commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.help) for entry in self.menu_entries])
        if custom := _session(ctx).custom_rows(self._path(ctx)):
            with formatter.section("Custom"):
                formatter.write_dl(custom)


class RootGroup(MenuGroup):
    """`gaia` itself."""

    menu_entries = menu.entries()

    def get_help(self, ctx: "Context") -> str:
        """The grouped help."""
        return menu.help_text(bold=False, custom=_session(ctx).custom_rows()).rstrip("\n")


def _session(ctx: "Context") -> Session:
    """The session of a command line; one of its own while the shell completes a word."""
    import os
    import sys
    from pathlib import Path

    from gaia.settings import Settings

    found = ctx.find_object(Session)
    return found or Session(Settings.capture(os.environ, Path.cwd()), sys.stdin, sys.stdout, sys.stderr)


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
        group.menu_entries, group.entry = entry.entries, entry
        return group
    if entry.raw:
        return RawCommand(entry.name, function_of(entry), usage=entry.usage)
    app = typer.Typer(**_PLAIN)
    app.command(entry.name)(function_of(entry))
    return get_command(app)


def described(context: "Context", words: Sequence[str]) -> "Context":
    """The context of the command that the words name below this one, for its help.

    Raises:
        UsageError: there is none; the nearest is named.
    """
    from gaia.checkout.words import SUBCOMMANDS

    for word in words:
        group = context.command
        if isinstance(group, CustomDoor) and (inner := group.below(word)) is not None:
            context = context.__class__(inner, parent=context, info_name=word)
            continue
        if not isinstance(group, TyperGroup):
            context.fail(f"`{context.command_path}` has no commands of its own.")
        if isinstance(group, MenuGroup) and word not in SUBCOMMANDS and (near := _nearest(group, word)):
            context.fail(f"No such command {word!r}. Did you mean {near!r}?")
        name, command, _ = group.resolve_command(context, [word])
        if command is None:
            context.fail(f"No such command {word!r}.")
        context = command.context_class(command, parent=context, info_name=name, **command.context_settings)
    return context


def _nearest(group: MenuGroup, word: str) -> str | None:
    """What a mistyped command of a raw group may mean; what is none of its entries may be the other program's."""
    from difflib import get_close_matches

    names = [entry.name for entry in group.menu_entries]
    if group.entry is None or not group.entry.raw or word in names:
        return None
    return next(iter(get_close_matches(word, names, n=1)), None)


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
