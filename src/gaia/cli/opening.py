"""The platform repository that a command reads, and the options that say how."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.session import Session
from gaia.stacks.ports import Processing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.stacks.repository import Repository

Templates = Annotated[
    bool,
    typer.Option(
        "--process-templates/--no-process-templates", help="Render Go templates; also --process-templates=false."
    ),
]
Functions = Annotated[
    bool,
    typer.Option(
        "--process-functions/--no-process-functions", help="Run YAML functions; also --process-functions=false."
    ),
]
Skip = Annotated[
    list[str] | None,
    typer.Option("--skip", metavar="FUNCTION", help="Leave this function alone; may be repeated.", show_default=False),
]


def opened(session: Session, path: Path | None, processing: Processing | None = None) -> "Repository":
    """The platform repository; what there is to be said about how it is read goes to standard error."""
    repository = session.app.repository(path, processing=processing)
    for notice in repository.notices:
        session.note(notice, "warn")
    return repository


@contextmanager
def forgiven(
    session: Session,
    path: Path | None,
    processing: Processing | None = None,
    *,
    stack: str | None = None,
    done: str = "shown",
) -> "Iterator[Repository]":
    """The same, where a component that cannot be built fails only what needs it: the command ends with all of them.

    `stack` is the name or the pattern that the command was given, if any; `done` says what becomes of the others.

    Raises:
        Incomplete: `components-failed`, when everything else has been shown.
    """
    repository = opened(session, path, processing).forgiving()
    yield repository
    if repository.failures:
        session.stdout.flush()
        repository.failures.refuse(None if stack in repository.spellings else stack, done)


def processing_of(templates: bool, functions: bool, skip: list[str] | None) -> Processing:
    """What the options say about templates and functions."""
    names = frozenset(name.removeprefix("!") for name in several(skip))
    return Processing(templates=templates, functions=functions, skip=names)


def several(values: list[str] | None) -> tuple[str, ...]:
    """`--components a,b --components c`: Atmos takes both."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())
