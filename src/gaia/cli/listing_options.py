"""The options that all lists share, and what they say of stacks and columns."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.listing import ListFormat

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
OutputFile = Annotated[
    Path | None,
    typer.Option(
        "--output-file",
        metavar="PATH",
        help="Add matrix=… and count=… to this file, such as $GITHUB_OUTPUT; with --format matrix.",
        show_default=False,
    ),
]


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
