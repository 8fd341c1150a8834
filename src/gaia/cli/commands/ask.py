"""`gaia request`, `gaia keep`, `gaia retire`, `gaia reconcile`, `gaia resume`, `gaia cancel`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.follow_request import finish, see_through, show
from gaia.cli.options import Detach, Expires, Full, Output, Request, Stack, Yes, duration, moment
from gaia.cli.order_file import read_order
from gaia.cli.questions import ask_missing, collect
from gaia.cli.screens.format import short_id
from gaia.cli.screens.target import all_of
from gaia.cli.session import Session
from gaia.errors import Invalid
from gaia.platform.model import FOR_EVER
from gaia.platform.refusals import keep_ambiguous

if TYPE_CHECKING:
    from gaia.platform.model import RequestView, Until
    from gaia.platform.ports import PlatformDoor
    from gaia.records.model import OnFailure


def request(
    context: typer.Context,
    stack: Stack,
    template: Annotated[
        str | None,
        typer.Argument(
            metavar="TEMPLATE",
            help="What to make; `gaia list templates` shows them.",
            autocompletion=completion.templates,
            show_default=False,
        ),
    ] = None,
    service: Annotated[
        str | None,
        typer.Argument(
            metavar="SERVICE", help="The service's name: lower-case letters, digits, hyphens.", show_default=False
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="ORDER", help="Several services at once, in a YAML or JSON file.", show_default=False),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", "-a", metavar="KEY=VALUE", help="An answer to the template; may be repeated."),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answers in a YAML or JSON file.", show_default=False)
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask every question, also what has a default.")] = False,
    ttl: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How long it lives, from when it exists: 12h, 7d, 4w.", show_default=False),
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Where it cannot be finished, destroy again what was made.")
    ] = False,
    expires: Expires = None,
    detach: Detach = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Ask for a service from a template.

    The request is written down, previewed as one plan, priced and judged; then somebody else approves it. On a
    terminal, questions are asked that no `-a`, no file and no default answers; all others too with `--ask`. With
    `--ttl` it is destroyed after that time, unless somebody keeps it; who approves it approves that too.

    With `--file` several services are asked for as one, all or none: the file has a `name` and `services`, each with
    `template`, `service` and `answers`.

    Example: gaia request object-store photos -s acme-use1-dev -a owner=media
    """
    session = Session.of(context, output)
    life, lives = duration(expires), duration(ttl)
    failing: OnFailure = "undo" if undo else "park"
    if file is not None:
        if template or service or answer or answers or ask:
            raise Invalid("order-ambiguous", "an order's services are in its file", next_step="Give --file alone.")
        name, wishes = read_order(session.settings.cwd / file)
        with session.acting() as platform:
            view = platform.order(name, stack, wishes, expires=life, ttl=lives, on_failure=failing)
            return finish(session, see_through(session, platform, view, detach=detach), full=full)
    if template is None or service is None:
        raise Invalid(
            "request-of-what",
            "it is not said what is asked for",
            next_step="Name a template and a service; or give several in a file, with --file.",
        )
    given = collect(session.settings.cwd, answer or [], answers)
    if session.interactive:
        given = ask_missing(session, template, given, every=ask)
    elif ask:
        raise Invalid("no-terminal", "there is no terminal to ask on", next_step="Give the answers: -a KEY=VALUE.")
    with session.acting() as platform:
        view = platform.submit(template, service, stack, given, expires=life, ttl=lives, on_failure=failing)
        return finish(session, see_through(session, platform, view, detach=detach), full=full)


def keep(
    context: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service's name.")],
    stack: Stack,
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="So long from now: 12h, 7d, 4w.", show_default=False),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="To the end of a day, or a moment: 2026-12-24, 2026-12-24T18:00Z.", show_default=False
        ),
    ] = None,
    for_ever: Annotated[bool, typer.Option("--for-ever", help="It does not end by itself any more.")] = False,
    output: Output = None,
) -> None:
    """Let a service live longer.

    Its end is moved: so long from now as it was given at first, if you do not say how long. A template or a policy may
    say how long at most. It comes no nearer so: `gaia retire` ends a service.

    Example: gaia keep photos -s acme-use1-dev --for 7d
    """
    session = Session.of(context, output)
    named: list[Until | None] = [
        duration(for_),
        moment(until) if until is not None else None,
        FOR_EVER if for_ever else None,
    ]
    wanted = [one for one in named if one is not None]
    if len(wanted) > 1:
        raise keep_ambiguous()
    with session.acting() as platform:
        show(session, platform.keep(service, stack, until=wanted[0] if wanted else None))


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


def reconcile(
    context: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service's name.")],
    stack: Stack,
    detach: Detach = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Ask for a service that has drifted to be put back.

    A request as any: its instances are made again as they are published, which is previewed, judged and approved.
    `gaia looks` shows what was found.

    Example: gaia reconcile photos -s acme-use1-dev
    """
    session = Session.of(context, output)
    with session.acting() as platform:
        view = see_through(session, platform, platform.reconcile(service, stack), detach=detach)
        return finish(session, view, full=full)


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
    """End what is carried out for a request, or a look.

    Terraform saves what it has made. A preview ends for good; an application is parked with what is left of it, and
    nothing is undone: `gaia resume` goes on, `gaia retire` takes away what was made. The id of a run that looks at an
    instance (`gaia looks`) ends that.

    Example: gaia cancel photos
    """
    session = Session.of(context, output)
    if request.startswith("run_"):
        with session.app.drifting() as drifting:
            look = drifting.cancel(request, now=now)
        from rich.text import Text

        session.show(look.as_json(), Text(f"{look.id}, which looks at {look.instance}, is to end."))
        return 0
    with session.acting(request) as platform:
        view = platform.cancel(request, now=now)
        return finish(session, see_through(session, platform, view, detach=detach))


def resume(context: typer.Context, request: Request, detach: Detach = False, output: Output = None) -> int:
    """Go on with a request that was parked or interrupted.

    What was done stays done: it is found again, finished, and nothing is made twice. One whose stack was put
    into another tenant or stage since is previewed again there, for its approvers to decide.

    Example: gaia resume photos
    """
    session = Session.of(context, output)
    with session.acting(request) as platform:
        view = platform.resume(request)
        return finish(session, see_through(session, platform, view, detach=detach))
