"""`gaia graph`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gaia.cli.opening import forgiven
from gaia.cli.options import Directory, MaybeStack, Output
from gaia.cli.session import Session
from gaia.errors import Invalid
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from gaia.stacks.repository import Repository

GraphFormat = Literal["mermaid", "dot", "json", "svg"]
SUFFIXES = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid", ".json": "json"}


def graph(
    context: typer.Context,
    stack: MaybeStack = None,
    format: Annotated[  # noqa: A002
        GraphFormat | None,
        typer.Option(
            "--format", "-f", metavar="FORMAT", show_default=False, help="Draw it: mermaid, dot, json or svg."
        ),
    ] = None,
    affected: Annotated[
        str | None,
        typer.Option(
            "--affected",
            metavar="REF",
            show_default=False,
            help="Mark what changed since a branch, tag or commit, and what that reaches.",
        ),
    ] = None,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Turn it round: what is needed leads to what needs it.")
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="PATH",
            show_default=False,
            help="Write the drawing there; the name's ending gives the format.",
        ),
    ] = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show or draw which instance needs which.

    Levels, what needs nothing first: the instances of one level can be worked on side by side. `--format` prints a
    drawing instead, `--file` writes it.

    Example: gaia graph -s acme-use1-prod --file prod.svg
    """
    session = Session.of(context, output)
    with forgiven(session, directory, stack=stack) as current:
        _show(session, current, stack, format, file, affected, reverse=reverse)


def _show(
    session: Session,
    current: "Repository",
    stack: str | None,
    format: GraphFormat | None,  # noqa: A002
    file: Path | None,
    affected: str | None,
    *,
    reverse: bool,
) -> None:
    from gaia.graph.analyzer import DependencyAnalyzer

    analyzer = DependencyAnalyzer(current, **_marks(session, current, affected))
    if file is not None or format is not None:
        drawn = analyzer.generate_graph(stack, format or _format_of(file), reverse=reverse)
        text = visible(drawn)  # an SVG with a control character in it is none
        if file is None:
            session.write(text)
            return
        from gaia.kit.files import write_atomic

        target = session.settings.cwd / file
        write_atomic(target, text.encode(), mode=0o644)
        session.note(f"Drawn in {file}.", "quiet")
        return
    picture = analyzer.picture(stack, reverse=reverse)
    if session.format != "text":
        from gaia.graph.text import document

        session.show(document(picture))
        return
    from gaia.cli.screens.graph import graph_screen

    session.show(None, *graph_screen(picture))


def _marks(session: Session, current: "Repository", ref: str | None) -> dict[str, Any]:
    """What the analyzer is to mark."""
    if ref is None:
        return {}
    from gaia.cli.comparing import other_side
    from gaia.graph.compare import affected
    from gaia.graph.report import marks

    with other_side(session.settings, current, ref) as (side, before):
        entries = affected(current, before, side.changed)
    return {"marks": marks(entries, current), "marked": side.name}


def _format_of(file: Path | None) -> str:
    named = SUFFIXES.get(file.suffix.lower()) if file else None
    if named is None:
        raise Invalid(
            "graph-format",
            f"the name {file} does not say which format it is to have",
            next_step=f"Add `--format`, or end it in {', '.join(SUFFIXES)}.",
        )
    return named
