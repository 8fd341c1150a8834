"""What the steps of workflows and custom commands act through, on this machine and at this terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.errors import GaiaError, Invalid, NotFound, ToolFailed
from gaia.stacks.workflows.job import Own
from gaia.stacks.workflows.model import OVER, Outcome
from gaia.stacks.workflows.web import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.cli.entry import Entry
    from gaia.cli.session import Session
    from gaia.kit.interrupt import Interrupt
    from gaia.stacks.workflows.job import Command
    from gaia.stacks.workflows.web import Request

LONGEST_ANSWER = 10 * 1024 * 1024
"""Bytes of an answer that are kept."""


class Terminal:
    """Steps run in the folder and the environment that they name, with this terminal."""

    def __init__(self, session: Session, base: Path, *, announced: bool) -> None:
        self._session = session
        self._base = base
        self._announced = announced

    def launch(self, command: Command) -> int:
        """Give the terminal to a command until it ends.

        One with a time limit is in a process group of its own, so that all that it started can be ended: it can be
        asked nothing.
        """
        from gaia.kit.process import hand_over

        self._session.stdout.flush()
        if command.step.timeout is not None:
            return self._run(command, show=True, interrupt=None).status
        return hand_over(self._words(command), cwd=command.cwd, env=self._environment(command))

    def capture(self, command: Command, *, show: bool) -> Outcome:
        """Run a command that asks nothing, and keep what it prints."""
        return self._run(command, show=show, interrupt=None)

    def beside(self, command: Command, interrupt: Interrupt) -> Outcome:
        """The same in a thread."""
        if command.step.kind == "sleep":
            from threading import Event

            stopped = Event()
            with interrupt.watched(lambda _: stopped.set()):
                return Outcome(int(stopped.wait(command.step.timeout or 1.0)))
        try:
            return self._run(command, show=False, interrupt=interrupt)
        except GaiaError as error:
            return Outcome(error.exit_code, stderr=error.message, error=error.message)

    def fetch(self, request: Request) -> Reply:
        """Send a request."""
        import urllib.error
        import urllib.request

        order = urllib.request.Request(  # noqa: S310 - http and https only, as `web.request` has checked
            request.url, data=request.body, headers=dict(request.headers), method=request.method
        )
        try:
            with urllib.request.urlopen(order, timeout=request.timeout) as answer:  # noqa: S310
                return _reply(answer)
        except urllib.error.HTTPError as error:
            return _reply(error)
        except (OSError, ValueError) as error:
            return Reply(0, "", {}, str(getattr(error, "reason", error)))

    def ask(self, question: str) -> str:
        """One line of the person at the terminal."""
        return self._session.ask(question)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        import time

        time.sleep(seconds)

    def say(self, text: str, kind: str = "") -> None:
        """Tell the person at the terminal."""
        self._session.stdout.flush()
        self._session.err.print(text, style="title" if kind == "stage" else None, markup=False, soft_wrap=True)

    def on_step(self, command: Command, attempt: int) -> None:
        """A step begins, or is tried again."""
        again = f" (attempt {attempt} of {command.step.retry.max_attempts})" if attempt > 1 else ""
        if self._announced or again:
            self._session.note(f"── {command.step.name}: {command.shown}{again}", "quiet")

    def _run(self, command: Command, *, show: bool, interrupt: Interrupt | None) -> Outcome:
        from gaia.kit.process import start

        def write(stream: Any, line: str) -> None:  # noqa: ANN401
            stream.write(line + "\n")
            stream.flush()

        session, errors = self._session, list[str]()

        def on_error(line: str) -> None:
            errors.append(line + "\n")
            if show:
                write(session.stderr, line)

        child = start(
            self._words(command),
            cwd=command.cwd,
            env=self._environment(command),
            on_line=(lambda line: write(session.stdout, line)) if show else None,
            on_error_line=on_error,
            interrupt=interrupt,
            timeout=command.step.timeout,
        )
        try:
            done = child.wait()
        except ToolFailed as error:
            if error.code != "tool-timeout":
                raise
            said = f"its time was over ({command.step.timeout:g} s)"
            session.note(f"{command.step.name}: {said}", "warn")
            return Outcome(OVER, stderr="".join(errors), error=said)
        status = done.returncode if done.returncode >= 0 else 128 - done.returncode
        return Outcome(status, done.stdout, "".join(errors))

    def _words(self, command: Command) -> list[str]:
        ours = [sys.argv[0]] if self._session.is_atmos else [sys.executable, "-m", "gaia"]
        return [*(ours if command.step.kind == "atmos" else []), *command.words]

    def _environment(self, command: Command) -> Mapping[str, str]:
        from gaia.cli.program import own_program
        from gaia.platform.home.registration import AROUND

        env = {**command.env, AROUND: str(self._base), "ATMOS_CLI_PATH": str(own_program())}
        return {**env, "PATH": self._path(env.get("PATH", ""), own_program())}

    def _path(self, path: str, program: Path) -> str:
        """PATH on which a step finds `atmos`: the one that was called, the one that is there, else a link to Gaia."""
        import os
        import shutil
        from contextlib import suppress

        if self._session.is_atmos:
            return f"{Path(sys.argv[0]).absolute().parent}{os.pathsep}{path}" if os.sep in sys.argv[0] else path
        if shutil.which("atmos", path=path):
            return path
        folder = self._session.settings.cache / "bin"
        link = folder / "atmos"
        with suppress(OSError):  # a step that calls no atmos needs none
            folder.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.unlink(missing_ok=True)
                link.symlink_to(program)
        return f"{path}{os.pathsep}{folder}"


def ask(command: str, cwd: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """The exit status and the output of a shell's command, as `valueCommand` asks for one."""
    from gaia.kit.process import run

    done = run(["sh", "-c", command], cwd=cwd, env=env, timeout=None)
    if done.returncode:
        sys.stderr.write(done.stderr)
    return done.returncode, done.stdout


