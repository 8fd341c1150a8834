"""What has passed on a commit, so that it is not run again: `.nightly/COMMIT/`, with logs and figures."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tests.nightly.figures import PAGE, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.nightly.parts import Unit


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a unit ended. `before`: in an earlier run, on this commit."""

    passed: bool
    seconds: int
    before: bool = False


class Memory:
    """The verdicts of one commit, a file each, so that folders of several machines can be laid together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def log(self, unit: Unit) -> Path:
        """Where the output of a unit goes."""
        return self._folder / f"{unit.file_name}.log"

    def figures(self, unit: Unit) -> Path:
        """Where the tests of a unit note what they counted."""
        return self._folder / "figures" / unit.file_name

    def passed(self, unit: Unit) -> Verdict | None:
        """Its verdict, if it has passed."""
        path = self._path(unit)
        return Verdict(**json.loads(path.read_text()) | {"before": True}) if path.is_file() else None

    def keep(self, unit: Unit, verdict: Verdict) -> None:
        """Remember it if it has passed; a failure is tried again."""
        self._path(unit).unlink(missing_ok=True)
        if verdict.passed:
            self._path(unit).write_text(json.dumps(asdict(verdict)))

    def _path(self, unit: Unit) -> Path:
        return self._folder / f"{unit.file_name}.json"


def commit(root: Path = ROOT) -> str:
    """The commit that is checked out, with `-changed` where files differ from it: that is nothing to remember by.

    The page of figures may differ, for the run itself writes it.
    """
    head = _git(root, "rev-parse", "--short=12", "HEAD")
    changed = _git(root, "status", "--porcelain", "--", ".", f":(exclude){PAGE.relative_to(ROOT)}")
    return f"{head}-changed" if changed else head


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True, text=True)
    return done.stdout.strip()
