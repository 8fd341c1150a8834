"""`gaia request`, `gaia retire`, `gaia resume`, `gaia cancel`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.follow_request import finish, see_through, show
from gaia.cli.options import Detach, Expires, Full, Output, Request, Stack, Yes, duration
from gaia.cli.questions import ask_missing, collect
from gaia.cli.screens.format import short_id
from gaia.cli.screens.target import all_of
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.platform.model import RequestView
    from gaia.platform.ports import PlatformDoor


def request(
    context: typer.Context,
    template: Annotated[
        str,
        typer.Argument(
            metavar="TEMPLATE",
            help="What to make; `gaia list templates` shows them.",
            autocompletion=completion.templates,
        ),
    ],
    service: Annotated[
        str, typer.Argument(metavar="SERVICE", help="The service's name: lower-case letters, digits, hyphens.")
    ],
    stack: Stack,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", "-a", metavar="KEY=VALUE", help="An answer to the template; may be repeated."),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answers in a YAML or JSON file.", show_default=False)
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask every question, also what has a default.")] = False,
    expires: Expires = None,
    detach: Detach = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Ask for a service from a template.

    The request is written down, previewed as one plan, priced and judged; then somebody else approves it. On a
    terminal, questions are asked that no `-a`, no file and no default answers; all others too with `--ask`.

    Example: gaia request object-store photos -s acme-use1-dev -a owner=media
    """
    session = Session.of(context, output)
    given = collect(session.settings.cwd, answer or [], answers)
    life = duration(expires)
    if session.interactive:
        given = ask_missing(session, template, given, every=ask)
    elif ask:
        raise Invalid("no-terminal", "there is no terminal to ask on", next_step="Give the answers: -a KEY=VALUE.")
    with session.acting() as platform:
        view = platform.submit(template, service, stack, given, expires=life)
        return finish(session, see_through(session, platform, view, detach=detach), full=full)


def retire(
    context: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service's name.")],
    stack: Stack,
    yes: Yes = False,
    detach: Detach = False,
    output: Output = None,
) -> int:
    """Ask for a service to be destroyed.

    Like any request, it is previewed and approved: by somebody else, or by a policy that says so. Even then the plan
    is shown first and you are asked, unless you say `--yes`; `gaia approve` says it later.

    Example: gaia retire photos -s acme-use1-dev
    """
    session = Session.of(context, output)
    with session.acting() as platform:
        view = see_through(session, platform, platform.retire(service, stack), detach=detach)
        if view.confirms and not yes and session.interactive and session.format == "text":
            if not _confirmed(session, platform, view):
                return 1
            yes = True
        if view.confirms and yes:
            view = platform.approve(view.id, digest=view.preview.digest if view.preview else None)
            view = see_through(session, platform, view, detach=detach)
        return finish(session, view)


def _confirmed(session: Session, platform: "PlatformDoor", view: "RequestView") -> bool:
    """Whether somebody who sees the plan says yes."""
    show(session, view)
    place = all_of(view.preview.targets) if view.preview else ""
    question = f"\nAs {platform.who}, destroy exactly this{f' in {place}' if place else ''}? [y/N] "
    if session.ask(question).strip().lower() in ("y", "yes"):
        return True
    name = short_id(view.id)
    session.note(f"Nothing was destroyed. `gaia approve {name}` goes on, `gaia reject {name}` takes it back.")
    return False


def cancel(
    context: typer.Context,
    request: Request,
    now: Annotated[bool, typer.Option("--now", help="Kill terraform instead of asking it to end.")] = False,
    detach: Detach = False,
    output: Output = None,
) -> int:
    """End what is carried out for a request.

    Terraform saves what it has made. A preview ends for good; an application is parked with what is left of it, and
    nothing is undone: `gaia resume` goes on, `gaia retire` takes away what was made.

    Example: gaia cancel photos
    """
    session = Session.of(context, output)
    with session.acting(request) as platform:
        view = platform.cancel(request, now=now)
        return finish(session, see_through(session, platform, view, detach=detach))


def resume(context: typer.Context, request: Request, detach: Detach = False, output: Output = None) -> int:
    """Go on with a request that was parked or interrupted.

    What was done stays done: it is found again, finished, and nothing is made twice.

    Example: gaia resume photos
    """
    session = Session.of(context, output)
    with session.acting(request) as platform:
        view = platform.resume(request)
        return finish(session, see_through(session, platform, view, detach=detach))
