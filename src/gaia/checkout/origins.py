"""Where a finding about an instance comes from: the block of the component's code, and the value of the stack."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.kit import hcl
from gaia.kit.shapes import as_map
from gaia.policy.causes import split_address
from gaia.terraform.code_providers import code_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.errors import Position
    from gaia.policy.causes import Configuration
    from gaia.policy.report import Cause
    from gaia.stacks.model import Instance


class CodeOrigins:
    """`gaia.policy.check.Origins` of an instance whose code lies in `folder`; places are relative to `root`."""

    def __init__(self, instance: Instance, folder: Path, root: Path, *, tofu: bool) -> None:
        self._instance, self._folder, self._root, self._tofu = instance, folder, root, tofu
        self._read: dict[Path, tuple[hcl.Block, ...]] = {}

    def block(self, address: str, configuration: Configuration) -> Position | None:
        """See `Origins`. Of a module from elsewhere only the call is here."""
        modules, name = split_address(address)
        called, folder = None, self._folder
        for depth in range(len(modules)):
            called = self._find(folder, "module", (modules[depth],)) or called
            source = configuration.call(modules[: depth + 1]).get("source")
            if not isinstance(source, str) or not source.startswith("."):
                return called
            folder = (folder / source).resolve()
        return self._find(folder, "resource", tuple(name.split(".", 1))) or called

    def local_text(self, modules: tuple[str, ...], name: str) -> str:
        """See `Origins`; of the component's own folder only."""
        if modules:
            return ""
        found = (block.attributes.get(name) for block in self._blocks(self._folder) if block.type == "locals")
        return next((one.text for one in found if one is not None), "")

    def value(self, cause: Cause) -> Cause:
        """See `Origins`."""
        path = ("vars", cause.variable)
        if cause.variable in as_map(dict(self._instance.vars)):
            return replace(cause, at=self._instance.place(path), given=True)
        return replace(cause, at=self._declared.get(cause.variable))

    @cached_property
    def _declared(self) -> dict[str, Position]:
        return {one.labels[0]: one.at for one in self._blocks(self._folder) if one.type == "variable" and one.labels}

    def _find(self, folder: Path, kind: str, labels: tuple[str, ...]) -> Position | None:
        return next((one.at for one in self._blocks(folder) if one.type == kind and one.labels == labels), None)

    def _blocks(self, folder: Path) -> tuple[hcl.Block, ...]:
        if folder not in self._read:
            self._read[folder] = tuple(self._parsed(folder))
        return self._read[folder]

    def _parsed(self, folder: Path) -> Iterator[hcl.Block]:
        for path in code_files(folder, tofu=self._tofu) if folder.is_dir() else ():
            name = str(path.relative_to(self._root)) if path.is_relative_to(self._root) else str(path)
            text = path.read_text("utf-8", "replace")
            try:
                yield from (hcl.parse_json if path.name.endswith(".json") else hcl.parse)(text, name).blocks
            except GaiaError:  # terraform read it: what is not found here has no place, and is judged all the same
                continue
