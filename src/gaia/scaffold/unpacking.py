"""An archive of a commit, as files."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

from gaia.errors import Invalid


def unpack(archive: Path, into: Path) -> None:
    """Write the files of an archive into a folder.

    By hand, because the filters of `extractall` came with Python 3.11.4 only.

    Raises:
        Invalid: `repository-link-escapes`.
    """
    links = []
    with tarfile.open(archive) as tar:
        for member in tar:
            path = into / member.name
            if ".." in path.parts or not path.is_relative_to(into):
                raise _escapes(member.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if member.isdir():
                path.mkdir(exist_ok=True)
            elif member.issym():
                path.symlink_to(member.linkname)
                links.append((member.name, path))
            elif content := tar.extractfile(member):
                path.write_bytes(content.read())
                path.chmod(0o755 if member.mode & 0o100 else 0o644)
    root = into.resolve()
    for name, link in links:  # when all are there: one may lead through another
        if not Path(os.path.realpath(link)).is_relative_to(root):
            raise _escapes(name)


def _escapes(name: str) -> Invalid:
    return Invalid(
        "repository-link-escapes",
        f"{name} of the platform repository leads out of it",
        next_step="Replace the link by the file that it points to.",
    )
