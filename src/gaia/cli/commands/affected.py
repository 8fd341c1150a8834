"""`gaia describe affected` and `gaia describe dependents`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gaia.cli.commands.understand import Component, Repository
from gaia.cli.options import MaybeStack, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.graph.base import Base
    from gaia.settings import Settings
    from gaia.stacks.repository import Repository as Stacks

AtmosFormat = Annotated[
    Literal["json", "yaml"] | None,
    typer.Option(
        "--format", "-f", metavar="FORMAT", show_default=False,
        help="json or yaml: Atmos's document. Without it a table on a terminal, else JSON as Atmos gives.",
    ),
]  # fmt: skip
Ref = Annotated[
    str | None,
    typer.Option(
        "--ref", metavar="REF", show_default=False,
        help="A branch, tag or commit to compare with; else the remote's main branch, or HEAD where there is none.",
    ),
]  # fmt: skip
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
File = Annotated[
    Path | None, typer.Option("--file", metavar="PATH", help="Write the document there.", show_default=False)
]


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
    file: File = None,
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
    current = session.wiring.repository(session.settings, repository)
    from gaia.graph.compare import affected as find
    from gaia.graph.report import describe_affected

    with other_side(session.settings, current, chosen[0] if chosen else None, repo_path) as (side, before):
        found = find(current, before, side.changed, stack=stack, exclude_locked=exclude_locked)
        documents = describe_affected(
            found, current, before, include_dependents=include_dependents, include_settings=include_settings,
            references=include_references, stack=stack,
        )  # fmt: skip
    from gaia.cli.screens.affected import affected_screen

    _show(session, documents, format, file, lambda: affected_screen(documents, side.name))


def dependents(
    context: typer.Context,
    component: Component,
    stack: Stack,
    include_settings: IncludeSettings = False,
    include_references: References = False,
    format: AtmosFormat = None,  # noqa: A002
    file: File = None,
    repository: Repository = None,
    output: Output = None,
) -> None:
    """Show which instances depend on one.

    Those that declare it, in any stack, as Atmos counts; `gaia graph --reverse` shows everything.

    Example: gaia describe dependents vpc -s acme-use1-prod
    """
    session = Session.of(context, output)
    from gaia.graph.needed_by import describe_dependents

    documents = describe_dependents(
        session.wiring.repository(session.settings, repository), component, stack,
        include_settings=include_settings, references=include_references,
    )  # fmt: skip
    from gaia.cli.screens.affected import dependents_screen

    _show(session, documents, format, file, lambda: dependents_screen(documents))


@contextmanager
def other_side(
    settings: "Settings", current: "Stacks", ref: str | None, path: Path | None = None
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
        yield side, Stacks.open(side.root, environ=settings.environ, cache=settings.cache / "stacks")


def _show(
    session: Session,
    documents: Sequence[object],
    form: str | None,
    file: Path | None,
    screen: Any,  # noqa: ANN401
) -> None:
    """The document where a program reads, a table where a person does."""
    import io

    from gaia.cli.document import write

    wanted: Literal["json", "yaml"] = "yaml" if "yaml" in (form, None if form else session.format) else "json"
    if file is not None:
        from gaia.kit.files import write_atomic

        text = io.StringIO()
        write(documents, wanted, text)
        write_atomic(session.settings.cwd / file, text.getvalue().encode(), mode=0o644)
    elif form is None and session.format == "text" and session.stdout.isatty():
        session.show(None, *screen())
    else:
        write(documents, wanted, session.stdout)
