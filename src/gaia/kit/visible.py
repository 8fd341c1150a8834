"""Text that people or files gave, so that a terminal shows it and obeys nothing in it."""

from __future__ import annotations

import re

LONGEST = 4000
"""Characters of one text that people see; machine output has all."""
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Control characters but tab and newline, what turns the direction of writing, what has no width, half characters."""


def visible(text: str) -> str:
    r"""`text` with control characters, bidi overrides and invisible ones as escapes: `\x1b`, `\u202e`."""
    return _HIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)


def shortened(text: str) -> str:
    """`visible`, and no longer than people read."""
    shown = visible(text)
    if len(shown) <= LONGEST:
        return shown
    return f"{shown[:LONGEST]} … ({len(shown) - LONGEST:,} more characters; --output json has all)"


def json_escaped(text: str) -> str:
    r"""A JSON document with the same characters as `\u` escapes, which is the same document."""
    return _HIDDEN.sub(lambda found: "".join(f"\\u{unit:04x}" for unit in _units(found[0])), text)


def _units(character: str) -> tuple[int, ...]:
    code = ord(character)
    return (code,) if code < 1 << 16 else (0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF))
