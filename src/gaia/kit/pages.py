"""Where the pages of the documentation lie, which messages name."""

from __future__ import annotations

from pathlib import Path


def page(name: str) -> Path:
    """The page `docs/NAME`: inside the installed package, or beside `src/` in a checkout of Gaia."""
    package = Path(__file__).parents[1]
    installed = package / "docs"
    return (installed if installed.is_dir() else package.parents[1] / "docs") / name
