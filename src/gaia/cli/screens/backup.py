"""What a backup holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.clean import size
from gaia.cli.screens.format import count, day
from gaia.cli.screens.tables import plain_table

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from gaia.platform.home.backup import BackupView


def backup_screen(file: Path, made: BackupView, new_key: Path | None) -> list[RenderableType]:
    """What was written, and what to do with the key."""
    lines: list[RenderableType] = [_held(made), Text(f"Written to {file}.")]
    lines.append(Text("Write the key's fingerprint down: a restore asks for it, for anybody can seal a file for you."))
    if new_key is not None:
        lines.append(Text(f"Keep {new_key} somewhere else: nobody can open the backup without it."))
    return lines


def restore_screen(home: Path, found: BackupView, *, dry_run: bool) -> list[RenderableType]:
    """What is there now, or could be."""
    end = "It can be restored: all of it was read and checked." if dry_run else f"Restored to {home}."
    lines: list[RenderableType] = [_held(found), Text(end)]
    if found.under_way and not dry_run:
        verb = "goes" if len(found.under_way) == 1 else "go"
        lines.append(Text(f"{count(len(found.under_way), 'run')} {verb} on with the next engine."))
    return lines


def _held(held: BackupView) -> RenderableType:
    rows = [
        ("made", f"{day(held.made_at)} by Gaia {held.gaia}"),
        *(("repository", name) for name in held.repositories),
        ("key", held.key),
        ("requests", str(held.rows.get("requests", 0))),
        ("people", str(held.rows.get("people", 0))),
        ("audit log", count(held.rows.get("audit", 0), "entry", "entries")),
        ("files", f"{held.files}, {size(held.size)}"),
        ("under way", count(len(held.under_way), "run")),
    ]
    return plain_table(("", ""), rows)
