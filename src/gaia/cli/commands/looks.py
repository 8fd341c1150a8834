"""`gaia looks …`: drift as the platform finds it. `gaia drift` looks at the files of a checkout instead."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Component, Detach, Full, MaybeStack, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Invalid, ToolFailed
from gaia.kit import clock

if TYPE_CHECKING:
    from rich.text import Text

    from gaia.platform.drift.views import InstanceDriftView, LookView
    from gaia.records.drift_model import DriftResult


def list_looks(
    context: typer.Context,
    stack: MaybeStack = None,
    component: Annotated[
        str | None, typer.Option(metavar="COMPONENT", help="Only this component.", show_default=False)
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(metavar="STATE", help="Only clean, drifted, not-checked or gone ones.", show_default=False),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only those that are so since 2026-11-01, or later.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 1000,
    output: Output = None,
) -> None:
    """List what was last found of each instance that Gaia applied.

    An engine looks at each by itself, against the published branch. What does not exist any more is listed only
    with --state gone.

    Example: gaia looks list --state drifted
    """
    session = Session.of(context, output)
    wanted = _state(state)
    begin = None if since is None else _begin(since)
    with session.app.drifting() as drifting:
        found = drifting.list(stack=stack, component=component, state=wanted, since=begin, limit=limit)
    if session.format != "text":
        session.show({"instances": [one.as_json() for one in found]})
        return
    from gaia.cli.screens.looks import looks_screen

    session.show(None, *looks_screen(found, clock.now()))


def show(
    context: typer.Context,
    component: Component,
    stack: Stack,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The last so many looks.")] = 10,
    full: Full = False,
    output: Output = None,
) -> None:
    """Show what the last look at an instance found, and the looks before.

    Example: gaia looks show photos-bucket -s acme-use1-dev
    """
    session = Session.of(context, output)
    with session.app.drifting() as drifting:
        _show(session, drifting.show(stack, component, limit=limit), full=full)


def now(
    context: typer.Context,
    component: Component,
    stack: Stack,
    detach: Detach = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Look at an instance now, as the published branch has it.

    Nothing is changed. The exit code is 7 where it could not be looked at.

    Example: gaia looks now photos-bucket -s acme-use1-dev
    """
    session = Session.of(context, output)
    with session.app.drifting() as drifting:
        look = drifting.look(stack, component)
        if detach:
            session.show(look.as_json(), _told(look))
            return 0
        session.note(f"Looking at {look.instance} …", "quiet")
        session.going_on = f"`gaia looks show {component} -s {stack}` shows what is found."
        ended = drifting.work(look)
        session.going_on = ""
        found = drifting.show(stack, component, limit=1)
    if ended.status == "failed":
        raise ToolFailed("look-failed", f"{look.instance}: {ended.reason}", next_step="Try again when it is free.")
    _show(session, found, full=full)
    return ToolFailed.exit_code if found.newest is None or found.newest.state == "not-checked" else 0


def _told(look: "LookView") -> "Text":
    from rich.text import Text

    return Text(f"{look.instance} is looked at by {look.id}.")


def _show(session: Session, found: "InstanceDriftView", *, full: bool) -> None:
    if session.format != "text":
        session.show(found.as_json())
        return
    from gaia.cli.screens.looks import instance_screen

    session.show(None, *instance_screen(found, clock.now(), full=full))


def _begin(text: str) -> datetime:
    """A day, from its begin in UTC, or a moment."""
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        step = "Write it as 2026-11-01, or with a time and its zone: 2026-11-01T18:00Z."
        raise Invalid("date-invalid", f"{text[:40]!r} is not a date", next_step=step) from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _state(text: str | None) -> "DriftResult | None":
    from gaia.platform.drift.views import STATES

    found = next((one for one in STATES if one == text), None)
    if text is not None and found is None:
        step = f"Use one of {', '.join(STATES)}."
        raise Invalid("drift-state-unknown", f"{text[:40]!r} is no state of an instance", next_step=step)
    return found
