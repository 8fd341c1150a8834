"""`gaia sandbox …`."""

import shlex
from typing import Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session
from gaia.sandbox.control import SandboxView


def up(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="A port on 127.0.0.1; 0 takes a free one.")] = 0,
    output: Output = None,
) -> None:
    """Start the emulated AWS.

    From then on Gaia leads terraform to it and nowhere else, until `gaia sandbox leave`.

    Example: gaia sandbox up
    """
    session = Session.of(context, output)
    session.note("Starting the emulated AWS …", "quiet")
    _show(session, session.app.sandbox.up(port=port))


def down(context: typer.Context, output: Output = None) -> None:
    """Stop the emulated AWS and forget what it held.

    This home stays its own: until `gaia sandbox up` nothing is planned or applied, and your own cloud is not touched.

    Example: gaia sandbox down
    """
    session = Session.of(context, output)
    _show(session, session.app.sandbox.down())


def leave(context: typer.Context, output: Output = None) -> None:
    """Use your own cloud from now on.

    Stops the emulated AWS. Terraform gets the cloud variables of your environment again.

    Example: gaia sandbox leave
    """
    session = Session.of(context, output)
    _show(session, session.app.sandbox.leave())


def status(context: typer.Context, output: Output = None) -> None:
    """Show whether the emulated AWS runs.

    Example: gaia sandbox status -o json
    """
    session = Session.of(context, output)
    _show(session, session.app.sandbox.status())


def env(context: typer.Context, output: Output = None) -> None:
    """Print the variables that lead tools to the emulated AWS.

    Example: eval "$(gaia sandbox env)"
    """
    session = Session.of(context, output)
    variables = dict(session.app.sandbox.environment() or {})
    if session.format != "text":
        session.show(variables)
        return
    for name, value in variables.items():
        session.write(f"export {name}={shlex.quote(value)}\n")


def inventory(context: typer.Context, output: Output = None) -> None:
    """List what the emulated AWS holds.

    What AWS itself manages is left out. Keys that wait for their deletion and state objects are listed apart: they
    stay when everything has been undone.

    Example: gaia sandbox inventory
    """
    session = Session.of(context, output)
    resources = session.app.sandbox.inventory()
    if session.format != "text":
        session.show(resources)
        return
    from gaia.cli.screens.tables import inventory_screen

    session.show(None, *inventory_screen(resources))


def _show(session: Session, view: SandboxView) -> None:
    if session.format != "text":
        session.show({"running": view.running, "url": view.url, "pid": view.pid, "message": view.message})
        return
    from rich.text import Text

    if view.running:
        session.show(
            None,
            Text.assemble(
                ("✓ ", "good"),
                "The emulated AWS runs at ",
                (view.url or "", "name"),
                (f"  process {view.pid}", "quiet"),
            ),
        )
    else:
        session.show(None, Text.assemble(("○ ", "quiet"), view.message or "The emulated AWS does not run."))
