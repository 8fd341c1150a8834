"""Writing YAML in the spelling of Go's yaml.v3 with an indent of two.

Atmos renders templates in text that it wrote this way and reads the result again, so which scalar is quoted, and how,
decides the type and the escaping of what a template inserts.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from gaia.kit.scalars import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OLD_BOOLEANS = frozenset(
    ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF")
)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_BLOCK_FIRST = frozenset("#,[]{}&*!|>'\"%@`")
_UNPRINTABLE = re.compile("[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_BREAKS = "\r\n\x85\u2028\u2029"
_ESCAPES = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r",
    "\x1b": "\\e", '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P",
}  # fmt: skip
_LONG_KEY = 128


def dump(value: object) -> str:
    """The YAML text of JSON data (dict with text keys, list, scalars), keys sorted, a line break at the end."""
    if isinstance(value, dict) and value:
        return "\n".join(_mapping(value, 0)) + "\n"
    if isinstance(value, list) and value:
        return "\n".join(_sequence(value, 0)) + "\n"
    return scalar(value, 0) + "\n"


def scalar(value: object, indent: int) -> str:
    """One scalar (or an empty map or list) as it stands behind a key; a block's lines are indented by `indent`."""
    if isinstance(value, str):
        return text(value, indent)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        return "{}"
    return "[]" if isinstance(value, list) else str(value)


def text(value: str, indent: int) -> str:
    """A text: plain where that reads back as the same text, else quoted, or a block if it has several lines."""
    if "\n" not in value:
        return single_line(value)
    body = _block_allowed(value)
    return _literal(value, indent) if body else _double(value)


@lru_cache(maxsize=65536)
def single_line(value: str) -> str:
    """A text without a line break, also as a key."""
    if not isinstance(plain(value), str) or value in _OLD_BOOLEANS or value == "<<" or _SEXAGESIMAL.match(value):
        return _double(value)
    if "\t" in value or _UNPRINTABLE.search(value) or "\u2028" in value or "\u2029" in value:
        return _double(value)
    if value[0] == " " or value[-1] == " " or _has_indicator(value):
        return "'" + value.replace("'", "''") + "'"
    return value


def _mapping(value: Mapping[str, object], indent: int) -> Iterator[str]:
    pad = " " * indent
    for key in sorted(value):
        inner = value[key]
        name = single_line(key) if "\n" not in key else _double(key)
        head = f"{pad}{name}:" if len(name) <= _LONG_KEY else f"{pad}? {name}\n{pad}:"
        if isinstance(inner, dict) and inner:
            yield head
            yield from _mapping(inner, indent + 2)
        elif isinstance(inner, list) and inner:
            yield head
            yield from _sequence(inner, indent + 2)
        else:
            yield f"{head} {scalar(inner, indent + 2)}"


def _sequence(value: list[object], indent: int) -> Iterator[str]:
    pad = " " * indent
    for inner in value:
        if isinstance(inner, (dict, list)) and inner:
            lines = _mapping(inner, indent + 2) if isinstance(inner, dict) else _sequence(inner, indent + 2)
            first = next(lines)
            yield f"{pad}- {first[indent + 2 :]}"
            yield from lines
        else:
            yield f"{pad}- {scalar(inner, indent + 2)}"


def _has_indicator(value: str) -> bool:
    """Whether a plain text would be read as something else in a block: what the emitter calls block indicators."""
    first = value[0]
    if first in _BLOCK_FIRST or value.startswith(("---", "...")):
        return True
    if first in "?:-" and (len(value) == 1 or value[1] in " \t"):
        return True
    return ": " in value or value.endswith(":") or " #" in value


def _block_allowed(value: str) -> bool:
    if value.endswith(" ") or " \n" in value:
        return False
    return not any(found != "\t" for found in _UNPRINTABLE.findall(value))


def _literal(value: str, indent: int) -> str:
    hint = "2" if value[0] in " \n" else ""
    chomp = "-"
    if value.endswith("\n"):
        chomp = "+" if value in ("\n",) or value[-2] == "\n" else ""
    pad = " " * indent
    lines = value.removesuffix("\n").split("\n") if chomp != "-" else value.split("\n")
    return f"|{hint}{chomp}\n" + "\n".join(pad + line if line else "" for line in lines)


def _double(value: str) -> str:
    out = ['"']
    for letter in value:
        if letter in _ESCAPES:
            out.append(_ESCAPES[letter])
        elif letter in _BREAKS or _UNPRINTABLE.match(letter):
            code = ord(letter)
            out.append(f"\\x{code:02X}" if code < 256 else f"\\u{code:04X}" if code < 65536 else f"\\U{code:08X}")
        else:
            out.append(letter)
    out.append('"')
    return "".join(out)


def _number(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    digits = repr(value)
    if "e" in digits:
        return digits
    # Go changes to an exponent below 1e-4 and from 1e21 on, which is where Python does or later.
    return digits.removesuffix(".0")
