"""The terminal's one translation of errors: what is printed, and the exit code."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from gaia.cli.next_step import told
from gaia.cli.wrapping import fitted
from gaia.errors import Defect, GaiaError, Invalid, Unavailable
from gaia.kit.visible import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.cli.machine_output import Format
    from gaia.cli.session import Session

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""
OF_ATMOS = {"component-ambiguous": 2}
"""Exit codes by the name `atmos`, where they are not 1: a path that is no one component."""
_TEXT = len("error  ")
"""Where texts begin, behind a word that says what they are."""
_LONGEST_LIST = 12
"""Lines of a fact that are printed; the JSON form has all."""


def wanted_format(arguments: Sequence[str]) -> Format:
    """The output format that the command line asks for, known before it is parsed: parsing can fail too."""
    wanted = "text"
    for index, word in enumerate(arguments):
        if word == "--":
            break
        if word in ("--output", "-o") and index + 1 < len(arguments):
            wanted = arguments[index + 1]
        elif word.startswith("--output="):
            wanted = word.partition("=")[2]
    return cast("Format", wanted) if wanted in ("json", "yaml") else "text"


def report(error: BaseException, session: Session, arguments: Sequence[str]) -> int:
    """Print what happened, once, on the error stream, and return the exit code."""
    import typer
    from typer.exceptions import TyperException

    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
        return 0  # `| head`: the library ends so, with 1, before any other code runs
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0
    if isinstance(error, KeyboardInterrupt | typer.Abort | EOFError):
        return interrupted(session)
    if isinstance(error, BrokenPipeError):
        return 0  # the reader has seen enough
    if isinstance(error, TyperException):
        return _usage(error, session)
    if isinstance(error, GaiaError):
        return _expected(error, session)
    return _unexpected(error, session, arguments)


def _expected(error: GaiaError, session: Session) -> int:
    with suppress(OSError):  # nobody is left who could be told that the error stream is full, but the exit code tells
        _tell(error, session)
        session.stderr.flush()
    return OF_ATMOS.get(error.code, 1) if session.is_atmos else error.exit_code


def _tell(error: GaiaError, session: Session) -> None:
    if session.settings.environ.get("GAIA_DEBUG") == "1":
        _traceback(error, session)
    if session.format != "text":
        from gaia.cli.machine_output import write

        write(error.as_json(), session.format, session.stderr)
        return
    red, dim, plain = ("\x1b[1;31m", "\x1b[2m", "\x1b[0m") if _colored(session) else ("", "", "")
    width = session.err.width if session.stderr.isatty() else 0  # elsewhere a program reads it, line by line
    code = f"[{error.code}]"
    told_first = fitted(f"{shortened(error.message)}  {code}", width, _TEXT, at=_TEXT).removesuffix(code)
    lines = [f"{red}error{plain}  {told_first}{dim}{code}{plain}"]
    if error.at:
        lines.append(f"{dim}at{plain}     {visible(str(error.at))}")
    lines += [f"{dim}{fitted(' ' * _TEXT + shortened(line), width, _TEXT)}{plain}" for line in _facts(error)]
    if error.next_step:
        lines.append(f"{dim}next{plain}   {fitted(shortened(told(error.next_step)), width, _TEXT, at=_TEXT)}")
    session.stderr.write("\n".join(lines) + "\n")


def _facts(error: GaiaError) -> list[str]:
    lines: list[str] = []
    for name, value in error.facts.items():
        parts = _parts(value)
        if not parts:
            continue
        lines.append(f"{name.replace('_', ' ')}: {parts[0] if len(parts) == 1 else ''}".rstrip())
        lines += [f"  {part}" for part in parts[:_LONGEST_LIST] if len(parts) > 1]
        if len(parts) > _LONGEST_LIST:
            lines.append(f"  and {len(parts) - _LONGEST_LIST} more (--output json shows all)")
    return lines


def _parts(value: object) -> list[str]:
    """A fact's lines for people."""
    if isinstance(value, dict | list | tuple):
        return [line for one in ([value] if isinstance(value, dict) else value) if (line := _part(one))]
    return [] if value is None else str(value).splitlines()


