"""A corpus: repositories, commands, and what Atmos answered.

A folder, or a `.tar.xz` of one, with `cases.json`, `fixtures/` and `captured/`; or a `.json.xz` of a `cases.json` whose
cases hold their repositories themselves, as `files`. `cases.json` holds `cases`, each with `id`, `class`,
`fixture_dir`, `command`, `env`, and `expected`: `json_file` or `json` (the answer), `paths` (dotted path
→ value; `@keys` is the sorted list of keys), `absent_paths`, or `exit_code: nonzero` with an `error_class`.
"""

from __future__ import annotations

import json
import lzma
import shutil
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


CLASSES = ("core", "common", "rare")


@dataclass(frozen=True)
class Case:
    """One command on one repository, and the answer."""

    id: str
    importance: str
    fixture: str
    command: Sequence[str]
    env: Mapping[str, str]
    given: Any
    expected: Mapping[str, Any]
    files: Mapping[str, str]
    """The repository, where it is not a folder of the corpus."""

    @property
    def refused(self) -> bool:
        """Whether Atmos refuses the command."""
        return bool(self.expected["exit_code"] != 0)


def read_cases(source: Path) -> list[Case]:
    """The cases of a corpus, without unpacking it."""
    if source.is_dir():
        text = (source / "cases.json").read_text()
    elif source.suffixes[-2:] == [".json", ".xz"]:
        text = lzma.decompress(source.read_bytes()).decode()
    else:
        with tarfile.open(source) as archive:
            member = archive.extractfile("cases.json")
            text = member.read().decode() if member else "{}"
    return [
        Case(
            id=case["id"],
            importance=case["class"],
            fixture=case["fixture_dir"],
            command=case["command"],
            env=case["env"],
            given=case.get("input"),
            expected=case["expected"],
            files=case.get("files", {}),
        )
        for case in json.loads(text)["cases"]
    ]


def unpack(source: Path, target: Path) -> Path:
    """A copy of the corpus outside of any git work tree: where a repository lies in one changes its answers."""
    if source.is_dir():
        for name in ("fixtures", "captured"):
            shutil.copytree(source / name, target / name)
    elif tarfile.is_tarfile(source):
        with tarfile.open(source) as archive:
            archive.extractall(target, filter="data")
    for case in read_cases(source):
        for name, text in case.files.items():
            file = target / "fixtures" / case.fixture / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return target


def answer(case: Case, root: Path) -> Any:
    """The recorded answer, or None where only paths are recorded."""
    if "json" in case.expected:
        return case.expected["json"]
    if "json_file" in case.expected:
        return json.loads((root / case.expected["json_file"]).read_text())
    return None
