"""Put another folder's name into a packed home: text files, and text columns of its databases."""

from __future__ import annotations

import os
import sqlite3
import tarfile
from contextlib import closing
from typing import TYPE_CHECKING

from gaia.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

PLACEHOLDER = "/@FOLDER@"


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a home that `make.py` packed, as if it had been made in `folder`."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder)  # noqa: S202 - our own archive
    relocate(folder, PLACEHOLDER, str(folder))
    Git(folder / "platform", os.environ)("reset", "--quiet", "--hard")


def relocate(folder: Path, old: str, new: str) -> None:
    """Replace `old` by `new` wherever a home or its repository says where it is."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file() or "objects" in path.relative_to(folder).parts:
            continue
        if path.suffix == ".db":
            _columns(path, old, new)
        elif (content := path.read_bytes()).find(old.encode()) >= 0 and b"\0" not in content:
            path.write_bytes(content.replace(old.encode(), new.encode()))


def _columns(path: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for column in [row[1] for row in database.execute(f'pragma table_info("{table}")')]:
                where = f'typeof("{column}") = \'text\' and instr("{column}", ?)'
                if database.execute(f'select 1 from "{table}" where {where}', (old,)).fetchone():  # noqa: S608 - own names
                    database.execute(
                        f'update "{table}" set "{column}" = replace("{column}", ?, ?) where {where}',  # noqa: S608
                        (old, new, old),
                    )
    with closing(sqlite3.connect(path)) as database:
        database.execute("pragma wal_checkpoint(truncate)")
