"""The matrix of a workflow of GitHub: one job for each instance, as Atmos writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.cli.session import Session

FIELDS = ("stack", "component", "component_path", "component_type")


def entry(row: Mapping[str, object]) -> dict[str, object]:
    """What a job is told of an instance."""
    return {field: row.get(field) or "" for field in FIELDS}


def put(session: Session, entries: Sequence[Mapping[str, object]], file: Path | None) -> None:
    """Write the matrix as one line, or add `matrix=…` and `count=…` to a file such as `$GITHUB_OUTPUT`."""
    text = json.dumps({"include": list(entries)}, separators=(",", ":"), ensure_ascii=False)
    if file is None:
        session.write(text + "\n")
        return
    with (session.settings.cwd / file).open("a", encoding="utf-8") as out:
        out.write(f"matrix={text}\ncount={len(entries)}\n")
