"""`gaia webhook …`."""

from dataclasses import asdict
from typing import Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session
from gaia.errors import Invalid, Unavailable
from gaia.kit import clock

Webhook = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its id, from `gaia webhook list`.")]


def add(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="webhook, slack or email.")],
    target: Annotated[
        str,
        typer.Argument(metavar="TARGET", help="A URL, or addresses with commas between; -: it is read from a pipe."),
    ],
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only such: request.approved, request.*; may be repeated."),
    ] = None,
    tenant: Annotated[str, typer.Option(metavar="TENANT", help="Only what happens in this tenant.")] = "*",
    stage: Annotated[str, typer.Option(metavar="STAGE", help="Only what happens in this stage.")] = "*",
    output: Output = None,
) -> None:
    """Tell somebody elsewhere of what happens from now on.

    What webhooks are told is signed; the secret is shown once. One that cannot be shown is removed at once.

    Example: gaia webhook add webhook https://example.com/gaia --type 'request.*' --tenant acme
    """
    session = Session.of(context, output)
    given = _given(session) if target == "-" else target
    with session.app.webhooks() as webhooks:
        made, secret = webhooks.add(kind, given, types=types or [], tenant=tenant, stage=stage)
        try:
            if session.format != "text":
                session.show_once(asdict(made) | {"secret": secret})
                return
            from gaia.cli.screens.events import added_screen

            session.show_once(None, *added_screen(made, secret))
        except (OSError, ValueError) as error:
            webhooks.remove(made.id)
            raise Unavailable(
                "secret-not-shown",
                f"the secret of {made.id} could not be shown, and the webhook was removed: {error}",
                next_step="Run the same command again where its output can be read.",
            ) from error


def list_webhooks(context: typer.Context, output: Output = None) -> None:
    """List the webhooks.

    Example: gaia webhook list
    """
    session = Session.of(context, output)
    with session.app.webhooks() as webhooks:
        found = webhooks.list()
    if session.format != "text":
        session.show({"webhooks": [asdict(one) for one in found]})
        return
    from gaia.cli.screens.events import webhooks_screen

    session.show(None, webhooks_screen(found))


def show(context: typer.Context, webhook: Webhook, output: Output = None) -> None:
    """Show a webhook.

    Example: gaia webhook show whk_019aa8c2d3e4
    """
    session = Session.of(context, output)
    with session.app.webhooks() as webhooks:
        found = webhooks.show(webhook)
    from gaia.cli.screens.events import webhook_screen

    session.show(asdict(found), *webhook_screen(found))


def remove(context: typer.Context, webhook: Webhook, output: Output = None) -> None:
    """Tell it nothing any more.

    Example: gaia webhook remove whk_019aa8c2d3e4
    """
    session = Session.of(context, output)
    with session.app.webhooks() as webhooks:
        gone = webhooks.remove(webhook)
    from rich.text import Text

    session.show(asdict(gone), Text.assemble(("✓ ", "good"), f"{gone.target} is told nothing any more."))


def try_out(context: typer.Context, webhook: Webhook, output: Output = None) -> int:
    """Send it an event of which nothing happened.

    The exit code is 8 where it was not taken.

    Example: gaia webhook test whk_019aa8c2d3e4
    """
    session = Session.of(context, output)
    with session.app.webhooks() as webhooks:
        went = webhooks.test(webhook)
    from rich.text import Text

    taken = went.status == "delivered"
    said = f"It was taken: {went.answer}." if taken else f"It was not taken: {went.error}"
    session.show(asdict(went), Text.assemble(("✓ ", "good") if taken else ("✗ ", "bad"), said))
    return 0 if taken else Unavailable.exit_code


def deliveries(
    context: typer.Context,
    webhook: Webhook,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 50,
    output: Output = None,
) -> None:
    """Show what a webhook was told.

    Example: gaia webhook deliveries whk_019aa8c2d3e4
    """
    session = Session.of(context, output)
    with session.app.webhooks() as webhooks:
        found = webhooks.deliveries(webhook, limit=limit)
    if session.format != "text":
        session.show({"deliveries": [asdict(one) for one in found]})
        return
    from gaia.cli.screens.events import deliveries_screen

    session.show(None, deliveries_screen(found, clock.now()))


def _given(session: Session) -> str:
    """One line, of a pipe or of whoever types: what is secret should not stand in a shell's history."""
    line = session.stdin.readline(3000).strip()
    if not line:
        raise Invalid("target-missing", "nothing was given for -", next_step="Give a line: echo URL | … -")
    return line
