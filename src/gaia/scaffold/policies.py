"""The policies that come with Gaia, put into a repository that wants to own them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.kit.files import write_atomic
from gaia.policy.rules import FOLDER
from gaia.scaffold.blueprint import find_blueprint

if TYPE_CHECKING:
    from pathlib import Path

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
        Conflict: `policies-unwritable`. Unavailable: `blueprint-missing`.
    """
    source = find_blueprint() / FOLDER
    below = source / _LIBRARIES if libraries else source
    copied, kept = [], []
    for path in sorted(one for one in below.rglob("*") if one.is_file()):
        inner = path.relative_to(source)
        target = root / FOLDER / inner
        content = path.read_bytes()
        try:
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(target, content, mode=0o644)
                copied.append(f"{FOLDER}/{inner.as_posix()}")
            elif target.read_bytes() != content:
                kept.append(f"{FOLDER}/{inner.as_posix()}")
        except OSError as error:
            raise Conflict(
                "policies-unwritable",
                f"cannot write {target}: {error.strerror}",
                next_step="Make policies/ a folder that you may write to.",
            ) from error
    return Copied(tuple(copied), tuple(kept))
