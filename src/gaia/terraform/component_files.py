"""The files of one component in a checkout: what is copied to where terraform runs, and what comes back.

Terraform runs in a copy, so that nothing that Gaia writes for it stands in the checkout. What terraform leaves in
the component's folder (a lock file, `-out`, what a provisioner or a provider writes there) is brought back.
"""

from __future__ import annotations

import errno
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

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gaia.stacks.model import Instance

LOCK_FILE = ".terraform.lock.hcl"
BACKEND_FILE = "backend.tf.json"
PROVIDERS_FILE = "providers_override.tf.json"
"""What Atmos writes into a component's folder for whichever instance it ran last: not this one's, perhaps."""
_MARKER = "copied.json"
"""Beside a copy: the files of the component's folder as they were copied; there until what came is brought back."""
BESIDE = ".left-by-terraform"
"""What follows the name of a file that could not be brought back under its own."""
_NEVER = (".terraform", ".git", "terraform.tfstate.d", "*.tfstate", "*.tfstate.*", "*.terraform.tfvars.json")
_CODE = ("*.tf", "*.tf.json", "*.tofu", "*.tofu.json")
_LEADS_UP = re.compile(r'"(?:\$\{path\.module\}/)?((?:\.\./)+[^"$%{}]*)')
"""A text in the code that leads out of its folder: a file that is read, or a module's source."""


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

    def __call__(self, source: Path, target: Path) -> None:
        """Copy the component's folder, the local modules that it calls, and what else its code names.

        Raises:
            Invalid: `path-escapes` for a link or a path that leads out of the tree, `file-irregular`.
        """
        (target.parent / _MARKER).unlink(missing_ok=True)  # of the copy before: a copy that fails brings nothing back
        if not (source / self.folder).is_dir():
            target.mkdir(parents=True, exist_ok=True)
            return  # `prepare` says that the folder is missing
        for code in (source / self.folder).glob("*.t*f*"):
            _is_there(code, source)  # before it is read: a pipe would be waited for
        wanted = sorted({self.folder, *local_modules(source, self.folder)})
        for folder in wanted:
            _copy(source, target, folder, self.replaced if folder == self.folder else (), seen=folder == self.folder)
        for path in sorted({one for folder in wanted for one in _named(source, folder)}):
            if not (target / path).exists():
                _copy(source, target, path, (), seen=False)
        held = dict(_listed(target / self.folder))
        write_atomic(target.parent / _MARKER, json.dumps(held).encode())


def _named(tree: Path, folder: str) -> Iterator[str]:
    """What the code in a folder names outside of it: a file, or a folder where a name is computed; if it exists."""
    for pattern in _CODE:
        for path in filter(Path.is_file, (tree / folder).glob(pattern)):
            for match in _LEADS_UP.finditer(path.read_text("utf-8", "replace")):
                named = posixpath.normpath(posixpath.join(folder, match[1]))
                while named not in (".", "..") and not named.startswith("../") and not (tree / named).exists():
                    named = posixpath.dirname(named) or "."
                if named not in (".", folder) and not named.startswith("..") and not _holds(named, folder):
                    yield named


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


def bring_back(root: Path, module: Path, home: Path, but: frozenset[str]) -> tuple[str, ...]:
    """Copy what has come or changed in a copy's component folder since it was copied to `home`; gives the names.

    For a working directory that `ComponentFiles` has filled; also after whoever worked in it was killed. A file that
    somebody changed in `home` meanwhile stays; terraform's is put beside it (`BESIDE`).

    Raises:
        Unavailable: `disk-full`, `file-not-writable`; `marker-damaged`.
    """
    table = read_table(root / _MARKER, _damaged)
    if table is None or not module.is_dir():
        return ()
    there = dict(_listed(home, only=table.keys()))
    back = [name for name, mark in _listed(module) if table.get(name) != mark and name not in but]
    for name in back:
        place, draft = home / name, home / f"{name}.gaia-draft"
        hers = place.exists() and not _is_terraforms(place.name)
        if hers and (name not in table or there.get(name) != table[name]):
            place = home / f"{name}{BESIDE}"  # somebody wrote this file meanwhile, and it is hers
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(module / name, draft)
            draft.chmod((module / name).stat().st_mode & 0o777)
            draft.replace(place)
        except OSError as error:
            with suppress(OSError):  # there is no folder for it, say
                draft.unlink()
            raise write_failed(place, error) from error
    (root / _MARKER).unlink(missing_ok=True)
    return tuple(back)


def _is_terraforms(name: str) -> bool:
    """A state or its backup, which is never copied: terraform writes over an older one too."""
    return any(fnmatch.fnmatch(name, pattern) for pattern in _NEVER)


def _damaged(why: str) -> Unavailable:
    return Unavailable("marker-damaged", why, next_step="Look at the copy beside it, then remove the file.")


def _listed(module: Path, only: Collection[str] | None = None) -> Iterator[tuple[str, list[int]]]:
    """Files, each with its size and time."""
    for folder, names, files in os.walk(module):
        names[:] = [name for name in names if name != ".terraform"]
        for name in files:
            path = Path(folder) / name
            if path.is_symlink() or not path.is_file():
                continue
            if only is not None and path.relative_to(module).as_posix() not in only:
                continue
            status = path.stat()
            yield path.relative_to(module).as_posix(), [status.st_size, status.st_mtime_ns]
