"""What the shell offers after TAB. Completion never fails aloud: where nothing can be read, nothing is offered."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from gaia.bootstrap import App
from gaia.cli.session import Session
from gaia.errors import GaiaError
from gaia.kit.visible import visible
from gaia.settings import Settings


def stacks(context: typer.Context) -> list[str]:
    """Names of stacks."""
    return _offer(context, lambda app: app.repository().forgiving().stacks)


def components(context: typer.Context) -> list[str]:
    """Names of components, of the stack given with `-s` if there is one."""
    stack = context.params.get("stack")

    def names(app: App) -> Iterable[str]:
        keys = app.repository().forgiving().instances
        return sorted({key.component for key in keys if stack in (None, key.stack)})

    return _offer(context, names)


def workflows(context: typer.Context) -> list[str]:
    """Names of workflows, of the file given with `-f` if there is one."""
    file = context.params.get("file")

    def names(app: App) -> Iterable[str]:
        from gaia.stacks.workflows.reading import Workflows

        reader = Workflows.of(app.configuration())
        return sorted({each.name for each in (reader.read(file) if file else reader.all())})

    return _offer(context, names)


def commands(context: typer.Context) -> list[str]:
    """Names of commands, below those that stand there already."""
    from gaia.cli import menu

    listed = menu.entries()
    for word in context.params.get("command") or ():
        listed = next((each.entries for each in listed if each.name == word), ())
    return [each.name for each in listed]


def templates(context: typer.Context) -> list[str]:
    """Names of templates."""
    return _offer(context, lambda app: [each.name for each in app.templates()])


def snapshot_names(context: typer.Context) -> list[str]:
    """Names of what the emulated AWS can go back to."""
    return _offer(context, lambda app: [each.name for each in app.sandbox.snapshots()])


def requests(context: typer.Context) -> list[str]:
    """Ids of open requests."""

    def ids(app: App) -> Iterable[str]:
        with app.platform() as platform:
            return [view.id for view in platform.requests(open_only=True)]

    return _offer(context, ids)


def _offer(context: typer.Context, names: Callable[[App], Iterable[str]]) -> list[str]:
    session = context.find_object(Session)
    if session is None:
        import sys

        chosen = context.find_root().params.get("directory") or ""
        settings = Settings.capture(os.environ, Path.cwd() / chosen)
        session = Session(settings, sys.stdin, sys.stdout, sys.stderr)
    try:
        # One that holds what a terminal would obey cannot be typed either.
        return [name for name in names(session.app) if name == visible(name)]
    except (GaiaError, OSError, ImportError):
        return []
