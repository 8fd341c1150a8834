"""A GAIA_HOME out of a backup: into an empty place, checked before it is there."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict, Invalid
from gaia.kit.archive import reading
from gaia.kit.files import inside, private_folders, sync_folder, write_failed
from gaia.platform import backup, joining
from gaia.records.copying import Part, damaged, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from sqlalchemy import Connection

    from gaia.platform.backup import BackupView
    from gaia.records.database import Database
    from gaia.settings import Settings

_WRITES = 1 << 20


def restore(
    settings: Settings,
    path: Path,
    identity: Path,
    *,
    dry_run: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> BackupView:
    """Make the home of `settings`, and its records, what they were when the backup was made; what it held.

    Everything is taken out beside the home and checked there: that the backup is whole, that every row can be read,
    that nobody changed the audit log. With `dry_run` that is all, in a database of its own.

    Raises:
        Conflict: `home-not-empty`, `database-in-use`, `records-kind`.
        Invalid: `backup-newer`, `backup-damaged`; as `gaia.kit.archive.reading`.
        Unavailable: `disk-full` and the like.
    """
    if not dry_run:
        _check_empty(settings.home)
        joining.refuse_used(settings)
    beside = None if dry_run else settings.home.parent
    if beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".gaia-restore-", dir=beside) as folder:
        place = Path(folder)
        tell("Taking it out")
        found = backup.view(*_take_out(path, identity, place))
        if not dry_run:
            _check_kind(settings, found.records)
        tell("Filling the records and checking them")
        home = place / backup.FILES
        where: Path | str = home / "gaia.db" if dry_run or settings.database is None else settings.database
        with closing(_filled(where, found, place / backup.ROWS)) as database:
            _check(database, home)
        for bundle in sorted((place / backup.CLONES).glob("*.bundle")):
            tell(f"Taking up the commits of {bundle.stem}")
            _clone(bundle, home, settings)
        if not dry_run:
            if settings.home.exists():
                settings.home.rmdir()
            home.rename(settings.home)
            sync_folder(settings.home.parent)
    return found


def _check_empty(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Conflict(
            "home-not-empty",
            f"{home} is not empty",
            next_step="Set GAIA_HOME to a folder that is not there yet: nothing is restored over something else.",
        )


def _check_kind(settings: Settings, records: str) -> None:
    here = "sqlite" if settings.database is None else "postgresql"
    if records != here:
        step = "Unset GAIA_DATABASE_URL." if here == "postgresql" else "Set GAIA_DATABASE_URL to an empty database."
        raise Conflict("records-kind", f"the backup is of a home whose records are in {records}", next_step=step)


def _take_out(path: Path, identity: Path, place: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put every file of the backup into a folder; what its first and its last one say."""
    about: dict[str, Any] = {}
    counted: dict[str, Any] | None = None
    with reading(path, identity) as files:
        for name, changed, content in files:
            if counted is not None or bool(about) is (name == backup.ABOUT):
                raise damaged("files in another order than Gaia writes them in")
            if name == backup.ABOUT:
                about = _read_about(content)
            elif name == backup.END:
                counted = _read_json(content)
            else:
                _write(place, name, changed, content)
    if counted is None:
        raise damaged("no end")
    return about, counted


def _read_about(content: BinaryIO) -> dict[str, Any]:
    about = _read_json(content)
    if about.pop("form", None) != backup.FORM:
        raise Invalid(
            "backup-newer",
            "the backup has a form that this Gaia does not know",
            next_step="Use the newer Gaia that made it.",
        )
    return about


def _read_json(content: BinaryIO) -> dict[str, Any]:
    try:
        found = json.loads(content.read(_WRITES))
    except ValueError as error:
        raise damaged("a description that is no JSON") from error
    if not isinstance(found, dict):
        raise damaged("a description that is no object")
    return found


def _write(place: Path, name: str, changed: float, content: BinaryIO) -> None:
    if name.split("/", maxsplit=1)[0] not in (backup.ROWS, backup.FILES, backup.CLONES) or "\0" in name:
        raise damaged(f"a file {ascii(name)[:80]}")
    path = inside(place, name)
    try:
        private_folders(path.parent)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            shutil.copyfileobj(content, file, _WRITES)
        os.utime(path, (changed, changed))
    except FileExistsError:
        raise damaged(f"a file {ascii(name)[:80]} twice") from None
    except OSError as error:
        raise write_failed(path, error) from error


def _filled(where: Path | str, found: BackupView, folder: Path) -> Database:
    """The database, or nothing in it: the rows are put there in one transaction."""
    from gaia.records.database import Database

    def parts() -> Iterator[Part]:
        for path in sorted(folder.iterdir()):
            yield Part.read(path.read_bytes())

    def fill_whole(connection: Connection) -> None:
        if fill(connection, parts()) != found.rows:
            raise damaged("another number of rows than it says")

    return Database.filled(where, found.revision, fill_whole)


def _check(database: Database, home: Path) -> None:
    from gaia.kit import keys
    from gaia.records import audit

    database.examine()
    key = keys.load_key(home / "keys")
    with database.read() as tx:
        broken = audit.verify(tx, key)
    if broken is not None:
        raise damaged(f"an audit log that somebody changed: it does not hold from entry {broken} on")


def _clone(bundle: Path, home: Path, settings: Settings) -> None:
    """Gaia's own clone of a repository, with the branches that nobody has published yet."""
    from gaia.kit.git import OwnGit

    folder = home / "repos" / bundle.stem / "clone"
    private_folders(folder)
    git = OwnGit(folder, {**settings.environ, "LC_ALL": "C"})
    git("init", "--quiet", "--bare", "--template=")
    git("fetch", "--quiet", "--no-tags", "--update-head-ok", str(bundle), "+refs/*:refs/*")
