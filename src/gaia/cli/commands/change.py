"""`gaia change`."""

from pathlib import Path
from typing import Annotated

import typer

from gaia.cli.follow_request import finish, see_through
from gaia.cli.options import Detach, Expires, Full, Output, Stack, duration
from gaia.cli.questions import collect
from gaia.cli.session import Session
from gaia.errors import Invalid


def change(
    context: typer.Context,
    stack: Stack,
    service: Annotated[
        str | None, typer.Argument(metavar="SERVICE", help="The service's name.", show_default=False)
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", "-a", metavar="KEY=VALUE", help="An answer that is to differ; may be repeated."),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answers in a YAML or JSON file.", show_default=False)
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="BRANCH",
            help="Take the manifests that a branch of the platform repository proposes.",
            show_default=False,
        ),
    ] = None,
    replaces: Annotated[
        str | None,
        typer.Option(
            metavar="DIGEST",
            help="Write over a manifest that was edited by hand: its digest, as the refusal says.",
            show_default=False,
        ),
    ] = None,
    expires: Expires = None,
    detach: Detach = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Ask for a service to have other answers.

    What is not given stays as it is. Previewed and approved like any request: what is created, changed and destroyed,
    and what that costs more. Without an answer it is made again by its template, which may have another version. While
    something is applied to the service, the change waits in line.

    With `--from`, no service is named: the manifests that a branch changes are taken as they are, for instances of the
    stack's tenant and stage.

    Example: gaia change photos -s acme-use1-dev -a versioning=true
    """
    session = Session.of(context, output)
    given, life = collect(session.settings.cwd, answer or [], answers), duration(expires)
    if (service is None) == (branch is None) or (branch is not None and (given or replaces)):
        raise Invalid(
            "change-of-what",
            "a change is of one service's answers, or of what a branch proposes",
            next_step="Name a service, with answers; or a branch, with --from.",
        )
    with session.acting() as platform:
        if branch is not None:
            view = platform.change_from(branch, stack, expires=life)
        else:
            view = platform.change(str(service), stack, given, replaces=replaces, expires=life)
        return finish(session, see_through(session, platform, view, detach=detach), full=full)
