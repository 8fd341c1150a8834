"""Which value a plain YAML scalar stands for, by the rules of Go's yaml.v3.

They are not YAML 1.1's, which PyYAML follows: `yes` and `on` are text, `0644` and `0o644` are octal, `1:30` is text,
`1e5` is a number. A float stays one, since templates print it as one; `whole` makes of it what Go writes as JSON.
"""

from __future__ import annotations

import base64
import json
import math
import re

_WORDS: dict[str, object] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".nan": float("nan"),
    ".NaN": float("nan"),
    ".NAN": float("nan"),
    ".inf": float("inf"),
    ".Inf": float("inf"),
    ".INF": float("inf"),
    "+.inf": float("inf"),
    "+.Inf": float("inf"),
    "+.INF": float("inf"),
    "-.inf": float("-inf"),
    "-.Inf": float("-inf"),
    "-.INF": float("-inf"),
}
_NUMERIC = frozenset("+-.0123456789")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))\Z")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])_(?=[0-9])")
_SIGN_AFTER_PREFIX = re.compile(r"(0[bo])(?:\+|(-))([0-7]+)\Z")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt](?P<zoned>)| +)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?"
    r"(?(zoned)(?:Z|[-+](?:[01][0-9]|2[0-4]):(?:[0-5][0-9]|60))))?\Z"
)
_LONGEST = 20
"""Decimal digits that 64 bits can hold; Python refuses to convert thousands of them."""
_WHOLE = 1e21
"""From here on Go prints a float with an exponent, so it stays a float."""


_EXACT = 2**53
"""Below, a float is the integer that its digits say."""


class Timestamp:
    """An unquoted date: neither text nor number."""


TIMESTAMP = Timestamp()


class Date(dict[str, object]):
    """What becomes of an unquoted date: the empty map that Atmos makes of it, and how it would be written."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = _rfc3339(text)

    def __reduce__(self) -> tuple[object, ...]:
        return (Date, (self.text,))


def plain(text: str) -> object:
    """The value of an unquoted scalar: None, bool, int, float, str, or `TIMESTAMP`."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _is_timestamp(text):
        return TIMESTAMP
    digits = text.replace("_", "") if text[0] != "." else _BETWEEN_DIGITS.sub("", text)
    number = integer(digits)
    if number is not None:
        return number
    return text if not _FLOAT.match(digits) else _float(digits, text)


def from_json(text: str) -> object:
    """The value of a JSON text, floats without a fraction as whole numbers.

    Raises:
        ValueError: it is no JSON; `json.JSONDecodeError` where a place can be named. RecursionError: nested too deep.
    """
    return json.loads(text, parse_float=_json_float, parse_constant=_json_float)


def is_whole(value: float) -> bool:
    """Whether a float has no fraction, and JSON written by Go shows it without one."""
    return value.is_integer() and abs(value) < _WHOLE


def whole(value: object) -> object:
    """`value` with each float that `is_whole` as an `int`; the same object where there is none."""
    if isinstance(value, float):
        return _as_integer(value) if is_whole(value) else value
    if isinstance(value, dict):
        changed = {key: new for key, old in value.items() if (new := whole(old)) is not old}
        return value | changed if changed else value
    if isinstance(value, list):
        items = [whole(old) for old in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _as_integer(value: float) -> int:
    """The integer that Go writes for a float: the shortest digits that read back the same, and zeros."""
    if abs(value) < _EXACT:
        return int(value)
    from decimal import Decimal

    return int(Decimal(repr(value)))


def integer(digits: str) -> int | None:
    """An integer of at most 64 bits in any of Go's spellings, or None."""
    odd = _SIGN_AFTER_PREFIX.match(digits) if digits[2:3] in ("+", "-") else None
    if odd is not None:
        digits = (odd[2] or "") + odd[1] + odd[3]
    match = _INTEGER.match(digits)
    if match is None:
        return None
    sign, hexadecimal, binary, octal, decimal = match.groups()
    if hexadecimal:
        value = int(hexadecimal, 16)
    elif binary:
        value = int(binary, 2)
    elif octal:
        value = int(octal, 8)
    elif len(decimal) > _LONGEST:
        return None
    else:
        value = int(decimal)
    value = -value if sign == "-" else value
    return value if -(2**63) <= value < (2**64 if not sign else 2**63) else None


def _is_timestamp(text: str) -> bool:
    """Whether Go reads an unquoted text as a date, with or without a time; the date must exist."""
    match = _TIMESTAMP.match(text)
    if match is None:
        return False
    year, month, day, _, hour, minute, second = match.groups()
    if hour is not None and (int(hour) > 23 or int(minute) > 59 or int(second) > 59):
        return False
    leap = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= int(month) <= 12 and 1 <= int(day) <= lengths[int(month) - 1]


def _rfc3339(text: str) -> str:
    """A date as Go writes one."""
    parts = re.match(r"(\d+)-(\d+)-(\d+)(?:(?:[Tt]| +)(\d+):(\d+):(\d+)(?:[.,](\d+))?(Z|[-+]\d+:\d+)?)?", text)
    if parts is None:
        return text
    year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups()[:6])
    fraction = (parts[7] or "").rstrip("0")
    shown = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    return f"{shown}{'.' if fraction else ''}{fraction}{parts[8] or 'Z'}"


def _float(digits: str, text: str) -> object:
    value = float(digits)
    return value if math.isfinite(value) else text


def _json_float(digits: str) -> int | float:
    value = float(digits)
    if not math.isfinite(value):  # Python would read NaN and Infinity, which no JSON holds
        raise ValueError(f"{digits} is no JSON number")
    return int(value) if is_whole(value) else value


def standard(kind: str, text: str) -> object:
    """A scalar with one of YAML's own tags (`!!str 1`); `ValueError` where it is no such value."""
    if kind in ("str", "map", "seq"):
        return text if kind == "str" else ""
    if kind == "binary":
        return base64.b64decode(text, validate=True).decode("utf-8", "surrogateescape")
    value = plain(text)
    if value is TIMESTAMP:
        return Date(text)
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = {"int": int, "float": float, "bool": bool, "null": type(None)}.get(kind)
    if wanted is not None and type(value) is not wanted:
        raise ValueError(f"{text!r} is no {kind}")
    return value
