"""The same documents from a real `atmos` program, to compare with, or for those who trust only that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gaia.errors import Next, ToolFailed
from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.stacks.ports import Processing

SECONDS = 300.0
CLASSIC = {"ATMOS_DESCRIBE_COMPONENT_FILTER": "full", "ATMOS_DESCRIBE_PROVENANCE": "false"}
"""Since July 2026 Atmos shows less, and more beside it, unless it is told otherwise."""
OF_THE_PROGRAM = ("atmos_cli_config", "cli_args", "tf_cli_args", "tf_cli_vars")
"""Keys in which Atmos describes its own process."""


class Atmos:
    """Describes as `Repository` does, by running `program` in the repository at `folder`.

    It executes what the manifests tell it to, so it is for repositories that are trusted.
    """

    def __init__(
        self, program: Path, folder: Path, environ: Mapping[str, str], processing: Processing | None = None
    ) -> None:
        self._program = program
        self._folder = folder
        self._options = _options(processing)
        self._environ = process.child_environment(environ) | {
            name: value for name, value in environ.items() if name.startswith("ATMOS_")
        }

    def describe_component(self, component: str, stack: str) -> dict[str, object]:
        """The document of `atmos describe component`, unfiltered.

        Raises:
            ToolFailed: `atmos-failed`, `atmos-answer`.
            Unavailable: the program cannot be started.
        """
        answer = self._run("component", component, "-s", stack)
        return {key: value for key, value in answer.items() if key not in OF_THE_PROGRAM}

    def describe_stacks(self, *options: str) -> dict[str, dict[str, object]]:
        """The document of `atmos describe stacks`; `options` are Atmos's own, for instance `--sections=vars`.

        Raises:
            ToolFailed: `atmos-failed`, `atmos-answer`.
            Unavailable: the program cannot be started.
        """
        return {name: stack for name, stack in self._run("stacks", *options).items() if isinstance(stack, dict)}

    def _run(self, *words: str) -> dict[str, object]:
        arguments = [str(self._program), "describe", *words, "--format", "json", *self._options]
        done = process.run(arguments, cwd=self._folder, env=self._environ | CLASSIC, timeout=SECONDS)
        if done.returncode:
            raise ToolFailed(
                "atmos-failed",
                f"atmos ended with status {done.returncode}: {' '.join(done.stderr.split())[-600:]}",
                next_step=Next("validate stacks", words="Correct what it names, or look for yourself"),
            )
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ToolFailed(
                "atmos-answer",
                f"atmos {' '.join(arguments[1:])} did not answer with JSON: {done.stdout[:200]!r}",
                next_step="Run it by hand; a warning on standard output may be in the way.",
            )
        return answer


def _options(processing: Processing | None) -> tuple[str, ...]:
    """What differs from Atmos's own defaults, in its words."""
    if processing is None:
        return ()
    switches = {"--process-templates": processing.templates, "--process-functions": processing.functions}
    off = [f"{name}=false" for name, on in switches.items() if not on]
    return (*off, *(f"--skip={name}" for name in sorted(processing.skip)))
