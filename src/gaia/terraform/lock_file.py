"""`.terraform.lock.hcl`: which versions of the providers were chosen, and the hashes that prove them.

Gaia's own `init` chooses among `stand_ins`: terraform then neither can compare what a lock file has recorded with the
packages, nor can it record theirs. Both is done here, with the hash that terraform makes of an unpacked package (`h1:`,
which Go's `dirhash` makes of a folder).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, Position
from gaia.kit import hcl
from gaia.kit.files import write_atomic
from gaia.kit.shapes import as_map
from gaia.terraform.mirrors import platform_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from gaia.terraform.mirrors import Mirrored

_UNPACKED = "h1:"
"""The kind of hash that an unpacked package has; of the others, which packed ones have, terraform asks nothing then."""
_PROVIDER = re.compile(r'^provider "([^"]+)" \{\n(.*?)^\}\n?', re.MULTILINE | re.DOTALL)
_VERSION = re.compile(r'^\s*version\s*=\s*"([^"]+)"', re.MULTILINE)
_HASHES = re.compile(r"^  hashes = \[\n.*?^  \]\n", re.MULTILINE | re.DOTALL)
_HASH = re.compile(r"\w+:.")


@dataclass(frozen=True, slots=True)
class Locked:
    """What a lock file says of one provider."""

    source: str
    version: str
    hashes: tuple[str, ...]
    at: Position

    def agreed(self, other: Locked) -> Locked | None:
        """What holds for both at once; None where nothing can."""
        common = tuple(one for one in self.hashes if one in other.hashes)
        if self.version != other.version or (self.hashes and other.hashes and not common):
            return None
        return replace(self, hashes=common or self.hashes or other.hashes)


def read(path: Path, base: Path) -> tuple[Locked, ...]:
    """What a lock file records, by positions relative to `base`; nothing where there is none.

    Raises:
        Invalid: `hcl-syntax`; `lock-file-invalid` for what terraform does not read either.
    """
    try:
        text = path.read_text("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return ()
    found: dict[str, Locked] = {}
    folder = path.parent.resolve()
    name = folder.relative_to(base.resolve()) / path.name if folder.is_relative_to(base.resolve()) else path.name
    for block in hcl.parse(text, str(name)).all("provider"):
        entry = _locked(block)
        if entry.source in found:
            raise _invalid(block, f"{entry.source} stands there twice")
        found[entry.source] = entry
    return tuple(found.values())


def _locked(block: hcl.Block) -> Locked:
    version, hashes = block.literal("version"), block.literal("hashes")
    if len(block.labels) != 1 or not isinstance(version, str):
        raise _invalid(block, "a provider there has no name or no version")
    if hashes is None and "hashes" not in block.attributes:
        return Locked(block.labels[0], version, (), block.at)
    listed = [one for one in hashes if isinstance(one, str) and _HASH.match(one)] if isinstance(hashes, list) else []
    if not listed or listed != hashes:
        raise _invalid(block, f"the hashes of {block.labels[0]} are none")
    return Locked(block.labels[0], version, tuple(listed), block.at)


def _invalid(block: hcl.Block, why: str) -> Invalid:
    return Invalid(
        "lock-file-invalid",
        f"{block.at}: this is not a lock file that terraform can read: {why}",
        next_step="Take the file from the last good commit, or remove it and initialise again.",
        at=block.at,
    )


def agreed(entries: Iterable[Locked], before: Mapping[str, Locked] | None = None) -> dict[str, Locked]:
    """What holds for several components at once, by source, after `before`.

    Raises:
        Conflict: `lock-files-differ`.
    """
    found = dict(before or {})
    for entry in entries:
        earlier = found.get(entry.source, entry)
        both = earlier.agreed(entry)
        if both is None:
            raise Conflict(
                "lock-files-differ",
                f"{entry.source} is locked at {entry.version} by {entry.at}, "
                f"and otherwise, at {earlier.version}, by {earlier.at}",
                next_step="Let both lock files record the same version and hashes.",
                at=entry.at,
            )
        found[entry.source] = both
    return found


def text_of(entries: Iterable[Locked], unproved: Collection[str]) -> str:
    """A lock file with these entries, without the hashes of the sources in `unproved`."""
    blocks = []
    for entry in entries:
        hashes = "".join(f"    {json.dumps(one)},\n" for one in entry.hashes)
        listed = f"  hashes = [\n{hashes}  ]\n" if hashes and entry.source not in unproved else ""
        blocks.append(f'provider "{entry.source}" {{\n  version = "{entry.version}"\n{listed}}}\n')
    return "".join(blocks)


def verify(entries: Iterable[Locked], data: Path, cache: Path) -> None:
    """Compare the packages that a working directory (TF_DATA_DIR) is linked to with what was recorded of them.

    As terraform does for an unpacked mirror: one hash of the kind of unpacked packages must be that of the package;
    where none of this kind is recorded there is nothing to compare. What terraform itself has unpacked there it has
    compared too.

    Raises:
        Conflict: `provider-differs`.
    """
    for entry in entries:
        recorded = [one for one in entry.hashes if one.startswith(_UNPACKED)]
        place = data / "providers" / entry.source / entry.version / platform_name()
        if not recorded or not place.is_symlink():
            continue
        folder = place.resolve()
        if (found := _hash(folder, cache)) not in recorded:
            raise Conflict(
                "provider-differs",
                f"{entry.at}: the package of {entry.source} {entry.version} in {folder} is none of those that the lock "
                f"file records: its hash is {found}",
                next_step="See where that package comes from. If it is the right one, and the hashes are those of "
                f"other platforms, add its own: terraform providers lock -platform={platform_name()}.",
                at=entry.at,
                facts={"source": entry.source, "version": entry.version, "hash": found, "recorded": recorded},
            )


def with_real_hashes(text: str, providers: Sequence[Mirrored], cache: Path) -> str:
    """The lock file with the hash of each package that comes from an unpacked mirror; others keep what they have.

    Reading a package of 700 MB takes half a second, so hashes are kept in `cache`.
    """
    packages = {f"{one.source} {one.version}": one.folder for one in providers}

    def block(match: re.Match[str]) -> str:
        version = _VERSION.search(match[2])
        folder = packages.get(f"{match[1]} {version[1]}") if version else None
        if folder is None:
            return match[0]
        listed = f'  hashes = [\n    "{_hash(folder.resolve(), cache)}",\n  ]\n'
        body = _HASHES.sub(lambda _: listed, match[2]) if _HASHES.search(match[2]) else match[2] + listed
        return f'provider "{match[1]}" {{\n{body}}}\n'

    return _PROVIDER.sub(block, text)


def _hash(folder: Path, cache: Path) -> str:
    """The hash of a package, from the cache while its files have the same sizes and times."""
    marks = []
    files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    for name, path in files:
        status = path.stat()
        marks.append([name, status.st_size, status.st_mtime_ns, status.st_ctime_ns])
    try:
        known = json.loads(cache.read_text())
    except (OSError, ValueError):
        known = {}
    known = as_map(known)
    found = known.get(str(folder))
    if isinstance(found, dict) and found.get("files") == marks:
        return str(found["h1"])
    lines = []
    for name, path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {name}\n")
    h1 = _UNPACKED + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()
    write_atomic(cache, json.dumps({**known, str(folder): {"files": marks, "h1": h1}}).encode())
    return h1
