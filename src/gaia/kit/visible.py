"""Text that people or files gave, so that a terminal shows it and obeys nothing in it."""

from __future__ import annotations

import re

from gaia.errors import Invalid

LONGEST = 4000
"""Characters of one text that people see; machine output has all."""
LONGEST_KEPT = 1000
"""Characters of one text that is written down because somebody said it."""
_COLOR = re.compile("(\x1b\\[[0-9;]*m)")
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
    return shown[:LONGEST] + more(len(shown) - LONGEST)


def cut(text: str, most: int) -> str:
    """`text`, or its beginning and an ellipsis: `most` characters in all."""
    return text if len(text) <= most else text[: most - 1] + "…"


def more(number: int) -> str:
    """What stands in place of the rest of a text."""
    return f" … ({number:,} more characters; --output json has all)"


def visible_in_color(text: str) -> str:
    """`visible`, for lines of a program that made its own texts visible: its colors stay."""
    return "".join(part if _COLOR.fullmatch(part) else visible(part) for part in _COLOR.split(text))


def whole(text: str, what: str) -> str:
    """`text` when everybody can write it down: bytes that were no UTF-8 come as half characters.

    Raises:
        Invalid: `text-invalid`.
    """
    if "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise Invalid(
            "text-invalid",
            f"{what} is not UTF-8 text: {visible(text[:100])}",
            next_step="Write it in UTF-8, without NUL characters.",
        )
    return text


def kept(text: str, what: str, most: int = LONGEST_KEPT) -> str:
    """`text` when it may be written down.

    Raises:
        Invalid: `text-invalid`, `text-too-long`.
    """
    if len(text) > most:
        raise Invalid(
            "text-too-long",
            f"{what} has {len(text):,} characters, more than {most:,}",
            next_step="Say it shorter, or write where more of it stands.",
        )
    return whole(text, what)


def json_escaped(text: str) -> str:
    r"""A JSON document with the same characters as `\u` escapes, which is the same document."""
    if text.isascii() and "\x7f" not in text:  # those below are escaped already, and looking takes a second for 50 MB
        return text
    return _HIDDEN.sub(lambda found: "".join(f"\\u{unit:04x}" for unit in _units(found[0])), text)


def _units(character: str) -> tuple[int, ...]:
    code = ord(character)
    return (code,) if code < 1 << 16 else (0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF))
