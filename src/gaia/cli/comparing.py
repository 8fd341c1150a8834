"""What the files here are compared with, the options that say it, and what differs."""

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cli.session import Session
    from gaia.graph.base import Base
    from gaia.settings import Settings
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository

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


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared, and what of it is told."""

    ref: str | None
    repo_path: Path | None
    stack: str | None
    exclude_locked: bool
    dependents: bool
    references: bool = False


def one_of(ref: str | None, sha: str | None, base: str | None, repo_path: Path | None) -> str | None:
    """What to compare with.

    Raises:
        Invalid: `options-conflict`.
    """
    given = [one for one in (ref, sha, base) if one is not None]
    if len(given) + (repo_path is not None) > 1:
        raise Invalid(
            "options-conflict",
            "these say more than one thing to compare with",
            next_step="Give one of --ref, --sha, --base and --repo-path.",
        )
    return given[0] if given else None


def compared(
    session: "Session", current: "Repository", processing: "Processing", asked: Asked, *, include_settings: bool
) -> "tuple[str, list[dict[str, Any]]]":
    """The name of what was compared with, and Atmos's document."""
    from gaia.graph.compare import affected as find
    from gaia.graph.report import describe_affected

    with other_side(session.settings, current, asked.ref, asked.repo_path, processing) as (side, before):
        found = find(current, before, side.changed, stack=asked.stack, exclude_locked=asked.exclude_locked)
        documents = describe_affected(
            found,
            current,
            before,
            include_dependents=asked.dependents,
            include_settings=include_settings,
            references=asked.references,
            stack=asked.stack,
        )
    return side.name, documents


def found_by(
    session: "Session", current: "Repository", ref: str | None, sha: str | None, repo_path: Path | None
) -> frozenset[tuple[str, str]]:
    """The component and stack of everything that a change affects."""
    from gaia.stacks.ports import Processing

    asked = Asked(one_of(ref, sha, None, repo_path), repo_path, None, exclude_locked=False, dependents=False)
    _, documents = compared(session, current, Processing(), asked, include_settings=False)
    return frozenset((str(one["component"]), str(one["stack"])) for one in documents)


@contextmanager
def other_side(
    settings: "Settings",
    current: "Repository",
    ref: str | None,
    path: Path | None = None,
    processing: "Processing | None" = None,
) -> "Iterator[tuple[Base, Repository]]":
    """What the working tree is compared with, for as long as it is needed."""
    from gaia.graph import base
    from gaia.stacks.repository import Repository

    taken = (
        base.at_path(current.root, settings.cwd / path, settings.environ)
        if path is not None
        else base.at_ref(current.root, ref, settings.environ)
    )
    with taken as side:
        before = Repository.open(
            side.root, environ=settings.environ, processing=processing, cache=settings.cache / "stacks"
        )
        yield side, before if current.failures is None else before.forgiving()
