"""`gaia describe workflows`: Atmos's document."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.cli.documents import File, Query, SomeForm, put, queried, text_of
from gaia.cli.options import Directory
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.stacks.workflows.reading import Workflows

Kind = Literal["list", "map", "all", "text", "json", "yaml"]


def workflows(
    context: typer.Context,
    form: SomeForm = None,
    output: Annotated[
        Kind | None,
        typer.Option(
            "--output",
            "-o",
            metavar="KIND",
            help="list (files and names), map (names by file) or all (whole files), as Atmos has it; or json, yaml.",
            show_default=False,
        ),
    ] = None,
    query: Query = None,
    file: File = None,
    directory: Directory = None,
) -> None:
    """Show the workflows as Atmos does.

    The document that `atmos describe workflows` gives, as YAML unless --format json.

    Example: gaia describe workflows --output map
    """
    from gaia.stacks.workflows.reading import Workflows

    session = Session.of(context, output if output in ("text", "json", "yaml") else None)
    document = _document(Workflows.of(session.app.configuration(directory)), output or "list")
    wanted = form or ("json" if session.format == "json" else "yaml")
    put(session, file, text_of(queried(document, query), wanted))


def _document(reader: "Workflows", kind: Kind) -> object:
    if kind == "all":
        return reader.documents()
    by_file: dict[str, list[str]] = {}
    for each in reader.all():
        by_file.setdefault(each.file, []).append(each.name)
    if kind == "map":
        return by_file
    return [{"file": file, "workflow": name} for file, names in by_file.items() for name in names]
