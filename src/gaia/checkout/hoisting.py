"""A component's own provider block, made a configuration that many instances can share.

Most repositories have `provider "aws" { region = var.region }` in each component, and each such block is a process of
the provider in each plan. Where a block says nothing but variables and literals, its values are known before anything
is planned: then it is taken out of the copy that is planned, and given from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import hcl
from gaia.kit.hcl import Expression
from gaia.stacks.model import HOLDERS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gaia.stacks.model import Instance

_VARIABLE = re.compile(r"var\.([A-Za-z_][\w-]*)")
_TEMPLATE = re.compile(r'"((?:[^"\\$%]|\$\{\s*var\.[A-Za-z_][\w-]*\s*\})*)"')
_INSERTED = re.compile(r"\$\{\s*var\.([A-Za-z_][\w-]*)\s*\}")


class _Unknown(Exception):
    """A value that only terraform can compute."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The provider blocks of one component, and what its variables are where nobody sets them."""

    providers: tuple[hcl.Block, ...]
    defaults: Mapping[str, object]

    def values(self, given: Mapping[str, object]) -> dict[str, dict[str, object]] | None:
        """The configuration by provider, for these variables; None where only terraform can tell."""
        found: dict[str, dict[str, object]] = {}
        try:
            for block in self.providers:
                if len(block.labels) != 1 or block.labels[0] in found or "alias" in block.attributes:
                    return None
                found[block.labels[0]] = _body(block, {**self.defaults, **given})
        except _Unknown:
            return None
        return found


def providers_of(instance: Instance, home: Path) -> dict[str, object]:
    """How an instance's providers are configured, as far as code and stack say it without terraform."""
    blocks = read(home)
    own = blocks.values(instance.vars) if blocks is not None else None
    return {**(own or {}), **instance.providers}


def read(folder: Path, replaced: Collection[str] = ()) -> Blocks | None:
    """The blocks of a component's folder; None where some are in a file that cannot be rewritten.

    `replaced` are files that do not count, for they are written anew for each instance.
    """
    providers: list[hcl.Block] = []
    defaults: dict[str, object] = {}
    try:
        for path in sorted(filter(Path.is_file, folder.glob("*.tf"))):  # a pipe would be waited for
            block = hcl.parse(path.read_text("utf-8", "replace"), path.name)
            providers += block.all("provider")
            for variable in block.all("variable"):
                default = variable.attributes.get("default")
                if variable.labels and default is not None and not isinstance(default.value, Expression):
                    defaults[variable.labels[0]] = default.value
        in_json = any(
            [*hcl.parse_json(path.read_text("utf-8"), path.name).all("provider")]
            for path in folder.glob("*.tf.json")
            if path.name not in replaced
        )
    except (Invalid, OSError, UnicodeDecodeError):
        return None
    return None if in_json else Blocks(tuple(providers), defaults)


def take_out(folder: Path) -> None:
    """Remove the provider blocks of the code in a folder, which is a copy."""
    for path in sorted(folder.glob("*.tf")):
        text = path.read_text("utf-8", "replace")
        if "provider" in text:
            path.write_text(hcl.without(text, "provider"), "utf-8")


def _body(block: hcl.Block, given: Mapping[str, object]) -> dict[str, object]:
    body = {name: _value(one.value, given) for name, one in block.attributes.items()}
    body = {name: value for name, value in body.items() if value is not None}
    inner: dict[str, list[object]] = {}
    for one in block.blocks:
        if one.type == "dynamic":
            raise _Unknown
        inner.setdefault(one.type, []).append(_body(one, given))
    return {**body, **inner}


def _value(value: object, given: Mapping[str, object]) -> object:
    if isinstance(value, dict):
        return {name: _value(child, given) for name, child in value.items()}
    if isinstance(value, list):
        return [_value(child, given) for child in value]
    if not isinstance(value, Expression):
        return value
    text = value.text.strip()
    if match := _VARIABLE.fullmatch(text):
        return _known(match[1], given)
    if match := _TEMPLATE.fullmatch(text):
        return _INSERTED.sub(lambda one: str(_text(_known(one[1], given))), match[1])
    raise _Unknown


def _known(name: str, given: Mapping[str, object]) -> object:
    if name not in given or isinstance(given[name], HOLDERS):
        raise _Unknown
    return given[name]


def _text(value: object) -> object:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise _Unknown
