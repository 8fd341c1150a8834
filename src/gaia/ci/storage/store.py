"""Where bytes are kept by name, for runners that forget everything: a folder that outlives them, or a bucket."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gaia.kit.files import private_folders, read_failed, read_regular, write_atomic, write_failed

LARGEST = 1 << 27
"""Bytes of one document."""


class Store(Protocol):
    """Bytes by name; a name is some parts between slashes, none of which begins with a dot."""

    def get(self, name: str) -> bytes | None:
        """The content; None where there is none."""

    def put(self, name: str, content: bytes) -> None:
        """Write it, whole or not at all, in place of what is there."""

    def create(self, name: str, content: bytes) -> bool:
        """Write it where there is nothing: of several who try one succeeds. False where there is something."""

    def delete(self, name: str) -> None:
        """Take it away, if it is there."""

    def names(self, prefix: str) -> tuple[str, ...]:
        """Those that begin so, sorted."""


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder: one that CI keeps between jobs, or that several runners share."""

    folder: Path

    def get(self, name: str) -> bytes | None:
        """See `Store`."""
        try:
            return read_regular(self.folder / name, LARGEST)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise read_failed(self.folder / name, error) from error

    def put(self, name: str, content: bytes) -> None:
        """See `Store`."""
        write_atomic(self.folder / name, content)

    def create(self, name: str, content: bytes) -> bool:
        """See `Store`."""
        path = self.folder / name
        draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(6).hex()}")
        try:
            private_folders(path.parent)
            draft.write_bytes(content)
            path.hardlink_to(draft)
        except FileExistsError:
            return False
        except OSError as error:
            raise write_failed(path, error) from error
        finally:
            draft.unlink(missing_ok=True)
        return True

    def delete(self, name: str) -> None:
        """See `Store`."""
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise write_failed(self.folder / name, error) from error

    def names(self, prefix: str) -> tuple[str, ...]:
        """See `Store`."""
        found = (one.relative_to(self.folder).as_posix() for one in self.folder.rglob("*") if one.is_file())
        return tuple(sorted(one for one in found if one.startswith(prefix) and not Path(one).name.startswith(".")))
