"""Options that several commands share, and the texts that they take."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from gaia.cli import completion
from gaia.cli.machine_output import Format
from gaia.errors import Invalid
from gaia.kit.clock import span

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
    found = span(text)
    if found is None:
        raise Invalid(
            "duration-invalid", f"{text!r} is not a length of time", next_step="Write it as 30m, 12h, 7d or 4w."
        )
    return found
