"""A stage for stories and tests: a GAIA_HOME of its own, its people's tokens, and `gaia` in processes of its own."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gaia.errors import ToolFailed
from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gaia.settings import Settings

_INDENT = "  "


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

    def start(
        self,
        *arguments: str,
        who: str = "",
        quiet: bool = False,
        label: str = "",
        redact: Callable[[str], str] = str,
    ) -> process.Child:
        """Start `gaia ARGUMENTS` as somebody; unless `quiet` all it says is shown as it comes, behind the `label`."""
        env = process.child_environment(
            self.settings.environ, GAIA_HOME=str(self.home), GAIA_CACHE_DIR=str(self.settings.cache)
        )
        width = shutil.get_terminal_size((110, 40)).columns
        before = _INDENT + (f"{label} │ " if label else "")
        env |= {"PYTHONUNBUFFERED": "1", "COLUMNS": str(width - len(before))}
        for name in ("GAIA_TERRAFORM", "TF_CLI_CONFIG_FILE", "NO_COLOR"):
            if name in self.settings.environ:
                env[name] = self.settings.environ[name]
        if sys.stdout.isatty() and "NO_COLOR" not in env:
            env["FORCE_COLOR"] = "1"
        if who:
            env["GAIA_TOKEN"] = self.tokens[who]
        env |= self.extra
        if not quiet:
            self.say("\n" + typed([f"GAIA_TOKEN=<{who}>"] if who else [], arguments, width))
        show = None if quiet else lambda line: self.say(before + line)
        return process.start(
            [sys.executable, "-m", "gaia", *arguments],
            cwd=self.home.parent,
            env=env,
            on_line=show,
            on_error_line=show,
            redact=redact,
        )

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
                next_step=f"Look around in {self.home}, then run `gaia sandbox down` with that GAIA_HOME.",
            )
        return done

    def json(self, *arguments: str, who: str = "") -> Any:  # noqa: ANN401 - whatever the command prints
        """The machine output of a command."""
        return json.loads(self.run(*arguments, "--output", "json", who=who, quiet=True).stdout)
