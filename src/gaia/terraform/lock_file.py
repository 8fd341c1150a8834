"""`.terraform.lock.hcl`: which versions of the providers were chosen, and the hashes that prove them.

Gaia's own `init` chooses among `stand_ins`, so the file that terraform writes then holds the hashes of empty packages.
Here they are replaced by those of the packages that are used, as terraform itself computes them (`h1:`, the hash that
Go's `dirhash` makes of a folder), so that the file may stand in a repository.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING

from gaia.kit.files import write_atomic
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.terraform.mirrors import Mirrored

_PROVIDER = re.compile(r'^provider "([^"]+)" \{\n(.*?)^\}\n?', re.MULTILINE | re.DOTALL)
_VERSION = re.compile(r'^\s*version\s*=\s*"([^"]+)"', re.MULTILINE)
_HASHES = re.compile(r"^  hashes = \[\n.*?^  \]\n", re.MULTILINE | re.DOTALL)


def with_real_hashes(text: str, providers: Sequence[Mirrored], cache: Path) -> str:
    """The lock file with the hash of each package that comes from an unpacked mirror; others keep what they have.

    Reading a package of 700 MB takes half a second, so hashes are kept in `cache`.
    """
    packages = {f"{one.host}/{one.namespace}/{one.type} {one.version}": one.folder for one in providers}

    def block(match: re.Match[str]) -> str:
        version = _VERSION.search(match[2])
        folder = packages.get(f"{match[1]} {version[1]}") if version else None
        if folder is None:
            return match[0]
        listed = f'  hashes = [\n    "{_hash(folder, cache)}",\n  ]\n'
        body = _HASHES.sub(lambda _: listed, match[2]) if _HASHES.search(match[2]) else match[2] + listed
        return f'provider "{match[1]}" {{\n{body}}}\n'

    return _PROVIDER.sub(block, text)


def _hash(folder: Path, cache: Path) -> str:
    """The hash of a package, from the cache while its files have the same sizes and times."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    marks = [[path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    try:
        known = json.loads(cache.read_text())
    except (OSError, ValueError):
        known = {}
    known = as_map(known)
    found = known.get(str(folder))
    if isinstance(found, dict) and found.get("files") == marks:
        return str(found["h1"])
    lines = []
    for path in sorted(files, key=lambda one: one.relative_to(folder).as_posix()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    h1 = "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()
    write_atomic(cache, json.dumps({**known, str(folder): {"files": marks, "h1": h1}}).encode())
    return h1
