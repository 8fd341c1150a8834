"""A repository with local states around an operator who is killed, and what its states hold afterwards."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

DYING = Path(__file__).with_name("dying_operator.py")
ROOT = Path(__file__).parents[3]
SEED = int(os.environ.get("GAIA_SEED") or random.SystemRandom().randrange(10**6))
"""Of the points that are tried. Read here, because tests run without the environment's GAIA_*."""
NOTE = """\
variable "text" {
  type = string
}
variable "command" {
  type    = string
  default = "true"
}
resource "terraform_data" "this" {
  input            = var.text
  triggers_replace = var.command
  provisioner "local-exec" {
    command = var.command
  }
}
output "id" {
  value = terraform_data.this.id
}
"""
"""A component of one resource, which runs a command when it is made."""
NAMES = ("one", "two", "three")
"""The instances, all of the component `note`."""


@dataclass
class Ground:
    """The repository in `root`."""

    root: Path
    backend: str = "backend_type: local"
    environ: dict[str, str] = field(default_factory=dict)
    longest: float = 300
    """Seconds that a command may take."""

    def __post_init__(self) -> None:
        home = self.root.parent
        self.environ = {
            name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"
        } | self.environ
        self.environ |= {"GAIA_HOME": str(home / "home"), "GAIA_CACHE_DIR": str(home / "cache")}
        self.environ |= {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
        self.made.mkdir(parents=True)
        notes = ", ".join(f"{name}: {{metadata: {{component: note}}}}" for name in NAMES)
        self.write(
            "atmos.yaml",
            'base_path: ""\ncomponents: {terraform: {base_path: components/terraform}}\n'
            'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n',
        )
        self.write(
            "stacks/dev.yaml",
            f"vars: {{stage: dev}}\nterraform:\n  {self.backend}\ncomponents: {{terraform: {{{notes}}}}}\n",
        )

    def write(self, name: str, text: str) -> None:
        """A file of the repository."""
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def code(self, text: str) -> None:
        """Of the component."""
        self.write("components/terraform/note/main.tf", 'variable "stage" {\n  type = string\n}\n' + text)

    @property
    def made(self) -> Path:
        """A folder where each resource that is made leaves a line."""
        return self.root.parent / "made"

    def run(self, *words: str, fine: Sequence[int] = (0,)) -> str:
        """`gaia …`; what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "gaia", *words],
            cwd=self.root, env=self.environ, capture_output=True, text=True, check=False, timeout=self.longest,
        )  # fmt: skip
        assert done.returncode in fine, (words, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def dies(self, at: int, *words: str) -> list[str]:
        """The points that a command passed; it is killed at the one with this number, if it comes so far."""
        log = self.root.parent / "points"
        log.unlink(missing_ok=True)
        subprocess.run(
            [sys.executable, str(DYING), str(at), str(log), *words],
            cwd=self.root, env=self.environ, capture_output=True, check=False, timeout=300,
        )  # fmt: skip
        return log.read_text().splitlines()

    def state(self, name: str) -> dict[str, Any]:
        """Of an instance, as its file has it; empty where there is none."""
        path = self.root / f"components/terraform/note/terraform.tfstate.d/dev-{name}/terraform.tfstate"
        found: dict[str, Any] = json.loads(path.read_text()) if path.exists() and path.stat().st_size else {}
        return found

    def forget(self, *names: str) -> None:
        """Take states, journals and marks of instances away: the next one begins anew."""
        import shutil

        for name in names:
            shutil.rmtree(self.root / f"components/terraform/note/terraform.tfstate.d/dev-{name}", ignore_errors=True)
            for folder in (self.root.parent / "home/repos").glob("*/journals/dev"):
                shutil.rmtree(folder / name, ignore_errors=True)
            for folder in (self.root.parent / "home/repos").glob("*/moves/dev"):
                shutil.rmtree(folder / name, ignore_errors=True)
            for remembered in (self.root.parent / "home/repos").glob(f"*/lineages/dev/{name}.json"):
                remembered.unlink()


def ids(*states: dict[str, Any]) -> list[str]:
    """Of all objects in these states, each as often as a state has it."""
    return sorted(
        str(one["attributes"]["id"])
        for state in states
        for entry in state.get("resources", ())
        for one in entry["instances"]
    )


def chosen(points: list[str], matter: Sequence[str], *, every: bool) -> list[int]:
    """Numbers of all points, or of some: every other one of those that matter by what they say, and a few besides.

    Which ones, the seed says (GAIA_SEED).
    """
    numbers = range(1, len(points) + 1)
    if every:
        return list(numbers)
    print(f"GAIA_SEED={SEED}")  # noqa: T201 - pytest shows it where the test fails
    chance = random.Random(SEED)  # noqa: S311 - repeated on purpose
    some = [number for number in numbers if any(word in points[number - 1] for word in matter)]
    return sorted({*some[chance.randint(0, 1) :: 2], *chance.sample(numbers, 3)})


def events(text: str) -> list[dict[str, Any]]:
    """The documents that a command wrote, a line each."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def ended(text: str) -> dict[str, str]:
    """How each instance ended, by component."""
    [summary] = [one for one in events(text) if one["event"] == "summary"]
    return {one["instance"].partition("/")[2]: one["status"] for one in summary["instances"]}
