"""`gaia list …`: stacks, components, instances, workflows, templates."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.commands.understand import Repository, opened
from gaia.cli.listing import Column, ListFormat, Look, chosen, show
from gaia.cli.options import Output
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.stacks.model import InstanceKey
    from gaia.stacks.repository import Repository as Stacks

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
Abstract = Annotated[bool, typer.Option("--abstract", help="Abstract components too.")]
TYPE = "terraform"
STACKS = (Column("Stack", "{{ .stack }}"),)
COMPONENTS = (
    Column("Component", "{{ .component }}"),
    Column("Type", "{{ .type }}"),
    Column("Stacks", "{{ .stacks }}"),
)
INSTANCES = (Column("Component", "{{ .component }}"), Column("Stack", "{{ .stack }}"))
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
    repository: Repository = None,
    output: Output = None,
) -> None:
    """List the stacks.

    Example: gaia list stacks --format json
    """
    session = Session.of(context, output)
    checkout = opened(session, repository)
    look = Look(form, columns or (), sort, delimiter)
    shown = chosen(look, STACKS, _configured(checkout, "stacks"))
    by_stack: dict[str, list[str]] = {name: [] for name in wanted(checkout, stack)}
    for key in checkout.instances:
        if key.stack in by_stack:
            by_stack[key.stack].append(key.component)
    if component is not None:
        by_stack = {name: inside for name, inside in by_stack.items() if component in inside}
    rows = [
        {"stack": name, "components": len(inside)}
        | ({"vars": checkout.stack_vars(name)} if any("vars" in column.sections for column in shown) else {})
        for name, inside in by_stack.items()
    ]
    show(
        session,
        look,
        shown,
        rows,
        document={"stacks": list(by_stack)},
        tree=lambda: {name: dict.fromkeys(inside) for name, inside in by_stack.items()},
    )


def components(
    context: typer.Context,
    stack: StackGlob = None,
    abstract: Abstract = False,
    form: Format = None,
    columns: Columns = None,
    sort: Sort = None,
    delimiter: Delimiter = None,
    repository: Repository = None,
    output: Output = None,
) -> None:
    """List the components of all stacks.

    Example: gaia list components -s 'acme-*-prod'
    """
    session = Session.of(context, output)
    checkout = opened(session, repository)
    look = Look(form, columns or (), sort, delimiter)
    shown = chosen(look, COMPONENTS, _configured(checkout, "components"))
    by_component: dict[str, list[str]] = {}
    for key in sorted(_keys(checkout, stack, abstract=abstract), key=lambda key: key.component):
        by_component.setdefault(key.component, []).append(key.stack)
    rows = [{"component": name, "type": TYPE, "stacks": len(inside)} for name, inside in by_component.items()]
    show(
        session,
        look,
        shown,
        rows,
        document={"components": list(by_component)},
        tree=lambda: {name: dict.fromkeys(inside) for name, inside in by_component.items()},
    )


def instances(
    context: typer.Context,
    stack: StackGlob = None,
    abstract: Abstract = False,
    form: Format = None,
    columns: Columns = None,
    sort: Sort = None,
    delimiter: Delimiter = None,
    repository: Repository = None,
    output: Output = None,
) -> None:
    """List the components of each stack.

    Example: gaia list instances --columns Component --columns 'Owner={{ .vars.tags.owner }}'
    """
    session = Session.of(context, output)
    checkout = opened(session, repository)
    look = Look(form, columns or (), sort, delimiter)
    shown = chosen(look, INSTANCES, _configured(checkout, "instances"))
    keys = list(_keys(checkout, stack, abstract=abstract))
    if form is not None:  # Atmos's formats have Atmos's order
        keys.sort(key=lambda key: (key.component, key.stack))
    plain = {"component", "stack", "type"}
    full = any(column.sections - plain for column in shown)
    rows = [_row(checkout, key) if full else _names(key) for key in keys]
    by_stack: dict[str, dict[str, None]] = {}
    for key in keys:
        by_stack.setdefault(key.stack, {})[key.component] = None
    show(
        session,
        look,
        shown,
        rows,
        document={"instances": [{"stack": key.stack, "component": key.component} for key in keys]},
        tree=lambda: by_stack,
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
    repository: Repository = None,
    output: Output = None,
) -> None:
    """List the workflows.

    Example: gaia list workflows --format tree
    """
    from gaia.stacks.workflows.reading import Workflows

    session = Session.of(context, output)
    config = session.app.configuration(repository)
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
        chosen(look, WORKFLOWS, config.setting("workflows", "list", "columns")),
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


def wanted(checkout: "Stacks", pattern: str | None) -> list[str]:
    """The stacks that a name or a pattern means; a name that there is not is an error with the nearest ones."""
    if pattern is None:
        return list(checkout.stacks)
    if not any(letter in pattern for letter in "*?["):
        checkout.stack_vars(pattern)
    return [name for name in checkout.stacks if fnmatchcase(name, pattern)]


def _keys(checkout: "Stacks", pattern: str | None, *, abstract: bool) -> Iterable["InstanceKey"]:
    keys = checkout.all_instances if abstract else checkout.instances
    if pattern is None:
        return keys
    chosen_stacks = set(wanted(checkout, pattern))
    return [key for key in keys if key.stack in chosen_stacks]


def _names(key: "InstanceKey") -> dict[str, object]:
    return {"stack": key.stack, "component": key.component, "type": TYPE}


def _row(checkout: "Stacks", key: "InstanceKey") -> Mapping[str, object]:
    return checkout.instance(key.component, key.stack).describe() | _names(key)


def _configured(checkout: "Stacks", kind: str) -> object:
    """`KIND.list.columns` of `atmos.yaml`."""
    return checkout.config.setting(kind, "list", "columns")
