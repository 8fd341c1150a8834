"""What is said once: after `gaia init`, and when a token has been made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from gaia.cli.screens.preview import heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.platform.initialise import Initialised
    from gaia.platform.model import TokenView


def init_screen(made: Initialised) -> list[RenderableType]:
    """The repository, the admin's token, and what to do now."""
    return [
        Text.assemble(("✓ ", "good"), ("A platform repository", "title"), " in ", (made.directory, "name")),
        Text(""),
        *_secret(made.admin, made.token),
        heading("Next"),
        _commands(
            (
                ("gaia sandbox up", "an emulated AWS, to try things out"),
                ("gaia token create dana --role developer", "somebody who may ask"),
                ("gaia list templates", "what can be asked for"),
                ("gaia doctor", "what this machine lacks"),
            )
        ),
    ]


def token_screen(token: TokenView, secret: str, place: tuple[str, str]) -> list[RenderableType]:
    """A new token with its secret; `place` is the tenant and the stage that the roles were given for."""
    tenant, stage = place
    return [
        Text.assemble(
            ("✓ ", "good"),
            ("A token for ", "title"),
            (token.person, "name"),
            f"  {', '.join(token.roles)}",
            (f"  tenant {tenant}, stage {stage}", "quiet"),
            (f"  until {token.expires_at[:10]}", "quiet"),
        ),
        Text(""),
        *_secret(token.person, secret)[:-1],
    ]


def _secret(person: str, secret: str) -> list[RenderableType]:
    return [
        Text(f"The token of {person}. It is shown only now:"),
        Group(Text(f"  export GAIA_TOKEN={secret}", no_wrap=True, overflow="ignore")),  # alone, or rich joins it
        Text(""),
    ]


def _commands(rows: Sequence[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(style="quiet")
    for command, purpose in rows:
        table.add_row(f"  {command}", purpose)
    return table
