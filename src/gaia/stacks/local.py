"""A resolver for a trusted caller on this machine: it runs commands, and knows of nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import ToolFailed
from gaia.kit import process
from gaia.stacks.ports import Unanswered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.stacks.model import Reference
    from gaia.stacks.ports import Call

SECONDS = 60.0


class LocalResolver:
    """Answers `!exec`; commands run in `folder`, for at most a minute each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def terraform(self, reference: Reference) -> object:
        """Not known here."""
        del reference
        raise Unanswered

    def execute(self, command: str, environ: Mapping[str, str]) -> str:
        """The standard output of a shell command.

        Raises:
            ToolFailed: `exec-failed`, with the end of what it said.
        """
        done = process.run(["sh", "-c", command], cwd=self._folder, env=environ, timeout=SECONDS)
        if done.returncode:
            raise ToolFailed(
                "exec-failed",
                f"the command {command!r} ended with status {done.returncode}: {done.stderr.strip()[-400:]}",
                next_step="Run the command by hand, or write its result into the manifest.",
            )
        return done.stdout

    def store(self, call: Call) -> object:
        """Not known here."""
        del call
        raise Unanswered

    def secret(self, call: Call) -> object:
        """Not known here."""
        del call
        raise Unanswered

    def cloud(self, call: Call) -> object:
        """Not known here."""
        del call
        raise Unanswered
