"""`gaia delegation …`."""

from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Output, moment
from gaia.cli.session import Session
from gaia.kit import clock, spans

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gaia.platform.model import DelegationView


def create(
    context: typer.Context,
    to: Annotated[str, typer.Argument(metavar="PERSON", help="Who may approve in your name.")],
    until: Annotated[str, typer.Option(metavar="TIME", help="The last day, 2026-12-24, or how long: 12h, 7d.")],
    tenant: Annotated[str, typer.Option(metavar="TENANT", help="Only in this tenant.")] = "*",
    stage: Annotated[str, typer.Option(metavar="STAGE", help="Only in this stage.")] = "*",
    output: Output = None,
) -> None:
    """Let somebody approve in your name, where you may, until a day.

    They say so with `gaia approve REQUEST --for YOU`. It counts as your approval, once, and never for what they or you
    asked for.

    Example: gaia delegation create gus --tenant acme --stage dev --until 7d
    """
    from gaia.cli.screens.format import day

    session = Session.of(context, output)
    with session.app.people() as people:
        made = people.delegations.give(to, tenant=tenant, stage=stage, until=_end(until))
    _show(
        session,
        made,
        f"{made.to} may approve for {made.owner} in {made.tenant}/{made.stage} until {day(made.until)} UTC.",
    )


def list_delegations(context: typer.Context, output: Output = None) -> None:
    """List the delegations that you gave or were given; as an admin, everybody's.

    Example: gaia delegation list
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        found = people.delegations.known()
    if session.format != "text":
        session.show({"delegations": [asdict(one) for one in found]})
        return
    _list(session, found)


def revoke(
    context: typer.Context,
    delegation: Annotated[str, typer.Argument(metavar="ID", help="The id, from `gaia delegation list`.")],
    output: Output = None,
) -> None:
    """End a delegation now.

    What was approved by it stays approved.

    Example: gaia delegation revoke dlg_019aa8c2d3e4
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        ended = people.delegations.revoke(delegation)
    _show(session, ended, f"{ended.to} may approve for {ended.owner} no longer.")


def _show(session: Session, one: "DelegationView", said: str) -> None:
    if session.format != "text":
        session.show(asdict(one))
        return
    from rich.text import Text

    session.show(None, Text.assemble(("✓ ", "good"), said))


def _list(session: Session, found: "Sequence[DelegationView]") -> None:
    from gaia.cli.screens.format import ago
    from gaia.cli.screens.tables import plain_table

    now = clock.now()
    rows = [
        (
            one.owner, one.to, f"{one.tenant}/{one.stage}", "revoked" if one.revoked_at else ago(one.until, now), one.id
        )
        for one in found
    ]  # fmt: skip
    session.show(None, plain_table(("for", "by", "where", "ends", "delegation"), rows, flows=("where",)))


def _end(text: str) -> "datetime":
    """The end of a day, a moment, or so long from now."""
    with suppress(ValueError):
        return clock.now() + spans.parse(text)
    return moment(text)
