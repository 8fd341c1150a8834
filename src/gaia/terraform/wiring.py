"""How one instance reads another's output: a name, or a yq path such as `.a[0].b` or `.x // "none"`.

The same few forms can be written as HCL, for a preview in which the output does not exist yet, and evaluated on values
that do exist. Anything else of yq is refused (`None`), and the instance that uses it is then previewed alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.terraform.generated import data
from gaia.terraform.values import at_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.terraform.values import Path

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_STEP = re.compile(rf"\.?\[\s*(-?\d+)\s*\]|\.?\[\s*({_QUOTED})\s*\]|\.([A-Za-z_][A-Za-z0-9_-]*)|\.({_QUOTED})")


@dataclass(frozen=True, slots=True)
class Default:
    """The right side of `//`: a JSON value."""

    value: object


@dataclass(frozen=True, slots=True)
class Wiring:
    """An output of another instance, a path into it, and what to take where that is null or missing."""

    output: str
    path: Path = ()
    default: Default | None = None

    def hcl(self, module: str, *, sensitive: bool, declared: bool = True) -> object:
        """The value of a module's argument in Terraform's JSON syntax.

        `sensitive` says that the output is declared so: Terraform 1.11 drops that mark on the way to the caller.
        """
        if not declared:
            return data(self.default.value) if self.default else None
        text = f"module.{module}.{self.output}"
        if sensitive:
            text = f"sensitive({text})"
        text += "".join(f"[{_literal(step)}]" for step in self.path)
        if self.path or self.default:
            text = f"try({text}, null)" if self.path else text
        if self.default:
            text = f"try({text} == null ? {_literal(self.default.value)} : {text}, {text})"
        return "${" + text + "}"

    def evaluate(self, outputs: Mapping[str, object]) -> object:
        """The value, from output values that are known."""
        value = at_path(outputs.get(self.output), self.path)
        return self.default.value if value is None and self.default else value


def parse_wiring(expression: str) -> Wiring | None:
    """Read an output name or a simple yq expression; None for what cannot be written as HCL."""
    text = expression.strip()
    if _NAME.fullmatch(text):
        return Wiring(text)
    path_text, separator, default_text = text.partition("//")
    default: Default | None = None
    if separator:
        try:
            default = Default(json.loads(default_text.strip()))
        except ValueError:
            return None
    path: list[str | int] = []
    rest = path_text.strip()
    while rest:
        step = _STEP.match(rest)
        if step is None:
            return None
        index, quoted, plain, dotted = step.groups()
        path.append(int(index) if index is not None else plain if plain is not None else json.loads(quoted or dotted))
        rest = rest[step.end() :].strip()
    if not path or not isinstance(path[0], str) or not _NAME.fullmatch(path[0]):
        return None
    if any(isinstance(step, int) and step < 0 for step in path):
        return None
    return Wiring(path[0], tuple(path[1:]), default)


def _literal(value: object) -> str:
    """An HCL literal: JSON is one, once templates are escaped."""
    return json.dumps(data(value), ensure_ascii=True)
