"""The files of one component in a checkout: what is copied to where terraform runs, and what comes back.

Terraform runs in a copy, so that nothing that Gaia writes for it stands in the checkout. What a run leaves there (a
lock file, `-out`, what a provisioner or a provider writes, also beside the component's folder) is brought back, and
what it removes is removed. What a copy cannot tell safely is said, with its path.
"""

from __future__ import annotations

import errno
import filecmp
import fnmatch
import json
import os
import posixpath
import re
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Unavailable
from gaia.graph.compare import local_modules
from gaia.kit.files import read_table, write_atomic, write_failed
from gaia.terraform.fingerprints import GONE, fingerprint
from gaia.terraform.workdir import COPIED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, MutableMapping

    from gaia.stacks.model import Instance

LOCK_FILE = ".terraform.lock.hcl"
BACKEND_FILE = "backend.tf.json"
PROVIDERS_FILE = "providers_override.tf.json"
"""What Atmos writes into a component's folder for whichever instance it ran last: not this one's, perhaps."""
BESIDE = ".left-by-terraform"
"""What follows the name of a file that could not be brought back under its own."""
_MOST = 1 << 26
"""Bytes of the note of what was copied: half a million files."""
_DRAFT = ".gaia-draft"
_NEVER = (
    *(".terraform", ".git", "terraform.tfstate.d", "*.tfstate", "*.tfstate.*", "*.terraform.tfvars.json"),
    f"*{_DRAFT}",
)
_CODE = ("*.tf", "*.tf.json", "*.tofu", "*.tofu.json")
_LEADS_UP = re.compile(r'"(?:\$\{path\.module\}/)?((?:\.\./)+[^"$%{}]*)')
"""A text in the code that leads out of its folder: a file that is read, or a module's source."""
_MENTIONS = re.compile(r"(?<![\w./-])(?:\$\{path\.(?:module|root|cwd)\}/)?((?:\.\./)+[\w.@+-]+(?:/[\w.@+-]+)*)")
"""A path anywhere in the code, in a script of a provisioner say: what it appends to has to be there."""


@dataclass(frozen=True, slots=True)
class ComponentFiles:
    """Which files of a checkout one component needs. Called with source and target it copies them."""

    folder: str
    """The component's folder, relative to the tree."""
    replaced: tuple[str, ...] = ()
    """Files in that folder which Gaia writes itself, for the one instance that it runs."""

    @classmethod
    def of(cls, instance: Instance, components: str, *, backends: bool) -> ComponentFiles:
        """Those of an instance; `components` is the base path of all components inside the tree."""
        own: tuple[str, ...] = (BACKEND_FILE,) if backends and instance.backend_type else ()
        own += (PROVIDERS_FILE,) if instance.providers else ()
        folder = posixpath.normpath(posixpath.join(components or ".", instance.component_path))
        return cls(folder, (*own, instance.varfile_name, instance.planfile_name))

    def parts(self, tree: Path) -> tuple[list[str], list[str]]:
        """Relative to the tree: its folder and those of the local modules that it calls, then what else its code names.

        Nothing else is where terraform runs, so nothing else of the tree is read.
        """
        folders = sorted({self.folder, *local_modules(tree, self.folder)})
        return folders, sorted({one for folder in folders for one in _named(tree, folder)})

    def __call__(self, source: Path, target: Path) -> None:
        """Copy the component's folder, the local modules that it calls, and what else its code names.

        Raises:
            Invalid: `path-escapes` for a link or a path that leads out of the tree, `file-irregular`.
        """
        (target.parent / COPIED).unlink(missing_ok=True)  # of the copy before: a copy that fails brings nothing back
        if not (source / self.folder).is_dir():
            target.mkdir(parents=True, exist_ok=True)
            return  # `prepare` says that the folder is missing
        for code in (source / self.folder).glob("*.t*f*"):
            _is_there(code, source)  # before it is read: a pipe would be waited for
        wanted, named = self.parts(source)
        for folder in wanted:
            _copy(source, target, folder, self.replaced if folder == self.folder else (), seen=folder == self.folder)
        for path in named:
            if not (target / path).exists():
                _copy(source, target, path, (), seen=False)
        held = dict(_listed(target))
        write_atomic(target.parent / COPIED, json.dumps(held).encode())


