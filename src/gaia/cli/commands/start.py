"""`gaia init`, `gaia adopt`, `gaia leave`, `gaia demo`."""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Output, Yes
from gaia.cli.session import Session
from gaia.errors import Unavailable

if TYPE_CHECKING:
    from gaia.adoption.model import Adopted
    from gaia.platform.home.initialise import Initialised


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
    from gaia.platform.home.registration import beginning_alone

    session = Session.of(context, output)
    with beginning_alone(session.settings):
        made = session.app.initialise(directory)
        try:
            _show(session, made)
        except (OSError, ValueError) as error:
            raise _not_shown("init", made.directory, error) from error
        session.app.initialised()


def _not_shown(command: str, folder: str, error: Exception) -> Unavailable:
    return Unavailable(
        "token-not-shown",
        f"the admin's token could not be shown: {error}",
        next_step=f"Run `gaia {command} {folder}` again: it gives a fresh one.",
    )


def _show(session: Session, made: "Initialised") -> None:
    if session.format != "text":
        session.show_once(
            {"directory": made.directory, "repository": made.repository, "admin": made.admin, "token": made.token}
        )
        return
    from gaia.cli.screens.welcome import init_screen

    session.show_once(None, *init_screen(made))


def adopt(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="A checkout with an atmos.yaml; the one around you if left out.")
    ] = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Only report: what reads, plans empty, drifts, has no state or is refused.")
    ] = False,
    register_only: Annotated[
        bool, typer.Option("--register-only", help="Do not read the states now; adopt again to do it.")
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Only compare what the account holds with what the states have.")
    ] = False,
    output: Output = None,
) -> int:
    """Register a repository that exists; nothing in it is changed.

    Requests act on its remote, on the branch that is checked out; without a remote, on the checkout's commits. In a
    home in which nobody may call yet an admin is made, whose token is shown once; else an admin must call. It can be
    repeated; `gaia leave` takes it back.

    Then every state is read, and what plans empty is written down, so that `gaia why` knows what Gaia did not make.

    With --check nothing is registered: every state is read, once and without a lock, and what has one is planned.
    Exit code 2 unless all that has a state plans empty. With --coverage nothing is registered either: it says what of
    the account is managed, importable, not importable, or made by the provider itself.

    Example: gaia adopt infrastructure
    """
    session = Session.of(context, output)
    if check:
        from gaia.cli.adopting import check as report

        return report(session, directory)
    if coverage:
        from gaia.cli.adopting import coverage as covered

        covered(session, directory)
        return 0
    from gaia.platform.home.registration import beginning_alone

    with beginning_alone(session.settings):
        made = session.app.adopt(directory)
        try:
            _show_adopted(session, made)
        except (OSError, ValueError) as error:
            if not made.token:
                raise
            raise _not_shown("adopt", made.checkout, error) from error
        if made.token:
            session.app.initialised()
    if not register_only:
        from gaia.cli.adopting import take_over

        take_over(session, Path(made.checkout))
    return 0


def _show_adopted(session: Session, made: "Adopted") -> None:
    if session.format != "text":
        document = asdict(made)
        session.show_once(document if made.token else {**document, "admin": None, "token": None})
        return
    from gaia.cli.screens.welcome import adopted_screen

    session.show_once(None, *adopted_screen(made))


def leave(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Its registered checkout; the one around you if left out.")
    ] = Path(),
    output: Output = None,
) -> None:
    """Serve a repository no longer; nothing is taken away.

    Says where everything lies that is its own. `gaia adopt` takes it up again, with all of that. An admin's business.

    Example: gaia leave infrastructure
    """
    session = Session.of(context, output)
    left = session.app.leave(directory)
    if session.format != "text":
        session.show(asdict(left))
        return
    from gaia.cli.screens.welcome import left_screen

    session.show(None, *left_screen(left))


def demo(
    context: typer.Context,
    yes: Yes = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the emulated AWS and the folders at the end.")] = False,
    page: Annotated[bool, typer.Option("--page", help="Ask and approve at the page, with a browser.")] = False,
) -> None:
    """Go through the whole loop on this machine, with an emulated AWS.

    Asks before each step, unless `--yes`. Needs no account and touches nothing outside a folder of its own. With
    `--page` a browser plays two people at the page, which stays open at the end, until Enter or Ctrl-C; where there is
    no Chromium, or no playwright, you play them in yours.

    Example: gaia demo --page
    """
    from gaia.kit.visible import visible_in_color

    session = Session.of(context)

    def say(text: str) -> None:
        session.stdout.write(visible_in_color(text) + "\n")
        session.stdout.flush()

    def pause(title: str) -> None:
        say(f"\n── {title}")
        if not yes and session.interactive:
            session.pause("   Enter goes on, Ctrl-C ends: ")

    def stay(question: str) -> None:
        with suppress(KeyboardInterrupt, EOFError):
            if session.interactive:
                session.pause(question)
            else:
                Event().wait()

    if page:
        from gaia.cli.demo_page import play_on_page

        folder = play_on_page(session.settings, say=say, pause=pause, keep=keep, stay=stay)
    else:
        from gaia.cli.demo import play

        folder = play(session.settings, say=say, pause=pause, keep=keep)
    if keep:
        say(f"\nEverything is still there: export GAIA_HOME={folder / 'home'}")
