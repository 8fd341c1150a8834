"""A mirror of empty packages for `init`, which reads every package whole to note a hash: 700 MB, more than a second.

Which providers and versions a directory gets stays terraform's own decision. It links to the packages of an unpacked
mirror, and once it has chosen, the links are turned to the real ones.
"""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING
from uuid import uuid4

from gaia.kit.files import write_failed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.terraform.mirrors import Mirrored


def mirror_of(folder: Path, providers: Sequence[Mirrored]) -> Path:
    """The mirror in `folder` that stands for these providers; made when it is not there yet.

    It is hidden, so that nobody who searches for mirrors takes it for one.

    Raises:
        Unavailable: `disk-full`, `file-not-writable`.
    """
    listed = "\n".join(str(entry.place) for entry in providers)
    mirror = folder / f".stand-ins-{hashlib.sha256(listed.encode()).hexdigest()[:12]}"
    if mirror.is_dir():
        return mirror
    draft = folder / f"{mirror.name}.{uuid4().hex}"
    try:
        for entry in providers:
            (draft / entry.place).mkdir(parents=True)
            (draft / entry.place / f"terraform-provider-{entry.type}_v{entry.version}").touch(mode=0o755)
        draft.rename(mirror)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        if not mirror.is_dir():  # else somebody else has made it
            raise write_failed(mirror, error) from error
    return mirror


def replace(data: Path, providers: Sequence[Mirrored]) -> None:
    """Among the providers of a working directory (TF_DATA_DIR), put the real packages where stand-ins are."""
    for entry in providers:
        place = data / "providers" / entry.place
        if not place.is_dir() or any(program.stat().st_size for program in place.iterdir()):
            continue
        if place.is_symlink():
            place.unlink()
        else:  # where terraform cannot link it copies
            shutil.rmtree(place)
        place.symlink_to(entry.folder)
