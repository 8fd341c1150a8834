"""What commands about releases share: where the repository is, which service is meant, the push of what was agreed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.gitops.model import Place
    from gaia.gitops.releasing import Commit, Releases

Gitops = Annotated[
    str, typer.Option("--gitops", metavar="PLACE", help="The GitOps repository: a clone of it, or its URL.")
]
Service = Annotated[str, typer.Argument(metavar="SERVICE", help="The service.")]
Tenant = Annotated[str, typer.Option("--tenant", metavar="TENANT", help="Whose it is.")]
Stage = Annotated[str, typer.Option("--stage", metavar="STAGE", help="Where it runs.")]
Outputs = Annotated[
    Path | None,
    typer.Option(
        "--outputs", metavar="FILE", help="Outputs of the infrastructure: terraform output -json.", show_default=False
    ),
]
Policies = Annotated[
    Path | None,
    typer.Option("--policies", metavar="DIR", help="Judge by these; else by those around you.", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]


def place_of(tenant: str, stage: str, service: str) -> "Place":
    """A place by the words that somebody typed.

    Raises:
        Invalid: `name-invalid`.
    """
    from gaia.gitops.model import Place
    from gaia.kit.ids import check_name

    return Place(check_name(tenant, "the tenant"), check_name(stage, "the stage"), check_name(service, "the service"))


def carry_out(session: Session, found: "Releases", change: "Commit", *, dry_run: bool, yes: bool) -> int:
    """Show a change, ask, and push it; the exit code."""
    from gaia.cli.screens.release import change_screen, made_screen

    if change.is_empty or dry_run:
        _show(session, change, None)
        return 0
    if not yes:
        if not session.interactive:
            raise Invalid(
                "confirmation-missing",
                "nobody is there who could say that this is right, so nothing was released",
                next_step="Read what --dry-run shows, then run it with --yes.",
            )
        session.stderr.write(session.err.drawn(change_screen(change)))
        if session.ask(f"\nPush this to {found.repository.shown}? [y/N] ").strip().lower() not in ("y", "yes"):
            session.note("Nothing was released.")
            return 1
    made = found.make(change)
    if session.format != "text":
        _show(session, change, made.commit)
    else:
        session.show(None, *made_screen(change, made))
    return 0


def _show(session: Session, change: "Commit", commit: str | None) -> None:
    if session.format == "text":
        from gaia.cli.screens.release import change_screen

        session.show(None, *change_screen(change), *([] if change.is_empty else ["Nothing was released."]))
        return
    session.show(
        {
            "title": change.title,
            "image": change.image or None,
            "changed": sorted(change.files),
            "difference": change.difference,
            "notes": list(change.notes),
            "commit": commit,
        }
    )
