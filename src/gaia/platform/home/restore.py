"""A GAIA_HOME out of a backup: into an empty place, checked before it is there."""

from __future__ import annotations

import hmac
import json
import os
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict, Invalid, Refused, Unavailable
from gaia.kit.archive import reading
from gaia.kit.files import inside, private_folders, sync_folder, write_failed
from gaia.kit.visible import visible
from gaia.platform.home import backup, backup_files, joining
from gaia.platform.home.taking_out import folder_beside
from gaia.records.copying import Part, damaged, fill, is_filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from sqlalchemy import Connection

    from gaia.kit.keys import SecretKey
    from gaia.platform.home.backup import BackupView
    from gaia.records.database import Database
    from gaia.settings import Settings

_WRITES = 1 << 20
_FORGIVEN = ("zeroPaddedFilemode", "missingSpaceBeforeDate", "badTimezone")
"""What gits of before wrote, and many repositories hold."""
_SET = {
    "core.hooksPath": "/dev/null",
    "protocol.allow": "never",
    "protocol.file.allow": "always",
    **{f"fsck.{one}": "ignore" for one in _FORGIVEN},
}
"""How git is used on the commits of a backup."""
_LONGEST = 1800.0
"""Seconds in which git looks at every object of a repository."""


def restore(
    settings: Settings,
    path: Path,
    identity: Path,
    *,
    expected: str | None = None,
    confirm: Callable[[str], bool] = lambda _: False,
    dry_run: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> BackupView:
    """Make the home of `settings`, and its records, what they were when the backup was made; what it held.

    Everything is taken out beside the home and checked there: that it is from who has the home's key, that the backup
    is whole, that every row can be read, that nobody changed the audit log. With `dry_run` that is all, in a database
    of its own.

    Anybody can seal a file for a public key. Whose it is says the key in it, which only its home and who may open its
    backups know: it is the `expected` one (a fingerprint), or that of the home that is there, or somebody who is asked
    about its fingerprint says yes (`confirm`). Before that nothing of it is used.

    Raises:
        Conflict: `home-not-empty`, `database-in-use`, `records-kind`. Refused: `key-unexpected`, `key-unconfirmed`.
        Invalid: `backup-newer`, `backup-damaged`; as `gaia.kit.archive.reading`.
        Unavailable: `disk-full` and the like.
    """
    if not dry_run:
        _check_empty(settings.home)
    with folder_beside(settings.home, dry_run=dry_run) as place:
        tell("Taking it out")
        about, counted = _take_out(path, identity, place)
        home = place / backup_files.FILES
        key = _check_origin(settings, home, expected, confirm)
        found = backup.view(about, counted, key)
        where: Path | str = home / "gaia.db" if dry_run or settings.database is None else settings.database
        if not dry_run:
            _check_kind(settings, found.records)
        tell("Filling the records and checking them")
        with closing(_filled(settings, where, found, place / backup_files.ROWS)) as database:
            _check(database, key)
        for bundle in sorted((place / backup_files.CLONES).glob("*.bundle")):
            tell(f"Taking up the commits of {bundle.stem}")
            _clone(bundle, home, settings)
        if not dry_run:
            if settings.home.exists():
                settings.home.rmdir()
            home.rename(settings.home)
            sync_folder(settings.home.parent)
    return found


def _check_origin(settings: Settings, home: Path, expected: str | None, confirm: Callable[[str], bool]) -> SecretKey:
    """That the backup is from who has the key that is expected; that key."""
    from gaia.kit import keys

    try:
        key = keys.load_key(home / "keys")
    except Unavailable as error:
        raise damaged("no key of a home") from error
    if expected is None and (settings.home / "keys").is_dir():
        expected = keys.load_key(settings.home / "keys").fingerprint
    if expected is not None and not hmac.compare_digest(expected.encode(), key.fingerprint.encode()):
        raise Refused(
            "key-unexpected",
            f"the backup holds {key.fingerprint}, and {ascii(expected)[1:-1][:80]} was expected",
            next_step="Do not use it: somebody else may have made it. Take a backup of the home that you mean.",
        )
    if expected is None and not confirm(key.fingerprint):
        raise Refused(
            "key-unconfirmed",
            f"anybody could have made this backup: nobody has said that {key.fingerprint} is the key of the home",
            next_step="Compare it with what was shown when the backup was made, and name it as the key to expect.",
        )
    return key


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
    if not backup_files.takes(name):
        raise damaged(f"a file {ascii(name)[:80]}, which Gaia puts into none")
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


def _filled(settings: Settings, where: Path | str, found: BackupView, folder: Path) -> Database:
    """The database, or nothing in it: the rows are put there in one transaction.

    One that holds these rows and no others was filled by a restore that was killed before the home was in its place.
    """
    from gaia.records.database import Database

    def parts() -> Iterator[Part]:
        for path in sorted(folder.iterdir()):
            yield Part.read(path.read_bytes())

    def fill_whole(connection: Connection) -> None:
        if fill(connection, parts()) != found.rows:
            raise damaged("another number of rows than it says")

    try:
        return Database.filled(where, found.revision, fill_whole)
    except Conflict:
        database = Database.open(where)
        with database.read() as tx:
            same = is_filled(tx, parts(), found.rows)
        if same:
            return database
        database.close()
        joining.refuse_used(settings)
        raise


def _check(database: Database, key: SecretKey) -> None:
    from gaia.records import audit

    database.examine()
    with database.read() as tx:
        broken = audit.verify(tx, key)
    if broken is not None:
        raise damaged(f"an audit log that somebody changed: it does not hold from entry {broken} on")


def _clone(bundle: Path, home: Path, settings: Settings) -> None:
    """Gaia's own clone of a repository, made anew, with the branches that nobody has published yet."""
    from gaia.kit.git import OwnGit

    folder = home / "repos" / bundle.stem / "clone"
    private_folders(folder.parent)
    folder.mkdir(mode=0o700)
    git = OwnGit(folder, {**settings.environ, "LC_ALL": "C"})
    git("init", "--quiet", "--bare", "--template=")
    ours = [word for name, value in _SET.items() for word in ("-c", f"{name}={value}")]
    fetch = ("fetch", "--quiet", "--no-tags", "--update-head-ok", str(bundle), "+refs/*:refs/*")
    # a fetch from a bundle checks no object before git 2.46
    for words in (fetch, ("fsck", "--strict", "--full", "--no-dangling", "--no-progress")):
        done = git.attempt(*ours, *words, timeout=_LONGEST)
        if done.returncode:
            said = visible(done.stderr.strip() or done.stdout.strip())
            raise damaged(f"commits that git does not take: {said[:200]}")
