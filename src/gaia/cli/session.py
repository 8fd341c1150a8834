"""What one command line works with: settings, streams, the output format and the app."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, TextIO, cast

from gaia.cli.machine_output import Format, write
from gaia.cli.wrapping import fitted
from gaia.errors import Conflict, GaiaError, NotFound
from gaia.kit.visible import visible, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    import typer
    from rich.console import RenderableType

    from gaia.bootstrap import App
    from gaia.cli.screens.safe import SafeConsole
    from gaia.platform.ports import PlatformDoor
    from gaia.settings import Settings
    from gaia.stacks.commands.model import Customs
    from gaia.stacks.layers import Layer

WIDTH_OF_A_FILE = 110
"""Columns where the stream is not a terminal and COLUMNS is not set."""
_BURST = 0.02
"""Seconds: a second line that is there so soon was pasted; a key that is held down repeats more slowly."""


@dataclass
class Session:
    """Handed to every command as the context's object."""

    settings: Settings
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    format: Format = "text"
    make_app: Callable[[Settings], App] | None = None
    going_on: str = field(default="")
    """How to go on when the command is interrupted now."""
    unseen: bool = False
    """Whether the output was closed before the command began: what is written there, nobody sees."""
    quiet: bool = False
    """Whether only the summary and errors are wanted."""
    is_atmos: bool = False
    """Whether it was called by the name `atmos`: exit codes and formats are Atmos's."""

    @classmethod
    def of(cls, context: typer.Context, output: Format | None = None) -> Session:
        """The session of a command; `output` is the command's own option, which wins over the global one."""
        session = cast("Session", context.obj)
        session.format = output or session.format
        return session

    @cached_property
    def app(self) -> App:
        """What commands work with, or what a test gives instead; imported only when something is asked for."""
        if self.make_app is not None:
            return self.make_app(self.settings)
        from gaia.bootstrap import App

        return App(self.settings, tell=partial(self.note, style="warn"))

    @cached_property
    def customs(self) -> Customs:
        """The custom commands of the repository around the caller; none where there is none.

        One that is called by the short name of a group of ours (`tf`) is one of that group.

        Raises:
            GaiaError: what is wrong with one, or with `atmos.yaml`.
        """
        from gaia.cli.menu import ALIASES

        found = self.app.customs()
        commands = tuple(replace(one, name=ALIASES.get(one.name, one.name)) for one in found.commands)
        return replace(found, commands=commands)

    def custom_rows(self, path: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        """Names and descriptions of the custom commands below a group of ours, for help and completion.

        Never an error, and nothing is read where no repository is around.
        """
        from gaia.cli.menu import entries
        from gaia.stacks.mainfile import repository_near

        if not repository_near(str(self.settings.cwd), self.settings.environ):
            return []
        listed = entries()
        for name in path:
            listed = next((one.entries for one in listed if one.name == name), ())
        taken = {one.name for one in listed}
        try:
            found = self.customs.below(path)
        except (GaiaError, OSError):
            return []
        rows = [(one.name, one.line) for one in found if not one.hidden]
        if not path:
            rows += [(name, f"`{line}`") for name, line in self.customs.aliases.items()]
        return [(name, text) for name, text in rows if name not in taken]

    def environ_of_steps(self, added: Layer | None) -> dict[str, str]:
        """The environment that steps begin with: the caller's, what `env:` of atmos.yaml adds, and Gaia's settings."""
        values = added.value if added is not None and isinstance(added.value, dict) else {}
        return {**self.settings.environ, **{name: str(value) for name, value in values.items()}}

    def go_to(self, folder: Path) -> None:
        """Work as if the command had been started in this folder.

        Raises:
            NotFound: `folder-missing`.
        """
        there = self.settings.cwd / folder
        if not there.is_dir():
            raise NotFound(
                "folder-missing", f"there is no folder {there}", next_step="Give the folder of a repository."
            )
        self.settings = replace(self.settings, cwd=there)

    def acting(self, request: str | None = None) -> AbstractContextManager[PlatformDoor]:
        """The platform of the repository around the caller, else of the only one, or that of a request's id.

        Refused where another repository is around the caller. Where it is not the one around, it is named first.
        """

        def named(taken: str) -> None:
            self.note(f"In {taken}, which is registered; you are in no checkout of it.", "quiet")

        return self.app.platform(request=request, on_far=named)

    @property
    def interactive(self) -> bool:
        """Whether somebody sits there who can be asked."""
        return self.stdin.isatty() and self.stderr.isatty()

    @cached_property
    def out(self) -> SafeConsole:
        """Results for people."""
        return _console(self.stdout, self.settings)

    @cached_property
    def err(self) -> SafeConsole:
        """Progress, notes and questions."""
        return _console(self.stderr, self.settings)

    def show(self, document: object, *screen: RenderableType) -> None:
        """The result of a command: `document` for machines, `screen` for people."""
        if self.format == "text":
            self.draw(*screen)
            return
        write(document, self.format, self.stdout)

    def draw(self, *screen: RenderableType) -> None:
        """A screen as a result."""
        self.stdout.write(self.out.drawn(screen))

    def show_once(self, document: object, *screen: RenderableType) -> None:
        """`show` of what cannot be shown again: on return it has been written, as far as this process can tell.

        Raises:
            OSError, ValueError: nobody can have seen it.
        """
        if self.unseen:
            raise OSError(errno.EBADF, "the output is closed")
        self.show(document, *screen)
        self.stdout.flush()

    def write(self, text: str) -> None:
        """Plain lines as a result. On a terminal nothing in them is obeyed; a file or a pipe gets them as they are."""
        self.stdout.write(visible(text) if self.stdout.isatty() else text)

    def note(self, text: str, style: str = "") -> None:
        """A remark on the error stream; left out where a program may want to read an error there.

        Where somebody wants it quiet, progress and warnings are left out too.
        """
        if self.quiet and style in ("quiet", "warn"):
            return
        if self.format == "text" or self.stderr.isatty():
            self.err.print(text, style=style or None, markup=False, crop=False, soft_wrap=not self.stderr.isatty())

    def aside(self, text: str) -> None:
        """A quiet `note`, written without the library that draws: where every millisecond of a start counts."""
        if self.format == "text" or self.stderr.isatty():
            dim, plain = ("\x1b[2m", "\x1b[0m") if self.stderr.isatty() and not self._plain else ("", "")
            self.stderr.write(f"{dim}{visible(text)}{plain}\n")

    @property
    def _plain(self) -> bool:
        return bool(self.settings.environ.get("NO_COLOR"))

    def ask(self, question: str) -> str:
        """One line from the person at the terminal; `EOFError` when there is none. Only where `interactive`.

        What was there before the question is no answer to it, but the rest of what was pasted. It stays on the
        terminal, for the shell.

        Raises:
            Conflict: `lines-waiting`.
        """
        if _waits(self.stdin):
            raise _pasted("nothing was asked, for more lines wait on the terminal")
        answer = self._line(question)
        if _waits(self.stdin, _BURST):
            raise _pasted(f"{answer!r} came together with more lines")
        return answer

    def pause(self, question: str) -> None:
        """Until somebody presses Enter. Where lines wait nobody is asked; they stay for the shell."""
        if not _waits(self.stdin):
            self._line(question)

    def _line(self, question: str) -> str:
        words = question.rstrip(" ")
        blanks = question[len(words) :]
        self.err.print(fitted(words, self.err.width, 0) + blanks, end="", markup=False, soft_wrap=True)
        line = self.stdin.readline()
        if not line:
            raise EOFError
        return whole(line.rstrip("\r\n"), "the answer")


def _waits(stream: TextIO, seconds: float = 0.0) -> bool:
    """Whether a whole line is to be had within that time: a terminal hands out one line at a time."""
    import select

    try:
        return bool(select.select([stream.fileno()], [], [], seconds)[0])
    except (OSError, ValueError):  # not a file, as in tests
        return False


def _pasted(how: str) -> Conflict:
    return Conflict(
        "lines-waiting",
        f"{how}: what was pasted is not taken for an answer",
        next_step="Run the command by itself, or give the answer with it; its --help says how.",
    )


def _console(stream: TextIO, settings: Settings) -> SafeConsole:
    from rich.theme import Theme

    from gaia.cli.screens.palette import STYLES
    from gaia.cli.screens.safe import SafeConsole

    environ = settings.environ
    width = None if stream.isatty() or environ.get("COLUMNS") else WIDTH_OF_A_FILE
    return SafeConsole(
        file=stream,
        width=width,
        theme=Theme(dict(STYLES)),
        highlight=False,
        emoji=False,
        markup=False,
        no_color=bool(environ.get("NO_COLOR")) or None,
        _environ=environ,
    )
