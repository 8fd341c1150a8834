"""A stage for stories and tests: a GAIA_HOME of its own, its people's tokens, and `gaia` in processes of its own."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gaia.errors import ToolFailed
from gaia.kit import process
from gaia.kit.procfs import kill_tree
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_INDENT = "  "
_BESIDE = "  │ "
_CURSOR = "\x1b[?25h"
"""Shows the cursor, which a command hides while its picture moves."""


def typed(before: Sequence[str], arguments: Sequence[str], width: int) -> str:
    """The command as one would type it, broken between its words where it is wider than the terminal."""
    lines = ["$"]
    for word in [*before, "gaia", *map(shlex.quote, arguments)]:
        if len(lines[-1]) + len(word) + len(" \\") >= width:
            lines[-1] += " \\"
            lines.append(">  ")
        lines[-1] += f" {word}"
    return "\n".join(lines)


@dataclass
class Stage:
    """Where the story plays: a GAIA_HOME of its own, the tokens of its people, and a way to speak."""

    settings: Settings
    home: Path
    say: Callable[[str], None]
    tokens: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    """More variables for the commands, over everything else."""
    terminal: bool = False
    """Whether `say` writes on this process's own terminal: commands draw there themselves then."""
    margin: int = 0
    """Columns that are put before what is said here."""
    _begun: list[process.Child] = field(default_factory=list)

    def settings_of(self, who: str = "") -> Settings:
        """What a command of somebody's has around it here, and nothing of what is around this process."""
        return Settings.capture(self._environment(who, 80), self.home.parent)

    def converse(self, module: str, *passed_on: str) -> process.Conversation:
        """Start a module of Gaia that is asked again and again, with variables of the caller's that it needs too."""
        named = {name: self.settings.environ[name] for name in passed_on if name in self.settings.environ}
        named["TMPDIR"] = str(self.home.parent)  # short, for a socket's path
        return process.converse(
            [sys.executable, "-m", module], cwd=self.home.parent, env=self._environment("", 80) | named
        )

    def start(
        self,
        *arguments: str,
        who: str = "",
        quiet: bool = False,
        redact: Callable[[str], str] = str,
        hear: Callable[[str], None] | None = None,
    ) -> process.Child:
        """Start `gaia ARGUMENTS` as somebody; unless `quiet` all it says is shown as it comes.

        What it prints is `hear`d line by line, where that is given.
        """
        width = shutil.get_terminal_size((110, 40)).columns - self.margin
        if not quiet:
            self.say("\n" + typed([f"GAIA_TOKEN=<{who}>"] if who else [], arguments, width))
        show = None if quiet else lambda line: self.say(_INDENT + line)
        child = process.start(
            [sys.executable, "-m", "gaia", *arguments],
            cwd=self.home.parent,
            env=self._environment(who, width - len(_INDENT)),
            on_line=hear or show,
            on_error_line=show,
            redact=redact,
            shown=self.terminal and not quiet,
        )
        self._begun[:] = [*(each for each in self._begun if each.running), child]
        return child

    def _environment(self, who: str, width: int) -> dict[str, str]:
        env = process.child_environment(
            self.settings.environ, GAIA_HOME=str(self.home), GAIA_CACHE_DIR=str(self.settings.cache)
        )
        env |= {"PYTHONUNBUFFERED": "1", "COLUMNS": str(width)}
        for name in ("GAIA_TERRAFORM", "TF_CLI_CONFIG_FILE", "NO_COLOR", "TERM"):
            if name in self.settings.environ:
                env[name] = self.settings.environ[name]
        if sys.stdout.isatty() and "NO_COLOR" not in env:
            env["FORCE_COLOR"] = "1"
        if who:
            env["GAIA_TOKEN"] = self.tokens[who]
        return env | self.extra

    @contextmanager
    def aside(self) -> Iterator[Stage]:
        """A second terminal of the same place: what is said there is shown in one piece when the block ends."""
        said: list[str] = []
        try:
            yield replace(self, say=said.append, terminal=False, margin=len(_BESIDE))
        finally:
            if said:
                self.say("\n  meanwhile, in another terminal:")
            for line in "\n".join(said).splitlines():
                self.say(_BESIDE + line)

    def kill(self) -> int:
        """SIGKILL everything that was begun and what it began, as a power cut would; returns how many processes."""
        living = [child for child in self._begun if child.running]
        doomed = [one for child in living for one in kill_tree(child.identity.pid)]
        for child in living:
            with suppress(OSError):  # nobody reads what it said
                child.wait()
        if self.terminal:
            sys.stdout.write(_CURSOR)
        return len(doomed)

    def run(self, *arguments: str, who: str = "", quiet: bool = False, refused: bool = False) -> process.Completed:
        """Run a command to its end; `refused` says that it has to fail, and its error is shown."""
        child = self.start(*arguments, who=who, quiet=quiet)
        return self.ended(child, *arguments, quiet=quiet, refused=refused)

    def ended(
        self, child: process.Child, *arguments: str, quiet: bool = False, refused: bool = False
    ) -> process.Completed:
        """Wait for what `start` began with the same arguments; see `run`."""
        done = child.wait()
        if bool(done.returncode) != refused:
            said = (done.stderr or done.stdout).strip()[-2000:] if quiet else "what it said stands above"
            raise ToolFailed(
                "scene-failed",
                f"gaia {shlex.join(arguments)} ended with {done.returncode}: {said}",
                next_step="Read what it said. `gaia demo --keep` leaves everything there, to look around in.",
            )
        return done

    def json(self, *arguments: str, who: str = "") -> Any:  # noqa: ANN401 - whatever the command prints
        """The machine output of a command."""
        return json.loads(self.run(*arguments, "--output", "json", who=who, quiet=True).stdout)
