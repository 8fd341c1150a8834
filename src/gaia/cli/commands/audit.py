"""`gaia audit …`."""

from dataclasses import asdict
from typing import Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session
from gaia.errors import Defect


def list_entries(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Argument(metavar="[SUBJECT]", help="Only about this request, run, …", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    output: Output = None,
) -> None:
    """Show the audit log.

    Example: gaia audit list
    """
    session = Session.of(context, output)
    with session.app.people() as audit:
        entries = audit.entries(subject=subject, limit=limit)
    if session.format != "text":
        session.show({"entries": [asdict(entry) for entry in entries]})
        return
    from gaia.cli.screens.format import day
    from gaia.cli.screens.tables import plain_table

    rows = [(str(e.seq), day(e.at), e.actor, e.action, e.outcome, e.subject) for e in entries]
    session.show(None, plain_table(("no", "when (UTC)", "who", "what", "outcome", "about"), rows))


def verify(context: typer.Context, output: Output = None) -> None:
    """Prove that the audit log was not changed.

    Example: gaia audit verify
    """
    session = Session.of(context, output)
    with session.app.people() as audit:
        number, broken = audit.verify()
    if broken is not None:
        raise Defect(
            "audit-broken",
            f"entry {broken} of the audit log does not fit its chain: it, or one before it, was changed or taken out",
            next_step="Keep GAIA_HOME as it is and compare it with a backup.",
            facts={"first": broken, "entries": number},
        )
    if session.format != "text":
        session.show({"entries": number, "intact": True})
        return
    from rich.text import Text

    session.show(None, Text.assemble(("✓ ", "good"), f"{number} entries, each fits the one before."))