def _named(tree: Path, folder: str) -> Iterator[str]:
    """What the code in a folder names outside of it: a file, or a folder where a name is computed; if it exists."""
    for pattern in _CODE:
        for path in filter(Path.is_file, (tree / folder).glob(pattern)):
            text = path.read_text("utf-8", "replace")
            for match in _LEADS_UP.finditer(text):
                named = posixpath.normpath(posixpath.join(folder, match[1]))
                while named not in (".", "..") and not named.startswith("../") and not (tree / named).exists():
                    named = posixpath.dirname(named) or "."
                if named not in (".", folder) and not named.startswith("..") and not _holds(named, folder):
                    yield named
            for match in _MENTIONS.finditer(text):
                named = posixpath.normpath(posixpath.join(folder, match[1]))
                if not named.startswith("..") and _is_own_file(tree, named):
                    yield named


def _is_own_file(tree: Path, named: str) -> bool:
    return (tree / named).is_file() and (tree / named).resolve().is_relative_to(tree.resolve())


def _holds(outer: str, inner: str) -> bool:
    return inner.startswith(f"{outer}/")


def _copy(source: Path, target: Path, path: str, replaced: tuple[str, ...], *, seen: bool) -> None:
    home = source.resolve()
    tops = (str(source / path),)

    def left_out(folder: str, names: list[str]) -> set[str]:
        out, own = set(), folder in tops
        for name in names:
            one = Path(folder) / name
            never = any(fnmatch.fnmatch(name, pattern) for pattern in _NEVER)
            never = never or (name == LOCK_FILE and not (seen and own)) or (own and name in replaced)
            if never or not _is_there(one, source):
                out.add(name)
            elif one.is_symlink() and not one.resolve().is_relative_to(home):
                raise Invalid(
                    "path-escapes",
                    f"{one.relative_to(source)} is a link that leads out of the repository",
                    next_step="Replace the link by the files themselves.",
                )
        return out

    start = source / path
    if not start.resolve().is_relative_to(home):
        raise Invalid("path-escapes", f"{path} leads out of the repository", next_step="Keep it inside.")
    if start.is_dir():
        shutil.copytree(start, target / path, ignore=left_out, copy_function=shutil.copy2, dirs_exist_ok=True)
    elif start.is_file():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(start, target / path)


