"""Which value a plain YAML scalar stands for, by the rules of Go's yaml.v3.

They are not YAML 1.1's, which PyYAML follows: `yes` and `on` are text, `0644` and `0o644` are octal, `1:30` is text,
`1e5` is a number. Numbers without a fraction become `int`, since JSON written by Go shows `1.0` as `1`.
"""

from __future__ import annotations

import re

_WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
    ".inf": float("inf"), ".Inf": float("inf"), ".INF": float("inf"),
    "+.inf": float("inf"), "+.Inf": float("inf"), "+.INF": float("inf"),
    "-.inf": float("-inf"), "-.Inf": float("-inf"), "-.INF": float("-inf"),
}  # fmt: skip
_NUMERIC = frozenset("+-.0123456789")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))\Z")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]*)?(?:Z|[-+][0-9]{1,2}:[0-9]{2})?)?\Z"
)
_WHOLE = 1e21
"""From here on Go prints a float with an exponent, so it stays a float."""


class Timestamp:
    """An unquoted date: neither text nor number."""


TIMESTAMP = Timestamp()


def plain(text: str) -> object:
    """The value of an unquoted scalar: None, bool, int, float, str, or `TIMESTAMP`."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _TIMESTAMP.match(text):
        return TIMESTAMP
    digits = text.replace("_", "") if text[0] != "." else text
    number = integer(digits)
    if number is not None:
        return number
    return text if not _FLOAT.match(digits) else _float(digits, text)


def integer(digits: str) -> int | None:
    """An integer of at most 64 bits in any of Go's spellings, or None."""
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
    else:
        value = int(decimal)
    value = -value if sign == "-" else value
    return value if -(2**63) <= value < (2**64 if not sign else 2**63) else None


def _float(digits: str, text: str) -> object:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        return text
    return int(value) if value.is_integer() and abs(value) < _WHOLE else value
