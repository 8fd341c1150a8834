"""JSON as Go's encoding/json writes and reads it, base64 and base32, and sums."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from gaia.golang.floats import float_text
from gaia.golang.gotemplate.values import Failure, NoList, NoStrings, Object, Walk, from_octets, octets, type_name

_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
    "\u2028": "\\u2028", "\u2029": "\\u2029",
    **{chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in "\n\r\t\b\f"},
}  # fmt: skip
_PLAIN: Final = str.maketrans(_ESCAPES)
_HTML: Final = str.maketrans({**_ESCAPES, "<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_NESTING: Final = 200


class _Writer:
    """One JSON text."""

    def __init__(self, indent: str | None, *, html: bool, point: bool = False, ordered: bool = True) -> None:
        self.indent = indent
        self.point = point
        self.ordered = ordered
        self.table = _HTML if html else _PLAIN
        self.walk = Walk()

    def text(self, value: str) -> str:
        return '"' + _SURROGATE.sub("\\\\ufffd", value.translate(self.table)) + '"'

    def show(self, value: object, depth: int = 0) -> str:
        self.walk.step()
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int):
            return str(int(value))
        if isinstance(value, float):
            shown = number(value)
            return shown + ".0" if self.point and shown.lstrip("-").isdecimal() else shown
        if depth > _MAX_NESTING:
            raise Failure("a value nested too deep for JSON")
        if isinstance(value, Mapping):
            pairs = [
                f"{self.text(key)}:{'' if self.indent is None else ' '}{self.show(value[key], depth + 1)}"
                for key in (sorted(value) if self.ordered else value)
            ]
            return self.group("{", pairs, "}", depth)
        if isinstance(value, bytes):
            return self.text(base64.b64encode(value).decode())
        if isinstance(value, (NoList, NoStrings)):
            return "null"
        if isinstance(value, (list, tuple)):
            return self.group("[", [self.show(one, depth + 1) for one in value], "]", depth)
        if isinstance(value, Object):
            return self.show(value.as_json(), depth + 1)
        raise Failure(f"json: unsupported type: {type_name(value)}")

    def group(self, start: str, parts: list[str], end: str, depth: int) -> str:
        if not parts or self.indent is None:
            return start + ",".join(parts) + end
        inner = "\n" + self.indent * (depth + 1)
        return f"{start}{inner}{(',' + inner).join(parts)}\n{self.indent * depth}{end}"


def number(value: float) -> str:
    """A float as encoding/json writes it.

    Raises:
        Failure: it is no finite number.
    """
    if not math.isfinite(value):
        raise Failure(f"json: unsupported value: {float_text(value)}")
    size = abs(value)
    if size and not 1e-6 <= size < 1e21:
        mantissa, _, exponent = float_text(value, "e").partition("e")
        return (
            f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"
            if exponent[1] == "0" and exponent[0] == "-"
            else (f"{mantissa}e{exponent}")
        )
    return float_text(value, "f")


def must_to_json(value: object) -> str:
    """JSON in one line, with `<`, `>` and `&` escaped."""
    return _Writer(None, html=True).show(value)


def must_to_pretty_json(value: object) -> str:
    """JSON with an indent of two."""
    return _Writer("  ", html=True).show(value)


def must_to_raw_json(value: object) -> str:
    """JSON in one line, nothing escaped that need not be."""
    return _Writer(None, html=False).show(value)


def json_as_it_stands(value: object, indent: str | None = None) -> str:
    """JSON with nothing escaped that need not be, and the keys in their own order."""
    return _Writer(indent, html=False, ordered=False).show(value)


def codec_json(value: object, indent: str | None = None) -> str:
    """JSON as gomplate writes it, where a float shows that it is one: `1.0`."""
    return _Writer(indent, html=True, point=True).show(value)


def to_json(value: object) -> str:
    """`must_to_json`; an empty text for what JSON cannot say."""
    return _or_empty(must_to_json, value)


def to_pretty_json(value: object) -> str:
    """`must_to_pretty_json`; an empty text for what JSON cannot say."""
    return _or_empty(must_to_pretty_json, value)


def _or_empty(write: Callable[[object], str], value: object) -> str:
    try:
        return write(value)
    except Failure as failure:
        if failure.code != "template-failed":
            raise
        return ""


def _refuse_constant(name: str) -> object:
    raise ValueError(f"invalid character in {name}")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"cannot unmarshal number {text}")
    return value


def must_from_json(text: str) -> object:
    """The value of a JSON text; every number is a float."""
    try:
        decoded: object = json.loads(text, parse_int=_float, parse_float=_float, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Failure(f"not valid JSON: {error}") from None
    return decoded


def from_json(text: str) -> object:
    """`must_from_json`; nil for a text that is no JSON."""
    try:
        return must_from_json(text)
    except Failure:
        return None


def b64enc(text: str) -> str:
    """base64"""
    return base64.b64encode(octets(text)).decode()


def b64dec(text: str) -> str:
    """The text that base64 stands for, or the complaint about it."""
    return _decoded(text, base64.b64decode, "base64", 4)


def b32enc(text: str) -> str:
    """base32"""
    return base64.b32encode(octets(text)).decode()


def b32dec(text: str) -> str:
    """The text that base32 stands for, or the complaint about it."""
    return _decoded(text, base64.b32decode, "base32", 8)


def _decoded(text: str, decode: Callable[..., bytes], name: str, unit: int) -> str:
    compact = text.replace("\n", "").replace("\r", "")
    try:
        return from_octets(decode(compact, validate=True) if name == "base64" else decode(compact))
    except (binascii.Error, ValueError):
        alphabet = "A-Za-z0-9+/" if name == "base64" else "A-Z2-7"
        legal = re.match(f"[{alphabet}\r\n]*", text)
        at = legal.end() if legal else 0
        return f"illegal {name} data at input byte {at - at % unit if at == len(text) else at}"


def _sum(name: str) -> Callable[[str], str]:
    def digest(text: str) -> str:
        import hashlib

        return hashlib.new(name, octets(text), usedforsecurity=False).hexdigest()

    return digest


def adler32sum(text: str) -> str:
    """The Adler-32 sum, as a decimal number."""
    return str(zlib.adler32(octets(text)))


sha1sum, sha256sum, sha512sum = map(_sum, ("sha1", "sha256", "sha512"))

FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "toJson": to_json, "mustToJson": must_to_json, "toPrettyJson": to_pretty_json,
    "mustToPrettyJson": must_to_pretty_json, "toRawJson": must_to_raw_json, "mustToRawJson": must_to_raw_json,
    "fromJson": from_json, "mustFromJson": must_from_json, "b64enc": b64enc, "b64dec": b64dec, "b32enc": b32enc,
    "b32dec": b32dec, "sha1sum": sha1sum, "sha256sum": sha256sum, "sha512sum": sha512sum, "adler32sum": adler32sum,
}  # fmt: skip
