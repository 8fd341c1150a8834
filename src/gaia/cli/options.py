"""Options that several commands share, and the texts that they take."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from gaia.cli import completion
from gaia.cli.machine_output import Format
from gaia.errors import Invalid
from gaia.kit import spans

Output = Annotated[
    Format | None,
    typer.Option("--output", "-o", metavar="FORMAT", help="text, json or yaml.", show_default=False),
]
Component = Annotated[
    str,
    typer.Argument(
        metavar="COMPONENT", help="The component's name in the stack.", autocompletion=completion.components
    ),
]
Directory = Annotated[
    Path | None,
    typer.Option(
        "--repository",
        "-C",
        metavar="DIR",
        help="The platform repository; else the one around you.",
        show_default=False,
    ),
]
Stack = Annotated[
    str,
    typer.Option(
        "--stack", "-s", metavar="STACK", help="The stack, e.g. acme-use1-dev.", autocompletion=completion.stacks
    ),
]
MaybeStack = Annotated[
    str | None,
    typer.Option(
        "--stack", "-s", metavar="STACK", help="Only this stack.", autocompletion=completion.stacks, show_default=False
    ),
]
Request = Annotated[
    str,
    typer.Argument(
        metavar="REQUEST",
        help="A request's id, the beginning of it, or the service.",
        autocompletion=completion.requests,
    ),
]
Expires = Annotated[
    str | None,
    typer.Option("--expires", metavar="TIME", help="How long: 30m, 12h, 7d, 4w.", show_default=False),
]
OlderThan = Annotated[
    str | None,
    typer.Option("--older-than", metavar="TIME", help="Younger things too, down to this age: 7d.", show_default=False),
]
Detach = Annotated[bool, typer.Option("--detach", help="Return at once and let an engine do the work.")]
Full = Annotated[bool, typer.Option("--full", help="Show every attribute.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def duration(text: str | None) -> timedelta | None:
    """`7d` as a time span.

    Raises:
        Invalid: `duration-invalid`.
    """
    if text is None:
        return None
    try:
        return spans.parse(text)
    except ValueError:
        step = f"Write it as {spans.WRITTEN}."
        raise Invalid("duration-invalid", f"{text!r} is not a length of time", next_step=step) from None


def moment(text: str) -> datetime:
    """`2026-12-24` as the end of that day, in UTC; `2026-12-24T18:00Z` as that moment.

    Raises:
        Invalid: `date-invalid`.
    """
    written = text.strip()
    try:
        given = datetime.fromisoformat(written)
        day = len(written) == len("2026-12-24")
        end = given.replace(tzinfo=UTC) + timedelta(days=1) if day else given if given.tzinfo else None
    except (ValueError, OverflowError):
        end = None
    if end is None:
        step = "Write it as 2026-12-24, or with a time and its zone: 2026-12-24T18:00Z."
        raise Invalid("date-invalid", f"{text!r} is not a date", next_step=step)
    return end.astimezone(UTC)
