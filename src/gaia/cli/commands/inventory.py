"""`gaia list stacks|workflows|templates`, and what all lists share."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.commands.describe import Functions, Skip, Templates, processing_of
from gaia.cli.commands.understand import forgiven
from gaia.cli.listing import Column, ListFormat, Look, columns_to_show, selected, show
from gaia.cli.options import Directory, Output
from gaia.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.stacks.building.stackfile import Group
    from gaia.stacks.loading.config import Config
    from gaia.stacks.repository import Repository

Format = Annotated[
    ListFormat | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        show_default=False,
        help="table, json, yaml, csv, tsv or tree, as Atmos has them; a table on a pipe is lines with tabs.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        metavar="NAME",
        show_default=False,
        help="A column, or TITLE={{ .field }} for one of your own; may be repeated.",
    ),
]
Sort = Annotated[
    str | None,
    typer.Option("--sort", metavar="NAME[:desc],…", help="Sort by these columns.", show_default=False),
]
Delimiter = Annotated[
    str | None,
    typer.Option("--delimiter", metavar="CHAR", help="Between the cells of a line.", show_default=False),
]
StackGlob = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help="Only this stack; a pattern such as 'acme-*-dev' names several.",
        autocompletion=completion.stacks,
        show_default=False,
    ),
]
Filter = Annotated[
    str | None,
    typer.Option("--filter", metavar="YQ", help="Only rows for which this yq expression holds.", show_default=False),
]
Query = Annotated[
    str | None,
    typer.Option(
        "--query",
        "-q",
        metavar="YQ",
        help="What to make of each row: a map is the new row, anything else its .value, for --columns.",
        show_default=False,
    ),
]
STACKS = (Column("Stack", "{{ .stack }}"),)
WORKFLOWS = (
    Column("File", "{{ .file }}"),
    Column("Workflow", "{{ .workflow }}"),
    Column("Description", "{{ .description }}"),
    Column("Steps", "{{ .steps }}"),
)


def stacks(
    context: typer.Context,
    stack: StackGlob = None,
    component: Annotated[
        str | None,
        typer.Option(
            "--component",
            "-c",
            metavar="COMPONENT",
            help="Only stacks that have it.",
            autocompletion=completion.components,
            show_default=False,
        ),
    ] = None,
    form: Format = None,
    columns: Columns = None,
    sort: Sort = None,
    delimiter: Delimiter = None,
    filter: Filter = None,  # noqa: A002
    query: Query = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """List the stacks.

    Example: gaia list stacks --format json
    """
    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    look = Look(form, columns or (), sort, delimiter, filter, query)
    with forgiven(session, directory, processing, stack=stack) as repository:
        shown = columns_to_show(look, STACKS, configured(repository.config, "stacks"))
        by_stack: dict[str, set[str]] = {name: set() for name in wanted(repository, stack)}
        for group in groups(repository, stack):
            if not group.abstract:
                by_stack[str(group.stack)].update(group.names)
        if component is not None:
            by_stack = {name: inside for name, inside in by_stack.items() if component in inside}
        full = look.selects or any("vars" in column.sections for column in shown)
        rows = selected(
            look,
            (
                {"stack": name, "components": len(inside)} | ({"vars": repository.stack_vars(name)} if full else {})
                for name, inside in by_stack.items()
            ),
        )
        show(
            session,
            look,
            shown,
            rows,
            document={"stacks": [row["stack"] for row in rows]},
            tree=lambda: {str(row["stack"]): dict.fromkeys(sorted(by_stack[str(row["stack"])])) for row in rows},
        )


def workflows(
    context: typer.Context,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="Only those of this file.", show_default=False)
    ] = None,
    form: Format = None,
    columns: Columns = None,
    sort: Sort = None,
    delimiter: Delimiter = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """List the workflows.

    Example: gaia list workflows --format tree
    """
    from gaia.stacks.workflows.reading import Workflows

    session = Session.of(context, output)
    config = session.app.configuration(directory)
    reader = Workflows.of(config)
    listed = reader.read(file) if file else reader.all()
    look = Look(form, columns or (), sort, delimiter)
    rows = [
        {"file": each.file, "workflow": each.name, "description": each.description, "steps": len(each.steps)}
        for each in listed
    ]
    tree: dict[str, dict[str, object]] = {}
    for each in listed:
        tree.setdefault(each.file, {})[each.name] = {f"{step.name}  {step.command}": None for step in each.steps}
    show(
        session,
        look,
        columns_to_show(look, WORKFLOWS, configured(config, "workflows")),
        rows,
        document={"workflows": [row | {"at": str(each.at)} for row, each in zip(rows, listed, strict=True)]},
        tree=lambda: tree,
    )


def templates(context: typer.Context, output: Output = None) -> None:
    """List what can be requested, with the questions.

    Example: gaia list templates
    """
    session = Session.of(context, output)
    listed = session.app.templates()
    if session.format != "text":
        session.show(
            {
                "templates": [
                    {
                        "name": each.name,
                        "version": each.version,
                        "title": each.title,
                        "description": each.description,
                        "questions": [
                            {
                                "name": question.name,
                                "type": question.type,
                                "help": question.help,
                                "default": question.default,
                                "choices": list(question.choices),
                                "required": question.required,
                            }
                            for question in each.questions
                        ],
                    }
                    for each in listed
                ]
            }
        )
        return
    from gaia.cli.screens.tables import templates_screen

    session.show(None, *templates_screen(listed))


def wanted(repository: "Repository", pattern: str | None) -> list[str]:
    """The stacks that a name, a pattern or the path of a top-level manifest means.

    Raises:
        NotFound: `stack-unknown`, with the nearest names.
    """
    if pattern is None:
        return list(repository.stacks)
    if pattern in repository.spellings:
        return sorted({str(group.stack) for group in repository.groups(pattern)})
    if not any(letter in pattern for letter in "*?["):
        repository.stack_vars(pattern)
    return [name for name in repository.stacks if fnmatchcase(name, pattern)]


def groups(repository: "Repository", pattern: str | None) -> "Iterator[Group]":
    """The components of those stacks; of a manifest, only what stands in it."""
    if pattern in repository.spellings:
        return repository.groups(pattern)
    inside = None if pattern is None else set(wanted(repository, pattern))
    return (group for group in repository.groups() if inside is None or group.stack in inside)


def configured(config: "Config", kind: str, *older: str) -> object:
    """The columns that `atmos.yaml` sets: `list.KIND.columns`, else `KIND.list.columns`."""
    places = (("list", kind, "columns"), *((one, "list", "columns") for one in (kind, *older)))
    return next((found for path in places if (found := config.setting(*path))), None)
