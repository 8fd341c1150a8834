"""`gaia list vars|settings|metadata|values [COMPONENT]`: values of one component or of all, a column for each stack."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.listing import Column, Look, show
from gaia.cli.listing_options import Delimiter, Format, StackGlob, groups
from gaia.cli.metadata_filter import Abstract
from gaia.cli.opening import Functions, Skip, Templates, forgiven, processing_of
from gaia.cli.options import Directory, Output
from gaia.cli.session import Session
from gaia.errors import NotFound
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from gaia.stacks.repository import Repository

Query = Annotated[
    str | None,
    typer.Option("--query", "-q", metavar="YQ", help="Another part of the component.", show_default=False),
]
MostColumns = Annotated[
    int | None,
    typer.Option("--max-columns", metavar="N", min=0, help="Only so many stacks; 0: all.", show_default=False),
]


SomeComponent = Annotated[
    str | None,
    typer.Argument(
        metavar="COMPONENT", help="The component; else all.", autocompletion=completion.components, show_default=False
    ),
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which values of which stacks."""

    component: str | None
    """None: every one, its values below its name."""
    query: str
    stack: str | None
    most: int | None
    abstract: bool


def _of_section(section: str, what: str, example: str) -> Callable[..., None]:
    """The command that lists one section; Typer reads its help from the docstring."""

    def command(
        context: typer.Context,
        component: SomeComponent = None,
        query: Query = None,
        stack: StackGlob = None,
        abstract: Abstract = False,
        form: Format = None,
        max_columns: MostColumns = None,
        delimiter: Delimiter = None,
        process_templates: Templates = True,
        process_functions: Functions = True,
        skip: Skip = None,
        directory: Directory = None,
        output: Output = None,
    ) -> None:
        session = Session.of(context, output)
        processing = processing_of(process_templates, process_functions, skip)
        asked = _Asked(component, query or f".{section}", stack, max_columns or None, abstract)
        with forgiven(session, directory, processing, stack=stack) as repository:
            _show(session, repository, asked, Look(form, delimiter=delimiter))

    command.__doc__ = f"List {what} in every stack.\n\nExample: {example}"
    return command


list_vars = _of_section("vars", "a component's vars", "gaia list vars photos-bucket --format csv")
list_settings = _of_section("settings", "settings of components", "gaia list settings")
list_metadata = _of_section("metadata", "metadata of components", "gaia list metadata --query .metadata.component")
list_values = _of_section("vars", "any values of a component", "gaia list values photos-bucket --query .backend")


def _show(session: Session, repository: "Repository", asked: _Asked, look: Look) -> None:
    from gaia.golang.yq import evaluate

    columns: dict[str, object] = {}
    for key, kind in _found(repository, asked):
        if key.stack not in columns and len(columns) == asked.most:
            continue
        for instance in repository.built((key,), kind):
            value = evaluate(asked.query, instance.describe())
            if asked.component is not None:
                columns.setdefault(key.stack, value)
                continue
            held = columns.setdefault(key.stack, {})
            if isinstance(held, dict) and value not in (None, {}, []):
                held.setdefault(key.component, value)
    names = list(columns)
    flat = {name: dict(_flat(value, "")) for name, value in columns.items()}
    keys = list(dict.fromkeys(key for values in flat.values() for key in values))
    rows = [{"key": key, "in": {name: flat[name].get(key, "") for name in names}} for key in keys]
    show(
        session,
        look,
        [Column("Key", "{{ .key }}"), *(Column(name, "", ("in", name)) for name in names)],
        rows,
        document={"component": asked.component, "values": columns},
        tree=lambda: {name: {f"{key}: {value}": None for key, value in flat[name].items()} for name in names},
    )


def _found(repository: "Repository", asked: _Asked) -> list[tuple[InstanceKey, str]]:
    """The component, or every one, in each stack, with its type.

    Raises:
        NotFound: `component-unknown`.
    """
    found = [
        (InstanceKey(str(group.stack), name), group.kind)
        for group in repository.groups()
        if asked.abstract or not group.abstract
        for name in group.names
        if asked.component in (None, name)
    ]
    if not found and asked.component is not None:
        raise NotFound(
            "component-unknown",
            f"no stack has a component {asked.component!r}",
            next_step="`gaia list components` shows them; --abstract shows those that are only inherited from.",
        )
    inside = None if asked.stack is None else {str(group.stack) for group in groups(repository, asked.stack)}
    return sorted(one for one in found if inside is None or one[0].stack in inside)


def _flat(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif path or not isinstance(value, Mapping | None):
        yield path or "value", value
