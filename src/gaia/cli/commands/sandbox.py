"""`gaia sandbox …`."""

import shlex
from typing import Annotated

import typer

from gaia.cli.completion import snapshot_names
from gaia.cli.operating import FAILED, Yes
from gaia.cli.options import Output
from gaia.cli.session import Session
from gaia.errors import Invalid, Next, Unavailable
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
    """Stop the emulated AWS.

    What it held comes back with `gaia sandbox up`: it is told again what it was told, and says where an answer differs.
    This home stays its own: until then nothing is planned or applied, and your own cloud is not touched.

    Example: gaia sandbox down
    """
    session = Session.of(context, output)
    _show(session, session.app.sandbox.down())


def reset(context: typer.Context, yes: Yes = False, output: Output = None) -> int:
    """Have the emulated AWS forget everything.

    It says how much that is, and asks. It is empty then but for the buckets of states, and does not come back with what
    it held. Snapshots stay.

    Example: gaia sandbox reset
    """
    session = Session.of(context, output)
    if not _agreed(session, "Have it forget all that", yes=yes):
        return FAILED
    _show(session, session.app.sandbox.reset())
    return 0


def leave(context: typer.Context, yes: Yes = False, output: Output = None) -> int:
    """Use your own cloud from now on.

    Stops the emulated AWS and forgets what it held, but for snapshots; it says how much that is, and asks. Terraform
    gets the cloud variables of your environment again.

    Example: gaia sandbox leave
    """
    session = Session.of(context, output)
    if not _agreed(session, "Stop it, and forget all that", yes=yes):
        return FAILED
    _show(session, session.app.sandbox.leave())
    return 0


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


def shell(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND...]", help="A program and its words, in place of a shell.", show_default=False
        ),
    ] = None,
) -> int:
    """Start a shell that faces the emulated AWS.

    Every AWS client in it talks to the emulated AWS; your own `AWS_…` variables are not in it. Its exit code is that of
    the shell, or of the command.

    Example: gaia sandbox shell -- aws s3 ls
    """
    from gaia.kit.process import hand_over

    session = Session.of(context)
    own = {name: value for name, value in session.settings.environ.items() if not name.startswith("AWS_")}
    variables = session.app.sandbox.environment() or {}
    if not variables:
        raise Unavailable(
            "sandbox-down", "this home does not use the emulated AWS", next_step=Next("sandbox up", words="Start it")
        )
    words = command or [own.get("SHELL") or "sh"]
    if not command:
        session.note(f"AWS is {variables['AWS_ENDPOINT_URL']} here; `exit` ends it.", "quiet")
    session.stdout.flush()
    return hand_over(words, cwd=session.settings.cwd, env={**own, **variables})


def inventory(context: typer.Context, output: Output = None) -> None:
    """List its buckets, keys, aliases, roles and policies.

    Other kinds are not looked at; `gaia sandbox shell -- aws …` asks for them. What AWS itself manages is left out.
    Keys that wait for their deletion and state objects are listed apart: they stay when everything has been undone.

    Example: gaia sandbox inventory
    """
    session = Session.of(context, output)
    resources = session.app.sandbox.inventory()
    if session.format != "text":
        session.show(resources)
        return
    from gaia.cli.screens.tables import inventory_screen

    session.show(None, *inventory_screen(resources))


def save(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called, e.g. before-upgrade.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put it in place of one with that name.")] = False,
    output: Output = None,
) -> None:
    """Keep what the emulated AWS holds now.

    States in its buckets are part of it, states on this machine and requests of the platform are not.

    Example: gaia sandbox snapshot save before-upgrade
    """
    from gaia.cli.screens.sandbox import snapshots_screen

    session = Session.of(context, output)
    saved = session.app.sandbox.save(name, replace=replace)
    session.show(saved.as_json(), *snapshots_screen([saved]))


def restore(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The snapshot.", autocompletion=snapshot_names)],
    yes: Yes = False,
    output: Output = None,
) -> int:
    """Go back to what the emulated AWS held then.

    It is started again, if it runs, and told again what it had been told. What it holds now is lost; it says how much
    that is, and asks.

    Example: gaia sandbox snapshot restore before-upgrade
    """
    session = Session.of(context, output)
    known = any(one.name == name for one in session.app.sandbox.snapshots())
    if known and not _agreed(session, f"Lose all that, and go back to {name}", yes=yes):
        return FAILED
    session.note(f"Going back to {name} …", "quiet")
    _show(session, session.app.sandbox.restore(name))
    return 0


def list_snapshots(context: typer.Context, output: Output = None) -> None:
    """List what the emulated AWS can go back to.

    Example: gaia sandbox snapshot list
    """
    from gaia.cli.screens.sandbox import snapshots_screen

    session = Session.of(context, output)
    found = session.app.sandbox.snapshots()
    session.show([one.as_json() for one in found], *snapshots_screen(found))


def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The snapshot.", autocompletion=snapshot_names)],
    output: Output = None,
) -> None:
    """Throw a snapshot away.

    Example: gaia sandbox snapshot remove before-upgrade
    """
    from rich.text import Text

    session = Session.of(context, output)
    session.app.sandbox.remove(name)
    session.show({"removed": name}, Text.assemble(("✓ ", "good"), "Removed the snapshot ", (name, "name")))


def _agreed(session: Session, question: str, *, yes: bool) -> bool:
    """Whether what the emulated AWS holds may be lost; nobody is asked about nothing.

    Raises:
        Invalid: `confirmation-missing` where nobody sits there.
    """
    if yes or (held := session.app.sandbox.held()).nothing:
        return True
    from gaia.cli.screens.format import count

    there = "" if held.resources is None else f"{count(held.resources, 'resource')}, "
    said = f"{there}made by {count(held.requests, 'request')}"
    if not session.interactive:
        raise Invalid(
            "confirmation-missing",
            f"nobody is there who could say that what the emulated AWS holds may be lost: {said}",
            next_step=Next("sandbox snapshot save", "NAME", "Keep it under a name, or run the command with --yes"),
        )
    agreed = session.ask(f"The emulated AWS holds {said}. {question}? [y/N] ").strip().lower() in ("y", "yes")
    if not agreed:
        session.note("Nothing was changed.")
    return agreed


def _show(session: Session, view: SandboxView) -> None:
    if session.format != "text":
        session.show(view.as_json())
        return
    from gaia.cli.screens.sandbox import sandbox_screen

    session.show(None, *sandbox_screen(view))
