"""A small program in terraform's place: it writes down what it is asked, and does what a test says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROGRAM = """\
#!/bin/sh
here="{folder}"
{{ printf '%s\\n' "$@"; printf -- '---\\n'; }} >> "$here/asked"
pwd >> "$here/places"
env > "$here/environ"
[ ! -f "$here/behave" ] || . "$here/behave"
"""


@dataclass
class Program:
    """What stands in terraform's place where it gets this process's streams."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.path.write_text(_PROGRAM.format(folder=self.folder))
        self.path.chmod(0o755)

    @property
    def path(self) -> Path:
        """The program."""
        return self.folder / "terraform"

    def does(self, shell: str) -> None:
        """Run this from now on, in the component's folder."""
        (self.folder / "behave").write_text(shell)

    def plans(self, document: dict[str, Any], *, code: int = 2) -> None:
        """Write this as the plan file that `-out` names."""
        (self.folder / "plan.json").write_text(json.dumps(document))
        self.does(
            'for each in "$@"; do case "$each" in -out=*) cp "$here/plan.json" "${each#-out=}";; esac; done\n'
            f"echo planned; exit {code}\n"
        )

    @property
    def asked(self) -> list[list[str]]:
        """The words of each call."""
        if not (self.folder / "asked").exists():
            return []
        calls = (self.folder / "asked").read_text().split("---\n")[:-1]
        return [call.splitlines() for call in calls]

    @property
    def places(self) -> list[Path]:
        """Where each was run."""
        return [Path(line) for line in (self.folder / "places").read_text().splitlines()]

    @property
    def environ(self) -> dict[str, str]:
        """What the last one saw."""
        lines = (self.folder / "environ").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)
