"""New files of a platform repository that nobody has written yet, and what they would make of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.kit.files import inside, write_failed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.stacks.validation.findings import Finding


@dataclass(frozen=True, slots=True)
class Draft:
    """A new part of a repository."""

    kind: str
    name: str
    version: str
    """Of the template."""
    files: Mapping[str, str]
    """Path in the repository → text."""
    stacks: tuple[str, ...] = ()
    """That come to be."""
    instances: tuple[str, ...] = ()
    """That come to be, those that others need first."""
    needs: tuple[str, ...] = ()
    """Instances of other stacks that have to be there before."""
    unknown: tuple[str, ...] = ()
    """What is not known of this repository, and was left out."""
    findings: tuple[Finding, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it may be written: nothing is wrong with it."""
        return all(one.severity != "error" for one in self.findings)

    @property
    def difference(self) -> str:
        """A unified diff."""
        return "".join(
            line if line.endswith("\n") else f"{line}\n"
            for path, text in self.files.items()
            for line in unified_diff([], text.splitlines(keepends=True), "/dev/null", path)
        )

    def as_json(self) -> dict[str, object]:
        """The stable machine form."""
        return {
            "kind": self.kind,
            "name": self.name,
            "version": self.version,
            "files": dict(self.files),
            "stacks": list(self.stacks),
            "instances": list(self.instances),
            "needs": list(self.needs),
            "unknown": list(self.unknown),
            "findings": [one.as_json() for one in self.findings],
        }


def check_free(root: Path, draft: Mapping[str, str]) -> None:
    """`Conflict("file-exists")` where a file of the draft is there already."""
    there = [path for path in draft if os.path.lexists(inside(root, path))]
    if there:
        raise Conflict(
            "file-exists",
            f"{', '.join(there)} is there already, and nothing is written over it",
            next_step="Give another name, or change the file yourself.",
        )


def write(root: Path, draft: Draft) -> None:
    """Write all files of a draft, or none.

    Raises:
        Conflict: `file-exists`. Invalid: `path-escapes`. Unavailable: `disk-full`, `file-not-writable`.
    """
    check_free(root, draft.files)
    written: list[Path] = []
    try:
        for path, text in draft.files.items():
            target = inside(root, path)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("x", encoding="utf-8") as file:
                    written.append(target)
                    file.write(text)
            except OSError as error:
                raise write_failed(target, error) from error
    except BaseException:
        for target in written:
            target.unlink(missing_ok=True)
        raise
