"""What the code of components says before terraform is asked: the addresses of what it makes, and its backend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import hcl
from gaia.states.guards import Makes

if TYPE_CHECKING:
    from pathlib import Path

_LOCAL = re.compile(r"\.{1,2}/")


class Code:
    """Each folder is read once."""

    def __init__(self) -> None:
        self._components: dict[Path, hcl.Component | None] = {}
        self._makes: dict[Path, Makes] = {}

    def component(self, folder: Path) -> hcl.Component | None:
        """What a component's folder declares; None where it is missing or cannot be read."""
        if folder not in self._components:
            try:
                self._components[folder] = hcl.read_component(folder)
            except (Invalid, OSError):
                self._components[folder] = None
        return self._components[folder]

    def makes(self, folder: Path) -> Makes:
        """The addresses of all resources in a folder and in the local modules that it calls."""
        if folder not in self._makes:
            resources: set[str] = set()
            modules: set[str] = set()
            self._gather(folder, "", resources, modules, (folder.resolve(),))
            self._makes[folder] = Makes(frozenset(resources), frozenset(modules))
        return self._makes[folder]

    def _gather(
        self, folder: Path, prefix: str, resources: set[str], modules: set[str], above: tuple[Path, ...]
    ) -> None:
        code = self.component(folder)
        if code is None:
            return
        resources.update(prefix + one for one in code.resources)
        for name, source in code.modules.items():
            inner = (folder / source).resolve() if _LOCAL.match(source) else None
            if inner is None or not inner.is_dir() or inner in above:
                modules.add(f"{prefix}module.{name}")
            else:
                self._gather(inner, f"{prefix}module.{name}.", resources, modules, (*above, inner))
