"""A whole GAIA_HOME in one sealed file: records, documents, keys, local states, and what Gaia's clones alone hold.

The records are of one moment. Files are read after it, so none is older than they say: what was done since is found by
whoever goes on, as after a crash. What can be made again is left out: `gaia.platform.home.backup_files` says what is
kept.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia import __version__
from gaia.kit import clock
from gaia.kit.archive import writing
from gaia.kit.files import read_failed
from gaia.platform.acting import ENGINE
from gaia.platform.home.backup_files import CLONES, FILES, ROWS, keeps
from gaia.records import copying, runs
from gaia.records.migrations import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.kit.archive import Archive
    from gaia.kit.keys import SecretKey
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction

FORM = 1
"""Of what a backup holds; another one when an older Gaia could not read it."""
ABOUT, END = "backup.json", "end.json"
"""The first file of a backup, and the last."""


@dataclass(frozen=True, slots=True)
class BackupView:
    """What a backup holds."""

    made_at: str
    gaia: str
    """The version that made it."""
    revision: str
    """Of the records' tables."""
    records: str
    """`sqlite` or `postgresql`."""
    key: str
    """The fingerprint of the home's key: a restore is told which one to expect."""
    repositories: tuple[str, ...]
    under_way: tuple[str, ...]
    """Runs that had not ended: the engine of who restores it goes on with them."""
    rows: Mapping[str, int]
    """By table."""
    files: int
    size: int
    """Bytes of these files, before they are compressed."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form (docs/reference/output.md)."""
        return asdict(self)


def back_up(
    platform: PlatformContext, into: Path, recipients: Sequence[str], tell: Callable[[str], None] = lambda _: None
) -> BackupView:
    """Write all of a home into a new file that only the holders of the recipients' secret keys can read.

    Raises:
        As `gaia.kit.archive.writing`. Unavailable: `document-unreadable`.
    """
    home = platform.home
    with platform.database.begin() as tx:
        platform.audit.note(tx, ENGINE, "home.backed-up", into.name, {"for": list(recipients)})
    with writing(into, recipients) as archive:
        with platform.database.read() as tx:
            tell("Copying the records")
            about = _about(platform, tx)
            archive.add(ABOUT, json.dumps({"form": FORM, **about}).encode())
            rows: dict[str, int] = {}
            for number, part in enumerate(copying.parts(tx)):
                archive.add(f"{ROWS}/{number:06}.jsonl", part.text())
                rows[part.table] = rows.get(part.table, 0) + len(part.rows)
        tell("Copying the files of the home")
        files, size = _add_files(home, archive)
        for one in platform.served:
            tell(f"Copying the commits of {one.repository}")
            git = one.clone().git
            if git("for-each-ref", "--count=1"):  # git makes no empty bundle
                with tempfile.TemporaryDirectory(prefix="gaia-bundle-") as folder:
                    bundle = Path(folder) / "bundle"
                    git("bundle", "create", "--quiet", str(bundle), "--all")
                    size += archive.add_file(f"{CLONES}/{one.repository}.bundle", bundle)
                files += 1
        counted = {"rows": rows, "files": files, "size": size}
        archive.add(END, json.dumps(counted).encode())
    return view(about, counted, platform.key)


def view(about: Mapping[str, Any], counted: Mapping[str, Any], key: SecretKey) -> BackupView:
    """What the first and the last file of a backup say, and whose key is in it.

    Raises:
        Invalid: `backup-damaged`.
    """
    try:
        lists = {name: tuple(map(str, about[name])) for name in ("repositories", "under_way")}
        return BackupView(**{**about, **lists, **counted, "key": key.fingerprint})
    except (KeyError, TypeError) as error:
        raise copying.damaged("a description that Gaia does not write") from error


def _about(platform: PlatformContext, tx: Transaction) -> dict[str, Any]:
    return {
        "made_at": clock.rfc3339(clock.now()),
        "gaia": __version__,
        "revision": HEAD,
        "records": platform.database.kind,
        "repositories": [one.repository for one in platform.served],
        "under_way": [one.id for one in runs.live(tx)],
    }


def _add_files(home: Path, archive: Archive) -> tuple[int, int]:
    files = size = 0
    for path in _kept(home):
        try:
            size += archive.add_file(f"{FILES}/{path.relative_to(home).as_posix()}", path)
            files += 1
        except FileNotFoundError:  # taken away meanwhile, as what nobody needs is
            continue
        except PermissionError as error:
            raise read_failed(path, error) from error
    return files, size


def _kept(home: Path) -> Iterator[Path]:
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink() and keeps(path.relative_to(home).parts):
            yield path
