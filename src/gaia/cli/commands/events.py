"""`gaia events`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gaia.notifications.model import EventView

_PAUSE = 1.0
"""Seconds between two looks."""


def events(
    context: typer.Context,
    after: Annotated[
        int | None,
        typer.Option(min=0, metavar="SEQ", help="What happened after this number, oldest first.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many; without --after the newest.")] = 50,
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only such: request.approved, request.*; may be repeated."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it happens, until interrupted.")] = False,
    output: Output = None,
) -> None:
    """Show what happened where you may see it.

    With `--output json` each line is a CloudEvent of its own.

    Example: gaia events --type 'request.*' --follow
    """
    from gaia.notifications.globs import checked

    session = Session.of(context, output)
    types = checked(kind or [])
    with session.app.happening() as happened:
        found = happened.newest(limit=limit) if after is None else happened.after(after, limit=limit)
        _show(session, found, types)
        if not follow:
            return
        seen = found[-1].seq if found else after or 0
        from gaia.platform.views.happening import event_of

        feed = happened.feed(seen)
        while True:
            session.going_on = f"`gaia events --after {seen} --follow` reads on."
            news = feed.news()
            for one in news:
                seen = one.number or seen
                _show(session, [event_of(one)], types)
            if not news:
                _wait()


def _show(session: Session, found: "Iterable[EventView]", types: tuple[str, ...]) -> None:
    from dataclasses import asdict

    from gaia.notifications.globs import wanted

    for one in found:
        if not wanted(types, one.type):
            continue
        if session.format == "text":
            from gaia.cli.screens.events import event_line

            session.out.print(event_line(one), crop=False, soft_wrap=not session.stdout.isatty())
        else:
            from gaia.cli.machine_output import write_entry

            write_entry(asdict(one), session.format, session.stdout)


def _wait() -> None:
    import time

    time.sleep(_PAUSE)
