"""`gaia login`, `gaia logout`, `gaia whoami`."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.platform.model import CallerView


def login(
    context: typer.Context,
    step_up: Annotated[
        bool, typer.Option("--step-up", help="Be asked anew, with a second factor, as some approvals want it.")
    ] = False,
    output: Output = None,
) -> None:
    """Sign in at the provider of identities.

    That is the one of the server that GAIA_URL names, else of this home. A code is shown; somebody who has a browser,
    here or elsewhere, types it in there and agrees. Commands then call in that person's name until `gaia logout`;
    GAIA_TOKEN comes first. Ctrl-C ends the waiting, and nothing is kept.

    Example: gaia login
    """
    session = Session.of(context, output)
    entering = session.app.logging_in()
    way = entering.way()
    code = entering.ask(way, step_up=step_up)
    from gaia.cli.screens.people import code_screen

    for part in code_screen(code, way, entering.server):
        session.err.print(part)
    entering.wait(way, code, time.sleep)
    if session.settings.token is not None:
        session.note("GAIA_TOKEN is set, and comes first: unset it to call as who has signed in.", "warn")
    with session.app.people() as people:
        _show(session, people.who(), "Signed in as ")


def logout(context: typer.Context, output: Output = None) -> None:
    """Forget who signed in.

    The provider is asked to forget it too.

    Example: gaia logout
    """
    session = Session.of(context, output)
    was_in = session.app.logging_in().leave()
    if session.format != "text":
        session.show({"signed_out": was_in})
        return
    from rich.text import Text

    session.show(None, Text.assemble(("✓ ", "good"), "Signed out.") if was_in else Text("Nobody had signed in."))


def whoami(context: typer.Context, output: Output = None) -> None:
    """Show who is calling, and what they may do.

    Example: gaia whoami
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        _show(session, people.who(), "")


def _show(session: Session, view: "CallerView", before: str) -> None:
    if session.format != "text":
        session.show(asdict(view))
        return
    from gaia.cli.screens.people import caller_screen
    from gaia.kit import clock

    session.show(None, *caller_screen(view, before, clock.now()))
