"""Values written as HCL, byte for byte as the two libraries write them that Atmos uses.

`attributes`, `blocks` and `backend` are the form of `terraform fmt`, which HCL 2's writer gives. `variables` is that of
HCL 1's printer: a blank line between entries, no newline at the end. Where Atmos's own file is not valid (a list of
objects, an object of objects, `${` in a text, blocks of a backend), it is written so that it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.golang.floats import float_text
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*\Z")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_LABELS = {
    "variable": 1,
    "output": 1,
    "provider": 1,
    "module": 1,
    "resource": 2,
    "data": 2,
    "locals": 0,
    "terraform": 0,
}
"""How many labels the blocks have that Atmos writes from maps."""
_BLOCKS_OF_BACKENDS = ("workspaces",)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(slots=True)
class _Line:
    lead: str
    value: str = ""
    """What follows the equals sign; lines that have one, one below the other, are aligned."""
    opened: int = 0
    """Brackets opened less those closed."""


def attributes(values: Mapping[str, object]) -> str:
    """`name = value`, a line each, sorted, as in a `.tfvars` file."""
    return _laid_out(_attributes(values))


def blocks(values: Mapping[str, object]) -> str:
    """A `.tf` file: maps under the names of Terraform's blocks are such blocks, everything else is an attribute.

    Raises:
        TypeError: a block is no map.
    """
    lines: list[_Line] = []
    for name in sorted(values):
        value = values[name]
        if name in _LABELS and isinstance(value, dict):
            lines += _labelled(name, (), value, _LABELS[name])
        else:
            lines += _assigned(name, value)
    return _laid_out(lines)


def backend(kind: str, body: Mapping[str, object]) -> str:
    """`terraform { backend "s3" { … } }`, or `terraform { cloud { … } }`."""
    inner = [(name, body[name]) for name in sorted(body) if name in _BLOCKS_OF_BACKENDS]
    lines = _attributes({name: value for name, value in body.items() if name not in _BLOCKS_OF_BACKENDS})
    for name, value in inner:
        lines += _block(name, (), _attributes(as_map(value)))
    named = _block("cloud", (), lines) if kind == "cloud" else _block("backend", (kind,), lines)
    return _laid_out(_block("terraform", (), named))


def variables(values: Mapping[str, object]) -> str:
    """The form of HCL 1: what a varfile and a backend configuration file hold."""
    return "\n\n".join(f"{name} = {_old(values[name])}" for name in sorted(values))


def _labelled(kind: str, labels: tuple[str, ...], body: Mapping[str, object], left: int) -> list[_Line]:
    if not left:
        return _block(kind, labels, _attributes(body))
    lines: list[_Line] = []
    for name in sorted(body):
        inner = body[name]
        if not isinstance(inner, dict):
            raise TypeError(f"{' '.join([kind, *labels, name])} is a block, so it has to be a map")
        lines += _labelled(kind, (*labels, name), inner, left - 1)
    return lines


def _block(kind: str, labels: Sequence[str], body: list[_Line]) -> list[_Line]:
    words = " ".join([kind, *(_text(label) for label in labels)])
    return [_Line(f"{words} {{", opened=1), *body, _Line("}", opened=-1)]


def _attributes(values: Mapping[str, object]) -> list[_Line]:
    lines: list[_Line] = []
    for name in sorted(values):
        lines += _assigned(name, values[name])
    return lines


def _assigned(name: str, value: object) -> list[_Line]:
    first, *rest = _expression(value)
    if not rest:
        return [_Line(name, first.lead)]
    return [_Line(f"{name} = {first.lead}", opened=first.opened), *rest]


def _expression(value: object) -> list[_Line]:
    """A value's lines; the first one goes on where its name ends."""
    if isinstance(value, dict):
        if not value:
            return [_Line("{}")]
        lines = [_Line("{", opened=1)]
        for key in sorted(value, key=str):
            name = str(key)
            lines += _assigned(name if _IDENTIFIER.match(name) else _text(name), value[key])
        return [*lines, _Line("}", opened=-1)]
    if isinstance(value, list | tuple):
        lines = [_Line("[", opened=1)]
        for number, item in enumerate(value):
            first, *rest = _expression(item)
            lines[-1].lead += (", " if number else "") + first.lead
            lines[-1].opened += first.opened
            lines += rest
        lines[-1].lead += "]"
        lines[-1].opened -= 1
        return lines
    return [_Line(_scalar(value))]


def _laid_out(lines: list[_Line]) -> str:
    """Indented by the brackets that are open, with the equals signs of neighbours below each other."""
    levels: list[int] = []
    written: list[str] = []
    for number, line in enumerate(lines):
        if line.opened < 0:
            _close(levels, -line.opened)
        margin = "  " * len(levels)
        if line.opened > 0:
            levels.append(line.opened)
        if line.value:
            width = max(len(one.lead) for one in _neighbours(lines, number))
            written.append(f"{margin}{line.lead.ljust(width)} = {line.value}\n")
        else:
            written.append(f"{margin}{line.lead}\n")
    return "".join(written)


def _close(levels: list[int], closed: int) -> None:
    while closed and levels:
        step = min(closed, levels[-1])
        levels[-1] -= step
        closed -= step
        if not levels[-1]:
            levels.pop()


def _neighbours(lines: list[_Line], number: int) -> list[_Line]:
    begin = end = number
    while begin and lines[begin - 1].value:
        begin -= 1
    while end + 1 < len(lines) and lines[end + 1].value:
        end += 1
    return lines[begin : end + 1]


def _old(value: object) -> str:
    if isinstance(value, dict):
        if not value:
            return "{}"
        entries = [f"{_text(str(key))} = {_old(value[key])}" for key in sorted(value, key=str)]
        return "{\n" + _indented("\n\n".join(entries)) + "\n}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_old(item) for item in value) + "]"
    return _scalar(value)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return float_text(value, "f")
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value)  # null, booleans, whole numbers; what is no data is a TypeError


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return '"' + _UNPRINTABLE.sub(_escape, escaped) + '"'


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}"
