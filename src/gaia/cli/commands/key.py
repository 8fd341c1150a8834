"""`gaia key …`."""

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session


def rotate(context: typer.Context, output: Output = None) -> None:
    """Give this home another key; open approvals count no longer.

    On the machine where the home's files lie, while no server and no worker of its records runs; an admin's business.
    What has not ended is previewed and approved again. The key before is kept: it signs nothing any more, and what it
    signed and sealed can be read. Killed anywhere, the same command ends what was begun.

    Example: gaia key rotate
    """
    session = Session.of(context, output)
    made = session.app.rotate_key()
    if session.format != "text":
        session.show(made.as_json())
        return
    from gaia.cli.screens.keys import rotated_screen

    session.show(None, *rotated_screen(made))
