"""The program that this process was started by."""

import sys
from pathlib import Path

ATMOS = "atmos"
"""The name by which it answers as Atmos does."""


def own_program() -> Path:
    """Where it is; links are followed."""
    import shutil

    for name in (sys.argv[0], "gaia"):
        found = shutil.which(name)
        if found and Path(found).name in ("gaia", ATMOS):
            return Path(found).resolve()
    return (Path(sys.executable).parent / "gaia").absolute()
