"""`gaia clean`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import OlderThan, Output, duration
from gaia.cli.session import Session
from gaia.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from gaia.platform.model import Leftover


def clean(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    older_than: OlderThan = None,
    output: Output = None,
) -> None:
    """Remove what nobody needs any more: old previews, logs, trees.

    Previews, logs and journals are kept for 90 days, working directories for 30, exported trees for 7. What an open
    request, an unfinished journal or an approval needs is never removed. The engine does the same once a day.

    What GAIA_HOME holds of a checkout that is not registered is removed once the checkout is gone, or was not used for
    90 days; never with an unfinished change in it, while it is in use, or with a state that was saved nowhere else.

    Example: gaia clean --dry-run
    """
    session = Session.of(context, output)
    leftovers = _cleaned(session, duration(older_than), dry_run=dry_run)
    if session.format != "text":
        session.show({"dry_run": dry_run, "things": [asdict(one) for one in leftovers]})
        return
    from gaia.cli.screens.clean import clean_screen

    session.show(None, *clean_screen(leftovers, dry_run=dry_run))


def _cleaned(session: Session, longest: "timedelta | None", *, dry_run: bool) -> "Sequence[Leftover]":
    """A home that serves nothing has no admin, and holds what is kept of checkouts alone."""
    try:
        with session.acting() as platform:
            return platform.clean(longest=longest, dry_run=dry_run)
    except NotFound as error:
        if error.code != "repository-missing":
            raise
    return session.app.clean_checkouts(longest=longest, dry_run=dry_run)
