"""`gaia describe locals`."""

from typing import Annotated

import typer

from gaia.cli import completion
from gaia.cli.documents import File, Query, SomeForm, put, queried, text_of
from gaia.cli.opening import opened
from gaia.cli.options import Directory, Output
from gaia.cli.session import Session


def show_locals(
    context: typer.Context,
    stack: Annotated[
        str,
        typer.Option(
            "--stack",
            "-s",
            metavar="STACK",
            help="A stack, or the path of a top-level manifest.",
            autocompletion=completion.stacks,
        ),
    ],
    component: Annotated[
        str | None,
        typer.Argument(
            metavar="[COMPONENT]",
            help="What this component sees of them.",
            autocompletion=completion.components,
            show_default=False,
        ),
    ] = None,
    form: SomeForm = None,
    query: Query = None,
    file: File = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show the locals of a manifest.

    Resolved, as templates of that file see them; locals of imported files are not seen there.

    Example: gaia describe locals -s acme-use1-dev
    """
    from gaia.stacks.described_locals import describe_locals

    session = Session.of(context, output)
    document = describe_locals(opened(session, directory), stack, component)
    put(session, file, text_of(queried(document, query), form or ("json" if session.format == "json" else "yaml")))
