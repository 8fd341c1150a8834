"""A component as it was put together, before templates and functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.stacks.building import naming

if TYPE_CHECKING:
    from gaia.stacks.building.folding import Fold
    from gaia.stacks.building.kinds import Kind
    from gaia.stacks.building.stackfile import StackFile


@dataclass(frozen=True, slots=True)
class Built:
    """A component with its sections merged and its names derived; templates and functions not yet touched."""

    file: StackFile
    kind: Kind
    name: str
    fold: Fold
    stack: str
    prefix: str
    """What files and workspaces begin with: the stack's name; nothing where a pattern names nothing."""
    base: str | None
    """The component that gives the code, by `metadata.component` or `component:` of its own."""
    folder: str
    """The folder of the code, also where a base's metadata gives it."""
    document: dict[str, object]
    """All sections and keys of context except the account of files."""
    listed: bool = False
    """Whether it is built for `describe stacks`."""

    @property
    def stem(self) -> str:
        """How the files beside the code begin."""
        return naming.file_stem(self.prefix, self.name, self.folder)
