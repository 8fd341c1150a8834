"""`gaia status`, `gaia logs`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.follow_request import finish, see_through, show
from gaia.cli.options import Full, MaybeStack, Output, Request
from gaia.cli.session import Session
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.platform.model import RequestLine


def status(
    context: typer.Context,
    request: Annotated[
        str | None,
        typer.Argument(
            metavar="[REQUEST]",
            help="A request's id, the beginning of it, or the service; all requests if left out.",
            autocompletion=completion.requests,
            show_default=False,
        ),
    ] = None,
    stack: MaybeStack = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only requests that have not ended.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="The newest so many requests; 0: all.")] = 100,
    after: Annotated[
        str | None, typer.Option(metavar="ID", help="Only requests older than this one.", show_default=False)
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Follow the request until it waits or ends.")] = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Show the requests, or one of them.

    With `--watch` the exit code tells how it went: 0 waiting or done, 5 denied or rejected, 6 parked or expired,
    7 failed.

    Example: gaia status photos --watch
    """
    session = Session.of(context, output)
    with session.acting(request) as platform:
        if request is None:
            _list(session, platform.requests(stack=stack, open_only=open_only, after=after, limit=limit or None), limit)
            return 0
        view = platform.request(request)
        if watch:
            return finish(session, see_through(session, platform, view), full=full)
        show(session, view, full=full)
    return 0


def logs(
    context: typer.Context,
    request: Request,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the request waits or ends.")] = False,
    output: Output = None,
) -> None:
    """Show what a request's runs did.

    With `--output json` each line is a JSON object of its own.

    Example: gaia logs photos -f
    """
    from gaia.platform.model import FINAL

    session = Session.of(context, output)
    session.going_on = f"`gaia logs {request} -f` reads on."
    with session.acting(request) as platform:
        line = None
        for line in platform.log(request, follow=follow):
            if session.format == "text":
                from gaia.cli.screens.progress import log_line

                session.out.print(log_line(line), crop=False, soft_wrap=not session.stdout.isatty())
            else:
                from gaia.cli.machine_output import write_entry

                write_entry(line, session.format, session.stdout)
        if line is None and platform.request(request).status in FINAL:
            session.note("Its log is no longer kept.")


def _list(session: Session, lines: "Sequence[RequestLine]", limit: int) -> None:
    following = lines[-1].id if limit and len(lines) == limit else None
    if session.format != "text":
        session.show({"requests": [line.as_json() for line in lines], "next": following})
        return
    from gaia.cli.screens.requests import list_screen

    session.show(None, *list_screen(lines, clock.now()))
    if following:
        session.note(f"Older ones: gaia status --after {following}")
