"""What a home keeps of a checkout that it does not serve: working directories, journals, the last plans, a key.

It lies in `GAIA_HOME/repos/checkout-ID`. Nobody registered it, so it is found by its name; a file in it says whose it
is, and when it was last used.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from gaia.errors import Unavailable
from gaia.kit.files import exclusive, write_atomic, write_failed
from gaia.kit.lines import LinesAt
from gaia.platform.instances import unfinished_moves
from gaia.platform.instances.journals import unended
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAME = re.compile(r"\.?checkout-[0-9a-f]{12}(\.[0-9a-f]{32})?")
"""With a dot while it is being removed."""
_MARK = "checkout.json"
USES = ("work", "plan", "read")
"""Of working directories: see `gaia.platform.instances.outputs.working_folder`."""
FIRST_STATES = "bootstrap"
"""Folder of states of instances that make the bucket of their states: see `gaia.checkout.first_states`."""
_LOCKS = frozenset({"folder.lock", "operation.lock", "run.lock", "adopt.lock"})


def folder_of(home: Path, root: Path) -> Path:
    """Where it is kept for the checkout whose `atmos.yaml` is in `root`."""
    return home / "repos" / f"checkout-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"


def note_use(folder: Path, root: Path) -> None:
    """Write down whose the folder is, and that it is used now.

    Raises:
        Unavailable: `file-not-writable`, `disk-full`.
    """
    try:
        os.utime(folder / _MARK)
    except FileNotFoundError:
        write_atomic(folder / _MARK, json.dumps({"checkout": str(root)}).encode())
    except OSError as error:
        raise write_failed(folder / _MARK, error) from error


@dataclass(frozen=True, slots=True)
class Kept:
    """One such folder."""

    folder: Path
    checkout: str
    """Whose it is; empty where that was not written down, by an older Gaia."""
    used: datetime

    @property
    def is_gone(self) -> bool:
        """Whether there is no such checkout any more; one that cannot be looked at may be there."""
        try:
            return bool(self.checkout) and not Path(self.checkout).stat()
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False

    @property
    def is_needed(self) -> bool:
        """Whether something in it is in use, was begun and did not end, or stands nowhere else."""
        directories = (each for use in USES for each in (self.folder / use).glob("*/*"))
        return (
            bool(unfinished(self.folder))
            or any(map(_is_held, _locks(self.folder)))
            or any(map(has_lone_state, directories))
        )

    def remove(self) -> None:
        """All of it, unless somebody has come meanwhile.

        Raises:
            Unavailable: `file-not-writable`.
        """
        going = self.folder.with_name(f".{self.folder.name.strip('.')[:21]}.{uuid4().hex}")
        with ExitStack() as held:
            if _used(self.folder) > self.used or self.is_needed:
                return
            if not all(held.enter_context(exclusive(path)) for path in _locks(self.folder)):
                return
            try:
                self.folder.rename(going)  # who comes now makes a folder of their own
                shutil.rmtree(going)
            except FileNotFoundError:  # somebody else took it away
                return
            except OSError as error:
                raise write_failed(going, error) from error


def find(home: Path) -> Iterator[Kept]:
    """All that there are; a registered repository has its clone in its folder, whatever it is called."""
    repos = home / "repos"
    for folder in sorted(repos.iterdir()) if repos.is_dir() else ():
        if not _NAME.fullmatch(folder.name) or folder.is_symlink() or (folder / "clone").exists():
            continue
        try:
            whose = json.loads((folder / _MARK).read_text("utf-8"))["checkout"]
        except (OSError, ValueError, LookupError, TypeError):
            whose = ""
        yield Kept(folder, str(whose), _used(folder))


def _used(folder: Path) -> datetime:
    """When it was last; where that was not written down, when something in it was last written."""
    mark = folder / _MARK
    written = [mark] if mark.exists() else [folder, *(one for one in folder.rglob("*") if one.is_file())]
    return datetime.fromtimestamp(max((one.lstat().st_mtime for one in written if one.exists()), default=0.0), UTC)


def unfinished(folder: Path) -> frozenset[str]:
    """Instances of which a change or a move was begun and did not end; what cannot be read may be of one."""
    keys: set[str] = set()
    for path in (folder / "journals").glob("*/*/*.jsonl"):
        if unended(LinesAt(path)):
            keys.add(_instance(path.parent, folder / "journals"))
    for path in (folder / "moves").glob("*/*/journal.jsonl"):
        try:
            move = unfinished_moves.begun(LinesAt(path))
        except Unavailable:
            keys.add(_instance(path.parent, folder / "moves"))
        else:
            keys |= {move.target, move.source} if move else set()
    keys |= {_instance(path, folder / FIRST_STATES) for path in (folder / FIRST_STATES).glob("*/*")}
    return frozenset(keys)


def has_lone_state(directory: Path) -> bool:
    """Whether the copy in a working directory holds a state: none is ever copied, so it was saved nowhere else."""
    return any((directory / "tree").rglob("*.tfstate"))


def _instance(folder: Path, root: Path) -> str:
    return str(InstanceKey.of_folder(folder.relative_to(root).as_posix()))


def _locks(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*.lock") if path.name in _LOCKS)


def _is_held(lock: Path) -> bool:
    with exclusive(lock) as free:
        return not free
