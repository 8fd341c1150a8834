"""`gaia token …`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Expires, Output, duration
from gaia.cli.session import Session
from gaia.errors import Unavailable
from gaia.platform.callers.first_admin import TOKEN_LIFE

if TYPE_CHECKING:
    from gaia.platform.model import TokenView


def create(
    context: typer.Context,
    person: Annotated[
        str,
        typer.Argument(
            metavar="PERSON",
            help="Who calls with it; made if there is nobody of that name. By the id: who signs in at a provider.",
        ),
    ],
    role: Annotated[
        list[str] | None,
        typer.Option("--role", "-r", metavar="ROLE", help="viewer, developer, approver or admin; may be repeated."),
    ] = None,
    tenant: Annotated[str, typer.Option(metavar="TENANT", help="The roles hold for this tenant.")] = "*",
    stage: Annotated[str, typer.Option(metavar="STAGE", help="The roles hold for this stage.")] = "*",
    expires: Expires = None,
    output: Output = None,
) -> None:
    """Make a token for a person, and the person.

    It is shown once and lives 90 days unless `--expires` says otherwise. One that cannot be shown is revoked at once.

    Example: gaia token create dana --role developer
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        token, secret = people.create_token(
            person, roles=role or [], tenant=tenant, stage=stage, life=duration(expires) or TOKEN_LIFE
        )
        try:
            _show(session, token, secret, (tenant, stage))
        except (OSError, ValueError) as error:
            people.revoke(token.id)  # nobody has it, and it would be good for months
            raise Unavailable(
                "token-not-shown",
                f"the token {token.id} could not be shown, and was revoked: {error}",
                next_step="Run the same command again where its output can be read: it gives a fresh one.",
            ) from error


def recover(
    context: typer.Context,
    person: Annotated[
        str | None,
        typer.Argument(metavar="[PERSON]", help="Which admin, where there are several.", show_default=False),
    ] = None,
    output: Output = None,
) -> None:
    """Make an admin's token where none can call any more.

    Needs no token, but the files of the home with its key: on that machine, as their owner. It replaces the tokens that
    the admin had, and is refused while another admin can call. The audit log tells of it.

    Example: gaia token recover
    """
    session = Session.of(context, output)
    token, secret = session.app.recover(person)
    try:
        _show(session, token, secret, ("*", "*"))
    except (OSError, ValueError) as error:
        raise Unavailable(
            "token-not-shown",
            f"the token {token.id} could not be shown: {error}",
            next_step="Run the same command again where its output can be read: it gives a fresh one.",
        ) from error


def _show(session: Session, token: "TokenView", secret: str, place: tuple[str, str]) -> None:
    if session.format != "text":
        session.show_once(asdict(token) | {"token": secret})
        return
    from gaia.cli.screens.welcome import token_screen

    session.show_once(None, *token_screen(token, secret, place))


def list_tokens(
    context: typer.Context,
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="Only this person's.", show_default=False)
    ] = None,
    output: Output = None,
) -> None:
    """List the tokens.

    Example: gaia token list
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        tokens = people.tokens(person)
    if session.format != "text":
        session.show({"tokens": [asdict(token) for token in tokens]})
        return
    from gaia.cli.screens.format import ago
    from gaia.cli.screens.tables import plain_table
    from gaia.kit import clock

    now = clock.now()
    rows = [
        (
            token.person,
            ", ".join(f"{each.role} in {each.tenant}/{each.stage}" for each in token.grants),
            "revoked" if token.revoked_at else ago(token.expires_at, now),
            ago(token.last_used_at, now) or "never",
            token.id,
        )
        for token in tokens
    ]
    session.show(None, plain_table(("person", "roles", "ends", "used", "token"), rows, flows=("roles",)))


def revoke(
    context: typer.Context,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The token's id, from `gaia token list`.")],
    output: Output = None,
) -> None:
    """End a token now.

    Example: gaia token revoke tok_019aa8c2d3e4
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        ended = people.revoke(token)
    if session.format != "text":
        session.show(asdict(ended))
        return
    from rich.text import Text

    session.show(None, Text.assemble(("✓ ", "good"), f"{ended.id} of {ended.person} has ended."))
