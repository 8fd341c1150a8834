"""Which instances files are generated for, and the files put in their places, or removed."""

from __future__ import annotations

import posixpath
import stat
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from gaia.kit.files import read_failed, write_atomic, write_failed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

What = Literal["created", "updated", "unchanged", "deleted", "missing"]
_MODE = 0o644
"""What Atmos gives them, less what the user's umask takes away."""


def instances_matching(
    repository: Repository, stacks: Collection[str], components: Collection[str]
) -> Iterator[Instance]:
    """The Terraform instances that are not abstract, sorted; of these stacks and components, where any is named.

    A stack is named by its name, its manifest's path or the last part of that; each may be a pattern (`dev*`).
    """
    keys = [key for key in _keys(repository, stacks) if not components or key.component in components]
    yield from repository.built(keys, "terraform")


def _keys(repository: Repository, stacks: Collection[str]) -> list[InstanceKey]:
    if not stacks:
        return list(repository.instances)
    found = {key for key in repository.instances if _matches(key.stack, stacks)}
    for manifest in repository.manifests:
        path = posixpath.splitext(manifest)[0]
        if _matches(path, stacks) or _matches(posixpath.basename(path), stacks):
            found |= {*repository.instances_of(manifest)}
    return sorted(found)


def _matches(name: str, patterns: Collection[str]) -> bool:
    """As a shell matches paths: a star does not reach past a slash."""
    parts = name.split("/")
    return any(
        len(parts) == len(pattern.split("/")) and all(map(fnmatchcase, parts, pattern.split("/")))
        for pattern in patterns
    )


def place(files: Mapping[Path, bytes], *, dry_run: bool) -> dict[Path, What]:
    """Write the files, their folders too; what is there already, byte for byte, is left alone.

    Raises:
        Unavailable: `disk-full`, `file-not-writable`, `file-not-readable`.
    """
    done: dict[Path, What] = {}
    for path, content in files.items():
        mode = _MODE
        try:
            old: bytes | None = path.read_bytes()
            mode = stat.S_IMODE(path.stat().st_mode)
        except FileNotFoundError:
            old = None
        except OSError as error:
            raise read_failed(path, error) from error
        done[path] = "created" if old is None else "unchanged" if old == content else "updated"
        if old != content and not dry_run:
            write_atomic(path, content, mode=mode)
    return done


def remove(files: Collection[Path], *, dry_run: bool) -> dict[Path, What]:
    """Remove the files that are there.

    Raises:
        Unavailable: `file-not-writable`.
    """
    done: dict[Path, What] = {}
    for path in files:
        done[path] = "deleted" if path.exists() else "missing"
        try:
            if not dry_run:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise write_failed(path, error) from error
    return done