def _part(value: object) -> str:
    """One line; of a map what it holds, nothing of one that holds more than texts and numbers: programs read that."""
    if not isinstance(value, dict):
        return str(value)
    if any(isinstance(one, dict | list | tuple) for one in value.values()):
        return ""
    return "  ".join(" ".join(str(one).split()) for one in value.values() if one not in (None, ""))


def _usage(error: Exception, session: Session) -> int:
    from typer._click.exceptions import NoArgsIsHelpError, UsageError

    if isinstance(error, NoArgsIsHelpError):
        try:
            session.stdout.write(error.format_message() + "\n")
            session.stdout.flush()
        except OSError as failed:
            return report(failed, session, ())
        return 0
    context = error.ctx if isinstance(error, UsageError) else None
    path = context.command_path if context else "gaia"
    message = error.format_message() if isinstance(error, UsageError) else str(error)
    message = message.replace("Value error, ", "")  # the words of the library that reads the choices
    return _expected(Invalid("usage", message.rstrip("."), next_step=f"Run `{path} --help` to see how."), session)


def interrupted(session: Session) -> int:
    """Say how to go on; returns the exit code."""
    dim, plain = ("\x1b[2m", "\x1b[0m") if _colored(session) else ("", "")
    going_on = session.going_on or "Nothing is left behind; run the command again."
    session.stderr.write(f"\ninterrupted\n{dim}next{plain}   {visible(going_on)}\n")
    return INTERRUPTED


def _unexpected(error: BaseException, session: Session, arguments: Sequence[str]) -> int:
    import sqlite3

    from gaia.kit.files import disk_failed

    if isinstance(error, PermissionError):
        name = error.filename or "a file"
        return _expected(
            Unavailable("no-permission", f"{name}: {error.strerror}", next_step="Check the owner and the rights."),
            session,
        )
    if (failed := disk_failed(error)) is not None:
        return _expected(failed, session)
    if isinstance(error, sqlite3.OperationalError):
        return _expected(
            Unavailable("database-failed", str(error), next_step="Run `gaia doctor`, then try again."), session
        )
    if session.settings.environ.get("GAIA_DEBUG") == "1":
        _traceback(error, session)
    log = _write_log(error, session, arguments)
    kind = type(error).__name__
    first = next(iter(str(error).splitlines()), "")
    return _expected(
        Defect(
            "defect",
            f"Gaia did something unexpected: {kind}{': ' + first if first else ''}",
            next_step=f"Please report it with {log} (read it first: it may name files of yours)."
            if log
            else "Please report it, with what GAIA_DEBUG=1 shows.",
        ),
        session,
    )


def _write_log(error: BaseException, session: Session, arguments: Sequence[str]) -> Path | None:
    """What happened, without the words of the command line (they may hold secrets) but the command's name."""
    import os
    import sys
    import traceback

    from gaia import __version__
    from gaia.cli import menu
    from gaia.kit import clock, files

    known = {entry.name for entry in menu.entries()}
    words = [word for word in arguments if word in known][:1]
    now = clock.now()
    text = "\n".join(
        [
            f"gaia {__version__}, Python {sys.version}",
            f"at {clock.rfc3339(now)}, command: {' '.join(words)}",
            "",
            *traceback.format_exception(error),
        ]
    )
    path = session.settings.home / "crashes" / f"{now:%Y%m%dT%H%M%S.%f}-{os.getpid()}.log"
    try:
        files.write_atomic(path, visible(text).encode())
    except GaiaError:
        return None
    return path


def _traceback(error: BaseException, session: Session) -> None:
    import traceback

    session.stderr.write(visible("".join(traceback.format_exception(error))))


def _colored(session: Session) -> bool:
    return session.stderr.isatty() and not session.settings.environ.get("NO_COLOR")
