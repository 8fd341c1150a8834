"""The default AWS provider as a component's own code configures it, as far as that can be read without running it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.kit import hcl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VARIABLE = re.compile(r"var\.(\w+)")


def in_code(folder: Path, variables: Mapping[str, object]) -> dict[str, object]:
    """The attributes and nested blocks of `provider "aws"` without an alias, in the files of one folder.

    An attribute that is one variable has its value from `variables`; other expressions stay `hcl.Expression`.

    Raises:
        Invalid: `hcl-syntax`.
    """
    found: dict[str, object] = {}
    for path in sorted(folder.glob("*.tf")):
        if path.name.startswith(".") or not path.is_file():  # a pipe would be waited for
            continue
        text = path.read_text("utf-8", errors="replace")
        if "provider" not in text:
            continue
        for block in hcl.parse(text, path.name).all("provider"):
            if block.labels == ("aws",) and "alias" not in block.attributes:
                found |= _body(block, variables)
    return found


def _body(block: hcl.Block, variables: Mapping[str, object]) -> dict[str, object]:
    body = {name: _value(attribute.value, variables) for name, attribute in block.attributes.items()}
    for inner in block.blocks:
        if inner.type == "dynamic" and inner.labels:
            body[inner.labels[0]] = {
                name: value for one in inner.all("content") for name, value in _body(one, {}).items()
            }
        else:
            body[inner.type] = _body(inner, variables)
    return body


def _value(value: object, variables: Mapping[str, object]) -> object:
    if isinstance(value, hcl.Expression) and (match := _VARIABLE.fullmatch(value.text.strip())):
        return variables.get(match[1], value)
    if isinstance(value, list):
        return [_value(one, variables) for one in value]
    return value
