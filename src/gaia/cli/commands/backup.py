"""`gaia backup` and `gaia restore`."""

from pathlib import Path
from typing import Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session
from gaia.cli.signals import signals_interrupt
from gaia.errors import Invalid

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the backup.")]


def backup(
    context: typer.Context,
    file: File,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="KEY", help="A public key of age or ssh that may open it; repeatable."),
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option(
            "--new-key",
            metavar="KEYFILE",
            help="Make a secret key in this new file, for which it is sealed too.",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Write all that this home holds into one sealed file.

    Records, previews, plans, logs, journals, the keys, local states, and the commits that nobody has published yet; of
    one moment, while everything goes on. It is sealed by age for public keys: who has the secret one can restore it.
    What can be made again is left out, and so is what lies elsewhere: the platform repository, states in a bucket.

    Example: gaia backup gaia.age --new-key backup.key
    Example: gaia backup gaia.age --to age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
    """
    session = Session.of(context, output)
    if not to and new_key is None:
        raise Invalid(
            "recipient-missing",
            "nobody could open this backup: no key is given",
            next_step="Give a public key with --to, or have one made with --new-key KEYFILE.",
        )
    made = session.app.back_up(file, tuple(to or ()), lambda text: session.note(text, "quiet"), new_key=new_key)
    if session.format != "text":
        session.show({"file": str(file), **made.as_json()})
        return
    from gaia.cli.screens.backup import backup_screen

    session.show(None, *backup_screen(file, made, new_key))


def restore(
    context: typer.Context,
    file: File,
    key: Annotated[
        Path, typer.Option("--key", metavar="KEYFILE", help="The file of the secret key that it was made for.")
    ],
    expect_key: Annotated[
        str | None,
        typer.Option("--expect-key", metavar="KEY", help="Whose it is: what `gaia backup` showed as the home's key."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check that it could be restored.")] = False,
    output: Output = None,
) -> None:
    """Make a home out of a backup.

    GAIA_HOME must be empty, or not there yet; so must the database be that GAIA_DATABASE_URL names. All is checked
    before it is there: that the backup is whole, that each row can be read, that the audit log is as it was written.
    What was under way goes on with the next engine.

    Anybody can seal a file for your public key. Whose a backup is says the home's key in it: name it, or you are asked
    about it, where this home has none to compare it with. Before that nothing of the backup is used.

    Example: gaia restore gaia.age --key backup.key
    Example: gaia restore gaia.age --key backup.key --dry-run
    """
    session = Session.of(context, output)

    def confirm(fingerprint: str) -> bool:
        if not session.interactive:
            return False
        question = f"The key of its home is {fingerprint}. Is that what was shown when it was made? (yes, no) "
        return session.ask(question).strip().lower() == "yes"

    with signals_interrupt():
        found = session.app.restore(
            file,
            key,
            lambda text: session.note(text, "quiet"),
            dry_run=dry_run,
            expected=expect_key,
            confirm=confirm,
        )
    if session.format != "text":
        session.show({"dry_run": dry_run, "home": str(session.settings.home), **found.as_json()})
        return
    from gaia.cli.screens.backup import restore_screen

    session.show(None, *restore_screen(session.settings.home, found, dry_run=dry_run))
