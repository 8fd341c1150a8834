"""What is said once: after `gaia init`, and when a token has been made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.preview import heading
from gaia.cli.screens.tables import Column, Rows

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
        Rows((Column(),), [(f"export GAIA_TOKEN={secret}",)], indent=2),
        Text(""),
    ]


def _commands(rows: Sequence[tuple[str, str]]) -> RenderableType:
    return Rows((Column(), Column(style="quiet", flows=True)), rows, indent=2)
