"""Makes the price book when Gaia is packaged or installed from a clone: hatchling runs this with nothing installed."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PriceBookHook(BuildHookInterface):
    """Puts `book.sqlite` beside the files that it is made of, and into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Before the files of the wheel are gathered."""
        sys.path.insert(0, str(Path(self.root) / "src"))
        from gaia.cost.book import shipped

        shelf = shipped()
        shelf.close()
        # git ignores it, and what git ignores is left out unless it is an artifact.
        build_data["artifacts"].append(shelf.path.relative_to(self.root).as_posix())
