"""`gaia clean`."""

from dataclasses import asdict
from typing import Annotated

import typer

from gaia.cli.options import OlderThan, Output, duration
from gaia.cli.session import Session


def clean(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    older_than: OlderThan = None,
    output: Output = None,
) -> None:
    """Remove what nobody needs any more: old previews, logs, trees.

    Previews, logs and journals are kept for 90 days, working directories for 30, exported trees for 7. What an open
    request, an unfinished journal or an approval needs is never removed. The engine does the same once a day.

    Example: gaia clean --dry-run
    """
    session = Session.of(context, output)
    with session.acting() as platform:
        leftovers = platform.clean(longest=duration(older_than), dry_run=dry_run)
    if session.format != "text":
        session.show({"dry_run": dry_run, "things": [asdict(one) for one in leftovers]})
        return
    from gaia.cli.screens.clean import clean_screen

    session.show(None, *clean_screen(leftovers, dry_run=dry_run))
