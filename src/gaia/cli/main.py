"""`gaia`: shows the help at once, else hands over to the command and turns its end into an exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.cli.session import Session

READING = frozenset(
    (
        *("adopt", "apply", "atlantis", "describe", "destroy", "docs", "drift", "explain", "graph", "import", "list"),
        *("move", "plan", "terraform", "unlock", "workflow"),
    )
)
"""Commands that read the repository around the caller; of `validate` and `doctor` it is what they report."""
COMPLETE = "_GAIA_COMPLETE"
"""Set by the shell's completion script."""

_COLLECT_AFTER = 1_000_000
"""Objects made before Python looks for cycles among them: more than there are once everything is imported that a
command needs, so a short command never looks, and a long one does."""


def main() -> NoReturn:
    """The console script."""
    import os

    arguments = sys.argv[1:]
    unseen = _ready()
    if COMPLETE not in os.environ and _is_plain(arguments):
        try:
            _show(arguments, unseen, bold=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
            sys.stdout.flush()
        except OSError as error:
            from gaia.cli import failure

            _end(failure.report(error, _session(unseen), arguments))
        _end(0)
    import atexit
    import gc

    gc.set_threshold(_COLLECT_AFTER)
    atexit.register(gc.freeze)  # else Python looks through everything at the end: both took a third of `gaia status`
    _end(run(arguments, _session(unseen)))


def _end(code: int) -> NoReturn:
    """Exit. Python writes what is left once more, and where that fails complains and takes another exit code."""
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _session(unseen: bool) -> Session:
    """What this process was given."""
    import os
    from pathlib import Path

    from gaia.cli.session import Session
    from gaia.settings import Settings

    try:
        cwd = Path.cwd()
    except OSError:
        sys.stderr.write("error  the working directory is gone  [cwd-missing]\nnext   Go to another: cd\n")
        sys.exit(8)
    settings, named = Settings.capture(os.environ, cwd), Path(sys.argv[0]).name
    return Session(settings, sys.stdin, sys.stdout, sys.stderr, unseen=unseen, is_atmos=named == "atmos")


def _ready() -> bool:
    """A stream that is closed swallows what is written; one that lacks a letter shows its escape.

    Bytes of the input that are no UTF-8 come as half characters, as those of the command line do. Returns whether the
    output was closed.
    """
    import io
    import os

    unseen = sys.stdout is None
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 - open until the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    elif sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    return unseen


def atmos_cli() -> NoReturn:
    """The console script `atmos-cli`: the old name of `gaia`."""
    import os

    if COMPLETE not in os.environ:
        sys.stderr.write("atmos-cli is deprecated and will go away; it is called gaia now.\n")
    main()


_SWITCHES = frozenset(
    (
        "abstract",
        "auto-approve",
        "clone-target-ref",
        "dry-run",
        "enabled",
        "exclude-locked",
        "include-dependents",
        "include-empty-stacks",
        "include-settings",
        "locked",
        "process-functions",
        "process-templates",
        "provenance",
    )
)
"""Options of Atmos that are switches: its scripts write `--process-templates=false`."""


def spelled(arguments: Sequence[str]) -> list[str]:
    """The command line in our spelling: `--NAME=true` is `--NAME`, `--NAME=false` is `--no-NAME` or nothing."""
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    result: list[str] = []
    for word in words[:end]:
        name, equals, value = word.partition("=")
        if not (equals and name.startswith("--") and name[2:] in _SWITCHES and value in ("true", "false")):
            result.append(word)
        elif value == "true":
            result.append(name)
        elif name.startswith("--process-") or name in ("--provenance", "--enabled", "--locked"):
            result.append(f"--no-{name[2:]}")
    return result + words[end:]


def run(arguments: Sequence[str], session: Session) -> int:
    """Carry out one command line and return the exit code. What goes wrong is told on the session's error stream."""
    from gaia.cli import failure
    from gaia.cli.menu import before_raw, command_of, entries

    own = {entry.name for entry in entries()}
    session.format = failure.wanted_format(arguments[: before_raw(arguments)])
    try:
        from gaia.cli import atmosflags
        from gaia.cli.app import root
        from gaia.kit.visible import whole

        for word in arguments:
            whole(word, "a word of the command line")
        arguments, session.settings = atmosflags.taken(arguments, session.settings)
        command = command_of(arguments)
        if command in READING or command not in own:
            _say_what_is_not_read(session)
        if command in own:
            _say_what_is_not_run(session, command)
        elif command:
            arguments = _without_aliases(arguments, command, session)
        read = before_raw(arguments)
        arguments = [*spelled(arguments[:read]), *arguments[read:]]
        code = root().main(args=list(arguments), prog_name="gaia", standalone_mode=False, obj=session)
        session.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - the one place where errors become exit codes
        if command_of(arguments) not in own:  # no command reads its words
            session.format = failure.wanted_format(arguments)
        code = failure.report(error, session, arguments)
        return _ERROR if code not in (0, failure.INTERRUPTED) and not _DETAILED.isdisjoint(arguments) else code
    if code == failure.INTERRUPTED:  # the library turns Ctrl-C into this code before any other code runs
        return failure.interrupted(session)
    return code if isinstance(code, int) else 0


_DETAILED = frozenset(("--detailed-exitcode", "-detailed-exitcode"))
"""With these 2 says that there is something to do; terraform's own has 1 for every error."""
_ERROR = 1


def _say_what_is_not_read(session: Session) -> None:
    """Where the folder of the nearest main file has two, one of them is read; nobody expects which."""
    from gaia.stacks.mainfile import CHOOSING, main_file_near, unread

    file = main_file_near(session.settings.cwd)
    if file is not None and not any(session.settings.environ.get(name) for name in CHOOSING) and (said := unread(file)):
        session.note(said, "warn")


def _without_aliases(arguments: Sequence[str], command: str, session: Session) -> list[str]:
    """The command line with what an alias of `atmos.yaml` stands for in its place."""
    import shlex

    words, seen = list(arguments), set[str]()
    while (line := session.customs.aliases.get(command)) and command not in seen:
        seen.add(command)
        at = words.index(command)
        words[at : at + 1] = shlex.split(line)
        command = words[at] if at < len(words) else ""
    return words


def _say_what_is_not_run(session: Session, command: str) -> None:
    """Where the repository has a custom command that is called like one of ours, ours runs, and that is said."""
    import re

    from gaia.cli.menu import ALIASES
    from gaia.errors import GaiaError
    from gaia.stacks.mainfile import main_file_near

    file = main_file_near(session.settings.cwd)
    names = "|".join(re.escape(name) for name in (command, *ALIASES) if ALIASES.get(name, name) == command)
    named = re.compile(rf"\bname:\s*[\"']?({names})\b")
    if session.is_atmos or file is None or not named.search(file.read_text(errors="replace")):
        return
    try:
        own = next((one for one in session.customs.commands if one.name == command and one.steps), None)
    except GaiaError:
        return
    if own is not None:
        session.note(
            f"{own.at} defines a command called {command}, as Gaia has one: that one runs. Give yours another name.",
            "warn",
        )


def _is_plain(arguments: Sequence[str]) -> bool:
    return list(arguments) in ([], ["--help"], ["-h"], ["help"], ["--version"])


def _show(arguments: Sequence[str], unseen: bool, *, bold: bool) -> None:
    from gaia import __version__
    from gaia.cli import menu

    if "--version" in arguments:
        sys.stdout.write(f"gaia {__version__}\n")
        return
    import os

    from gaia.stacks.mainfile import repository_near

    try:
        near = repository_near(os.getcwd(), os.environ)  # noqa: PTH109 - pathlib is not imported for the help
    except OSError:
        near = False
    custom = _session(unseen).custom_rows() if near else []
    sys.stdout.write(menu.help_text(bold=bold, columns=_columns(), custom=custom))


def _columns() -> int:
    """Of the terminal; 0 where there is none."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
