"""The policies that come with Gaia, put into a repository that wants to own them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.kit.files import drop_drafts, inside, write_atomic
from gaia.policy.rules import FOLDER
from gaia.scaffold.blueprint import find_blueprint

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIBRARIES = "lib"


@dataclass(frozen=True, slots=True)
class Copied:
    """What was done, file by file, below the repository."""

    copied: tuple[str, ...]
    kept: tuple[str, ...]
    """Those that were there and say something else; they stay."""


def copy_policies(root: Path, *, libraries: bool = False) -> Copied:
    """Copy what `policies/` of the repository at `root` lacks; with `libraries` only what all rules share.

    Raises:
        Conflict: `policies-unwritable`. Invalid: `path-escapes`, where the folder is a link that leads out of the
            repository. Unavailable: `blueprint-missing`, `disk-full`, and others of `write_atomic`.
    """
    source = find_blueprint() / FOLDER
    below = source / _LIBRARIES if libraries else source
    files = [path.relative_to(source) for path in sorted(below.rglob("*")) if path.is_file()]
    files.sort(key=lambda one: one.parts[0] != _LIBRARIES)  # no rule is there before what it imports
    inside(root, FOLDER)
    try:
        _drop_drafts(root)
        if not os.path.lexists(root / FOLDER):
            return _made(source, files, root)
        return _completed(source, files, root)
    except OSError as error:
        raise Conflict(
            "policies-unwritable",
            f"cannot write {error.filename or root / FOLDER}: {error.strerror}",
            next_step="Make policies/ a folder that you may write to.",
        ) from error


def _made(source: Path, files: Sequence[Path], root: Path) -> Copied:
    """The whole folder at once: a part of it would judge in place of Gaia's rules."""
    draft = root / f".{FOLDER}.{os.getpid()}.draft"
    try:
        for inner in files:
            (draft / inner).parent.mkdir(parents=True, exist_ok=True)
            write_atomic(draft / inner, (source / inner).read_bytes(), mode=0o644)
        draft.rename(root / FOLDER)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Copied(tuple(f"{FOLDER}/{inner.as_posix()}" for inner in files), ())


def _completed(source: Path, files: Sequence[Path], root: Path) -> Copied:
    """What a folder lacks that is there, and whose rules judge already."""
    copied, kept = [], []
    for inner in files:
        name = f"{FOLDER}/{inner.as_posix()}"
        target, content = inside(root, name), (source / inner).read_bytes()
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(target, content, mode=0o644)
            copied.append(name)
        elif target.read_bytes() != content:
            kept.append(name)
    return Copied(tuple(copied), tuple(kept))


def _drop_drafts(root: Path) -> None:
    """Those of copies that were killed; one that is being made stays."""
    for draft in root.glob(f".{FOLDER}.*.draft"):
        pid = draft.name.split(".")[2]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(draft)
    for draft in (root / FOLDER).glob("*/.*.rego.*.draft"):
        drop_drafts(draft.with_name(f"{draft.name[1:].partition('.rego.')[0]}.rego"))
