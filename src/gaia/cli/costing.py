"""What the commands of `gaia cost` share: their options, and how an estimate is shown."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from gaia.cli import completion
from gaia.cli.session import Session
from gaia.cost.formats import FORMATS
from gaia.cost.formats import Format as Rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.cost.formats.rows import View

CostFormat = Literal["table", "text", "json", "yaml", Rendered]
_NAMED = get_args(CostFormat)
Subject = Annotated[
    str | None,
    typer.Argument(
        metavar="[PLAN.json | COMPONENT]",
        help="The JSON of a plan, or a component's name.",
        autocompletion=completion.components,
        show_default=False,
    ),
]
UsageFile = Annotated[
    Path | None,
    typer.Option(
        "--usage-file", metavar="FILE", help="How much is used, in Infracost's usage format.", show_default=False
    ),
]
Parity = Annotated[bool, typer.Option("--infracost-parity", help="Price only what Infracost prices, and as it does.")]
CostOutput = Annotated[
    CostFormat | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FORMAT",
        help=f"{', '.join(one for one in _NAMED[:-1] if one != 'text')} or {_NAMED[-1]}.",
        show_default=False,
    ),
]


def session_of(context: typer.Context, output: CostFormat | None) -> Session:
    """The session of a command, which knows more formats than the others."""
    return Session.of(context, output if output in ("json", "yaml") else None)


def show(session: Session, document: "Mapping[str, Any]", form: CostFormat | None, view: "View") -> None:
    """Write an estimate in the format that was asked for."""
    if form is not None and form in FORMATS:
        from gaia.cost.formats import rendered

        session.write(rendered(document, form, view))
        return
    if session.format != "text":
        from gaia.cost.formats.figures import figures

        session.show(figures(document, view))
        return
    from gaia.cli.screens.cost import cost_diff_screen, cost_screen

    session.show(None, *(cost_diff_screen(document) if view == "diff" else cost_screen(document)))
