"""What is kept, and for how long; what an open request, an unfinished journal or an approval needs is never taken.

The engine takes away once a day what is older, `gaia clean` whenever somebody wants it.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

from gaia.errors import GaiaError
from gaia.kit import clock
from gaia.platform.home import unregistered
from gaia.platform.instances import journals
from gaia.platform.model import Leftover
from gaia.platform.requests import previewing
from gaia.records import approvals, leases, looks, requests, runs
from gaia.records.documents import Growing
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from gaia.platform.context import PlatformContext
    from gaia.records.document_model import DocumentKind

_DAILY = timedelta(days=1)
_LOCKS = frozenset({"folder.lock", "operation.lock", "run.lock"})
"""Stay in a working directory: who waits for a lock file that was removed would not see who takes the next one."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long something is kept that nothing needs any more, since it was last written (or, a tree, read)."""

    preview: timedelta = timedelta(days=90)
    log: timedelta = timedelta(days=90)
    drift: timedelta = timedelta(days=90)
    """Looks at instances and what they found; the last one of each stays."""
    journal: timedelta = timedelta(days=90)
    plans: timedelta = timedelta(0)
    """They hold secrets. A run that ends takes its own away: these are of runs that were killed for good."""
    tree: timedelta = timedelta(days=7)
    directory: timedelta = timedelta(days=30)
    """Working directories of instances; the next operation makes its own."""
    checkout: timedelta = timedelta(days=90)
    """All that is kept of a checkout that is not registered, since it was last used; of one that is gone, nothing."""

    def at_most(self, longest: timedelta) -> Retention:
        """Nothing for longer than this; trees and checkouts for a day at least: work in one leaves no mark."""
        shorter = {name: min(getattr(self, name), longest) for name in self.__slots__}
        return replace(self, **shorter | {name: max(shorter[name], _DAILY) for name in ("tree", "checkout")})


@dataclass(frozen=True, slots=True)
class _Needed:
    """What is never taken, by the names that things are stored under."""

    runs: frozenset[str]
    """That are live, or of a request that has not ended."""
    requests: frozenset[str]
    digests: frozenset[str]
    commits: frozenset[str]
    instances: frozenset[str]
    looks: frozenset[str]
    """Documents of the last looks at instances, and of those that are not old."""

    @classmethod
    def of(cls, platform: PlatformContext) -> _Needed:
        """As the records and the journals say now."""
        with platform.database.read() as tx:
            found = looks.documents(tx, platform.repository)
            opened = requests.not_ended(tx)
            live = runs.of_open_requests(tx) | {run.id for run in runs.live(tx)}
            signed = approvals.signed(tx)
            held = leases.held(tx, platform.repository)
        previewed = {one.preview for one in opened if one.preview}
        return cls(
            runs=frozenset(live),
            requests=frozenset(one.id for one in opened),
            digests=frozenset(previewing.document_name(digest) for digest in previewed | signed),
            commits=frozenset(commit for one in opened for commit in (one.base, one.commit) if commit),
            instances=frozenset(held | {key for one in opened for key in one.instances} | _begun(platform)),
            looks=found,
        )


def _begun(platform: PlatformContext) -> set[str]:
    """Instances with an operation that was begun and did not end: its working directory tells what came of it."""
    return {name.instance for name, journal in journals.every(platform) if journals.unended(journal)}


@dataclass(frozen=True, slots=True)
class _Taking:
    """Something that may go, and how."""

    what: Leftover
    remove: Callable[[], object]


def clean(
    platform: PlatformContext, retention: Retention, *, actor: str, dry_run: bool = False
) -> tuple[Leftover, ...]:
    """Take away what is kept for longer than it has to be; what was (or, with `dry_run`, would be) taken.

    Raises:
        Unavailable: `file-not-writable`; what was taken before stays taken, and it can be repeated.
    """
    now = clock.now()  # first: what is written after this is younger than anything that goes
    if not dry_run:
        with platform.database.begin() as tx:
            looks.forget(tx, platform.repository, before=now - retention.drift)
    needed = _Needed.of(platform)
    leftovers = tuple(_all(platform, retention, needed, now))
    if dry_run or not leftovers:
        return tuple(each.what for each in leftovers)
    with platform.database.begin() as tx:  # first: what is killed half-way has been written down
        facts = {"removed": len(leftovers), "bytes": sum(each.what.size for each in leftovers)}
        platform.audit.note(tx, actor, "home.cleaned", platform.repository, facts)
    for each in leftovers:
        each.remove()
    return tuple(each.what for each in leftovers)


def clean_checkouts(home: Path, retention: Retention, *, dry_run: bool = False) -> tuple[Leftover, ...]:
    """`clean` of a home that serves no repository, and keeps things of checkouts all the same.

    Raises:
        Unavailable: `file-not-writable`.
    """
    leftovers = tuple(_checkouts(home, retention, clock.now()))
    for each in () if dry_run else leftovers:
        each.remove()
    return tuple(each.what for each in leftovers)


def clean_daily(platform: PlatformContext, *, actor: str) -> None:
    """`clean` by the defaults, once a day; what cannot be taken away today is left for tomorrow."""
    mark = platform.folder / "cleaned"
    with suppress(GaiaError, OSError):
        if mark.exists() and clock.now() - _changed(mark) < _DAILY:
            return
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        clean(platform, Retention(), actor=actor)


