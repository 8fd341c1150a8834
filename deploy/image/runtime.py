"""Print the part of a lock file that Gaia needs to run: what its packages require, as `.venv` has them installed."""

from __future__ import annotations

import re
import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

_BLOCK = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def needed(name: str, extras: frozenset[str] = frozenset()) -> set[NormalizedName]:
    """The canonical names of everything that a package requires, directly or not."""
    found: set[NormalizedName] = set()
    waiting = [(name, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        package, wanted = waiting.pop()
        if (package, wanted) in seen:
            continue
        seen.add((package, wanted))
        for line in requires(package) or ():
            one = Requirement(line)
            if one.marker and not any(one.marker.evaluate({"extra": extra}) for extra in wanted or {""}):
                continue
            found.add(canonicalize_name(one.name))
            waiting.append((one.name, frozenset(one.extras)))
    return found


def main(lock: str) -> None:
    """Print the blocks of the lock file, hashes and all."""
    names = needed("gaia-idp")
    blocks = {canonicalize_name(found[1]): found[0] for found in _BLOCK.finditer(Path(lock).read_text())}
    sys.stdout.write("".join(blocks[name] for name in sorted(names)))


if __name__ == "__main__":
    main(*sys.argv[1:])