def own(session: Session) -> Own:
    """What is known of our own commands, and of those of the repository around the caller."""
    from gaia.cli import lacking, menu
    from gaia.stacks.commands.model import find

    def spelled(words: Sequence[str]) -> Sequence[str]:
        return [menu.ALIASES.get(words[0], words[0]), *words[1:]] if words else words

    def refusal(words: Sequence[str]) -> GaiaError | None:
        if list(words[:1]) == ["workflow"] and not _named(words[1:]):
            return Invalid("workflow-nameless", "no workflow is named", next_step="Write its name behind workflow.")
        path, listed, group = (), menu.entries(), None  # type: tuple[str, ...], Sequence[Entry], Entry | None
        for index, word in enumerate(words):
            entry = next((one for one in listed if one.name == word), None)
            if entry is None:
                return None if _known(session, path, word, group) else _unknown((*path, word), listed)
            if not entry.entries:
                return None if entry.raw else _wrong_option(entry, " ".join((*path, word)), words[index + 1 :])
            path, listed, group = (*path, word), entry.entries, entry
        return Invalid("usage", f"`gaia {' '.join(path)}` is a group of commands", next_step="Name one of them.")

    def _unknown(path: Sequence[str], listed: Sequence[Entry]) -> GaiaError:
        import difflib

        if (error := lacking.refusal(path)) is not None:
            return error
        near = difflib.get_close_matches(path[-1], [one.name for one in listed], n=1)
        hint = f"Did you mean {near[0]}?" if near else "`gaia --help` has all."
        return NotFound("command-unknown", f"there is no command `gaia {' '.join(path)}`", next_step=hint)

    def takes(words: Sequence[str]) -> bool:
        custom = find(session.customs.commands, words[0]) if words and not _is_ours(words[0]) else None
        if custom is None:
            return takes_stack(words)
        names = {flag.name for flag in custom.flags}
        for word in words[1:]:
            custom = custom.named(word) if custom is not None else None
            names |= {flag.name for flag in custom.flags} if custom is not None else set()
        return "stack" in names

    return Own(takes, refusal, spelled, session.interactive)


def _is_ours(word: str) -> bool:
    from gaia.cli import menu

    return any(one.name == word for one in menu.entries())


def _known(session: Session, path: tuple[str, ...], word: str, group: Any) -> bool:  # noqa: ANN401 - an entry or None
    from gaia.checkout.words import SUBCOMMANDS
    from gaia.stacks.commands.model import find

    customs = session.customs
    terraforms = group is not None and group.raw and word in SUBCOMMANDS
    return terraforms or find(customs.below(path), word) is not None or (not path and word in customs.aliases)


def _wrong_option(entry: Entry, name: str, words: Sequence[str]) -> GaiaError | None:
    """The error for an option that the command does not have; its value is checked when it runs."""
    import difflib

    import typer
    from typer.main import get_command

    from gaia.cli import atmosflags
    from gaia.cli.entry import function_of

    app = typer.Typer(add_completion=False)
    app.command()(function_of(entry))
    known = {"--help", *atmosflags.VARIABLES, *atmosflags.FOLDERS, *atmosflags.SWITCHES, "--output"}
    for parameter in get_command(app).params:
        known |= {*parameter.opts, *parameter.secondary_opts}
    given = words[: words.index("--")] if "--" in words else words
    wrong = next((one for word in given if (one := word.partition("=")[0]).startswith("--") and one not in known), None)
    if wrong is None:
        return None
    near = difflib.get_close_matches(wrong, sorted(known), n=1)
    hint = f"Did you mean {near[0]}?" if near else f"`gaia {name} --help` has all."
    return Invalid("usage", f"`gaia {name}` has no option {wrong}", next_step=hint)


def _named(words: Sequence[str]) -> bool:
    """Whether a word behind `workflow` is neither an option nor the value of one."""
    options = ("-f", "--file", "-s", "--stack", "--from-step", "-o", "--output")
    return any(
        not word.startswith("-") and (index == 0 or words[index - 1] not in options) for index, word in enumerate(words)
    )


def takes_stack(words: Sequence[str]) -> bool:
    """Whether one of our commands has the option --stack; what is no command may have it, and will say so itself."""
    from inspect import signature

    from gaia.cli import menu
    from gaia.cli.entry import function_of

    listed = menu.entries()
    for word in words:
        entry = next((one for one in listed if one.name == word), None)
        if entry is None:
            return True
        if not entry.entries:
            return entry.raw or "stack" in signature(function_of(entry)).parameters
        listed = entry.entries
    return True


def _reply(answer: Any) -> Reply:  # noqa: ANN401 - an answer, or the error that carries one
    body = answer.read(LONGEST_ANSWER).decode(errors="replace")
    return Reply(answer.status, answer.reason or "", dict(answer.headers.items()), body)