def _is_there(path: Path, source: Path) -> bool:
    """Whether a name stands for something that can be copied; a hidden link to nothing, as editors leave, does not.

    Raises:
        Invalid: `file-irregular`.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if path.is_symlink() and path.name.startswith(".") and error.errno == errno.ENOENT:
            return False
        why = "leads in a circle" if error.errno == errno.ELOOP else f"cannot be read: {os.strerror(error.errno or 0)}"
    else:
        around = stat.S_ISDIR(mode) and path.is_symlink() and path.parent.resolve().is_relative_to(path.resolve())
        if not around and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return True
        why = "leads in a circle" if around else "is a pipe, a socket or a device"
    raise Invalid(
        "file-irregular", f"{path.relative_to(source)} {why}", next_step="Take it out of the component's folder."
    )


@dataclass(frozen=True, slots=True)
class Left:
    """What a run has done to the files of a copy; paths are relative to the tree."""

    back: tuple[str, ...] = ()
    """Brought into the checkout."""
    removed: tuple[str, ...] = ()
    """Removed from the checkout."""
    beside: tuple[str, ...] = ()
    """Put beside a file that somebody else wrote, as `NAME` with `BESIDE`."""
    lost: tuple[str, ...] = ()
    """Not done: a link, a file that leads out of the checkout, a file that was changed there and removed here."""


def bring_back(
    root: Path,
    folder: str,
    tree: Path,
    but: Collection[str],
    *,
    removes: bool = True,
    ours: MutableMapping[str, str] | None = None,
) -> Left:
    """Do to the checkout in `tree` what a run has done to its copy: what came, what changed, what was removed.

    For a working directory that `ComponentFiles` has filled; also after whoever worked in it was killed, but then with
    `removes` false, as a copy in part looks like one of which files were removed. A file that somebody changed in the
    checkout meanwhile stays; terraform's is put beside it (`BESIDE`). Nothing is done in `.git`, or out of the tree.

    Args:
        root: the working directory.
        folder: the component's, in the tree.
        tree: the checkout's.
        but: names in the component's folder that are not terraform's.
        removes: whether what is gone from the copy goes.
        ours: takes what each file holds that is brought or removed, before that is done (see `fingerprints`).

    Raises:
        Unavailable: `disk-full`, `file-not-writable`; `marker-damaged`.
    """
    table, copy = read_table(root / COPIED, _damaged, most=_MOST), root / "tree"
    if table is None or not (copy / folder).is_dir():
        return Left()
    never = {posixpath.normpath(f"{folder}/{name}") for name in but}
    now = dict(_listed(copy))
    back, removed, beside, lost = [], [], [], []
    note = {} if ours is None else ours
    for name in [name for name, mark in now.items() if table.get(name) != mark and name not in never]:
        place = _place(tree, name)
        if place is None:
            lost.append(name)
        elif not place.is_file() or not filecmp.cmp(copy / name, place, shallow=False):
            hers = place.exists() and not _is_terraforms(place.name)
            if hers and (name not in table or _mark(place) != table[name]):
                place = place.with_name(f"{place.name}{BESIDE}")  # somebody wrote this file meanwhile, and it is hers
                beside.append(name)
            note[f"{name}{BESIDE}" if place.name.endswith(BESIDE) else name] = fingerprint(copy / name)
            _bring(copy / name, place)
            back.append(name)
    for name in [name for name in table if name not in now and name not in never and removes]:
        if not _gone(copy, name) or not (tree / name).is_file():
            continue
        place = _place(tree, name)
        if place is None or _mark(place) != table[name] or name == f"{folder}/{LOCK_FILE}":
            lost.append(name)
        else:
            note[name] = GONE
            (tree / name).unlink()
            removed.append(name)
    for name, link in _links(copy):
        if link and _place(tree, posixpath.join(posixpath.dirname(name), link)) and not (tree / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).unlink(missing_ok=True)
            (tree / name).symlink_to(link)
            back.append(name)
        else:
            lost.append(name)
    (root / COPIED).unlink(missing_ok=True)
    return Left(tuple(back), tuple(removed), tuple(beside), tuple(lost))


def _place(tree: Path, name: str) -> Path | None:
    """Where a file of the copy belongs, with links followed; None where that is git's, or not in the checkout."""
    place = (tree / name).resolve()
    home = tree.resolve()
    if not place.is_relative_to(home) or ".git" in place.relative_to(home).parts:
        return None
    return place


def _bring(made: Path, place: Path) -> None:
    draft = place.with_name(f"{place.name}{_DRAFT}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made, draft)
        draft.chmod(made.stat().st_mode & 0o777)
        draft.replace(place)
    except OSError as error:
        with suppress(OSError):  # there is no folder for it, say
            draft.unlink()
        raise write_failed(place, error) from error


def _gone(copy: Path, name: str) -> bool:
    return not os.path.lexists(copy / name)


def _mark(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _is_terraforms(name: str) -> bool:
    """A state or its backup, which is never copied: terraform writes over an older one too."""
    return any(fnmatch.fnmatch(name, pattern) for pattern in _NEVER)


def _damaged(why: str) -> Unavailable:
    return Unavailable("marker-damaged", why, next_step="Look at the copy beside it, then remove the file.")


def _walked(copy: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(copy):
        links = [name for name in names if (Path(folder) / name).is_symlink()]
        names[:] = [name for name in names if name not in (".terraform", ".git") and name not in links]
        yield from (Path(folder) / name for name in (*files, *links))


def _listed(copy: Path) -> Iterator[tuple[str, list[int]]]:
    """Files, each with its size and time."""
    for path in _walked(copy):
        if not path.is_symlink() and path.is_file():
            yield path.relative_to(copy).as_posix(), _mark(path)


def _links(copy: Path) -> Iterator[tuple[str, str]]:
    """Links, which a copy has none of; each with where it leads, or nothing where that is not a path of the tree."""
    for path in filter(Path.is_symlink, _walked(copy)):
        to = str(path.readlink())
        yield path.relative_to(copy).as_posix(), "" if to.startswith("/") else to
