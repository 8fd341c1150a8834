"""`gaia describe affected` and `gaia describe dependents`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gaia.cli.comparing import Asked, Clone, Ref, RepoPath, Sha, compared, one_of
from gaia.cli.documents import File, Query, queried
from gaia.cli.listing import Column, Look, columns_to_show, show
from gaia.cli.listing_options import Columns, Delimiter, Format, OutputFile, Sort
from gaia.cli.opening import Functions, Skip, Templates, forgiven, processing_of
from gaia.cli.options import Component, Directory, MaybeStack, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType


AtmosFormat = Annotated[
    Literal["json", "yaml"] | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        show_default=False,
        help="json or yaml: Atmos's document. Without it a table on a terminal, else JSON as Atmos gives.",
    ),
]
AtmosBase = Annotated[str | None, typer.Option("--base", metavar="REF", help="The same as --ref.", show_default=False)]
IncludeDependents = Annotated[
    bool, typer.Option("--include-dependents", help="Add what depends on each, and on that in turn.")
]
IncludeSettings = Annotated[bool, typer.Option("--include-settings", help="Add the settings section.")]
References = Annotated[
    bool,
    typer.Option(
        "--include-references", help="Count instances that read a state among the dependents; Atmos does not."
    ),
]
DOT = Column(" ", "{{ .status }}")
STATUS = Column("Status", "{{ .status_text }}")
AFFECTED = (
    Column("Component", "{{ .component }}"),
    Column("Stack", "{{ .stack }}"),
    Column("Type", "{{ .component_type }}"),
    Column("Affected", "{{ .affected }}"),
    Column("File", "{{ .file }}"),
)
FIELDS = ("component", "stack", "component_type", "affected", "file", "deleted")
ExcludeLocked = Annotated[bool, typer.Option("--exclude-locked", help="Leave out what metadata.locked says.")]


def affected(
    context: typer.Context,
    ref: Ref = None,
    sha: Sha = None,
    base: AtmosBase = None,
    repo_path: RepoPath = None,
    clone_target_ref: Clone = False,  # noqa: ARG001
    include_dependents: IncludeDependents = False,
    include_settings: IncludeSettings = False,
    include_references: References = False,
    exclude_locked: ExcludeLocked = False,
    stack: MaybeStack = None,
    format: Annotated[  # noqa: A002
        Literal["json", "yaml", "matrix"] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            show_default=False,
            help="json, yaml, or matrix for a workflow of GitHub. Without it a table on a terminal, else JSON.",
        ),
    ] = None,
    output_file: OutputFile = None,
    query: Query = None,
    file: File = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show which instances a change affects, and why.

    Compares the files here, committed or not, with a commit. Neither your checkout nor your branches are touched.

    Example: gaia describe affected --ref main --include-dependents
    """
    from gaia.cli.screens.affected import affected_screen

    session = Session.of(context, output)
    if output_file is not None and format != "matrix":
        raise Invalid(
            "options-conflict", "--output-file takes a matrix only", next_step="Add --format matrix, or give --file."
        )
    processing = processing_of(process_templates, process_functions, skip)
    asked = Asked(
        one_of(ref, sha, base, repo_path), repo_path, stack, exclude_locked, include_dependents, include_references
    )
    with forgiven(session, directory, processing, stack=stack) as current:
        name, documents = compared(session, current, processing, asked, include_settings=include_settings)
        if format == "matrix":
            from gaia.cli import matrix

            matrix.put(session, [matrix.entry(one) for one in documents], output_file)
            return
        shown = None if query else affected_screen(documents, name)
        _show(session, queried(documents, query), format, file, shown)


def list_affected(
    context: typer.Context,
    ref: Ref = None,
    sha: Sha = None,
    base: AtmosBase = None,
    repo_path: RepoPath = None,
    clone_target_ref: Clone = False,  # noqa: ARG001
    include_dependents: IncludeDependents = False,
    exclude_locked: ExcludeLocked = False,
    stack: MaybeStack = None,
    form: Format = None,
    columns: Columns = None,
    sort: Sort = None,
    delimiter: Delimiter = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """List which instances a change affects.

    A line each, with why; `gaia describe affected` says more.

    Example: gaia list affected --ref main --format csv
    """
    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    asked = Asked(one_of(ref, sha, base, repo_path), repo_path, stack, exclude_locked, include_dependents)
    with forgiven(session, directory, processing, stack=stack) as current:
        name, documents = compared(session, current, processing, asked, include_settings=True)
        rows = [row for one in documents for row in _rows(one)]
        look = Look(form, columns or (), sort or "Stack,Component", delimiter)
        status = DOT if form in (None, "table") else STATUS
        nothing = form in (None, "table") and session.stdout.isatty() and not any(row["file"] for row in rows)
        by_stack: dict[str, dict[str, None]] = {}
        for row in rows:
            by_stack.setdefault(str(row["stack"]), {})[str(row["component"])] = None
        show(
            session,
            look,
            columns_to_show(look, (status, *(AFFECTED[:-1] if nothing else AFFECTED))),
            rows,
            document={"affected": [{key: row[key] for key in FIELDS} for row in rows]},
            tree=lambda: by_stack,
        )
        if not rows:
            session.note(f"Nothing differs from {name}.", "quiet")


def _rows(document: "Mapping[str, Any]") -> "Iterator[dict[str, object]]":
    """A row for an affected instance, and one for each of its dependents, to the end."""
    metadata = (document["settings"] or {}).get("metadata")
    locked = isinstance(metadata, dict) and metadata.get("locked") is True
    reasons = document.get("affected_all", ["dependent"])
    more = {"status": "●", "status_text": "locked" if locked else "enabled", "affected_all": ",".join(reasons)}
    empty = {"file": "", "folder": "", "affected": "dependent", "deleted": False, "deletion_type": ""}
    yield {**empty, **document, **more, "dependents_count": len(document["dependents"] or ())}
    for one in document["dependents"] or ():
        yield from _rows(one)


def dependents(
    context: typer.Context,
    component: Component,
    stack: Stack,
    include_settings: IncludeSettings = False,
    include_references: References = False,
    format: AtmosFormat = None,  # noqa: A002
    query: Query = None,
    file: File = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show which instances depend on one.

    Those that declare it, in any stack, as Atmos counts; `gaia graph --reverse` shows everything.

    Example: gaia describe dependents vpc -s acme-use1-prod
    """
    session = Session.of(context, output)
    from gaia.cli.screens.affected import dependents_screen
    from gaia.graph.needed_by import describe_dependents

    processing = processing_of(process_templates, process_functions, skip)
    with forgiven(session, directory, processing) as current:
        documents = describe_dependents(
            current, component, stack, include_settings=include_settings, references=include_references
        )
        _show(session, queried(documents, query), format, file, None if query else dependents_screen(documents))


def _show(
    session: Session, document: object, form: str | None, file: Path | None, screen: "Sequence[RenderableType] | None"
) -> None:
    """The document where a program reads, a table where a person does."""
    import io

    from gaia.cli.machine_output import write

    wanted: Literal["json", "yaml"] = "yaml" if "yaml" in (form, None if form else session.format) else "json"
    if file is not None:
        from gaia.kit.files import write_atomic

        text = io.StringIO()
        write(document, wanted, text)
        write_atomic(session.settings.cwd / file, text.getvalue().encode(), mode=0o644)
    elif screen is not None and form is None and session.format == "text" and session.stdout.isatty():
        session.show(None, *screen)
    else:
        write(document, wanted, session.stdout)
