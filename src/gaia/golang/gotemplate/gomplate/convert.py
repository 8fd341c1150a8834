"""How gomplate turns any value into another type: like sprig, but nil is the text `nil` and commas are left out."""

from __future__ import annotations

from gaia.golang.gotemplate.printing import plain_text
from gaia.golang.gotemplate.sprig.convert import parse_float, parse_integer, whole
from gaia.golang.gotemplate.values import Failure, Int64, Object, Strings, from_octets, type_name


def text(value: object) -> str:
    """`conv.ToString`"""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return from_octets(value)
    return "nil" if value is None else plain_text(value)


def integer(value: object) -> int:
    """`conv.ToInt`: what is no number is 0."""
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return whole(value)
    if isinstance(value, str):
        digits = value.replace(",", "")
        found = parse_integer(digits)
        return whole(parse_float(digits) or 0.0) if found is None else found
    return int(getattr(value, "number", 0)) if isinstance(value, Object) else 0


def int64(value: object) -> Int64:
    """`conv.ToInt64`"""
    return Int64(integer(value))


def real(value: object) -> float:
    """`conv.ToFloat64`"""
    if isinstance(value, str):
        digits = value.replace(",", "")
        found = parse_integer(digits)
        return float(found) if found is not None else parse_float(digits) or 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    return float(integer(value))


def boolean(value: object) -> bool:
    """`conv.ToBool`: true, yes and 1 in their spellings."""
    if isinstance(value, str):
        return value.lower() in ("1", "t", "true", "yes") or real(value.lower()) == 1
    return value == 1 if isinstance(value, (bool, int, float)) else False


def texts(*values: object) -> Strings:
    """`conv.ToStrings`"""
    return Strings(map(text, values))


def elements(value: object) -> list[object]:
    """The elements of a list.

    Raises:
        Failure: it is none.
    """
    if isinstance(value, (list, tuple, bytes)):
        return list(value)
    raise Failure(f"expected an array or slice, but got a {type_name(value)}")
