"""`gaia init`, `gaia demo`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Output, Yes
from gaia.cli.session import Session
from gaia.errors import Unavailable

if TYPE_CHECKING:
    from gaia.platform.initialise import Initialised


def init(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet, or is empty.")],
    output: Output = None,
) -> None:
    """Make a platform repository and its first admin.

    The admin's token is shown once; GAIA_TOKEN tells Gaia who is calling. What was cut off, or could not show the
    token, is finished by the same command, with a fresh token.

    Example: gaia init platform
    """
    session = Session.of(context, output)
    made = session.app.initialise(directory)
    try:
        _show(session, made)
    except (OSError, ValueError) as error:
        raise Unavailable(
            "token-not-shown",
            f"the admin's token could not be shown: {error}",
            next_step=f"Run `gaia init {made.directory}` again: it gives a fresh one.",
        ) from error
    session.app.initialised()


def _show(session: Session, made: "Initialised") -> None:
    if session.format != "text":
        session.show_once(
            {"directory": made.directory, "repository": made.repository, "admin": made.admin, "token": made.token}
        )
        return
    from gaia.cli.screens.welcome import init_screen

    session.show_once(None, *init_screen(made))


def demo(
    context: typer.Context,
    yes: Yes = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the emulated AWS and the folders at the end.")] = False,
) -> None:
    """Go through the whole loop on this machine, with an emulated AWS.

    Asks before each step, unless `--yes`. Needs no account and touches nothing outside a folder of its own.

    Example: gaia demo --yes
    """
    from gaia.cli.demo import play
    from gaia.kit.visible import visible_in_color

    session = Session.of(context)

    def say(text: str) -> None:
        session.stdout.write(visible_in_color(text) + "\n")
        session.stdout.flush()

    def pause(title: str) -> None:
        say(f"\n── {title}")
        if not yes and session.interactive:
            session.pause("   Enter goes on, Ctrl-C ends: ")

    folder = play(session.settings, say=say, pause=pause, keep=keep)
    if keep:
        say(f"\nEverything is still there: export GAIA_HOME={folder / 'home'}")
