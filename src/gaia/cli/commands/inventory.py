"""`gaia list stacks|workflows|templates`, and what all lists share."""

from typing import Annotated

import typer

from gaia.cli import completion
from gaia.cli.listing import Column, Look, columns_to_show, selected, show
from gaia.cli.listing_options import (
    Columns,
    Delimiter,
    Filter,
    Format,
    Query,
    Sort,
    StackGlob,
    configured,
    groups,
    wanted,
)
from gaia.cli.opening import Functions, Skip, Templates, forgiven, processing_of
from gaia.cli.options import Directory, Output
from gaia.cli.session import Session

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
                        "ttl": each.lifespan.as_json(),
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