def _all(platform: PlatformContext, retention: Retention, needed: _Needed, now: datetime) -> Iterator[_Taking]:
    yield from _documents(platform, "preview", now - retention.preview, lambda name: name in needed.digests)
    yield from _documents(platform, "plans", now - retention.plans, lambda name: name in needed.runs)
    yield from _documents(platform, "commits", now - retention.preview, lambda name: name in needed.requests)
    yield from _documents(platform, "drift", now - retention.drift, lambda name: name in needed.looks)
    yield from _documents(platform, "log", now - retention.log, lambda name: name in needed.runs)
    yield from _documents(platform, "journal", now - retention.journal, lambda name: _is_open(platform, name, needed))
    yield from _trees(platform, now - retention.tree, needed)
    yield from _preview_folders(platform, now - retention.plans, needed)
    yield from _working_directories(platform.folder, now - retention.directory, needed.instances)
    yield from _checkouts(platform.home, retention, now)


def _checkouts(home: Path, retention: Retention, now: datetime) -> Iterator[_Taking]:
    """Of checkouts that are gone or were long not used all; of others, what is old in them."""
    for one in unregistered.find(home):
        if (one.is_gone or one.used < now - retention.checkout) and not one.is_needed:
            size = sum(map(_size, one.folder.rglob("*")))
            what = Leftover("checkout", one.checkout or one.folder.name, size, clock.rfc3339(one.used))
            yield _Taking(what, one.remove)
            continue
        begun = unregistered.unfinished(one.folder)
        yield from _working_directories(one.folder, now - retention.directory, begun, f"{one.folder.name}/")


def _documents(
    platform: PlatformContext, kind: DocumentKind, before: datetime, keep: Callable[[str], bool]
) -> Iterator[_Taking]:
    for one in platform.documents.find(kind):
        if one.at < before and not keep(one.name):
            what = Leftover(kind, one.name, one.size, clock.rfc3339(one.at))
            yield _Taking(what, partial(_delete, platform, kind, one.name, before))


def _delete(platform: PlatformContext, kind: DocumentKind, name: str, before: datetime) -> None:
    """Take a document away, unless somebody has written it again meanwhile."""
    if any(one.name == name and one.at < before for one in platform.documents.find(kind, name)):
        platform.documents.delete(kind, name)


def _is_open(platform: PlatformContext, text: str, needed: _Needed) -> bool:
    """Whether somebody goes on by this journal: its request has not ended, or its operation has not."""
    name = journals.JournalName.parse(text)
    if name is None or name.request in needed.requests:
        return True
    return journals.unended(Growing(platform.documents, "journal", text))


def _trees(platform: PlatformContext, before: datetime, needed: _Needed) -> Iterator[_Taking]:
    for folder in _folders(platform.snapshot.folder):
        if folder.name not in needed.commits and _changed(folder) < before:
            yield _Taking(_leftover("tree", folder, folder.name), partial(platform.snapshot.forget, folder.name))


def _preview_folders(platform: PlatformContext, before: datetime, needed: _Needed) -> Iterator[_Taking]:
    for folder in _folders(platform.folder / "preview"):
        if folder.name not in needed.runs and _changed(folder) < before:
            yield _Taking(_leftover("directory", folder, f"preview/{folder.name}"), partial(_empty, folder))


def _working_directories(place: Path, before: datetime, needed: frozenset[str], of: str = "") -> Iterator[_Taking]:
    """Those below the folder of a repository or, named by `of`, of a checkout, unless an instance is needed."""
    for use in unregistered.USES:
        root = place / use
        for lock in sorted(root.rglob("folder.lock")) if root.is_dir() else ():
            folder, name = lock.parent, lock.parent.relative_to(root).as_posix()
            key = str(InstanceKey.of_folder(name))
            if key not in needed and _changed(folder) < before and not unregistered.has_lone_state(folder):
                if any(each.name not in _LOCKS for each in folder.iterdir()):
                    yield _Taking(_leftover("directory", folder, f"{of}{use}/{key}"), partial(_empty_unused, folder))
            elif secrets := _secrets(folder):
                what = Leftover("plans", f"{of}{use}/{key}", sum(map(_size, secrets)), clock.rfc3339(_changed(folder)))
                yield _Taking(what, partial(_forget_unused, folder))


def _secrets(folder: Path) -> list[Path]:
    """What a killed command left in a working directory that holds values in clear; the next one makes its own."""
    files = [*(folder / "plans").glob("*"), *(folder / "tree").rglob("*.tfvars.json"), *folder.rglob("*.planfile")]
    return sorted(each for each in files if each.is_file())


def _forget_unused(folder: Path) -> None:
    """Remove those, unless somebody works in there just now."""
    from gaia.terraform.workdir import alone_if_free

    with alone_if_free(folder) as free:
        for each in _secrets(folder) if free else ():
            each.unlink(missing_ok=True)


def _empty_unused(folder: Path) -> None:
    """Empty a working directory, unless somebody is in it just now."""
    from gaia.terraform.workdir import alone_if_free

    with alone_if_free(folder) as free:
        if free:
            _empty(folder)


def _empty(folder: Path) -> None:
    """Remove a folder, or all in it but locks, where it has some."""
    from gaia.kit.files import write_failed

    try:
        for each in folder.iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            elif each.name not in _LOCKS:
                each.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
    except FileNotFoundError:  # somebody else took it away
        return
    except OSError as error:
        raise write_failed(folder, error) from error


def _folders(parent: Path) -> Iterable[Path]:
    """Folders of its own: a link leads to somebody else's."""
    if not parent.is_dir():
        return ()
    return sorted(each for each in parent.iterdir() if each.is_dir() and not each.is_symlink())


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _leftover(kind: Literal["tree", "directory"], folder: Path, name: str) -> Leftover:
    return Leftover(kind, name, sum(map(_size, folder.rglob("*"))), clock.rfc3339(_changed(folder)))


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:  # gone meanwhile
        return 0
