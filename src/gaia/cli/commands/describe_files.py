"""`gaia describe locals|workflows`: what files hold that is no part of an instance."""

from typing import Annotated, Any, Literal

import typer

from gaia.cli import completion
from gaia.cli.commands.describe import File, Query, SomeForm, put, queried, text_of
from gaia.cli.commands.understand import Repository, opened
from gaia.cli.options import Output
from gaia.cli.session import Session
from gaia.errors import GaiaError


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
    repository: Repository = None,
    output: Output = None,
) -> None:
    """Show the locals of a manifest.

    Resolved, as templates of that file see them; locals of imported files are not seen there.

    Example: gaia describe locals -s acme-use1-dev
    """
    from gaia.stacks.described_locals import describe_locals

    session = Session.of(context, output)
    document = describe_locals(opened(session, repository), stack, component)
    put(session, file, text_of(queried(document, query), form or ("json" if session.format == "json" else "yaml")))


def show_workflows(
    context: typer.Context,
    shape: Annotated[
        Literal["list", "map", "all", "text", "json", "yaml"],
        typer.Option(
            "--output",
            "-o",
            metavar="SHAPE",
            help="list: file and name of each; map: the names by file; all: the files themselves. json and yaml: list.",
        ),
    ] = "list",
    form: SomeForm = None,
    query: Query = None,
    file: File = None,
    repository: Repository = None,
) -> None:
    """Show the workflows and their files.

    A file that cannot be read is passed over with a warning.

    Example: gaia describe workflows -o map --format json
    """
    from gaia.stacks.workflows.described import manifests
    from gaia.stacks.workflows.reading import Workflows

    session = Session.of(context)
    checkout = session.app.repository(repository)
    found: dict[str, Any] = {}
    for name, content in manifests(Workflows.of(checkout.config)):
        if isinstance(content, GaiaError):
            session.note(f"{name} is passed over: {content.message}", "warn")
        else:
            found[name] = content
    names = {name: sorted(content["workflows"]) for name, content in found.items()}
    document: object = found
    if shape == "map":
        document = names
    elif shape != "all":
        document = [{"file": name, "workflow": one} for name, listed in names.items() for one in listed]
    wanted = form or ("json" if "json" in (shape, session.format) else "yaml")
    put(session, file, text_of(queried(document, query), wanted))
