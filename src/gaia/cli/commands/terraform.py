"""`gaia terraform …`."""

import typer

from gaia.cli.commands.understand import Component
from gaia.cli.options import Full, Output, Stack
from gaia.cli.session import Session


def plan(context: typer.Context, component: Component, stack: Stack, full: Full = False, output: Output = None) -> None:
    """Show what terraform would do to an instance now.

    As the platform repository has it; nothing is changed and nothing is kept.
    """
    session = Session.of(context, output)
    session.note(f"Planning {component} in {stack} …", "quiet")
    with session.wiring.platform(session.settings) as platform:
        view = platform.plan(component, stack)
    if session.format != "text":
        session.show(view.as_json())
        return
    from gaia.cli.screens.preview import plan_screen

    session.show(None, *plan_screen(view, full=full))
