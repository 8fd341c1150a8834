"""`gaia approve`, `gaia reject`, `gaia comment`."""

from typing import Annotated

import typer

from gaia.cli.follow_request import finish, see_through, show
from gaia.cli.options import Detach, Output, Request, Yes
from gaia.cli.screens.target import all_of
from gaia.cli.session import Session


def approve(
    context: typer.Context,
    request: Request,
    digest: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="Approve only if this is the preview's digest.", show_default=False),
    ] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the approval.", show_default=False)] = "",
    on_behalf: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="PERSON", help="In this person's name, who has delegated it to you.", show_default=False
        ),
    ] = None,
    yes: Yes = False,
    detach: Detach = False,
    output: Output = None,
) -> int:
    """Approve a request's preview and apply exactly that.

    Where the rules of approval ask for more people, it waits for them. Whatever the preview does not show stops the
    run. On a terminal, the preview is shown and you are asked, unless you name its digest or say `--yes`.

    Example: gaia approve photos --reason "small and tagged"
    """
    session = Session.of(context, output)
    judgement = None
    with session.acting(request) as platform:
        if digest is None:
            current = platform.request(request)
            request, digest = current.id, current.preview.digest if current.preview else None
            judgement = current.preview.judgement if current.preview else None
            if session.interactive and not yes and current.status == "waiting":
                if session.format == "text":
                    show(session, current)
                place = all_of(current.preview.targets) if current.preview else ""
                who = platform.who if on_behalf is None else f"{platform.who} for {on_behalf}"
                question = f"\nAs {who}, approve exactly this{f' in {place}' if place else ''}? [y/N] "
                if session.ask(question).strip().lower() not in ("y", "yes"):
                    session.note("Nothing was decided.")
                    return 1
        view = platform.approve(request, digest=digest, judgement=judgement, reason=reason, on_behalf=on_behalf)
        return finish(session, see_through(session, platform, view, detach=detach))


def reject(
    context: typer.Context,
    request: Request,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; the requester reads it.")],
    output: Output = None,
) -> None:
    """Say no to a request.

    Example: gaia reject photos --reason "use the shared bucket"
    """
    session = Session.of(context, output)
    with session.acting(request) as platform:
        show(session, platform.reject(request, reason=reason))


def comment(
    context: typer.Context,
    request: Request,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What everybody who sees the request reads.")],
    output: Output = None,
) -> None:
    """Say something about a request.

    Example: gaia comment photos "Which bucket is it for?"
    """
    session = Session.of(context, output)
    with session.acting(request) as platform:
        show(session, platform.comment(request, text))
