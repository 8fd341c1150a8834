"""`gaia describe affected` and `gaia describe dependents`."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.cli.commands.describe import File, Functions, Query, Skip, Templates, processing_of, queried
from gaia.cli.commands.understand import Component, Repository, forgiven
from gaia.cli.options import MaybeStack, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from gaia.graph.base import Base
    from gaia.settings import Settings
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository as Stacks

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
Ref = Annotated[
    str | None,
    typer.Option(
        "--ref",
        metavar="REF",
        show_default=False,
        help="A branch, tag or commit to compare with; else the remote's main branch, or HEAD where there is none.",
    ),
]
Sha = Annotated[str | None, typer.Option("--sha", metavar="SHA", help="A commit to compare with.", show_default=False)]
AtmosBase = Annotated[str | None, typer.Option("--base", metavar="REF", help="The same as --ref.", show_default=False)]
RepoPath = Annotated[
    Path | None,
    typer.Option("--repo-path", metavar="DIR", help="Compare with another clone as it is now.", show_default=False),
]
Clone = Annotated[
    bool,
    typer.Option(
        "--clone-target-ref",
        help="For scripts written for Atmos: the commit is read from this clone either way, and never fetched.",
    ),
]
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
    format: AtmosFormat = None,  # noqa: A002
    query: Query = None,
    file: File = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    repository: Repository = None,
    output: Output = None,
) -> None:
    """Show which instances a change affects, and why.

    Compares the files here, committed or not, with a commit. Neither your checkout nor your branches are touched.

    Example: gaia describe affected --ref main --include-dependents
    """
    session = Session.of(context, output)
    chosen = [one for one in (ref, sha, base) if one is not None]
    if len(chosen) + (repo_path is not None) > 1:
        raise Invalid(
            "options-conflict",
            "these say more than one thing to compare with",
            next_step="Give one of --ref, --sha, --base and --repo-path.",
        )
    processing = processing_of(process_templates, process_functions, skip)
    from gaia.cli.screens.affected import affected_screen
    from gaia.graph.compare import affected as find
    from gaia.graph.report import describe_affected

    with forgiven(session, repository, processing, stack=stack) as current:
        ref = chosen[0] if chosen else None
        with other_side(session.settings, current, ref, repo_path, processing) as (side, before):
            affected_ones = find(current, before, side.changed, stack=stack, exclude_locked=exclude_locked)
            documents = describe_affected(
                affected_ones,
                current,
                before,
                include_dependents=include_dependents,
                include_settings=include_settings,
                references=include_references,
                stack=stack,
            )
        shown = None if query else affected_screen(documents, side.name)
        _show(session, queried(documents, query), format, file, shown)


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
    repository: Repository = None,
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
    with forgiven(session, repository, processing) as current:
        documents = describe_dependents(
            current, component, stack, include_settings=include_settings, references=include_references
        )
        _show(session, queried(documents, query), format, file, None if query else dependents_screen(documents))


@contextmanager
def other_side(
    settings: "Settings",
    current: "Stacks",
    ref: str | None,
    path: Path | None = None,
    processing: "Processing | None" = None,
) -> "Iterator[tuple[Base, Stacks]]":
    """What the working tree is compared with, for as long as it is needed."""
    from gaia.graph import base
    from gaia.stacks.repository import Repository as Stacks

    taken = (
        base.at_path(current.root, settings.cwd / path, settings.environ)
        if path is not None
        else base.at_ref(current.root, ref, settings.environ)
    )
    with taken as side:
        before = Stacks.open(
            side.root, environ=settings.environ, processing=processing, cache=settings.cache / "stacks"
        )
        yield side, before if current.failures is None else before.forgiving()


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
