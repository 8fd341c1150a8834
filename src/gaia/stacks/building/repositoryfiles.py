"""The files that templates may read: those of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.golang.gotemplate.values import Failure
from gaia.kit import yaml
from gaia.kit.files import read_regular, real_path

if TYPE_CHECKING:
    from pathlib import Path


class RepositoryFiles:
    """Files below `top`; paths are relative to `root`. Links that lead out of it are followed nowhere."""

    def __init__(self, root: Path, top: Path) -> None:
        self._root = root
        self._top = top

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            Failure: it lies outside, is not there, or is too large.
        """
        try:
            content = read_regular(self._inside(path), yaml.MAX_BYTES + 1)
        except OSError as error:
            raise Failure(f"failed to open {path}: {error.strerror}") from None
        if len(content) > yaml.MAX_BYTES:
            raise Failure(f"{path} is larger than {yaml.MAX_BYTES // 2**20} MiB")
        return content

    def exists(self, path: str) -> bool:
        """Whether there is something."""
        return self._inside(path).exists()

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        return self._inside(path).is_dir()

    def names(self, path: str) -> list[str]:
        """What is in a folder, sorted.

        Raises:
            Failure: it is none.
        """
        try:
            return sorted(one.name for one in self._inside(path).iterdir())
        except OSError as error:
            raise Failure(f"failed to read {path}: {error.strerror}") from None

    def _inside(self, path: str) -> Path:
        found = real_path(self._root / path)
        if not found.is_relative_to(self._top) or ".git" in found.relative_to(self._top).parts:
            raise Failure(f"{path} lies outside of the repository")
        return found
