"""The constants of a template: strings in Go's quotes, characters and numbers in any of Go's spellings."""

from __future__ import annotations

import re

from gaia.golang.gotemplate.nodes import Literal
from gaia.golang.gotemplate.values import Failure, from_octets

_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_ESCAPE = re.compile(
    r"\\(?:x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<o>[0-7]{3})|(?P<s>.)|\Z)",
    re.DOTALL,
)
_DIGITS = r"[0-9](?:_?[0-9])*"
_INTEGER = re.compile(r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)\Z")
_FLOAT = re.compile(rf"[+-]?(?:{_DIGITS}\.?|(?:{_DIGITS})?\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?\Z")
_HEX_FLOAT = re.compile(r"[+-]?0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*[pP][+-]?[0-9]+\Z")


def _bad(message: str, at: int) -> Failure:
    return Failure(message, at, "template-syntax")


def unquote(text: str, at: int) -> str:
    """The value of a string in double or back quotes.

    Raises:
        Failure: `template-syntax`.
    """
    body = text[1:-1]
    if text[0] == "`":
        return body.replace("\r", "")
    if "\\" not in body:
        return body
    raw = bytearray()
    end = 0
    for match in _ESCAPE.finditer(body):
        raw += body[end : match.start()].encode("utf-8", "surrogateescape")
        raw += _escaped(match, '"', at)
        end = match.end()
    raw += body[end:].encode("utf-8", "surrogateescape")
    return from_octets(bytes(raw))


def _escaped(match: re.Match[str], quote: str, at: int) -> bytes:
    code = match["x"] or match["o"]
    if code:
        value = int(code, 16 if match["x"] else 8)
        if value < 256:
            return bytes([value])
    elif match["u"] or match["U"]:
        value = int(match["u"] or match["U"], 16)
        if value <= 0x10FFFF and not 0xD800 <= value < 0xE000:
            return chr(value).encode()
    elif match["s"] == quote:
        return quote.encode()
    elif match["s"] in _SIMPLE:
        return _SIMPLE[match["s"]].encode()
    raise _bad(f"invalid escape {match.group()} in a quoted string", at)


def number(text: str, kind: str, at: int) -> Literal:
    """The constant that `text` spells: an int unless it has a point or an exponent.

    Raises:
        Failure: `template-syntax`.
    """
    if kind == "character":
        code = _character(text, at)
        return Literal(at, text, code, code)
    if kind == "complex" or text.endswith("i"):
        raise _bad(f"complex numbers are not supported: {text}", at)
    if _INTEGER.match(text):
        value = _integer(text)
        if not -(2**63) <= value < 2**63:
            raise _bad(f"integer overflow: {text}", at)
        return Literal(at, text, value, value)
    real: float | None = None
    if _FLOAT.match(text):
        real = float(text.replace("_", ""))
    elif _HEX_FLOAT.match(text):
        try:
            real = float.fromhex(text.replace("_", ""))
        except (ValueError, OverflowError):
            real = None
    if real is None or real in (float("inf"), float("-inf")):
        raise _bad(f"illegal number syntax: {text}", at)
    if not any(char in text for char in ".eEpP"):
        raise _bad(f"integer overflow: {text}", at)
    whole = int(real) if real.is_integer() and abs(real) < 2**63 else None
    return Literal(at, text, real, whole)


def _integer(text: str) -> int:
    digits = text.lstrip("+-").replace("_", "")
    base = {"x": 16, "b": 2, "o": 8}.get(digits[1:2].lower(), 8 if digits[0] == "0" and len(digits) > 1 else 10)
    digits = digits[2:] if digits[1:2].lower() in ("x", "b", "o") and digits[0] == "0" else digits
    # 64 bits have 20 decimal digits, and Python refuses to convert thousands of them.
    value = int(digits, base) if base != 10 or len(digits) <= 20 else 2**64
    return -value if text[0] == "-" else value


def _character(text: str, at: int) -> int:
    body = text[1:-1]
    if body[:1] == "\\":
        match = _ESCAPE.fullmatch(body)
        if match is None:
            raise _bad(f"malformed character constant: {text}", at)
        code = match["x"] or match["o"]
        if not code:
            return ord(from_octets(_escaped(match, "'", at)))
        value = int(code, 16 if match["x"] else 8)
        if value < 256:
            return value
    elif len(body) == 1:
        return ord(body)
    raise _bad(f"malformed character constant: {text}", at)
