"""From any value to a text, a number or a list, as sprig does it: what cannot be converted is zero, not an error."""

from __future__ import annotations

import math
import re

from gaia.golang.gotemplate.printing import plain_text
from gaia.golang.gotemplate.values import Int64, Object, Strings, truth, wrap64

_GO_INTEGER = re.compile(
    r"(?P<sign>[+-]?)(?:0[xX](?P<x>(?:_?[0-9a-fA-F])+)|0[bB](?P<b>(?:_?[01])+)|0[oO]?(?P<o>(?:_?[0-7])+)"
    r"|(?P<d>0|[1-9](?:_?[0-9])*))\Z"
)
_GO_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
_TRAILING_ZEROS = re.compile(r"\.0+\Z")


def text(value: object) -> str:
    """sprig's `toString`: a text as it is, anything else as `%v` prints it."""
    return value if isinstance(value, str) else plain_text(value)


def texts(value: object) -> Strings:
    """sprig's `toStrings`: the elements of a list as texts, nil left out; anything else is one element."""
    if isinstance(value, (list, tuple, bytes)):
        return Strings(text(one) for one in value if one is not None)
    return Strings() if value is None else Strings([text(value)])


def parse_integer(digits: str) -> int | None:
    """A number as `strconv.ParseInt(…, 0, 64)` reads it, in any base that its prefix names; None if it is none."""
    match = _GO_INTEGER.match(digits)
    if match is None:
        return None
    for group, base in (("x", 16), ("b", 2), ("o", 8), ("d", 10)):
        if match[group] is not None:
            value = int(match[group].replace("_", ""), base) if len(match[group]) < 80 else 2**64
            value = -value if match["sign"] == "-" else value
            return value if -(2**63) <= value < 2**63 else None
    return None


def parse_float(digits: str) -> float | None:
    """A number as `strconv.ParseFloat` reads it; None if it is none."""
    if digits.lower().lstrip("+-") in ("inf", "infinity", "nan") and digits.count("+") + digits.count("-") < 2:
        return float(digits)
    if not _GO_FLOAT.match(digits):
        return None
    value = float(digits)
    return None if math.isinf(value) else value


def integer(value: object) -> int:
    """Any value as an integer: texts in Go's spellings, floats cut, true 1."""
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return whole(value)
    if isinstance(value, str):
        return parse_integer(_TRAILING_ZEROS.sub("", value)) or 0
    return _number_of(value)


def whole(value: float) -> int:
    """A float cut to 64 bits; what does not fit is the smallest integer, as on amd64."""
    return int(value) if math.isfinite(value) and -(2.0**63) <= value < 2.0**63 else -(2**63)


def _number_of(value: object) -> int:
    number = getattr(value, "number", 0) if isinstance(value, Object) else 0
    return int(number)


def real(value: object) -> float:
    """Any value as a float."""
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, str):
        return parse_float(value) or 0.0
    return float(_number_of(value))


def int64(value: object) -> Int64:
    """`integer`, as an int64."""
    return wrap64(integer(value))


def is_empty(value: object) -> bool:
    """sprig's `empty`: what is false to a template."""
    return not truth(value)
