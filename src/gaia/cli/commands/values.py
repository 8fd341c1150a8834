"""`gaia list vars|settings|metadata|values COMPONENT`: one component's values, a column for each stack."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

import typer

from gaia.cli.commands.inventory import Delimiter, Format, StackGlob, wanted
from gaia.cli.commands.understand import Component, Repository, opened
from gaia.cli.listing import Column, Look, show
from gaia.cli.options import Output
from gaia.cli.session import Session
from gaia.errors import NotFound

Query = Annotated[
    str | None,
    typer.Option(
        "--query", "-q", metavar="YQ", help="Which part of the component; .vars if left out.", show_default=False
    ),
]
MostColumns = Annotated[
    int | None, typer.Option("--max-columns", metavar="N", min=1, help="Only so many stacks.", show_default=False)
]


def _of_section(section: str, example: str) -> Callable[..., None]:
    """The command that lists one section; Typer reads its help from the docstring."""

    def command(
        context: typer.Context,
        component: Component,
        stack: StackGlob = None,
        form: Format = None,
        max_columns: MostColumns = None,
        delimiter: Delimiter = None,
        repository: Repository = None,
        output: Output = None,
    ) -> None:
        look = Look(form, delimiter=delimiter)
        _show(Session.of(context, output), component, f".{section}", look, stack, max_columns, repository)

    command.__doc__ = f"List a component's {section} in every stack.\n\nExample: {example}"
    return command


list_vars = _of_section("vars", "gaia list vars photos-bucket --format csv")
list_settings = _of_section("settings", "gaia list settings photos-bucket")
list_metadata = _of_section("metadata", "gaia list metadata photos-bucket")


def list_values(
    context: typer.Context,
    component: Component,
    query: Query = None,
    stack: StackGlob = None,
    form: Format = None,
    max_columns: MostColumns = None,
    delimiter: Delimiter = None,
    repository: Repository = None,
    output: Output = None,
) -> None:
    """List any values of a component in every stack.

    Example: gaia list values photos-bucket --query .backend
    """
    look = Look(form, delimiter=delimiter)
    _show(Session.of(context, output), component, query or ".vars", look, stack, max_columns, repository)


def _show(
    session: Session,
    component: str,
    query: str,
    look: Look,
    stack: str | None,
    most: int | None,
    repository: Repository,
) -> None:
    from gaia.golang.yq import evaluate

    checkout = opened(session, repository)
    names = [key.stack for key in checkout.instances if key.component == component]
    if not names:
        raise NotFound(
            "component-unknown",
            f"no stack has a component {component!r}",
            next_step="`gaia list components` shows them; --abstract shows those that are only inherited from.",
        )
    inside = set(wanted(checkout, stack))
    names = [name for name in names if name in inside][:most]
    columns: dict[str, object] = {}
    for name in names:
        columns[name] = evaluate(query, checkout.instance(component, name).describe())
    flat = {name: dict(_flat(value, "")) for name, value in columns.items()}
    keys = list(dict.fromkeys(key for values in flat.values() for key in values))
    rows = [{"key": key, "in": {name: flat[name].get(key, "") for name in names}} for key in keys]
    show(
        session,
        look,
        [Column("Key", "{{ .key }}"), *(Column(name, "", ("in", name)) for name in names)],
        rows,
        document={"component": component, "values": columns},
        tree=lambda: {name: {f"{key}: {value}": None for key, value in flat[name].items()} for name in names},
    )


def _flat(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif path or not isinstance(value, Mapping | None):
        yield path or "value", value
