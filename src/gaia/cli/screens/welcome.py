"""What is said once: after `gaia init`, `adopt` and `leave`, and when a token has been made."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.preview import heading
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.adoption.model import Adopted, Left
    from gaia.platform.home.initialise import Initialised
    from gaia.platform.model import TokenView

_TAKES_PUSHES = "receive.denyCurrentBranch updateInstead"


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
                ("gaia serve", "the page, and the API"),
                ("gaia doctor", "what this machine lacks"),
            )
        ),
    ]


def adopted_screen(made: Adopted) -> list[RenderableType]:
    """What is registered, the admin's token if one was made, and what to do now."""
    rows = [
        ("requests act on", made.source),
        ("branch", made.branch),
        ("local states", made.states),
        ("stacks", str(made.stacks)),
    ]
    parts: list[RenderableType] = [
        Text.assemble(
            ("✓ ", "good"),
            (made.checkout, "name"),
            f" {'was registered already' if made.known else 'is registered'} as {made.repository}. "
            "Nothing in it was changed.",
        ),
        Text(""),
        Rows((Column(style="quiet"), Column(flows=True)), rows, indent=2),
        Text(""),
    ]
    if made.takes_no_push:
        parts += [
            Text("It has no remote, and takes no push while its branch is checked out. To let requests be published:"),
            Rows((Column(flows=True),), [(f"git -C {quote(made.checkout)} config {_TAKES_PUSHES}",)], indent=2),
            Text(""),
        ]
    if made.token:
        parts += _secret(made.admin, made.token)
    next_ones = (
        ("gaia list stacks", "what there is"),
        ("gaia list templates", "what can be asked for"),
        ("gaia serve", "the page, and the API"),
        ("gaia leave", "takes this back; nothing is lost"),
    )
    return [*parts, heading("Next"), _commands(next_ones)]


def left_screen(left: Left) -> list[RenderableType]:
    """That it is not served any more, and where everything lies."""
    rows = [
        ("the repository", left.checkout),
        ("published to", f"{left.source}, {left.branch}"),
        ("states", "where the stacks' backends say"),
        ("local states", left.states),
        ("records", left.database),
        ("journals", left.journals),
        ("previews", left.previews),
        ("logs", left.logs),
        ("Gaia's clone", left.clone),
        ("keys", left.keys),
    ]
    return [
        Text.assemble(
            ("✓ ", "good"), (left.checkout, "name"), " is not served any more. Nothing was taken away; it lies here:"
        ),
        Text(""),
        Rows((Column(style="quiet"), Column(flows=True)), rows, indent=2),
        Text(""),
        heading("Next"),
        _commands(((f"gaia adopt {quote(left.checkout)}", "takes it up again, with all of that"),)),
    ]


def serving_screen(address: str, token: str | None, link: str | None = None) -> list[RenderableType]:
    """Where the page and the API are; where nobody was there before, the token of the admin made, and their link."""
    first: list[RenderableType] = [
        Text.assemble(("✓ ", "good"), ("Serving ", "title"), (address, "name"), ("  Ctrl-C ends it", "quiet"))
    ]
    if token:
        first += [Text(""), *_secret("admin", token)[:-1]]
    if link:
        first += [
            Text(""),
            Text("It signs a browser in, once, within ten minutes:"),
            Rows((Column(),), [(link,)], indent=2),
        ]
    return first


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
